"""Taking a request body in: its media type, its size, and then its JSON, refused in this order.

Reading stops at the first byte too many, so a client cannot make the server hold more than the limit.
"""

from __future__ import annotations

from email.message import Message
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from evalsessions_server.errors import Fault, Problem, Vendor, invalid
from evalsessions_server.strict_json import UnsoundJsonError, read

if TYPE_CHECKING:
    from starlette.types import Receive

    from evalsessions_server.heads import Heads
    from evalsessions_server.json_types import JsonValue

__all__ = ["MAX_BODY_BYTES", "read_json"]

MAX_BODY_BYTES = 1_048_576
"""1 MiB, the contract's limit; one byte more is 413."""


async def read_json(heads: Heads, receive: Receive, vendor: Vendor) -> JsonValue:
    """Return the JSON value of the request body.

    Raises:
        Problem: 415, 413, or the vendor's status for an invalid body.
        ClientDisconnect: the client went before the body was whole.
    """
    fault = _media_type_fault(heads)
    if fault is None and _declared_length(heads) > MAX_BODY_BYTES:
        raise _too_large()
    if fault is not None and _declared_length(heads) > 0:
        raise Problem(415, fault)
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if body and fault is not None:
            raise Problem(415, fault)
        if len(body) > MAX_BODY_BYTES:
            raise _too_large()
    if not body:
        raise invalid(vendor, [Fault(("body",), "missing", "a JSON object is required as the request body")])
    try:
        return read(bytes(body))
    except UnsoundJsonError as error:
        raise invalid(vendor, [Fault(("body", *error.path), "json_invalid", error.message)]) from None


def _too_large() -> Problem:
    return Problem(413, f"the request body is larger than {MAX_BODY_BYTES} bytes (1 MiB): send less")


def _declared_length(heads: Heads) -> int:
    declared = heads.get("content-length", [""])[0]
    # The HTTP parser has refused anything but digits; what is too long to be a number here is too large anyway.
    return int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 20 else 0


def _media_type_fault(heads: Heads) -> str | None:
    """Return what is wrong with how the body is declared, or None."""
    coding = ", ".join(heads.get("content-encoding", [])).strip().lower()
    if coding not in {"identity", ""}:
        return f"content coding {coding[:40]!r} is not supported: send the body as it is"
    declared = heads.get("content-type", [])
    if not declared:
        return "no Content-Type: send application/json"
    if len(declared) > 1:
        return "more than one Content-Type: send exactly one, application/json"
    if declared[0] == "application/json":
        return None
    return _parameters_fault(declared[0])


def _parameters_fault(declared: str) -> str | None:
    kind = declared.partition(";")[0].strip().lower()
    if kind != "application/json":
        return f"media type {kind[:80]!r} is not supported: send application/json"
    message = Message()
    message["content-type"] = declared
    charset = message.get_content_charset()
    if charset not in {None, "utf-8"}:
        return f"charset {str(charset)[:40]!r} is not supported: JSON is sent as UTF-8"
    return None
