"""The answer side: does what the SDK makes of an answer say what the answer said, or that it is broken?"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from speclock.core.cases import ABSENT
from speclock.core.findings import Failure
from speclock.sdk.answers import Worth
from speclock.sdk.comparing import odd_part, place_of, short, unlike

if TYPE_CHECKING:
    from collections.abc import Collection

    from speclock.core.documents import JsonValue
    from speclock.sdk.answers import Served
    from speclock.sdk.calling import Did

__all__ = ["misread"]


def misread(served: Served, did: Did, errors: tuple[type[Exception], ...], named: Collection[str]) -> Failure | None:
    """What is wrong with what the SDK made of an answer; None when nothing is. `named`: the document's properties."""
    if len(did.sent) > 1:
        return Failure(
            check="wire_conformance",
            kind="SentAgain",
            rule=f"sent again after {served.answer.status}",
            pointer=served.pointer,
            title=f"a request is sent again after an answer of {served.words}",
            message=f"expected one request, got {len(did.sent)}",
        )
    is_documented = isinstance(did.error, errors)
    if did.error is not None and not is_documented:
        text = f"expected {_wanted(served)}, it {did.words}"
        return _failure(served, "BareError", "is told by a bare error", text, type(did.error).__name__)
    if is_documented and did.unreadable is not None:
        text = f"expected what it says of the answer, it cannot be read: {did.unreadable}"
        return _failure(served, "UnreadableError", "is told by an error that cannot be read", text, did.unreadable)
    match served.worth:
        case Worth.BROKEN:
            if did.error is None:
                return _failure(served, "Silence", "is taken for good", f"expected {_wanted(served)}, it {did.words}")
        case Worth.LEGAL if did.error is not None and served.answer.is_success:
            return _failure(served, "LegalAnswerRefused", "is refused", f"expected {_wanted(served)}, it {did.words}")
        case _:
            pass
    return _told_otherwise(served, did, named) if did.error is not None else _lost(served, did, named)


def _lost(served: Served, did: Did, named: Collection[str]) -> Failure | None:
    if served.worth is Worth.BROKEN or served.value is ABSENT:
        return None
    wrong = odd_part(did.returned)
    if wrong is not None:
        text = f"expected null, booleans, numbers, texts, lists and objects, got {wrong}"
        return _failure(served, "NoPlainData", "comes out as no plain data", text, wrong.partition(" at ")[0])
    found = list(unlike(served.value, cast("JsonValue", did.returned), served.forms))
    if not found:
        return None
    where, text = found[0]
    place = place_of(where, named)
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return _failure(served, "ChangedValue", "comes out changed", f"at {where or '/'}: {text}{more}", place or "/")


def _told_otherwise(served: Served, did: Did, named: Collection[str]) -> Failure | None:
    """Where the error says what the answer was, it must say it right."""
    status, body = did.told("status_code"), did.told("body")
    if isinstance(status, int) and status != served.answer.status:
        text = f"expected the status {served.answer.status} on the error, got {status}"
        return _failure(served, "WrongStatus", "is told with another status", text)
    is_comparable = isinstance(body, dict | list) and odd_part(body) is None
    if is_comparable and served.worth is Worth.LEGAL and served.value is not ABSENT:
        found = next(unlike(served.value, cast("JsonValue", body), served.forms), None)
        if found is not None:
            where, text = found
            message = f"expected its body on the error, at {where or '/'}: {text}"
            return _failure(served, "ChangedValue", "is told with another body", message, place_of(where, named) or "/")
    return None


def _wanted(served: Served) -> str:
    if served.worth is Worth.BROKEN:
        return "one of the SDK's documented errors"
    if served.worth is Worth.TOLERABLE:
        return "what was sent, or one of the SDK's documented errors"
    if not served.answer.is_success:
        return "one of the SDK's documented errors, or what was sent"
    return f"what was sent ({short(served.value)})" if served.value is not ABSENT else "nothing raised"


def _failure(served: Served, kind: str, title: str, message: str, cause: str | None = None) -> Failure:
    """A failure; those of one status and one `cause` (else of one sort of answers) are one finding."""
    return Failure(
        check="answer_rejection" if served.worth is Worth.BROKEN else "reading_conformance",
        kind=kind,
        rule=f"{served.worth} {served.answer.status}: {kind}, {cause or served.sort}",
        pointer=served.pointer,
        title=f"an answer of {served.words} {title}",
        message=message,
    )
