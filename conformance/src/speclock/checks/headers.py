"""The headers that the contract documents for an answer: those that are required are there, each as its schema says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from speclock.core.constraints import readings
from speclock.core.documents import JsonValue, join
from speclock.core.errors import ContractError
from speclock.core.findings import Failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.cases import Exchange
    from speclock.core.contract import Contract
    from speclock.core.schemas import Schemas

__all__ = ["check_headers"]

#: A response header of this name is ignored: the media type says it (OpenAPI 3.1, Response Object).
_IGNORED = "content-type"


def check_headers(exchange: Exchange, contract: Contract, schemas: Schemas) -> Iterator[Failure]:
    """Judge the headers of one answer whose status is documented."""
    operation, answer = exchange.case.operation, exchange.answer
    key = operation.response_key(answer.status)
    if key is None:
        return
    pointer, response = contract.document.resolve(join(operation.pointer, "responses", key))
    listed = response.get("headers") if isinstance(response, dict) else None
    sent = {name.lower(): value for name, value in answer.headers.items()}
    for name in listed if isinstance(listed, dict) else ():
        if name.lower() == _IGNORED:
            continue
        try:
            place, header = contract.document.resolve(join(pointer, "headers", name))
        except ContractError:
            continue
        if not isinstance(header, dict):
            continue
        value = sent.get(name.lower())
        if value is None:
            if header.get("required") is True:
                yield _failure(exchange, name, place, "MissingHeader", f"expected the header {name}, got none")
        elif "schema" in header and not any(schemas.keeps(join(place, "schema"), item) for item in _readings(value)):
            message = f"expected a header {name} as its schema says, got {value!r}"
            yield _failure(exchange, name, place, "HeaderSchemaViolation", message)


def _readings(value: str) -> list[JsonValue]:
    """The text itself, what it may stand for, and the list that commas make of it (OpenAPI 3.1, style `simple`)."""
    parts: JsonValue = [readings(part.strip(), None)[-1] for part in value.split(",")]
    return [*readings(value, None), parts]


def _failure(exchange: Exchange, name: str, pointer: str, kind: str, message: str) -> Failure:
    operation, status = exchange.case.operation, exchange.answer.status
    return Failure(
        check="header_conformance",
        kind=kind,
        rule=f"{status} header {name}",
        pointer=pointer,
        title=f"{operation.id} answers {status} without the header {name} as it is documented",
        message=message,
    )
