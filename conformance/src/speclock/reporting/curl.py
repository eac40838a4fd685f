"""A finding's request as a line for a shell, with credentials as variables of the environment."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from speclock.core.cases import Request
    from speclock.core.secrets import Secrets

__all__ = ["curl_line", "request_body"]

_LEFT_OUT = frozenset({"accept", "accept-encoding", "connection", "content-length", "host", "transfer-encoding"})


def curl_line(request: Request, secrets: Secrets) -> str:
    """The request as curl; a header that holds a credential is in double quotes, so that the shell puts it in."""
    parts = ["curl", "-sS", "-X", request.method, _quoted(request.url, secrets)]
    for name, value in request.headers.items():
        if name.lower() not in _LEFT_OUT:
            parts += ["-H", _quoted(f"{name}: {value}", secrets)]
    if request.body:
        text = request_body(request)
        parts += ["--data-binary", _quoted(text, secrets)] if text is not None else ["--data-binary", "@body"]
    return " ".join(parts)


def request_body(request: Request) -> str | None:
    """The body as text; None when it is none."""
    try:
        return request.body.decode()
    except UnicodeDecodeError:
        return None


def _quoted(text: str, secrets: Secrets) -> str:
    hidden = secrets.hide(text)
    if hidden == text:
        return shlex.quote(text)
    marks = [f"${variable}" for variable in secrets.variables]
    for character in ("\\", '"', "`", "$"):
        hidden = hidden.replace(character, f"\\{character}")
    for mark in marks:
        hidden = hidden.replace(f"\\{mark}", f"${{{mark[1:]}}}")
    return f'"{hidden}"'
