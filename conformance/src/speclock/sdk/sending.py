"""The request side: is what the SDK puts on the wire the request that was meant, no more and no less?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

from speclock.core.cases import ABSENT
from speclock.core.media_types import essence
from speclock.sdk.comparing import ANYWHERE, is_same_text, short, unlike
from speclock.sdk.credentials import uncredited
from speclock.sdk.named import OF_THE_CLIENT, crumbs, pairs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from speclock.core.cases import Draft
    from speclock.core.constraints.parameters import Parameter
    from speclock.core.contract import Operation, SecurityScheme
    from speclock.core.documents import JsonValue
    from speclock.phases.writing import Written
    from speclock.sdk.comparing import Difference, Forms
    from speclock.sdk.wire import Received

__all__ = ["differences"]

#: Segments that are taken out on the way (RFC 3986, section 5.2.4).
_DOTS = frozenset({".", ".."})


def differences(
    operation: Operation,
    draft: Draft,
    meant: Written,
    sent: Received,
    *,
    known: Sequence[SecurityScheme],
    parameters: Sequence[Parameter],
    forms: Forms,
) -> Iterator[Difference]:
    """Each part of a request on the wire that is not what was meant.

    `known` are the ways to say its credential, `parameters` those of the operation, `forms` those of the body.
    """
    if sent.elsewhere is not None:
        yield "address", f"expected the one that it was given, got {sent.elsewhere}"
    if sent.method != meant.method:
        yield "method", f"expected {meant.method}, got {sent.method}"
    path, _, query = sent.target.partition("?")
    meant_path, _, meant_query = meant.target.partition("?")
    got, wanted = _segments(path), _segments(meant_path)
    if not _are_same_texts(got, wanted):
        yield "path", f"expected {short(meant_path)}, got {short(path)}"
    elif not _DOTS.isdisjoint(path.split("/")):
        yield "path", f"expected no segments of dots alone, which are for moving within a path, got {short(path)}"
    as_json = {str(item.place.steps[0]) for item in parameters if "content" in item.value}
    yield from _query(known, meant_query, query, as_json)
    listed = {name.lower() for name, value in draft.headers.items() if isinstance(value, list | dict)}
    yield from _headers(known, meant, listed, sent, as_json)
    yield from uncredited(operation, known, sent)
    yield from _body(draft, sent, forms)


def _segments(path: str) -> list[str]:
    """The segments of a path; an encoded slash is part of one.

    Without `explode`, a label joins by dots or by commas: OpenAPI 3.0.4 and 3.1.1 corrected what stood there before.
    """
    return [unquote(segment.replace(",", ".") if segment.startswith(".") else segment) for segment in path.split("/")]


def _query(known: Sequence[SecurityScheme], meant: str, got: str, as_json: Collection[str]) -> Iterator[Difference]:
    allowed = {scheme.parameter for scheme in known if scheme.place == "query"}
    wanted, found = pairs(meant), pairs(got)
    for name, values in wanted.items():
        if name not in found:
            yield f"query {name}", f"expected {short(values)}, got nothing"
        elif not _are_same_texts(found[name], values) and not (
            name in as_json and len(found[name]) == len(values) and all(map(_is_same_json, found[name], values))
        ):
            yield f"query {name}", f"expected {short(values)}, got {short(found[name])}"
    for name, values in found.items():
        if name not in wanted and name not in allowed:
            yield f"query {name}", f"expected nothing, got {short(values)}"


def _is_same_json(one: str, other: str) -> bool:
    try:
        return not any(unlike(json.loads(one), json.loads(other), ANYWHERE))
    except ValueError:
        return False


def _headers(
    known: Sequence[SecurityScheme], meant: Written, listed: Collection[str], sent: Received, as_json: Collection[str]
) -> Iterator[Difference]:
    wanted = {name.lower(): value for name, value in meant.headers.items()}
    media_type, cookies = wanted.pop("content-type", None), wanted.pop("cookie", "")
    yield from _media_type(media_type, sent.header("content-type"))
    yield from _cookies(known, cookies, sent.header("cookie") or "")
    in_json = {name.lower() for name in as_json}
    for name, value in wanted.items():
        got = sent.header(name)
        if got is None:
            yield f"header {name}", f"expected {value!r}, got none"
        elif name in in_json and _is_same_json(got, value):
            continue
        elif not is_same_text(_unspaced(got) if name in listed else got, value):
            yield f"header {name}", f"expected {value!r}, got {got!r}"
    credentials = {scheme.parameter.lower() for scheme in known if scheme.place == "header"}
    expected = OF_THE_CLIENT | wanted.keys() | credentials | {"cookie"}
    for name in dict.fromkeys(name.lower() for name, _ in sent.headers):
        if name not in expected:
            yield f"header {name}", f"expected none, got {short(sent.header(name))}"


def _unspaced(values: str) -> str:
    """A list in a header without the white space that may stand around its commas (RFC 9110, section 5.6.1)."""
    return ",".join(value.strip(" \t") for value in values.split(","))


def _media_type(meant: str | None, got: str | None) -> Iterator[Difference]:
    if meant is None and got is not None:
        yield "header content-type", f"expected none, for there is no body, got {got!r}"
    elif meant is not None and essence(got or "") != essence(meant):
        yield "header content-type", f"expected {meant!r}, got {got!r}"


def _cookies(known: Sequence[SecurityScheme], meant: str, got: str) -> Iterator[Difference]:
    allowed = {scheme.parameter for scheme in known if scheme.place == "cookie"}
    wanted, found = crumbs(meant), crumbs(got)
    found = {name: values for name, values in found.items() if name in wanted or name not in allowed}
    if wanted.keys() != found.keys() or not all(_are_same_texts(found[name], wanted[name]) for name in wanted):
        yield "cookies", f"expected {short(wanted)}, got {short(found)}"


def _are_same_texts(some: Sequence[str], others: Sequence[str]) -> bool:
    return len(some) == len(others) and all(map(is_same_text, some, others))


def _body(draft: Draft, sent: Received, forms: Forms) -> Iterator[Difference]:
    if draft.body is ABSENT:
        if sent.body:
            yield "body", f"expected none, got {short(sent.body)}"
        return
    try:
        got: JsonValue = json.loads(sent.body.decode(), object_pairs_hook=_members)
    except ValueError as error:
        yield "body", f"expected JSON ({error}), got {short(sent.body)}"
        return
    yield from (("body" + where, text) for where, text in unlike(draft.body, got, forms))


def _members(pairs: list[tuple[str, JsonValue]]) -> JsonValue:
    """An object of JSON in UTF-8 (RFC 8259, sections 4 and 8.1): of twice the same name, each reader takes another."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an object has the same name twice")
    return found
