"""Ids that exist: where a run has them from, what follows without them, and what is tried with ids that nobody has."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from speclock.core.profiles import load_profile
from tests.conformance.harness import CONTRACT, PROFILE, check_app
from tests.conformance.loans_server import correct
from tests.conformance.recording import Recorder, check_with

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from starlette.requests import Request

    from speclock.core.profiles import Profile
    from speclock.engine.events import Outcome
    from speclock.phases.asgi import AsgiApp

pytestmark = pytest.mark.untraced


def profile_without(*names: str) -> Profile:
    """The profile of the loans server, without the bindings of these names."""
    profile = load_profile(PROFILE)
    own = {name: binding for name, binding in profile.bindings[""].items() if name not in names}
    return replace(profile, bindings={**profile.bindings, "": own})


def contract_with_link(folder: Path, link: dict[str, Any] | None) -> Path:
    """The contract of the loans server with another link from a new loan, or none, and no example of a shelf."""
    document = yaml.safe_load(CONTRACT.read_text())
    document["paths"]["/loans"]["post"]["responses"]["201"]["links"] = {} if link is None else {"giveBack": link}
    del document["paths"]["/shelves/{shelf}"]["get"]["parameters"][0]["example"]
    path = folder / "loans.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def parsed(body: bytes) -> Any:
    """What a body says; None when it is no JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def returned(folder: Path, link: dict[str, Any] | None, profile: Profile) -> list[str]:
    """The ids of the loans that the examples phase gives back; the contract shows `loan_1`."""
    server = Recorder(correct())
    contract = contract_with_link(folder, link)
    outcome = check_app(None, app=server, contract=contract, profile=profile, phases=("examples",))
    assert (outcome.findings, outcome.errors) == ((), ())
    return [asked.json["loanId"] for asked in server.of("/returns")]


LINK = {"operationId": "createReturn", "requestBody": {"loanId": "$response.body#/id"}}


def test_what_the_profile_binds_comes_before_links_and_names(tmp_path: Path) -> None:
    assert returned(tmp_path, LINK, profile_without()) == ["loan_1"]


@pytest.mark.parametrize("link", [LINK, None])
def test_without_a_binding_a_thing_is_made_by_the_operation_that_a_link_or_a_name_tells(
    link: dict[str, Any] | None, tmp_path: Path
) -> None:
    (loan,) = returned(tmp_path, link, profile_without("loanId"))

    assert re.fullmatch(r"loan_\d+", loan)
    assert loan != "loan_1"


def test_what_a_link_names_comes_before_what_names_suggest(tmp_path: Path) -> None:
    server = Recorder(correct())
    contract = contract_with_link(tmp_path, {**LINK, "requestBody": {"loanId": "$response.body#/bookId"}})

    check_app(None, app=server, contract=contract, profile=profile_without("loanId"), phases=("examples",))

    assert [asked.json["loanId"] for asked in server.of("/returns")] in (["book_1"], ["book_2"])


@pytest.mark.parametrize(("bound", "link"), [(True, None), (False, LINK), (False, None)])
def test_a_server_is_blamed_for_not_finding_a_thing_unless_its_id_is_but_a_guess(
    bound: bool, link: dict[str, Any] | None, tmp_path: Path
) -> None:
    loans = correct()

    async def forgets(scope: Any, receive: Any, send: Any) -> None:
        lost = JSONResponse({"message": "no such loan"}, 404)
        await (lost if scope.get("path") == "/returns" else loans)(scope, receive, send)

    outcome = check_app(
        None,
        app=forgets,
        contract=contract_with_link(tmp_path, link),
        profile=profile_without() if bound else profile_without("loanId"),
        phases=("examples",),
    )

    blamed = [(finding.operation, finding.check, finding.rule) for finding in outcome.findings]
    told = [error.message for error, _ in outcome.errors]
    if bound or link:
        assert (blamed, told) == ([("createReturn", "acceptance_conformance", "status 404")], [])
    else:
        assert blamed == []
        assert told == ["answered 404: it needs data that exist; bind its ids in a profile: loanId"]


def test_a_case_that_could_not_be_bound_is_an_error_and_passes_nothing(tmp_path: Path) -> None:
    contract = contract_with_link(tmp_path, LINK)
    outcome = check_app(None, contract=contract, profile=profile_without("shelf"), phases=("combinations",))

    assert outcome.findings == ()
    ((error, count),) = outcome.errors
    assert (error.operation, error.kind) == ("getShelf", "unjudged")
    assert error.message == "answered 404: it needs data that exist; bind its ids in a profile: shelf"
    assert count > 1
    assert outcome.status() == 2
    assert outcome.fatal is not None
    assert outcome.fatal.startswith("no valid request to getShelf could be judged")
    (limit,) = [rule for rule in outcome.rules if (rule.operation, rule.id) == ("getShelf", "query.limit")]
    assert (limit.boundary.planned > 0, limit.boundary.right) == (True, 0)


NONCE = re.compile(rb"-([0-9a-f]{8})-(\d+)")


def test_unique_values_differ_between_two_runs_of_one_seed_and_nothing_else_does() -> None:
    first, second = Recorder(correct()), Recorder(correct())

    for server in (first, second):
        check_app(None, app=server, seed=7, phases=("examples", "combinations"))

    nonces = [{nonce for asked in server.asked for nonce, _ in NONCE.findall(asked.body)} for server in (first, second)]
    assert [len(found) for found in nonces] == [1, 1]
    assert nonces[0] != nonces[1]
    erased = [[without_nonce(asked.body) for asked in server.asked] for server in (first, second)]
    assert erased[0] == erased[1]


def without_nonce(body: bytes) -> object:
    """The body without what a nonce makes of a text: its end, or all of it where it is as short as the text was."""
    value = parsed(NONCE.sub(rb"-nonce-\2", body))
    number = value.get("number") if isinstance(value, dict) else None
    return {**value, "number": len(number)} if isinstance(number, str) else value


def test_a_run_that_is_repeated_on_the_same_data_says_the_same() -> None:
    server = correct()

    for _ in range(2):
        outcome = check_app(None, app=server, seed=7, phases=("examples", "combinations"))

        assert (outcome.findings, outcome.errors, outcome.status(strict=True)) == ((), (), 0)


BASKETS = """
openapi: 3.1.0
info: {title: Baskets, version: "1"}
paths:
  /shelves/{shelfId}/baskets:
    post:
      operationId: createBasket
      parameters: [{name: shelfId, in: path, required: true, schema: {type: string}}]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [bookIds]
              properties:
                bookIds: {type: array, minItems: 1, maxItems: 4, items: {type: string, minLength: 1}}
                readerId: {type: [string, "null"], minLength: 1}
                number: {type: string, minLength: 1}
      responses:
        "201": {description: The basket.}
        "400": {description: Refused.}
        "404": {description: The shelf, a book, or the reader is not there.}
        "409": {description: The number is taken.}
"""
BINDINGS = """[bindings]
shelfId = "top"
bookIds = ["book_1", "book_2"]
readerId = "reader_1"
number = { unique = true }
"""
#: What a broken server does, and the check and the rule that ought to say so.
FAULTS = {
    "takes an unknown shelf": ("unknown_id_rejection", "path.shelfId:unknown"),
    "takes an unknown reader": ("unknown_id_rejection", "body.readerId:unknown"),
    "takes unknown books": ("unknown_id_rejection", "body.bookIds[]:unknown"),
    "takes unknown books behind a known one": ("unknown_id_rejection", "body.bookIds[]:unknown"),
    "takes a number twice": ("duplicate_rejection", "body.number:taken"),
    "takes an unknown reader beside a number": ("unknown_id_rejection", "body.readerId:unknown"),
}


def baskets(fault: str | None) -> Starlette:
    """A server that keeps the contract of baskets, but for one fault."""
    taken: set[str] = set()

    def problems(shelf: str, body: dict[str, Any]) -> Iterator[int]:
        books, reader, number = body["bookIds"], body.get("readerId"), body.get("number")
        if shelf != "top" and fault != "takes an unknown shelf":
            yield 404
        looked_at = {"takes unknown books": [], "takes unknown books behind a known one": books[:1]}
        if not {*looked_at.get(fault or "", books)} <= {"book_1", "book_2"}:
            yield 404
        is_blind = fault == "takes an unknown reader" or (fault == "takes an unknown reader beside a number" and number)
        if reader not in {None, "reader_1"} and not is_blind:
            yield 404
        if number in taken and fault != "takes a number twice":
            yield 409

    async def create(request: Request) -> Response:
        body = parsed(await request.body())
        if not is_basket(body):
            return Response(status_code=400)
        status = next(problems(request.path_params["shelfId"], body), 201)
        if status == 201 and "number" in body:
            taken.add(body["number"])
        return Response(status_code=status)

    return Starlette(routes=[Route("/shelves/{shelfId}/baskets", create, methods=["POST"])])


def is_basket(body: Any) -> bool:
    def is_text(value: object) -> bool:
        return isinstance(value, str) and value != ""

    if not isinstance(body, dict) or not isinstance(body.get("bookIds"), list):
        return False
    reader, number = body.get("readerId"), body.get("number", "none")
    return (
        1 <= len(body["bookIds"]) <= 4
        and all(map(is_text, [*body["bookIds"], number, reader or "none"]))
        and (reader is None or is_text(reader))
    )


@pytest.fixture
def basket_files(tmp_path: Path) -> tuple[Path, Path]:
    contract, profile = tmp_path / "baskets.yaml", tmp_path / "baskets.toml"
    contract.write_text(BASKETS)
    profile.write_text(BINDINGS)
    return contract, profile


def check_baskets(app: AsgiApp, files: tuple[Path, Path]) -> Outcome:
    contract, profile = files
    return check_with(app, contract=contract, profile=profile, phases="combinations")


def test_ids_that_nobody_has_are_sent_alone_and_among_known_ones(basket_files: tuple[Path, Path]) -> None:
    server = Recorder(baskets(None))

    outcome = check_baskets(server, basket_files)

    assert (outcome.findings, outcome.errors, outcome.status(strict=True)) == ((), (), 0)
    assert [asked for asked in server.asked if "-of-nobody" in asked.path]
    lists = [body["bookIds"] for asked in server.asked if is_basket(body := parsed(asked.body))]
    unknown = [[book.endswith("-of-nobody") for book in books] for books in lists]
    assert [True] in unknown
    assert [False, True] in unknown


@pytest.mark.parametrize("fault", FAULTS)
def test_an_id_that_nobody_has_or_that_is_taken_is_found_where_a_server_takes_it(
    fault: str, basket_files: tuple[Path, Path]
) -> None:
    outcome = check_baskets(baskets(fault), basket_files)

    assert [(finding.check, finding.rule) for finding in outcome.findings] == [FAULTS[fault]]
    assert outcome.status() == 1
