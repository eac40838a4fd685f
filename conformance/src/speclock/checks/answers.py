"""What every answer owes, whatever was asked: a documented status, media type, body and headers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from speclock.core.cases import TOO_DEEP, CaseKind, Exchange, Missing
from speclock.core.documents import join
from speclock.core.findings import Failure
from speclock.core.media_types import essence, is_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.contract import Contract
    from speclock.core.schemas import Schemas

__all__ = ["check_answer"]


def check_answer(exchange: Exchange, contract: Contract, schemas: Schemas) -> Iterator[Failure]:
    """Judge status, media type and body of one answer."""
    operation, status = exchange.case.operation, exchange.answer.status
    responses = join(operation.pointer, "responses")
    if status >= 500:
        yield Failure(
            check="status_conformance",
            kind="ServerError",
            rule=f"status {status}",
            pointer=responses,
            title=f"{operation.id} answers {status}",
            message=f"expected one of the documented statuses ({', '.join(operation.statuses)}), got {status}: "
            "a server error, whatever the request",
        )
        return
    if exchange.case.kind is CaseKind.PROBE:
        return  # a foreign method or media type is not this operation's to document
    key = operation.response_key(status)
    if key is None:
        yield Failure(
            check="status_conformance",
            kind="UndocumentedStatus",
            rule=f"status {status}",
            pointer=responses,
            title=f"{operation.id} answers {status}, which is not documented",
            message=f"expected one of {', '.join(operation.statuses)}, got {status}",
        )
        return
    pointer, response = contract.document.resolve(join(responses, key))
    content = response.get("content") if isinstance(response, dict) else None
    if isinstance(content, dict) and content:
        yield from _check_body(exchange, pointer, tuple(content), schemas)


def _check_body(exchange: Exchange, pointer: str, documented: tuple[str, ...], schemas: Schemas) -> Iterator[Failure]:
    operation, answer = exchange.case.operation, exchange.answer
    sent = next((value for name, value in answer.headers.items() if name.lower() == "content-type"), None)
    media_type = None if sent is None else _match(sent, documented)
    if media_type is None:
        yield Failure(
            check="media_type_conformance",
            kind="MissingMediaType" if sent is None else "UndocumentedMediaType",
            rule=f"{answer.status} media type",
            pointer=join(pointer, "content"),
            title=f"{operation.id} answers {answer.status} in a media type that is not documented",
            message=f"expected {' or '.join(documented)}, got {sent or 'no Content-Type'}",
        )
        return
    if not is_json(media_type):
        return
    place = join(pointer, "content", media_type)
    body = exchange.answer_json
    if body is TOO_DEEP:
        return  # legal JSON, but nothing here can judge it
    if isinstance(body, Missing):
        yield Failure(
            check="schema_conformance",
            kind="MalformedJson",
            rule=f"{answer.status} is JSON",
            pointer=place,
            title=f"{operation.id} answers {answer.status} with a body that is not JSON",
            message=f"expected JSON as {media_type}, got {len(answer.body)} bytes that do not parse",
        )
        return
    for breakage in schemas.response_breakages(place, body) or ():
        where = re.sub(r"/\d+(?=/|$)", "/*", breakage.instance_pointer) or "the body"
        yield Failure(
            check="schema_conformance",
            kind="ResponseSchemaViolation",
            rule=f"{answer.status} {breakage.pointer}",
            pointer=breakage.pointer,
            title=f"{operation.id} answers {answer.status} with a body that breaks the schema at {where}",
            message=f"expected what the contract says at {breakage.pointer}, got: {breakage.message}",
        )


def _match(sent: str, documented: tuple[str, ...]) -> str | None:
    """The documented media type (or range, RFC 9110 section 12.5.1) that `sent` is one of."""
    bare = essence(sent)
    for media_type in documented:
        wanted = essence(media_type)
        if wanted in (bare, "*/*") or (wanted.endswith("/*") and bare.startswith(wanted[:-1])):
            return media_type
    return None
