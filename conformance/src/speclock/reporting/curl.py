"""A finding's request as a line for a shell, with credentials as variables of the environment."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speclock.core.cases import Request
    from speclock.core.secrets import Secrets

__all__ = ["curl_line"]

_LEFT_OUT = frozenset({"accept", "accept-encoding", "connection", "content-length", "host", "user-agent"})
#: A byte that is repeated so often is not written out: no shell takes an argument of more than 128 KiB.
_RUN = re.compile(rb"(.)\1{4000,}", re.DOTALL)
_LONGEST = 100_000


def curl_line(request: Request, secrets: Secrets) -> str:
    """The request as curl; a header that holds a credential is in double quotes, so that the shell puts it in."""
    parts = ["curl", "-sS", "-X", request.method]
    if re.search(r"[\[\]{}]", request.url):
        parts.append("-g")
    if "/." in request.path:
        parts.append("--path-as-is")
    parts.append(_quoted(request.url, secrets))
    for name, value in request.headers.items():
        if name.lower() not in _LEFT_OUT:
            parts += ["-H", _quoted(f"{name}: {value}" if value else f"{name};", secrets)]
    if not request.body:
        return " ".join(parts)
    if not any(name.lower() == "content-type" for name in request.headers):
        parts += ["-H", "Content-Type:"]
    if _is_plain(request.body):
        return " ".join([*parts, "--data-raw", _quoted(request.body.decode(), secrets)])
    return " ".join([_piped(request.body, secrets), "|", *parts, "--data-binary", "@-"])


def _is_plain(body: bytes) -> bool:
    """Whether the body can be an argument: text without NUL, and not too long."""
    if b"\0" in body or len(body) > _LONGEST or _RUN.search(body):
        return False
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _piped(body: bytes, secrets: Secrets) -> str:
    """A command that prints the body, whatever bytes it has; long runs of one byte are made, not written out."""
    commands: list[str] = []
    start = 0
    for run in _RUN.finditer(body):
        if run.start() > start:
            commands.append(_printf(body[start : run.start()], secrets))
        count = run.end() - run.start()
        commands.append(f"head -c {count} /dev/zero | tr '\\0' '\\{run[1][0]:03o}'")
        start = run.end()
    if start < len(body):
        commands.append(_printf(body[start:], secrets))
    return f"{{ {'; '.join(commands)}; }}" if len(commands) > 1 else commands[0]


def _printf(part: bytes, secrets: Secrets) -> str:
    text = secrets.hide(part.decode("latin-1"))
    return "printf '" + "".join(_escaped(character) for character in text) + "'"


def _escaped(character: str) -> str:
    return character if re.fullmatch(r"[\w \[\]{}:,.\"/+*=<>()~-]", character, re.ASCII) else f"\\{ord(character):03o}"


def _quoted(text: str, secrets: Secrets) -> str:
    hidden = secrets.hide(text)
    if hidden == text:
        return shlex.quote(text)
    marks = sorted((f"${variable}" for variable in secrets.variables), key=len, reverse=True)  # $KEY_OLD before $KEY
    for character in ("\\", '"', "`", "$"):
        hidden = hidden.replace(character, f"\\{character}")
    for mark in marks:
        hidden = hidden.replace(f"\\{mark}", f"${{{mark[1:]}}}")
    return f'"{hidden}"'
