"""Requests without an answer: what is the server's fault is a finding, what may not be an error; the rest is judged."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

from speclock.core.profiles import Profile
from tests.conformance.command_runs import Handler, serving
from tests.conformance.harness import check_app
from tests.conformance.hostile_server import strict_json

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.engine.events import Outcome

LIMIT = 8 * 1024**2
CONTRACT = """
openapi: 3.1.0
info: {title: Notes, version: "1"}
paths:
  /notes:
    post:
      operationId: createNote
      requestBody:
        description: At most 8 MiB.
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [text]
              properties: {text: {type: string}, title: {type: [string, "null"]}}
            examples:
              plain: {value: {text: first}}
              untitled: {value: {text: second, title: null}}
              titled: {value: {text: third, title: A title}}
      responses:
        "201": {description: Made.}
        "400": {description: Refused.}
        "413": {description: Too much.}
        "415": {description: Not JSON.}
"""
#: What comes back for a note whose title is null, and how that is told.
ANSWERS = {
    "nothing": (b"", "the connection was closed without an answer"),
    "garbage": (b"\x00\x01 garbage\r\n\r\n", "what came back is not HTTP"),
    "a part of its body": (
        b"HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nnot a hundred",
        "the connection failed (IncompleteRead)",
    ),
    "chunks that are none": (
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\nbytes",
        "the connection failed (IncompleteRead)",
    ),
}


class Notes(Handler):
    """A server that keeps the contract."""

    def answer(self, body: bytes) -> None:
        """Answer by what the body is."""
        note = self.note(body)
        if self.command != "POST":
            self.reply(405, allow="POST")
        elif self.headers.get_content_type() != "application/json":
            self.reply(415)
        elif len(body) > LIMIT:
            self.reply(413)
        elif isinstance(note, dict) and isinstance(note.get("text"), str) and is_title(note.get("title")):
            self.make(note)
        else:
            self.reply(400)

    def make(self, _note: dict[str, Any]) -> None:
        """Answer a legal request."""
        self.reply(201)

    def note(self, body: bytes) -> Any:
        """What the body says; None when it is no JSON."""
        try:
            return strict_json(body)
        except (ValueError, RecursionError):
            return None

    def send(self, answer: bytes) -> None:
        """Send these very bytes, and be gone."""
        self.wfile.write(answer)
        self.close_connection = True


def is_title(value: object) -> bool:
    return value is None or isinstance(value, str)


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    path = tmp_path / "notes.yaml"
    path.write_text(CONTRACT)
    return path


def check(server: type[Handler], contract: Path, phase: str) -> Outcome:
    with serving(server) as url:
        return check_app(None, url=url, contract=contract, profile=Profile(), credentials={}, phases=(phase,))


def test_a_server_that_answers_everything_has_no_findings(contract: Path) -> None:
    for phase in ("examples", "robustness"):
        outcome = check(Notes, contract, phase)

        assert (outcome.findings, outcome.errors, outcome.status(strict=True)) == ((), (), 0)


def test_a_connection_that_a_server_gives_up_after_an_error_is_no_lack_of_an_answer(contract: Path) -> None:
    """As uvicorn does, which does not announce it: the finding is the error, and nothing is said of the next one."""

    class Failing(Notes):
        has_failed = False

        def answer(self, body: bytes) -> None:
            if self.has_failed:
                self.close_connection = True
            else:
                super().answer(body)

        def make(self, note: dict[str, Any]) -> None:
            self.has_failed = note["text"] == "first"
            self.reply(500 if self.has_failed else 201)

    outcome = check(Failing, contract, "examples")

    assert [finding.rule for finding in outcome.findings] == ["status 500"]
    assert outcome.cases == 3


@pytest.mark.parametrize("name", ANSWERS)
def test_a_connection_that_is_cut_on_one_kind_of_request_is_a_finding(name: str, contract: Path) -> None:
    sent, told = ANSWERS[name]

    class Cut(Notes):
        def make(self, note: dict[str, Any]) -> None:
            if note.get("title", "") is None:
                self.send(sent)
            else:
                self.reply(201)

    outcome = check(Cut, contract, "examples")

    (finding,) = outcome.findings
    assert (finding.check, finding.rule, finding.operation) == ("answer_conformance", "an answer", "createNote")
    assert f"got none ({told}); others are answered" in finding.message
    assert finding.exchange is not None
    assert strict_json(finding.exchange.request.body)["title"] is None
    assert finding.location.pointer == "/paths/~1notes/post/responses"
    assert (outcome.cases, outcome.judged, outcome.errors, outcome.status()) == (3, 3, (), 1)


def test_no_answer_in_time_to_a_legal_request_is_an_error_and_to_a_hostile_one_a_finding(
    contract: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("speclock.phases.sending.TIMEOUT", 1.0)
    is_over = threading.Event()

    class Hangs(Notes):
        def answer(self, body: bytes) -> None:
            if b'"title":null' in body or b"// one" in body:
                is_over.wait()
                self.close_connection = True
            else:
                super().answer(body)

    try:
        legal, hostile = check(Hangs, contract, "examples"), check(Hangs, contract, "robustness")
    finally:
        is_over.set()

    assert (legal.findings, legal.judged, legal.status(), legal.status(strict=True)) == ((), 2, 0, 2)
    ((error, count),) = legal.errors
    assert (error.operation, error.kind, error.message, count) == ("createNote", "no-answer", "no answer within 1 s", 1)
    (finding,) = hostile.findings
    assert (finding.check, hostile.status()) == ("answer_conformance", 1)
    assert "expected a documented answer to a comment, got none (no answer within 1 s); " in finding.message
    assert hostile.judged == hostile.cases > 40


def test_a_server_that_stops_to_answer_anything_ends_the_run_with_status_2(contract: Path) -> None:
    seen: list[bytes] = []

    class Dies(Notes):
        def answer(self, body: bytes) -> None:
            seen.append(body)
            if len(seen) > 10:
                self.send(b"")
            else:
                super().answer(body)

    outcome = check(Dies, contract, "robustness")

    assert outcome.fatal is not None
    assert "stopped to answer" in outcome.fatal
    assert (outcome.findings, outcome.cases, outcome.status()) == ((), 10, 2)


class Early(Notes):
    """A server that answers and leaves before it has read a body that is too long, or of which no length is said."""

    early = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"

    def do_POST(self) -> None:  # noqa: N802 - http.server looks for this name
        """Leave early, or answer like the others."""
        length = self.headers["Content-Length"]
        if length is None or int(length) > LIMIT:
            self.send(self.early)
        else:
            self._read()


def test_an_early_413_is_read_though_the_body_could_not_be_sent_to_its_end(contract: Path) -> None:
    outcome = check(Early, contract, "robustness")

    assert (outcome.findings, outcome.errors, outcome.status(strict=True)) == ((), (), 0)


@pytest.mark.parametrize(
    ("early", "check_name", "said"),
    [
        (Early.early.replace(b"413", b"400"), "size_rejection", "413, got 400"),
        (b"", "answer_conformance", "got none"),
    ],
)
def test_another_early_end_than_413_is_a_finding(early: bytes, check_name: str, said: str, contract: Path) -> None:
    outcome = check(type("Wrong", (Early,), {"early": early}), contract, "robustness")

    assert {finding.check for finding in outcome.findings} == {check_name}
    assert all(said in finding.message for finding in outcome.findings)
