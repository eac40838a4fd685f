"""On a server that people share: at a pace, with patience, only what was chosen, a word before any writing."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from speclock.core.cases import Answer
from speclock.core.profiles import load_profile
from speclock.phases.sending import retry_after
from tests.conformance.harness import CONTRACT, PROFILE, ROOT, Ran, speclock
from tests.conformance.loans_server import app_with
from tests.conformance.recording import Recorder, check_with, recording

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
#: An address of this machine that is none of loopback's, as far as its text says.
ANY_ADDRESS = "0.0.0.0"


def check(*more: object) -> Ran:
    return speclock("check", "--contract", CONTRACT, "--profile", PROFILE, *more)


@pytest.mark.parametrize("workers", [1, 2])
def test_no_more_requests_are_sent_than_the_rate_allows(workers: int) -> None:
    rate = 20
    with recording() as (url, asked):
        started = time.monotonic()
        check(
            "--url", url, "--phases", "examples,auth", "--include", "getShelf", f"--rate={rate}/s", "--workers", workers
        )
        over = [request.at - started for request in asked]

    assert len(asked) > 10
    for number, seconds in enumerate(over):
        assert seconds >= number / rate


def test_a_rate_may_be_given_by_the_minute() -> None:
    with recording() as (url, asked):
        check("--url", url, "--phases", "examples", "--include", "createReturn", "--rate", "3000/m")

    assert len(asked) > 0


class Busy:
    """The loans server, which asks for patience once, in the middle of a run."""

    def __init__(self, retry_after: str) -> None:
        self.retry_after, self.turn = retry_after, 0
        self.loans = app_with(None)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.turn += scope["type"] == "http"
        if self.turn == 4:
            answer = JSONResponse({"message": "later"}, 429, {"Retry-After": self.retry_after})
            await answer(scope, receive, send)
            self.turn += 1
            return
        await self.loans(scope, receive, send)


def test_a_server_that_asks_for_seconds_gets_them_and_is_not_blamed() -> None:
    server = Recorder(Busy("1"))

    outcome = check_with(server, profile=PROFILE, phases="examples", strict=True)

    assert (outcome.findings, outcome.errors, outcome.status(strict=True)) == ((), (), 0)
    refused, again = server.asked[3:5]
    assert (refused.method, refused.path, refused.body) == (again.method, again.path, again.body)
    assert again.at - refused.at >= 1


def test_a_server_that_names_a_time_is_left_alone_until_then() -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)
    moments: list[datetime] = []
    busy = Busy(format_datetime(until, usegmt=True))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        moments.append(datetime.now(UTC))
        await busy(scope, receive, send)

    outcome = check_with(app, profile=PROFILE, phases="examples")

    assert outcome.status(strict=True) == 0
    assert busy.turn > 5
    assert sum(moment < until for moment in moments) in (4, 5), "the start of the application may count as one"


def test_a_pause_that_the_budget_does_not_hold_ends_the_run_at_once() -> None:
    outcome = check_with(Busy("50"), profile=PROFILE, phases="examples", budget=3.0)

    assert outcome.cases == 3
    assert outcome.findings == ()
    assert outcome.seconds < 50


def test_a_server_that_never_stops_to_ask_for_patience_is_not_asked_for_ever() -> None:
    async def later(_request: Request) -> Response:
        return JSONResponse({"message": "later"}, 429, {"Retry-After": "0"})

    server = Recorder(Starlette(routes=[Route("/{path:path}", later, methods=["GET", "POST"])]))

    outcome = check_with(server, profile=PROFILE, phases="examples", include=("getShelf",))

    assert {finding.rule for finding in outcome.findings} <= {"status 429"}
    assert 1 < len(server.asked) < 20
    assert "answered 429" in str(outcome.errors)


PAUSES = {
    "seconds": (429, {"Retry-After": "5"}, 5.0),
    "none": (429, {"retry-after": "0"}, 0.0),
    "a time that is over": (429, {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
    "more than anybody waits": (429, {"Retry-After": "86400"}, None),
    "what is no time": (429, {"Retry-After": "soon"}, None),
    "nothing said": (429, {}, None),
    "another status": (503, {"Retry-After": "5"}, None),
}


@pytest.mark.parametrize("name", PAUSES)
def test_a_pause_is_read_as_the_standard_says(name: str) -> None:
    status, headers, seconds = PAUSES[name]

    assert retry_after(Answer(status, headers, b"", 0.0)) == seconds


CHOICES = {
    "an operation": (["--include", "createReturn"], {"/returns"}),
    "a tag": (["--include", "Loans"], {"/loans"}),
    "a path": (["--include", "/shelves/{shelf}"], {"/shelves/top"}),
    "two": (["--include", "createReturn", "--include", "Loans"], {"/returns", "/loans"}),
    "all but an operation": (["--exclude", "createReturn"], {"/loans", "/shelves/top"}),
    "all but a tag": (["--exclude", "Loans"], {"/returns", "/shelves/top"}),
    "all but a path": (["--exclude", "/loans"], {"/returns", "/shelves/top"}),
    "some but not one of them": (["--include", "Loans", "--include", "Shelves", "--exclude", "getShelf"], {"/loans"}),
}


@pytest.mark.parametrize("name", CHOICES)
def test_only_what_was_chosen_is_asked(name: str) -> None:
    arguments, paths = CHOICES[name]
    with recording() as (url, asked):
        check("--url", url, "--phases", "examples", *arguments)

    assert {request.path.replace("low", "top") for request in asked} == paths


def warnings_of(ran: Ran) -> list[str]:
    return [line for line in ran.err.splitlines() if line.startswith("speclock: warning: ")]


def test_requests_that_write_to_a_host_that_nobody_named_are_announced() -> None:
    with recording() as (url, _):
        ran = check("--url", url.replace("127.0.0.1", ANY_ADDRESS), "--phases", "examples")

    (warning,) = warnings_of(ran)
    assert f"{ANY_ADDRESS} is not this machine, and no profile names it" in warning
    assert "(createLoan, createReturn)" in warning


def test_requests_to_this_machine_and_those_that_only_read_are_not_announced() -> None:
    with recording() as (url, _):
        local = check("--url", url, "--phases", "examples")
        reading = check("--url", url.replace("127.0.0.1", ANY_ADDRESS), "--phases", "examples", "--include", "getShelf")

    assert warnings_of(local) == warnings_of(reading) == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("url = '{other}'", 0),
        ("url = 'http://127.0.0.1:1'\nurls = {{ Shelves = '{other}' }}", 0),
        ("url = 'http://127.0.0.1:1'", 1),
    ],
)
def test_a_host_that_the_profile_names_is_not_announced(text: str, count: int, tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    with recording() as (url, _):
        other = url.replace("127.0.0.1", ANY_ADDRESS)
        profile.write_text(text.format(other=other) + "\n" + PROFILE.read_text())
        ran = speclock(
            *("check", "--contract", CONTRACT, "--profile", profile, "--url", other, "--phases", "examples"),
        )

    assert len(warnings_of(ran)) == count


def without_writes(tmp_path: Path) -> Path:
    profile = tmp_path / "reading.toml"
    profile.write_text("writes = false\n" + PROFILE.read_text())
    return profile


def test_a_profile_without_writes_sends_no_method_that_may_change_anything(tmp_path: Path) -> None:
    server = Recorder(app_with(None))

    outcome = check_with(server, profile=without_writes(tmp_path))

    assert outcome.status(strict=True) == 0
    assert {asked.path.partition("/")[2].partition("/")[0] for asked in server.asked} >= {"shelves"}
    assert {asked.method for asked in server.asked} <= SAFE_METHODS
    assert len(server.asked) > 50


def test_a_profile_without_writes_runs_what_is_named_and_nothing_else_that_writes(tmp_path: Path) -> None:
    server = Recorder(app_with(None))

    check_with(server, profile=without_writes(tmp_path), include=("createReturn", "getShelf"))

    assert {(asked.method, asked.path) for asked in server.asked if asked.method not in SAFE_METHODS} == {
        ("POST", "/returns")
    }


#: A thing is made by POST, and read by its id.
THINGS = """
openapi: 3.1.0
info: {title: Things, version: '1'}
paths:
  /things:
    post:
      operationId: createThing
      responses:
        '201':
          description: The thing.
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: string}}}
  /things/{id}:
    get:
      operationId: getThing
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: The thing.
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: string}}}
        '404': {description: Nothing of that id.}
"""


async def make_thing(_request: Request) -> Response:
    return JSONResponse({"id": "thing_1"}, 201)


async def get_thing(request: Request) -> Response:
    name = request.path_params["id"]
    return JSONResponse({"id": name}) if name == "thing_1" else Response(status_code=404)


@pytest.mark.parametrize("writes", [True, False])
def test_ids_are_made_by_writing_only_where_that_is_allowed(writes: bool, tmp_path: Path) -> None:
    contract, profile = tmp_path / "things.yaml", tmp_path / "profile.toml"
    contract.write_text(THINGS)
    profile.write_text(f"writes = {str(writes).lower()}\n")
    routes = [Route("/things", make_thing, methods=["POST"]), Route("/things/{id}", get_thing, methods=["GET"])]
    server = Recorder(Starlette(routes=routes))

    outcome = check_with(server, contract=contract, profile=profile, phases="combinations", exclude=("createThing",))

    assert outcome.findings == ()
    assert ("POST" in {asked.method for asked in server.asked}) is writes
    assert (server.of("/things/thing_1") != []) is writes


@pytest.mark.parametrize("name", ["Shelves", "getShelf"])
def test_each_operation_goes_to_the_server_that_the_profile_names_for_it(name: str, tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    with recording() as (url, asked), recording() as (other, asked_of_other):
        profile.write_text(f"url = '{url}'\nurls = {{ {name} = '{other}' }}\n" + PROFILE.read_text())
        speclock("check", "--contract", CONTRACT, "--profile", profile, "--phases", "examples,auth")

    assert {request.path for request in asked} == {"/loans", "/returns"}
    assert {request.path.replace("low", "top") for request in asked_of_other} == {"/shelves/top"}


def test_a_url_on_the_command_line_is_that_of_every_operation(tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    with recording() as (url, asked), recording() as (other, asked_of_other):
        profile.write_text(f"url = '{other}'\nurls = {{ Shelves = '{other}' }}\n" + PROFILE.read_text())
        speclock("check", "--contract", CONTRACT, "--profile", profile, "--phases", "examples", "--url", url)

    assert {request.path.replace("low", "top") for request in asked} == {"/loans", "/returns", "/shelves/top"}
    assert asked_of_other == []


def test_the_profile_of_the_live_services_writes_nothing_unless_told_so() -> None:
    live = ROOT / "conformance/profiles/live.toml"

    ran = speclock("check", "--contract", ROOT / "openapi.yaml", "--profile", live)

    assert load_profile(live).writes is False
    assert (ran.status, ran.err.count("\n"), ran.out) == (2, 1, "")
    assert "writes = false" in ran.err
    assert "--include: createSession" in ran.err
