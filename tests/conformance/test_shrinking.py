"""The request that a finding shows: made small at the end of a run, as long as it still shows the same failure."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from speclock.checks.judge import Judge
from speclock.checks.response_rules import Memory, RuleJudge
from speclock.core.cases import Case, CaseKind, Draft
from speclock.core.constraints import Oracle
from speclock.core.constraints.parameters import parameters
from speclock.core.findings import Finding, fingerprint
from speclock.core.profiles import Binding, Profile
from speclock.core.reading import Reading
from speclock.engine.shrinking import Shrinker
from speclock.phases.asgi import APP_HOST, AppTransport
from speclock.phases.sending import Courier
from tests.conformance.command_runs import Handler, serving
from tests.conformance.harness import HERE, check_app
from tests.conformance.keys_server import GOOD, keys_app
from tests.conformance.recording import Recorder

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from speclock.core.cases import Exchange
    from speclock.core.findings import Failure
    from speclock.phases.asgi import AsgiApp

Body = dict[str, Any]
#: Whether a server crashes on a request.
Crashes = Callable[["Request", Body], bool]

#: A contract whose requests have all sorts of parts, few of which are ever needed.
CONTRACT = """\
openapi: 3.1.0
info: {title: Orders, version: "1"}
paths:
  /orders/{shop}:
    post:
      operationId: createOrder
      parameters:
        - {name: shop, in: path, required: true, schema: {type: string}}
        - {name: page, in: query, schema: {type: integer}}
        - {name: sort, in: query, schema: {type: string}}
        - {name: X-Trace, in: header, schema: {type: string}}
        - {name: X-Mode, in: header, schema: {type: string}}
        - {name: theme, in: cookie, schema: {type: string}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties:
                name: {type: string, minLength: 1}
                note: {type: string}
                gift: {type: boolean}
                invoice: {type: boolean}
                tags: {type: array, items: {type: string}}
                lines: {type: array, items: {type: object, properties: {item: {type: string}, count: {type: integer}}}}
                address: {type: object, properties: {city: {type: string}, street: {type: string}}}
              allOf:
                - title: gift-has-no-invoice
                  not: {required: [gift, invoice], properties: {gift: {const: true}, invoice: {const: true}}}
            example: WHOLE
      responses:
        "201": {description: Made.}
        "400": {description: Refused.}
"""
WHOLE: Body = {
    "name": "an order",
    "note": "a note of some length " * 40,
    "gift": True,
    "invoice": False,
    "tags": ["a", "b", "c", "d", "e"],
    "lines": [{"item": "pen", "count": 2}, {"item": "cup", "count": 1}, {"item": "hat"}],
    "address": {"city": "Bonn", "street": "Long Street"},
}


def orders(crashes: Crashes, *, crash: int = 500, otherwise: int = 201) -> Recorder:
    """A server that does no more than to crash on some requests, and takes down all."""

    async def create(request: Request) -> JSONResponse:
        body = await request.json()
        return JSONResponse({"had": sorted(body)}, crash if crashes(request, body) else otherwise)

    return Recorder(Starlette(routes=[Route("/orders/{shop}", create, methods=["POST"])]))


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    path = tmp_path / "orders.yaml"
    path.write_text(CONTRACT.replace("WHOLE", json.dumps(WHOLE)))
    return path


def shrunk(app: AsgiApp, contract: Path, *, body: Body = WHOLE, breaks: str | None = None) -> Finding:
    """The finding that a request with everything in it shows, made small."""
    reading = Reading.of(contract)
    oracle = Oracle(reading.contract, reading.schemas, reading.rules)
    judge = Judge(reading.contract, reading.schemas, oracle, RuleJudge(reading.rules, Memory()))
    transport = AppTransport(app)
    courier = Courier(
        reading.contract,
        transport,
        lambda operation: parameters(reading.contract, reading.schemas.root, operation),
        lambda _operation: f"http://{APP_HOST}",
    )

    def ask(case: Case) -> tuple[Exchange, tuple[Failure, ...]]:
        exchange = courier.send(case)
        return exchange, judge.judge(exchange).failures

    (operation,) = reading.contract.operations
    draft = Draft(
        path={"shop": "corner"},
        query={"page": 3, "sort": "by-price"},
        headers={"X-Trace": "trace", "X-Mode": "slow"},
        cookies={"theme": "dark"},
        body=body,
    )
    kind = CaseKind.POSITIVE if breaks is None else CaseKind.NEGATIVE
    try:
        exchange, (failure,) = ask(Case(operation, "examples", kind, "everything", breaks, draft=draft))
        finding = Finding(
            id=fingerprint(operation.id, failure.check, failure.rule),
            check=failure.check,
            kind=failure.kind,
            rule=failure.rule,
            operation=operation.id,
            title=failure.title,
            message=failure.message,
            location=reading.contract.locate(failure.pointer),
            exchange=exchange,
            phase="examples",
        )
        Shrinker(oracle, lambda case: case, ask).shrink(finding)
    finally:
        transport.close()
    return finding


def shown(finding: Finding) -> tuple[str, Body, dict[str, str]]:
    """Target, body and headers of the request that a finding shows, without the headers that every request has."""
    assert finding.exchange is not None
    request = finding.exchange.request
    headers = {name: value for name, value in request.headers.items() if name not in ("User-Agent", "Content-Type")}
    return request.target, json.loads(request.body), headers


def test_a_run_ends_with_findings_that_have_nothing_but_what_they_need(contract: Path) -> None:
    app = orders(lambda _request, body: body.get("gift") is True)

    outcome = check_app(None, app=app, contract=contract, phases=("examples",), profile=Profile(), credentials={})

    (finding,) = outcome.findings
    assert finding.rule == "status 500"
    _, body, headers = shown(finding)
    assert (body, headers) == ({"name": body["name"], "gift": True}, {})


#: What a server crashes on, and all that is then left: target, body and headers.
NEEDED: dict[str, tuple[Crashes, tuple[str, Body, dict[str, str]]]] = {
    "nothing": (lambda _request, _body: True, ("/orders/shop", {}, {})),
    "a query parameter": (lambda request, _body: "sort" in request.query_params, ("/orders/shop?sort=sort", {}, {})),
    "a header": (
        lambda request, _body: request.headers.get("x-mode") == "slow",
        ("/orders/shop", {}, {"X-Mode": "slow"}),
    ),
    "a cookie": (
        lambda request, _body: request.cookies.get("theme") == "dark",
        ("/orders/shop", {}, {"Cookie": "theme=dark"}),
    ),
    "the value of a path parameter": (
        lambda request, _body: request.path_params["shop"] == "corner",
        ("/orders/corner", {}, {}),
    ),
    "a nested property": (
        lambda _request, body: body.get("address", {}).get("city") == "Bonn",
        ("/orders/shop", {"address": {"city": "Bonn"}}, {}),
    ),
    "one member of an array": (
        lambda _request, body: len(body.get("tags", [])) > 0,
        ("/orders/shop", {"tags": ["e"]}, {}),
    ),
    "two members of an array": (
        lambda _request, body: len(body.get("tags", [])) > 1,
        ("/orders/shop", {"tags": ["d", "e"]}, {}),
    ),
    "a property inside of an array": (
        lambda request, body: (
            request.path_params["shop"] == "corner" and any("count" in line for line in body.get("lines", []))
        ),
        ("/orders/corner", {"lines": [{"count": 1}]}, {}),
    ),
    "a text of some length": (
        lambda _request, body: len(body.get("note", "")) > 100,
        ("/orders/shop", {"note": WHOLE["note"][:110]}, {}),
    ),
}


@pytest.mark.parametrize("what", NEEDED)
def test_what_the_failure_needs_stays_and_nothing_else(what: str, contract: Path) -> None:
    crashes, (target, body, headers) = NEEDED[what]

    finding = shrunk(orders(crashes), contract)

    assert shown(finding) == (target, {"name": WHOLE["name"], **body}, headers)


def test_a_smaller_violation_breaks_the_same_rule_and_nothing_else(contract: Path) -> None:
    app = orders(lambda _request, _body: False)

    finding = shrunk(app, contract, body={**WHOLE, "invoice": True}, breaks="gift-has-no-invoice")

    assert (finding.check, finding.rule) == ("rule_rejection", "gift-has-no-invoice")
    target, body, headers = shown(finding)
    assert (target, headers) == ("/orders/shop", {})
    assert body == {"name": body["name"], "gift": True, "invoice": True}
    tried = [asked.json for asked in app.asked]
    assert len(tried) > 5
    for smaller in tried:
        assert smaller["name"], "it never breaks what is asked of the name"
        assert (smaller["gift"], smaller["invoice"]) == (True, True)


def test_a_smaller_legal_request_is_as_legal(contract: Path) -> None:
    app = orders(lambda _request, _body: True)

    finding = shrunk(app, contract)

    assert shown(finding)[1].keys() == {"name"}
    assert all(asked.json["name"] for asked in app.asked)


def test_the_message_and_the_answer_are_those_of_the_request_that_is_shown(contract: Path) -> None:
    finding = shrunk(orders(lambda _request, _body: True), contract)

    assert finding.exchange is not None
    assert finding.exchange.answer_json == {"had": sorted(shown(finding)[1])}


def test_another_failure_is_not_taken_for_the_same(contract: Path) -> None:
    """Without its note, the request crashes in another way: that is no smaller request of this finding."""
    finding = shrunk(orders(lambda _request, body: "note" in body, otherwise=503), contract)

    assert finding.rule == "status 500"
    assert shown(finding)[1].keys() == {"name", "note"}


def test_a_finding_costs_forty_requests_at_most(contract: Path) -> None:
    """Nothing can be left out of this one, so that every smaller request is one in vain."""
    body = {"name": "an order", **{f"p{number}": "x" * 50 for number in range(60)}}
    app = orders(lambda _request, given: given == body)

    finding = shrunk(app, contract, body=body)

    assert shown(finding)[1] == body
    assert len(app.asked) == 1 + 40


def test_a_credential_of_a_form_under_test_stays_in_the_request() -> None:
    outcome = check_app(
        None,
        app=keys_app("wants the scheme in capitals"),
        contract=HERE / "keys.yaml",
        phases=("auth",),
        profile=Profile(),
        credentials={"bearer": GOOD["bearer"]},
    )

    found = {finding.rule: finding for finding in outcome.findings if finding.operation == "byBearer"}
    exchange = found["bearer: lower case"].exchange
    assert exchange is not None
    assert exchange.request.headers["Authorization"] == f"bearer {GOOD['bearer']}"


def test_a_server_that_stops_to_answer_keeps_the_request_that_was_seen(contract: Path) -> None:
    asked: list[Body] = []

    class Tired(Handler):
        """Crashes on the example, and hangs up when it is asked for less."""

        def answer(self, body: bytes) -> None:
            asked.append(json.loads(body))
            if asked[-1] == WHOLE:
                self.reply(500)
            else:
                self.close_connection = True

    with serving(Tired) as url:
        outcome = check_app(None, url=url, contract=contract, phases=("examples",), profile=Profile(), credentials={})

    (finding,) = outcome.findings
    assert shown(finding)[1] == WHOLE
    assert len(asked) > 5, "it was asked for less"
    assert outcome.fatal is None


def test_a_value_that_must_be_new_is_new_in_each_smaller_request(contract: Path) -> None:
    names: list[str] = []

    def is_new(_request: Request, body: Body) -> bool:
        names.append(body["name"])
        return names.count(body["name"]) == 1

    outcome = check_app(
        None,
        app=orders(is_new),
        contract=contract,
        phases=("examples",),
        profile=Profile(bindings={"": {"name": Binding(unique=True)}}),
        credentials={},
    )

    (finding,) = outcome.findings
    assert len(set(names)) == len(names) > 5
    assert shown(finding)[1].keys() == {"name"}
