"""What an answer may be as: a media type for each key of a response, a range too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.core.media_types import essence

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["COMPARED_AS_TEXT", "type_of"]

#: Media types of which a reader has the text, as it was written.
COMPARED_AS_TEXT = frozenset({"text/plain", "text/csv", "text/html"})
#: What stands for a range (RFC 9110, section 12.5.1); no answer names a range as its own type.
_OF_RANGES = {
    "*/*": ("application/json", "text/plain", "application/x-speclock"),
    "application/*": ("application/json", "application/x-speclock"),
    "text/*": ("text/plain", "text/x-speclock"),
}


def type_of(media_range: str, documented: Collection[str], *, is_binary: bool) -> str | None:
    """A media type that this key of a response describes, and no more particular one that is `documented`."""
    key, (_, mark, parameters) = essence(media_range), media_range.partition(";")
    if not key.endswith("/*"):
        return media_range
    main = key.partition("/")[0]
    listed = _OF_RANGES.get(key, (f"{main}/x-speclock",))
    if is_binary and key in {"*/*", "application/*"}:
        listed = ("application/octet-stream",)
    others = {essence(other) for other in documented} - {key}
    # A range of one main type is more particular than that of all.
    free = (
        item for item in listed if item not in others and not (key == "*/*" and f"{item.partition('/')[0]}/*" in others)
    )
    found = next(free, None)
    return None if found is None else found + mark + parameters
