"""`speclock sdk` as its users call it: bad input, help, the three verdicts, and no credential in any output."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import httpx
import jsonschema_rs
import pytest

from speclock.reporting.report import report_schema
from speclock.sdk.wire import CREDENTIAL
from tests.conformance.command_runs import app_of
from tests.conformance.harness import CONTRACT as LOANS
from tests.conformance.harness import PROFILE, ROOT, SECRET, Ran, speclock
from tests.conformance.parcels_sdk import CONTRACT, ParcelError, ParcelsSdk, correct
from tests.quality.server_faults import FAULTS
from tests.support.edited_server import start_edited_server
from tests.support.server_process import start_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.server_process import ServerProcess

HERE = "tests.conformance.test_sdk_command"
OURS = ROOT / "openapi.yaml"
SANDBOX = ROOT / "conformance" / "profiles" / "sandbox.toml"


class Lacking:
    name, refuses = "lacking", True


class Wrong(ParcelsSdk):
    pass


class Anything:
    """An SDK of any contract: it sends the plainest request."""

    name, refuses, errors, transport = "anything", False, (ParcelError,), "httpx"

    def connect(self, base_url: str, _credential: str, transport: object) -> Any:
        assert isinstance(transport, httpx.BaseTransport)
        self.client = httpx.Client(base_url=base_url, transport=transport)
        return self

    def call(self, request: Any) -> object:
        answer = self.client.request(request["method"], request["template"], params=request.get("query"))
        if answer.status_code != 204:
            raise ParcelError("refused", status_code=answer.status_code)
        return None

    def close(self) -> None:
        self.client.close()


class Unreadable:
    name, refuses, transport = "unreadable", True, None

    @property
    def errors(self) -> object:
        raise KeyError("errors")

    def connect(self, *_: object) -> None:
        """Nothing is asked of it."""


def broken_connect(_base_url: str, _credential: str, _transport: object) -> object:
    raise RuntimeError(f"no connection with {CREDENTIAL}")


def ends_the_process(_base_url: str, _credential: str, _transport: object) -> object:
    sys.exit(0)


def connects_to_nothing(_base_url: str, _credential: str, _transport: object) -> object:
    return None


class Unclosed(ParcelsSdk):
    def connect(self, base_url: str, credential: str, transport: object) -> Any:
        connection: Any = super().connect(base_url, credential, transport)

        def close() -> None:
            raise RuntimeError("no such pool")

        connection.close = close
        return connection


class MuteError(ParcelError):
    def __str__(self) -> str:
        raise AttributeError("no message")


class Cancelling(ParcelsSdk):
    """It raises what is no Exception, and errors and results that cannot be shown."""

    def connect(self, base_url: str, credential: str, transport: object) -> Any:
        connection: Any = super().connect(base_url, credential, transport)

        def call(request: Any) -> object:
            name = request.get("body", {}).get("name") if isinstance(request.get("body"), dict) else None
            if name == "a":
                raise asyncio.CancelledError
            if name is not None:
                raise MuteError("mute")
            return type(connection).call(connection, request)

        connection.call = call
        return connection


def is_cancelled(_base_url: str, _credential: str, _transport: object) -> object:
    raise asyncio.CancelledError


class LeftOpen(ParcelsSdk):
    """It raises what is no Exception when it is closed."""

    def connect(self, base_url: str, credential: str, transport: object) -> Any:
        connection: Any = super().connect(base_url, credential, transport)

        def close() -> None:
            raise GeneratorExit

        connection.close = close
        return connection


class Promising(ParcelsSdk):
    """Its call is a coroutine."""

    def connect(self, base_url: str, credential: str, transport: object) -> Any:
        connection: Any = super().connect(base_url, credential, transport)

        async def call(request: Any) -> object:
            return type(connection).call(connection, request)

        connection.call = call
        return connection


lacking = Lacking()
left_open = LeftOpen()
promising = Promising()
unclosed = Unclosed()
cancelling = Cancelling()
no_errors = Wrong(errors=ValueError)  # type: ignore[arg-type]
odd_transport = Wrong(transport="carrier pigeon")  # type: ignore[arg-type]
unsure = Wrong(refuses="perhaps")  # type: ignore[arg-type]
broken = ParcelsSdk("sends a heavy fragile parcel")
anything = Anything()
nameless = Wrong(name=None)  # type: ignore[arg-type]
unreadable = Unreadable()
unconnected = Wrong()
object.__setattr__(unconnected, "connect", broken_connect)
ending = Wrong()
object.__setattr__(ending, "connect", ends_the_process)
cancelled = Wrong()
object.__setattr__(cancelled, "connect", is_cancelled)
ringing = Wrong(name="a bell \x07")
nowhere = Wrong()
object.__setattr__(nowhere, "connect", connects_to_nothing)


def sdk(subject: str, *more: object, contract: Path = CONTRACT) -> Ran:
    return speclock("sdk", "--contract", contract, "--subject", subject, *more)


@pytest.mark.parametrize(
    ("subject", "more", "said"),
    [
        ("nobody.here:subject", (), "there is no module 'nobody'"),
        ("client:nobody_here", (), "there is no module 'nobody_here'; expected a generated package"),
        ("client:json", (), "there is no module 'json.api'; expected a generated package"),
        ("client:", (), "--subject client:"),
        ("nothing", (), "expected MODULE:ATTR, such as mysdk.conformance:subject, or client:PACKAGE"),
        (f"{HERE}:nobody", (), "has no 'nobody'"),
        (f"{HERE}:lacking", (), "a Lacking without errors, transport, connect"),
        (f"{HERE}:ParcelsSdk", (), "got a class; name an instance of ParcelsSdk"),
        (f"{HERE}:no_errors", (), "its errors are no tuple of classes of exceptions"),
        (f"{HERE}:odd_transport", (), "its transport is 'carrier pigeon', neither 'httpx' nor None"),
        (f"{HERE}:unsure", (), "its refuses is a str, not True or False"),
        (f"{HERE}:nameless", (), "its name is None, not a text"),
        (f"{HERE}:unreadable", (), "reading it failed with KeyError"),
        (f"{HERE}:unconnected", (), "cannot be set up"),
        (f"{HERE}:ending", (), "cannot be set up: SystemExit"),
        (f"{HERE}:cancelled", (), "cannot be set up: CancelledError"),
        (f"{HERE}:ringing", (), r"its name is 'a bell \x07', not a text that can be printed"),
        (f"{HERE}:sdk", (), "got a function; name the subject that it makes"),
        (f"{HERE}:promising", (), "got a coroutine; a subject runs those itself"),
        (f"{HERE}:correct", ("--only=*",), "--only *: expected --mutants PACKAGE beside it"),
        (f"{HERE}:nowhere", (), "expected a connection from its connect, got a NoneType without call and close"),
        (f"{HERE}:correct", ("--sample=0",), "--sample 0: expected 1 or more"),
        (f"{HERE}:correct", ("--seed=-1",), "--seed -1: expected 0 or more"),
        (f"{HERE}:correct", ("--include=nothing",), "nothing"),
        (f"{HERE}:correct", ("--report=pdf=x.pdf",), "unknown format 'pdf'"),
        (f"{HERE}:correct", ("--url=ftp://x",), "expected http://HOST"),
        (f"{HERE}:correct", ("--url=http://127.0.0.1:9",), "127.0.0.1:9"),
        (f"{HERE}:correct", ("--profile=nobody.toml",), "nobody.toml"),
        (f"{HERE}:correct", ("--sample=few",), "few"),
        (f"{HERE}:correct", ("--report=json=pyproject.toml/x.json",), "pyproject.toml/x.json"),
        (f"{HERE}:correct", ("--mutants=nobody_here",), "--mutants nobody_here: expected a package"),
        (f"{HERE}:correct", ("--mutants=nobody.here",), "--mutants nobody.here: expected a package"),
        (f"{HERE}:correct", ("--mutants=",), "--mutants"),
    ],
)
def test_bad_input_is_one_clear_line(subject: str, more: tuple[str, ...], said: str) -> None:
    ran = sdk(subject, *more)

    assert ran.status == 2, ran.out
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert CREDENTIAL not in ran.err


def test_a_contract_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    ran = sdk(f"{HERE}:correct", contract=tmp_path / "nobody.yaml")

    assert ran.status == 2
    assert "no such file; give the path of an OpenAPI document" in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_an_sdk_that_cannot_be_closed_keeps_its_verdicts(tmp_path: Path) -> None:
    ran, report = reported(tmp_path, f"{HERE}:unclosed", "--include=printLabel")

    assert (ran.status, ran.err) == (0, "")
    assert report["run"]["cases"] > 100
    assert {item["message"] for item in report["errors"]} == {
        "parcels 1 cannot be closed: RuntimeError: no such pool",
    }


def test_one_that_raises_no_exception_when_it_is_closed_keeps_its_verdicts_too(tmp_path: Path) -> None:
    ran, report = reported(tmp_path, f"{HERE}:left_open", "--include=printLabel")

    assert (ran.status, ran.err) == (0, "")
    assert {item["message"] for item in report["errors"]} == {"parcels 1 cannot be closed: GeneratorExit: "}


def test_mutants_of_which_there_are_none_lose_no_finding(tmp_path: Path) -> None:
    asked = ("--include=createProjectSession", "--mutants=evalsessions_client", "--only=no such*")
    ran, report = reported(tmp_path, "client:evalsessions_client", *asked, contract=OURS)

    assert ran.status == 1
    assert "speclock: --only no such*: expected the id of a mutant or a pattern that fits some, such as '" in ran.err
    assert report["findings"] != []


UNSURE = """
openapi: 3.1.0
info: {title: Unsure, version: "1"}
paths:
  /a:
    get:
      operationId: ask
      parameters:
        - {name: q, in: query, schema: {type: strin}}
      responses: {"204": {description: Done.}}
"""


@pytest.mark.parametrize(("more", "status"), [((), 0), (("--strict",), 2)])
def test_what_is_not_judged_is_told_and_is_a_failure_where_that_is_asked(
    more: tuple[str, ...], status: int, tmp_path: Path
) -> None:
    document = tmp_path / "unsure.yaml"
    document.write_text(UNSURE, "utf-8")
    ran = sdk(f"{HERE}:anything", *more, contract=document)

    assert ran.status == status, ran.out + ran.err
    assert "query.q" in ran.out + ran.err


def test_whatever_an_sdk_raises_is_what_it_did(tmp_path: Path) -> None:
    ran, report = reported(tmp_path, f"{HERE}:cancelling", "--include=createParcel", "--sample=3")

    assert (ran.status, ran.err) == (1, "")
    told = " ".join(finding["message"] for finding in report["findings"])
    assert "raised RuntimeError: it raised CancelledError, which is no Exception" in told
    assert "raised MuteError: <a MuteError that cannot be shown: AttributeError>" in told


def test_the_help_teaches() -> None:
    ran = speclock("sdk", "--help")

    assert ran.status == 0
    for taught in ("--contract", "client:PACKAGE", "MODULE:ATTR", "--sample", "Example", "Exit status", "No server"):
        assert taught in ran.out, taught


def test_a_correct_sdk_is_told_so(tmp_path: Path) -> None:
    ran, report = reported(tmp_path, f"{HERE}:correct", "--sample=9")

    assert ran.status == 0, ran.out
    assert "0 findings" in ran.out
    assert report["findings"] == []
    assert report["sdk"]["differ"] == 0
    assert report["sdk"]["subject"] == correct.name
    assert {row["server"] for row in report["sdk"]["verdicts"]} == {"not asked"}


def test_a_rule_that_the_sdk_does_not_know_is_the_one_that_differs(tmp_path: Path) -> None:
    ran, report = reported(tmp_path, f"{HERE}:broken")

    assert ran.status == 1
    (apart,) = (row for row in report["sdk"]["verdicts"] if not row["agree"])
    assert report["sdk"]["verdicts"][0] == apart
    assert (apart["rule"], apart["document"], apart["sdk"]) == ("fragile-parcel-is-light", "refuses", "accepts")
    assert [finding["rule"] for finding in report["findings"]] == ["fragile-parcel-is-light"]
    assert "fragile-parcel-is-light  document: refuses · server: not asked · SDK: accepts" in ran.out
    assert ran.out.index("differ\n") < ran.out.index("document: refuses")


def test_one_operation_alone_can_be_asked_for(tmp_path: Path) -> None:
    _, report = reported(tmp_path, f"{HERE}:broken", "--include=searchParcels")

    assert {row["operation"] for row in report["sdk"]["verdicts"]} == {"searchParcels"}
    assert report["findings"] == []


def test_no_credential_is_in_any_output(tmp_path: Path) -> None:
    reports = [
        f"--report={kind}={tmp_path / kind}" for kind in ("json", "html", "markdown", "junit", "sarif", "ndjson")
    ]
    loans = ("--app", app_of(None), "--profile", PROFILE)
    for subject, contract, more in ((f"{HERE}:broken", CONTRACT, ()), ("client:evalsessions_client", LOANS, loans)):
        ran = sdk(subject, "--sample=20", *reports, *more, contract=contract)
        told = ran.out + ran.err + "".join(path.read_text("utf-8") for path in tmp_path.iterdir())
        assert ran.status == 1, ran.err
        assert CREDENTIAL not in told
        assert SECRET not in told


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with start_server() as started:
        yield started


@pytest.mark.untraced
def test_document_server_and_sdk_agree_on_every_rule(
    server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GALTEA_API_KEY", server.galtea_key)
    monkeypatch.setenv("GALILEO_API_KEY", server.galileo_key)
    asked = ("--url", server.url, "--profile", SANDBOX, "--sample=5")
    ran, report = reported(tmp_path, "evalsessions.conformance:subject", *asked, contract=OURS)

    assert ran.status == 0, ran.out + ran.err
    verdicts = report["sdk"]["verdicts"]
    assert [row for row in verdicts if not row["agree"]] == []
    assert sum(row["document"] == row["server"] == row["sdk"] == "refuses" for row in verdicts) > 50
    assert sum(row["server"] == "promises" for row in verdicts) > 10
    assert server.galtea_key not in ran.out + ran.err + json.dumps(report)
    assert server.galileo_key not in ran.out + ran.err + json.dumps(report)


def test_a_rule_that_the_server_forgot_is_the_one_on_which_they_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "copy").mkdir()
    with start_edited_server(tmp_path / "copy", FAULTS["production with a test case is accepted"]) as forgetful:
        monkeypatch.setenv("GALTEA_API_KEY", forgetful.galtea_key)
        monkeypatch.setenv("GALILEO_API_KEY", forgetful.galileo_key)
        asked = ("--url", forgetful.url, "--profile", SANDBOX, "--sample=5", "--include=createSession")
        ran, report = reported(tmp_path, "evalsessions.conformance:subject", *asked, contract=OURS)

    assert ran.status == 1
    (apart,) = (row for row in report["sdk"]["verdicts"] if not row["agree"])
    assert report["sdk"]["verdicts"][0] == apart
    assert apart["rule"] == "test-case-session-is-not-production"
    assert (apart["document"], apart["server"], apart["sdk"]) == ("refuses", "accepts", "refuses")
    assert "document: refuses · server: accepts · SDK: refuses" in ran.out


def reported(tmp_path: Path, subject: str, *more: object, contract: Path = CONTRACT) -> tuple[Ran, dict[str, Any]]:
    path = tmp_path / "report.json"
    ran = sdk(subject, *more, "--report", f"json={path}", contract=contract)
    report: dict[str, Any] = json.loads(path.read_text("utf-8"))
    jsonschema_rs.Draft202012Validator(report_schema()).validate(report)
    return ran, report
