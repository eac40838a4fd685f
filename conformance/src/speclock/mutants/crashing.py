"""Mutants that crash on one class of hostile input, or of legal input that code trips over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import parse_qsl

from speclock.core.cases import TOO_DEEP, Answer, Missing
from speclock.core.constraints import Part
from speclock.core.documents import join
from speclock.mutants.deviations import Instead
from speclock.mutants.model import Mutant, MutantKind
from speclock.mutants.reading import header, is_foreign_method
from speclock.phases.transport import NoAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speclock.core.contract import Operation
    from speclock.mutants.kit import Kit
    from speclock.mutants.model import Seen

__all__ = ["crashing"]

_CRASH = Answer(500, {"content-type": "text/plain"}, b"Internal Server Error", 0.0)
_SURROGATE = re.compile(rb"(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]")
_NUMBER = re.compile(rb"[:\[,\s]-?\d{309,}|[eE][+-]?\d{3,}")
_LONG, _HUGE, _DEEP = 10_000, 1_000_000, 64


def crashing(kit: Kit, operation: Operation) -> Iterator[Mutant]:
    """One for each class of input that an operation can be given."""
    pointer = join(operation.pointer, "responses")
    places = (parameter.place for parameter in kit.reader.parameters(operation))
    documented = {place.steps[0] for place in places if place.part is Part.QUERY}
    documented |= {scheme.parameter for scheme in kit.keys.schemes(operation) if scheme.place == "query"}
    classes = _classes(operation, frozenset(documented))
    if kit.reader.is_first(operation):
        classes["a foreign method"] = is_foreign_method
    for name, is_such in classes.items():
        yield Mutant(
            id=f"{operation.id} crashes on {name}",
            kind=MutantKind.ROBUSTNESS,
            operation=operation,
            words=f"{operation.id} answers 500 to {name}",
            location=kit.contract.locate(pointer),
            deviation=Instead(is_such, lambda _seen: _CRASH),
            way=name,
        )
    if operation.body is not None:
        yield Mutant(
            id=f"{operation.id} hangs up on a body that is not JSON",
            kind=MutantKind.ROBUSTNESS,
            operation=operation,
            words=f"{operation.id} cuts the connection when the body is not JSON",
            location=kit.contract.locate(pointer),
            deviation=Instead(_is_unreadable, _hang_up),
        )


def _classes(operation: Operation, documented: frozenset[str]) -> dict[str, Callable[[Seen], bool]]:
    found: dict[str, Callable[[Seen], bool]] = {
        "a query parameter that nobody documents": lambda seen: bool(
            {name for name, _ in parse_qsl(seen.request.target.partition("?")[2], keep_blank_values=True)} - documented
        ),
    }
    if operation.security and "401" in operation.statuses:
        found["a request without a credential"] = lambda seen: seen.answer.status == 401
    if operation.path_parameters:
        found["an odd value in the path"] = lambda seen: any(
            not value.isascii() or len(value) > _DEEP or set(value) & set("/\0'{};")
            for value in seen.request.path_parameters.values()
        )
    if operation.body is not None:
        found |= {
            "a body that is not JSON": _is_unreadable,
            "a body that is not UTF-8": lambda seen: not _is_utf8(seen.request.body),
            "no body": lambda seen: not seen.request.body,
            "deep nesting": lambda seen: seen.exchange.request_json is TOO_DEEP or b"[" * _DEEP in seen.request.body,
            "NUL in a text": lambda seen: b"\\u0000" in seen.request.body,
            "a lone surrogate": lambda seen: bool(_SURROGATE.search(seen.request.body)) and _is_lone(seen.request.body),
            "a number beyond a double": lambda seen: bool(_NUMBER.search(seen.request.body)),
            "a character beyond the basic plane": lambda seen: b"\xf0" in seen.request.body,
            "a control character": lambda seen: b"\\u0001" in seen.request.body or b"\\u001f" in seen.request.body,
            "text that runs to the left": lambda seen: "\u202e".encode() in seen.request.body,
            "combining characters": lambda seen: "\u0301".encode() in seen.request.body,
            "a long text": lambda seen: len(seen.request.body) > _LONG and not _is_unreadable(seen),
            "many names in one object": lambda seen: (
                isinstance(seen.exchange.request_json, dict) and len(seen.exchange.request_json) > _DEEP
            ),
            "a name that is there twice": lambda seen: _is_twice(seen.request.body),
            "another media type": lambda seen: "json" not in (header(seen.request, "content-type") or "json").lower(),
            "no media type": lambda seen: bool(seen.request.body) and not header(seen.request, "content-type"),
            "a byte order mark": lambda seen: seen.request.body.startswith(b"\xef\xbb\xbf"),
            "a body that is an array": lambda seen: isinstance(seen.exchange.request_json, list),
            "a body that is null": lambda seen: seen.request.body.strip() == b"null",
        }  # fmt: skip
        if "413" in operation.statuses:
            found["a huge body"] = lambda seen: len(seen.request.body) > _HUGE
    return found


def _is_unreadable(seen: Seen) -> bool:
    return bool(seen.request.body) and isinstance(seen.exchange.request_json, Missing)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_lone(body: bytes) -> bool:
    """Whether a surrogate stands without its other half: pairs taken away, one is left."""
    rest = re.sub(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}", b"", body)
    return bool(_SURROGATE.search(rest))


def _is_twice(body: bytes) -> bool:
    names = re.findall(rb'"([\w-]{3,40})"\s*:', body[:_LONG])
    return len(names) > len(set(names)) and b'"speclock-extra"' in body


def _hang_up(seen: Seen) -> NoReturn:
    error = NoAnswer("the connection was closed without an answer")
    error.request = seen.request
    raise error
