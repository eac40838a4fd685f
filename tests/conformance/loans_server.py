"""A small server that keeps the contract `loans.yaml`, and copies of it with exactly one fault each.

The server is written by hand, without a validator that reads the contract, so that one mistake cannot hide on both
sides.
"""

import itertools
import json
import math
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

__all__ = ["FAULTS", "Fault", "app_with", "correct", "correct_app"]

KEY = "LOANS_KEY"
Body = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """What a broken server does wrong, and the check and rule that ought to say so."""

    name: str
    check: str
    rule: str | None = None
    operation: str = "createLoan"


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("accepts the forbidden pair", "rule_rejection", "held-loan-is-not-renewable"),
        Fault("accepts days in the wrong order", "rule_rejection", "first-day-not-after-last"),
        Fault("lends for 21 days by default", "rule_conformance", "loan-days-by-default"),
        Fault("lends another book", "rule_conformance", "loan-is-of-the-book"),
        Fault("uses an id again", "rule_conformance", "loan-id-is-new"),
        Fault("forgets which book was lent", "rule_conformance", "return-is-of-the-loan", "createReturn"),
        Fault("drops a required property", "schema_conformance"),
        Fault("writes dates as numbers", "schema_conformance"),
        Fault("does not check the key", "credential_rejection"),
        Fault("takes any key", "credential_rejection"),
        Fault("answers 401 without its header", "header_conformance"),
        Fault("crashes on a long note", "status_conformance"),
        Fault("answers 202", "status_conformance"),
        Fault("answers in plain text", "media_type_conformance"),
        Fault("calls text JSON", "schema_conformance"),
        Fault("refuses null", "acceptance_conformance"),
        Fault("takes days as text", "data_rejection"),
        Fault("takes more days than allowed", "data_rejection"),
        Fault("takes a missing book", "data_rejection"),
        Fault("answers methods it does not have", "method_rejection"),
        Fault("does not look at the limit", "data_rejection", None, "getShelf"),
    )
}


class Refusal(Exception):  # noqa: N818 - an answer, not an error
    def __init__(self, status: int, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, headers


class Loans:
    """The state and the operations of one server."""

    def __init__(self, fault: str | None = None) -> None:
        self.fault = fault
        self.numbers = itertools.count(2)
        self.loans = {"loan_1": "book_1"}
        self.taken: set[str] = set()

    def has(self, name: str) -> bool:
        assert name in FAULTS, name
        return self.fault == name

    async def create_loan(self, request: Request) -> Response:
        self.check_key(request)
        body = await read(request)
        self.check_text(body, "bookId", required=not self.has("takes a missing book"))
        self.check_text(body, "number")
        self.check_text(body, "holdId")
        self.check_text(body, "note", shortest=0)
        largest = 99999 if self.has("takes more days than allowed") else 30
        if not (self.has("takes days as text") and isinstance(body.get("days"), str)):
            self.check_number(body, "days", largest)
        self.check_number(body, "firstDay", 366)
        self.check_number(body, "lastDay", 366)
        renewable = body.get("renewable")
        if renewable is not None and not isinstance(renewable, bool):
            raise Refusal(400, "renewable must be true, false or null")
        if body.get("holdId") is not None and renewable is True and not self.has("accepts the forbidden pair"):
            raise Refusal(400, "held-loan-is-not-renewable")
        first, last = body.get("firstDay"), body.get("lastDay")
        if first is not None and last is not None and first > last and not self.has("accepts days in the wrong order"):
            raise Refusal(400, "first-day-not-after-last")
        if self.has("refuses null") and None in body.values():
            raise Refusal(400, "no nulls here")
        if body.get("bookId", "book_1") not in ("book_1", "book_2"):
            raise Refusal(404, "no such book")
        if body.get("holdId") not in (None, "hold_1"):
            raise Refusal(404, "no such hold")
        if body.get("number") is not None:
            if body["number"] in self.taken:
                raise Refusal(409, "this number is taken")
            self.taken.add(body["number"])
        note = body.get("note")
        if self.has("crashes on a long note") and note is not None and len(note) > 12:
            raise RuntimeError("a note this long was not expected")
        return self.loan(body)

    def loan(self, body: Body) -> Response:
        number = next(self.numbers)
        if self.has("uses an id again") and number > 6:
            number = 6
        book = body.get("bookId", "book_1")
        loan: Body = {
            "id": f"loan_{number}",
            "bookId": "book_2" if self.has("lends another book") else book,
            "number": body.get("number"),
            "days": body.get("days") if body.get("days") is not None else 14,
            "renewable": bool(body.get("renewable")),
            "note": body.get("note"),
            "createdAt": datetime.now(UTC).isoformat(),
        }
        if self.has("lends for 21 days by default") and body.get("days") is None:
            loan["days"] = 21
        if self.has("takes days as text"):
            loan["days"] = 14
        if self.has("drops a required property"):
            del loan["renewable"]
        if self.has("writes dates as numbers"):
            loan["createdAt"] = 0
        self.loans[loan["id"]] = book
        if self.has("answers in plain text"):
            return PlainTextResponse(json.dumps(loan), 201)
        if self.has("calls text JSON"):
            return Response(f"created {loan['id']}", 201, media_type="application/json")
        return JSONResponse(loan, 202 if self.has("answers 202") else 201)

    async def create_return(self, request: Request) -> Response:
        self.check_key(request)
        body = await read(request)
        self.check_text(body, "loanId", required=True)
        if body["loanId"] not in self.loans:
            raise Refusal(404, "no such loan")
        book = self.loans[body["loanId"]]
        if self.has("forgets which book was lent"):
            book = "a book"
        return JSONResponse({"loanId": body["loanId"], "bookId": book})

    async def get_shelf(self, request: Request) -> Response:
        self.check_key(request)
        if not re.fullmatch("[a-z]{1,8}", request.path_params["shelf"]):
            raise Refusal(400, "a shelf is 1 to 8 small letters")
        limits = request.query_params.getlist("limit")
        if not self.has("does not look at the limit"):
            for limit in limits:
                if not re.fullmatch("[0-9]+", limit) or not 1 <= int(limit) <= 50:
                    raise Refusal(400, "the limit is a number of 1 to 50")
        if request.path_params["shelf"] not in ("top", "low"):
            raise Refusal(404, "no such shelf")
        return JSONResponse({"shelf": request.path_params["shelf"], "books": ["book_1"]})

    def check_key(self, request: Request) -> None:
        if self.has("does not check the key"):
            return
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if self.has("takes any key") and key:
            return
        if scheme.lower() != "bearer" or key != os.environ[KEY]:
            headers = None if self.has("answers 401 without its header") else {"WWW-Authenticate": "Bearer"}
            raise Refusal(401, "a key, please", headers)

    def check_text(self, body: Body, name: str, *, required: bool = False, shortest: int = 1) -> None:
        value = body.get(name)
        if value is None and not (required or (name == "bookId" and name in body)):
            return
        if not isinstance(value, str) or len(value) < shortest:
            raise Refusal(400, f"{name} must be text")

    def check_number(self, body: Body, name: str, largest: int) -> None:
        value = body.get(name)
        if value is None:
            return
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
            or value != int(value)
        ):
            raise Refusal(400, f"{name} must be a whole number")
        if not 1 <= value <= largest:
            raise Refusal(400, f"{name} must be from 1 to {largest}")


def no_number(name: str) -> None:
    raise ValueError(name)


async def read(request: Request) -> Body:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(400, "expected JSON")
    try:
        body = json.loads(await request.body(), parse_constant=no_number)
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refusal(400, "not JSON") from None
    if not isinstance(body, dict):
        raise Refusal(400, "expected an object")
    return body


def refuse(_request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return JSONResponse({"message": refusal.message}, refusal.status, refusal.headers)


def other(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"message": error.detail}, error.status_code, error.headers)


def app_with(fault: str | None) -> Starlette:
    """A server with one fault; without any for None."""
    loans = Loans(fault)
    methods = ["POST", "PUT", "GET", "DELETE", "PATCH"] if fault == "answers methods it does not have" else ["POST"]
    return Starlette(
        routes=[
            Route("/loans", loans.create_loan, methods=methods),
            Route("/returns", loans.create_return, methods=["POST"]),
            Route("/shelves/{shelf}", loans.get_shelf, methods=["GET"]),
        ],
        exception_handlers={Refusal: refuse, HTTPException: other},
    )


def correct() -> Starlette:
    return app_with(None)


#: For `speclock check --app tests.conformance.loans_server:correct_app`.
correct_app = correct()
