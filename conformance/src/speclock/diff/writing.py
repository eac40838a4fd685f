"""How parameters and headers are written: which `style` and `explode` come to the same on the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from speclock.diff.media import canonical

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speclock.core.documents import JsonValue

__all__ = ["Style", "as_written", "style_of", "style_words"]

#: The style, whether it is exploded, and the media type of what has `content`.
Style: TypeAlias = "tuple[str, bool, str]"

_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
#: Styles that put a mark before a single value too (OpenAPI 3.1, Style Examples).
_MARKED = frozenset({"label", "matrix"})


def style_of(value: Mapping[str, JsonValue], part: str) -> Style:
    """The style of a parameter or header object in a part of a request or answer."""
    content = value.get("content")
    if isinstance(content, dict) and content and "schema" not in value:
        return "content", False, canonical(next(iter(content)))
    style = str(value.get("style", _STYLES[part]))
    explode = value.get("explode")
    return style, explode if isinstance(explode, bool) else style == "form", ""


def as_written(style: Style, kind: str) -> tuple[object, ...]:
    """What tells one way of writing a value of a JSON type from others."""
    name, explode, media_type = style
    if media_type:
        return name, media_type
    if kind == "object":
        return (name,) if name == "deepObject" else (name, explode)
    if kind == "array":
        return (name,) if name == "simple" else (name, explode)
    return (name,) if name in _MARKED else ()


def style_words(style: Style) -> str:
    """In words."""
    return style[2] or f"{style[0]} {'with' if style[1] else 'without'} explode"
