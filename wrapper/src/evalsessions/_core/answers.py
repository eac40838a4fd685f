"""What an answer that is no success says, in the shapes of both vendors and in none.

Galtea: `{"error", "message", "rule", "pointer"}`. Galileo: `{"detail"}`, a text or a list of `{"loc", "msg", "type"}`,
whose `input`, the caller's own value, is never told. Proxies answer in HTML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalsessions._values.json_values import pointer_to

if TYPE_CHECKING:
    from evalsessions._values.json_values import JsonObject, JsonValue
    from evalsessions._values.messages import Response

__all__ = ["Refusal", "phrase", "read_refusal"]

# A page of a proxy is told by its beginning, and looked for a title in so many characters.
_TOLD_CHARACTERS = 300
_READ_CHARACTERS = 4000
_NOT_TEXT = re.compile(r"(?is)<(script|style|head)\b.*?</\1\s*>|<[^>]*>")
_TITLE = re.compile(r"(?is)<title[^>]*>(.*?)</title\s*>")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the body of an answer says; `message` is one line, empty where it says nothing."""

    body: JsonValue
    message: str
    rule: str | None
    pointer: str | None


def read_refusal(response: Response) -> Refusal:
    """Return what the answer says, whatever its shape."""
    try:
        body = response.json()
    except ValueError:
        return Refusal(response.text, _page(response.text), None, None)
    if not isinstance(body, dict):
        return Refusal(body, _line(body) if isinstance(body, str) else "", None, None)
    detail = body.get("detail")
    if isinstance(detail, list):
        issues = [issue for issue in detail if isinstance(issue, dict)]
        first: JsonObject = issues[0] if issues else {}
        told = "; ".join(_issue(issue) for issue in issues[:5])
        return Refusal(body, told, None, _pointer(first) if _steps(first)[:1] == ["body"] else None)
    said = next((body[name] for name in ("message", "detail", "error") if isinstance(body.get(name), str)), "")
    rule, pointer = body.get("rule"), body.get("pointer")
    return Refusal(
        body,
        _line(str(said)),
        rule if isinstance(rule, str) else None,
        pointer if isinstance(pointer, str) else None,
    )


def phrase(status_code: int) -> str:
    """Return the status with its name, where HTTP has one."""
    from http import HTTPStatus  # noqa: PLC0415 - only errors need it

    try:
        return f"{status_code} {HTTPStatus(status_code).phrase}"
    except ValueError:
        return str(status_code)


def _issue(issue: JsonObject) -> str:
    where = _pointer(issue)
    return f"{where}: {_line(str(issue.get('msg', '')))}" if where else _line(str(issue.get("msg", "")))


def _pointer(issue: JsonObject) -> str:
    """Where an issue is: a pointer into the body, or the name of the part of the request and what is in it."""
    steps = _steps(issue)
    if steps[:1] == ["body"]:
        return pointer_to(steps[1:])
    return " ".join(str(step) for step in steps)


def _steps(issue: JsonObject) -> list[str | int]:
    location = issue.get("loc")
    return [step for step in location if isinstance(step, str | int)] if isinstance(location, list) else []


def _page(text: str) -> str:
    text = text[:_READ_CHARACTERS]
    title = _TITLE.search(text)
    return _line(title.group(1) if title and title.group(1).strip() else _NOT_TEXT.sub(" ", text))


def _line(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _TOLD_CHARACTERS else words[:_TOLD_CHARACTERS] + "..."
