"""From a draft to what goes over the wire: parameters in the style that the contract asks for, the body as JSON.

OpenAPI 3.1, section 4.8.12.3 (style values); what a value cannot be written as is written as its JSON text.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from speclock.core.cases import ABSENT
from speclock.core.constraints import Part
from speclock.core.values import as_header, as_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speclock.core.cases import Draft
    from speclock.core.constraints.parameters import Parameter
    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue

__all__ = ["Written", "write"]

_DELIMITERS = {"spaceDelimited": "%20", "pipeDelimited": "|", "form": ","}
_DEFAULT_STYLE = {Part.PATH: "simple", Part.QUERY: "form", Part.HEADER: "simple", Part.COOKIE: "form"}


@dataclass(frozen=True, slots=True)
class Written:
    """A request as bytes and text, before credentials."""

    method: str
    #: The path and query, percent-encoded.
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def write(operation: Operation, draft: Draft, parameters: Sequence[Parameter]) -> Written:
    """Write a draft.

    Raises:
        ValueError: text that no HTTP request can carry, such as a lone surrogate.
    """
    known = {(item.place.part, item.place.steps[0]): item.value for item in parameters}
    path = operation.path
    for name, value in draft.path.items():
        path = path.replace("{" + name + "}", _path(name, value, known.get((Part.PATH, name), {})))
    query = "&".join(
        pair for name, value in draft.query.items() for pair in _form(name, value, known.get((Part.QUERY, name), {}))
    )
    headers = {
        name: _json(value) if "content" in known.get((Part.HEADER, name), {}) else as_header(value)
        for name, value in draft.headers.items()
    }
    cookies = "; ".join(
        pair for name, value in draft.cookies.items() for pair in _form(name, value, known.get((Part.COOKIE, name), {}))
    )
    if cookies:
        headers["Cookie"] = cookies
    body = b""
    if draft.raw is not None or draft.body is not ABSENT:
        body = draft.raw if draft.raw is not None else _json(draft.body).encode()
        media_type = draft.media_type if draft.media_type is not None else operation.media_type
        if media_type:
            headers["Content-Type"] = media_type
    return Written(draft.method or operation.method, path + (f"?{query}" if query else ""), headers, body)


def _path(name: str, value: JsonValue, parameter: Mapping[str, JsonValue]) -> str:
    if "content" in parameter:
        return quote(_json(value), safe="")
    style, explode = _style(Part.PATH, parameter)
    if isinstance(value, list):
        texts = [_quoted(item) for item in value]
        if style == "matrix":
            return "".join(f";{name}={text}" for text in texts) if explode else f";{name}={','.join(texts)}"
        return f".{'.'.join(texts)}" if style == "label" else ",".join(texts)
    if isinstance(value, dict):
        pairs = [f"{_quoted(key)}={_quoted(item)}" for key, item in value.items()] if explode else _flat(value)
        if style == "matrix":
            return "".join(f";{pair}" for pair in pairs) if explode else f";{name}={','.join(pairs)}"
        return f".{'.'.join(pairs)}" if style == "label" else ",".join(pairs)
    text = _quoted(value)
    return f";{name}={text}" if style == "matrix" else f".{text}" if style == "label" else text


def _form(  # noqa: PLR0911 - one line for each style
    name: str, value: JsonValue, parameter: Mapping[str, JsonValue]
) -> list[str]:
    if "content" in parameter:
        return [f"{_quoted(name)}={quote(_json(value), safe='')}"]
    style, explode = _style(Part(str(parameter.get("in", "query"))), parameter)
    if isinstance(value, list):
        if explode:
            return [f"{_quoted(name)}={_quoted(item)}" for item in value]
        return [f"{_quoted(name)}={_DELIMITERS.get(style, ',').join(_quoted(item) for item in value)}"]
    if isinstance(value, dict):
        if style == "deepObject":
            return [f"{_quoted(name)}[{_quoted(key)}]={_quoted(item)}" for key, item in value.items()]
        if explode:
            return [f"{_quoted(key)}={_quoted(item)}" for key, item in value.items()]
        return [f"{_quoted(name)}={_DELIMITERS.get(style, ',').join(_flat(value))}"]
    return [f"{_quoted(name)}={_quoted(value)}"]


def _flat(value: Mapping[str, JsonValue]) -> list[str]:
    """The names and values of an object in turn."""
    return [_quoted(text) for pair in value.items() for text in pair]


def _style(part: Part, parameter: Mapping[str, JsonValue]) -> tuple[str, bool]:
    style = str(parameter.get("style", _DEFAULT_STYLE[part]))
    explode = parameter.get("explode", style == "form")
    return style, explode is True


def _quoted(value: JsonValue) -> str:
    return quote(as_text(value), safe="")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
