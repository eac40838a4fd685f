"""The command line as a shell meets it: the installed console script, as a process, against real servers."""

from __future__ import annotations

import inspect
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evalsessions import cli
from evalsessions._resources.evaluations import EvaluationCreator
from evalsessions._resources.project_sessions import ProjectSessionCreator
from evalsessions._resources.sessions import SessionCreator
from evalsessions._resources.test_cases import TestCaseCreator
from evalsessions.cli import operations
from evalsessions_client.contract import OPERATIONS, REQUEST_SCHEMAS
from tests.wrapper.faces import GALILEO_KEY, GALTEA_KEY, PROJECT, SESSION
from tests.wrapper.scripted_server import Answer, Lost, ScriptedServer, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    from evalsessions.cli.arguments import Operation
    from tests.support.server_process import ServerProcess

    RunHere: TypeAlias = "Callable[..., subprocess.CompletedProcess[str]]"

SCRIPT = Path(sys.executable).with_name("evalsessions")
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "evalsessions-command-line.md"
VARIABLES = ("GALTEA_API_KEY", "GALTEA_API_URL", "GALILEO_API_KEY", "GALILEO_API_URL")
SECONDS = 60

OUTCOME = {
    "sessionsEvaluated": 1,
    "sessionsFailed": 0,
    "evaluationsCreated": 1,
    "failures": [],
    "message": "evaluated 1 session",
    "totalSessionsAvailable": None,
    "truncated": False,
}


def environment(server: ServerProcess | ScriptedServer | None = None, **more: str) -> dict[str, str]:
    """The variables of a shell that knows a server and its keys, and nothing else of ours."""
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    if server is None:
        return kept | more
    keys = (GALTEA_KEY, GALILEO_KEY) if isinstance(server, ScriptedServer) else (server.galtea_key, server.galileo_key)
    known = zip(VARIABLES, (keys[0], server.url, keys[1], server.url), strict=True)
    return {**kept, "NO_COLOR": "1", "COLUMNS": "100", **dict(known), **more}


def run(
    server: ServerProcess | ScriptedServer | None, *arguments: str, stdin: str | bytes = b"", **more: str
) -> subprocess.CompletedProcess[str]:
    content = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        [SCRIPT, *arguments],
        env=environment(server, **more),
        input=content,
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def refusal(done: subprocess.CompletedProcess[str], status: int) -> str:
    """What a command says that ended with a status and no result: one line."""
    assert (done.returncode, done.stdout) == (status, ""), done.stderr
    return complaint(done)


@pytest.fixture
def run_here(scripted: ScriptedServer, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> RunHere:
    """What the console script calls, without the second that a process takes: for the many ways to be wrong."""
    for name in VARIABLES:
        monkeypatch.setenv(name, environment(scripted)[name])

    def run_arguments(*arguments: str) -> subprocess.CompletedProcess[str]:
        status = cli.run([*arguments])
        return subprocess.CompletedProcess(arguments, status, *capfd.readouterr())

    return run_arguments


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    assert re.fullmatch(r"error: [^\n]+\n", done.stderr), done.stderr
    return done.stderr.removeprefix("error: ").rstrip("\n")


def lines_of(output: str) -> list[Any]:
    return [json.loads(line) for line in output.splitlines()]


def sent(server: ScriptedServer) -> list[Any]:
    return [received.json() for received in server.requests]


@contextmanager
def started(
    server: ScriptedServer, *arguments: str, stderr: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[bytes]]:
    """A command that runs while the block does."""
    process = subprocess.Popen(
        [SCRIPT, *arguments],
        env=environment(server),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def wait_for(server: ScriptedServer, requests: int) -> None:
    deadline = time.monotonic() + SECONDS
    while len(server.requests) < requests:
        assert time.monotonic() < deadline, f"{len(server.requests)} requests came"
        time.sleep(0.01)


def on_a_terminal(
    server: ServerProcess | ScriptedServer, *arguments: str, stdin: bytes = b"", also_output: bool = True
) -> tuple[int, str, str]:
    """Run with standard error, and on demand standard output, on a terminal: the status, what it shows, the output."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [SCRIPT, *arguments],
        env=environment(server, TERM="xterm"),
        stdin=subprocess.PIPE,
        stdout=its if also_output else subprocess.PIPE,
        stderr=its,
    )
    os.close(its)
    shown = bytearray()

    def watch() -> None:
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # how Linux says that nobody has the other end any more
                return
            if not piece:
                return
            shown.extend(piece)

    watcher = threading.Thread(target=watch)
    watcher.start()
    with process:
        output, _ = process.communicate(stdin, timeout=SECONDS)
    watcher.join()
    os.close(ours)
    return process.returncode, shown.decode(), (output or b"").decode()


# The four operations


def test_a_session_is_created_by_options(server: ServerProcess) -> None:
    done = run(
        server,
        *("sessions", "create", "--version-id", "ver_123", "--custom-id", "by-options", "--no-is-production"),
        *("--context", '{"trace": "é"}', "--metadata", '{"channel": ["mobile"]}', "--status", "FAILED"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    said = json.loads(done.stdout)
    assert said["id"].startswith("ses_")
    assert (said["versionId"], said["customId"], said["isProduction"]) == ("ver_123", "by-options", False)
    assert (said["context"], said["metadata"], said["status"]) == ({"trace": "é"}, {"channel": ["mobile"]}, "FAILED")


def test_a_test_case_is_created_by_options(server: ServerProcess) -> None:
    done = run(
        server,
        *("test-cases", "create", "--test-id", "test_123", "--input", "What is it?", "--expected-output", "Paris"),
        *("--expected-tool", "search", "--expected-tool", "calculator", "--confidence", "0.5", "--max-iterations", "3"),
        *("--is-augmented", "--stopping-criteria", "GOAL_ACHIEVED", "--language-code", "en", "--context", "Geography"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = json.loads(done.stdout)
    assert (said["input"], said["context"]) == ({"user_message": "What is it?"}, {"value": "Geography"})
    assert (said["expectedTools"], said["stoppingCriterias"]) == (["search", "calculator"], ["GOAL_ACHIEVED"])
    assert (said["confidence"], said["maxIterations"], said["isAugmented"]) == (0.5, 3, True)


def test_sessions_are_evaluated_by_options(server: ServerProcess) -> None:
    done = run(
        server,
        *("evaluations", "create-from-sessions", "--session-id", "ses_123", "--session-id", "ses_456"),
        *("--metric-id", "metric_123", "--metric", '{"name": "Tone", "score": 1}', "--specification-id", "spec_123"),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["sessionsEvaluated"] == 2
    done = run(server, "evaluations", "create-from-sessions", "--version-id", "ver_123", "--metric-id", "metric_123")
    assert done.returncode == 0
    assert json.loads(done.stdout)["totalSessionsAvailable"] > 0


def test_a_session_of_a_project_is_created_by_options(server: ServerProcess) -> None:
    done = run(server, "project-sessions", "create", "--project-id", PROJECT, "--name", "Support chat", "--no-reliable")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["name"] == "Support chat"
    again = run(server, "project-sessions", "create", stdin=done.stdout)
    assert "project_id is missing" in refusal(again, 2)


@pytest.mark.parametrize(
    ("operation", "creator", "method"),
    [
        (operations.CREATE_SESSION, SessionCreator, "create"),
        (operations.CREATE_TEST_CASE, TestCaseCreator, "create"),
        (operations.CREATE_EVALUATIONS, EvaluationCreator, "create_from_sessions"),
        (operations.CREATE_PROJECT_SESSION, ProjectSessionCreator, "create"),
    ],
)
def test_the_arguments_are_those_of_the_sdk_and_their_names_in_json_those_of_the_contract(
    operation: Operation, creator: type, method: str
) -> None:
    parameters = inspect.signature(getattr(creator, method)).parameters
    names = [argument.name for argument in operation.arguments]
    assert names == [name for name in parameters if name not in {"self", "options"}]
    said = OPERATIONS[operation.name]
    schema = REQUEST_SCHEMAS[said["request"]["$ref"].rpartition("/")[2]]
    in_path = [parameter["name"] for parameter in said["parameters"]]
    assert {operation.rename(name) for name in names} == {*schema["properties"], *in_path}
    required = {operation.rename(argument.name) for argument in operation.arguments if argument.required}
    assert required == {*schema.get("required", ()), *in_path}


# JSON in


def test_json_comes_from_a_file_or_from_standard_input_and_options_win(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    scripted.answers(Answer(201, SESSION))
    said = {"versionId": "ver_123", "customId": "of-the-file", "metadata": {"a": 1}, "status": None}
    file = tmp_path / "session.json"
    file.write_text(json.dumps(said), "utf-8-sig")
    assert run(scripted, "sessions", "create", "--json", str(file)).returncode == 0
    assert run(scripted, "sessions", "create", "--json", "-", stdin=json.dumps(said)).returncode == 0
    assert run(scripted, "sessions", "create", "--json", str(file), "--custom-id", "mine").returncode == 0
    of_the_file = {"versionId": "ver_123", "customId": "of-the-file", "metadata": {"a": 1}}
    assert sent(scripted) == [of_the_file, of_the_file, {**of_the_file, "customId": "mine"}]


def test_a_result_is_legal_input_where_its_properties_are(server: ServerProcess) -> None:
    said = json.loads(run(server, "test-cases", "create", "--test-id", "test_123", "--input", "x").stdout)
    again = {name: said[name] for name in ("testId", "input", "expectedTools", "context", "confidence")}
    done = run(server, "test-cases", "create", "--json", "-", stdin=json.dumps(again))
    assert json.loads(done.stdout)["input"] == {"user_message": "x"}


@pytest.mark.parametrize(
    ("options", "context"),
    [
        (["--context", "text"], "text"),
        (["--context", ""], ""),
        (["--context", ' {"a": 1}'], ' {"a": 1}'),
        (["--context", '{"a": 1}'], {"a": 1}),
        (["--context-text", '{"a": 1}'], '{"a": 1}'),
        (["--context-text", "{ of a text"], "{ of a text"),
    ],
)
def test_a_context_is_an_object_where_it_begins_with_a_brace_and_there_is_an_option_for_any_text(
    scripted: ScriptedServer, options: list[str], context: object
) -> None:
    scripted.answers(Answer(201, SESSION))
    assert run(scripted, "sessions", "create", "--version-id", "ver_123", *options).returncode == 0
    assert sent(scripted) == [{"versionId": "ver_123", "context": context}]


def test_any_number_of_session_ids_comes_from_a_file_beside_those_of_options(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    scripted.answers(Answer(200, OUTCOME))
    ids = [f"ses_{number}" for number in range(2500)]
    file = tmp_path / "ids.txt"
    file.write_text("\n\n".join(ids[1:]) + "\r\n")
    done = run(
        scripted,
        *("evaluations", "create-from-sessions", "--session-id", "ses_0", "--session-ids-from", str(file)),
        *("--metric-id", "metric_123"),
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["sessionsEvaluated"] == 3
    assert [len(body["sessionIds"]) for body in sent(scripted)] == [1000, 1000, 500]
    assert [session_id for body in sent(scripted) for session_id in body["sessionIds"]] == ids


def test_session_ids_come_from_standard_input(server: ServerProcess) -> None:
    options = ("evaluations", "create-from-sessions", "--session-ids-from", "-", "--metric-id", "metric_123")
    done = run(server, *options, stdin="ses_123\nses_456\n")
    assert json.loads(done.stdout)["sessionsEvaluated"] == 2


# What is wrong before anything is sent: status 2


DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["create", "--version-id", "v", "--nonsense"], "No such option: --nonsense"),
        (["create", "--version-id", "v", "extra"], "extra"),
        (["create", "--version-id"], "--version-id"),
        (["creat"], "No such command 'creat'"),
        (["create"], "versionId is missing: give --version-id"),
        (["create", "--version-id", ""], "/versionId: expected a non-empty text, got an empty text"),
        (["create", "--version-id", "v", "--status", "pending"], "/status"),
        (["create", "--version-id", "v", "--metadata", "[1]"], "/metadata: expected an object or null, got an array"),
        (["create", "--version-id", "v", "--metadata", "{'a': 1}"], "--metadata: no JSON: expecting property name"),
        (["create", "--version-id", "v", "--metadata", '{"a": NaN}'], "--metadata: no JSON: NaN"),
        (["create", "--version-id", "v", "--metadata", '{"a": 1, "a": 2}'], "the name 'a' stands twice"),
        (["create", "--version-id", "v", "--metadata", '{"a": 1e999}'], "/metadata/a: expected a finite number"),
        (["create", "--version-id", "v", "--metadata", '"\\ud800"'], "lone surrogate"),
        (["create", "--version-id", "v", "--metadata", '{"a":' * 1000 + "1" + "}" * 1000], "nested"),
        (["create", "--version-id", "v", "--context", "{ text"], "--context-text takes it as a text"),
        (["create", "--version-id", "v", "--context", "{}", "--context-text", "x"], "either --context or"),
        (["create", "--version-id", "v", "--test-case-id", "t", "--context", "x"], "test-case-provides-context"),
        (["create", "--version-id", "v", "--timeout", "0"], "timeout must be"),
        (["create", "--version-id", "v", "--timeout", "nan"], "timeout must be"),
        (["create", "--version-id", "v", "--timeout", "soon"], "'soon' is not a valid float"),
        (["create", "--version-id", "v", "--max-retries", "-1"], "max_retries must be"),
        (["create", "--version-id", "v", "--base-url", "ftp://x"], "base_url is no http or https address"),
        (["create", "--version-id", "v", "--base-url", "http://u:hunter2@x"], "must have no user, password"),
        (["create", "--version-id", "v", "--base-url", ""], "--base-url is empty"),
        (["create", "--version-id", "v", "--output", "xml"], "'xml' is not one of 'json', 'table'"),
        (["create", "--json", "/nowhere.json"], "/nowhere.json cannot be read: No such file or directory"),
        (["create", "--json", "/"], "/ cannot be read: Is a directory"),
        (["create-many"], "Missing option '--jsonl'"),
        (["create-many", "--jsonl", "/nowhere.jsonl"], "/nowhere.jsonl cannot be read: No such file or directory"),
        (["create-many", "--jsonl", "-", "--concurrency", "0"], "--concurrency"),
        (["create-many", "--jsonl", "-", "--concurrency", "1001"], "--concurrency"),
    ],
)
def test_wrong_use_is_one_line_and_status_2_and_nothing_is_sent(
    scripted: ScriptedServer, run_here: RunHere, arguments: list[str], says: str
) -> None:
    line = refusal(run_here("sessions", *arguments), 2)
    assert says in line
    assert "hunter2" not in line
    assert scripted.requests == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no JSON: expecting value at column 1"),
        (
            b"{\n\n  oops}",
            "no JSON: expecting property name enclosed in double quotes at line 3, column 3",
        ),
        (b'{"versionId": "v"} {}', "no JSON: extra data at column 20"),
        (b"[]", "expected a JSON object, got an array"),
        (b"null", "expected a JSON object, got null"),
        (b'"text"', "expected a JSON object, got a text"),
        (b"true", "expected a JSON object, got true"),
        (b"3", "expected a JSON object, got a number"),
        (b'{"versionId": "\xff"}', "cannot be read: not UTF-8 at byte 15"),
        (b'{"version_id": "v"}', "unknown property 'version_id'; did you mean versionId?"),
        (b'{"versionId": "v", "x\\u001b[31m": 1}', "unknown property 'x\\x1b[31m'; createSession has versionId, "),
        (b'{"versionId": "v", "versionId": "w"}', "the name 'versionId' stands twice"),
        (b'{"versionId": 5}', "/versionId: expected a non-empty text, got 5"),
        (b'{"versionId": "v", "isProduction": "yes"}', "/isProduction: expected true or false or null"),
        (b'{"versionId": "v", "metadata": Infinity}', "no JSON: Infinity"),
        (DEEP.encode(), "nested too deeply"),
        (b"9" * 5000, "digits"),
    ],
)
def test_wrong_json_is_one_line_and_status_2_and_nothing_is_sent(
    scripted: ScriptedServer, run_here: RunHere, tmp_path: Path, content: bytes, says: str
) -> None:
    file = tmp_path / "session.json"
    file.write_bytes(content)
    assert says in refusal(run_here("sessions", "create", "--json", str(file)), 2)
    assert scripted.requests == []


def test_what_is_wrong_on_standard_input_or_in_an_option_ends_the_process_in_the_same_way(
    scripted: ScriptedServer,
) -> None:
    line = refusal(run(scripted, "sessions", "create", "--json", "-", stdin=b"{\n"), 2)
    assert line.startswith("standard input: no JSON: ")
    line = refusal(run(scripted, "sessions", "create", "--version-id", "v", "--nonsense"), 2)
    assert line == "No such option: --nonsense (see evalsessions sessions create --help)"
    assert scripted.requests == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--metric-id", "m"], "exactly-one-selection"),
        (["--session-id", "s", "--version-id", "v"], "exactly-one-selection"),
        (["--session-ids-from", "/dev/null"], "/sessionIds"),
        (["--session-ids-from", "/nowhere"], "/nowhere cannot be read"),
        (["--session-ids-from", "-", "--json", "-"], "cannot both be standard input"),
        (["--session-id", "s", "--metric", "metric_123"], "--metric: no JSON"),
        (["--session-id", "s", "--metric", "{}"], "metric-has-id-or-name"),
        (["--session-id", "s", "--metric", '{"id": "m", "score": 2}'], "/metrics/0/score"),
    ],
)
def test_a_wrong_selection_is_refused_before_it_is_sent(
    scripted: ScriptedServer, run_here: RunHere, options: list[str], says: str
) -> None:
    assert says in refusal(run_here("evaluations", "create-from-sessions", *options), 2)
    assert scripted.requests == []


FORBIDDEN = ("sessions", "create", "--version-id", "ver_123", "--test-case-id", "tc_123", "--is-production")


def test_a_forbidden_combination_never_reaches_the_server(scripted: ScriptedServer) -> None:
    line = refusal(run(scripted, *FORBIDDEN), 2)
    assert "/isProduction: a session of a test case is not production" in line
    assert "rule test-case-session-is-not-production" in line
    assert scripted.requests == []


def test_no_validate_sends_it_anyway_and_the_server_refuses_it(server: ServerProcess) -> None:
    line = refusal(run(server, *FORBIDDEN, "--no-validate"), 1)
    assert line.startswith("createSession was refused with 400 Bad Request: /isProduction")


def test_no_validate_sends_what_is_incomplete(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, SESSION))
    assert run(scripted, "sessions", "create", "--no-validate").returncode == 0
    assert sent(scripted) == [{}]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["sessions", "create", "--version-id", "ver_123"], "GALTEA_API_KEY"),
        (["sessions", "create-many", "--jsonl", "/dev/null"], "GALTEA_API_KEY"),
        (["project-sessions", "create", "--project-id", PROJECT], "GALILEO_API_KEY"),
    ],
)
@pytest.mark.parametrize("kept", [{}, {"GALTEA_API_KEY": "", "GALILEO_API_KEY": ""}])
def test_a_missing_key_is_said_with_its_variable(arguments: list[str], name: str, kept: Mapping[str, str]) -> None:
    line = refusal(run(None, *arguments, **kept), 2)
    assert line.endswith(f"needs a key: set {name} in the environment")


# What the API says, and what becomes of it


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--version-id", "ver_999"], "refused with 404 Not Found: version 'ver_999' does not exist"),
        (["--version-id", "ver_123", "--test-case-id", "tc_999"], "refused with 404"),
    ],
)
def test_what_does_not_exist_is_refused_with_status_1(server: ServerProcess, options: list[str], says: str) -> None:
    assert says in refusal(run(server, "sessions", "create", *options), 1)


def test_an_id_that_is_taken_and_a_wrong_key_are_refused_with_status_1(server: ServerProcess) -> None:
    command = ("sessions", "create", "--version-id", "ver_123", "--custom-id", "taken")
    assert run(server, *command).returncode == 0
    assert "409 Conflict at /customId" in refusal(run(server, *command), 1)
    line = refusal(run(server, *command, GALTEA_API_KEY="gsk_of_somebody_else"), 1)
    assert "401" in line
    assert "gsk_" not in line


def test_an_unreachable_server_is_status_1(server: ServerProcess) -> None:
    command = ("--base-url", "http://127.0.0.1:1", "--max-retries", "0", "sessions", "create", "--version-id", "v")
    assert "createSession was not sent: no connection was made" in refusal(run(server, *command), 1)


def test_a_lost_answer_is_status_3(scripted: ScriptedServer) -> None:
    scripted.answers(Lost())
    line = refusal(run(scripted, "sessions", "create", "--version-id", "ver_123"), 3)
    assert line.startswith("createSession may have been done or not")
    assert len(scripted.requests) == 1


def test_a_session_that_could_not_be_evaluated_is_status_4_and_in_the_result(server: ServerProcess) -> None:
    done = run(
        server,
        *("evaluations", "create-from-sessions", "--session-id", "ses_123", "--session-id", "ses_999"),
        *("--metric-id", "metric_123"),
    )
    assert done.returncode == 4
    assert complaint(done) == "not all sessions could be evaluated, 1 failed: see failures in the result"
    assert [failure["sessionId"] for failure in json.loads(done.stdout)["failures"]] == ["ses_999"]


@pytest.mark.parametrize(
    ("second", "status", "in_doubt", "not_done"),
    [(Lost(), 3, slice(1000, 2000), slice(2000, None)), (Answer(404, {}), 1, slice(0), slice(1000, None))],
)
def test_a_batch_that_ended_early_says_what_was_done_and_what_was_not(
    scripted: ScriptedServer, second: Lost | Answer, status: int, in_doubt: slice, not_done: slice
) -> None:
    ids = [f"ses_{number}" for number in range(2500)]
    scripted.answers(Answer(200, OUTCOME), second)
    options = ("evaluations", "create-from-sessions", "--session-ids-from", "-", "--metric-id", "metric_123")
    done = run(scripted, *options, stdin="\n".join(ids))
    assert done.returncode == status
    said = json.loads(done.stdout)
    assert said == {**OUTCOME, "inDoubt": ids[in_doubt], "notDone": ids[not_done]}
    assert "the batch ended early" in complaint(done)
    assert "createEvaluationsFromSessions" in complaint(done)


@pytest.mark.parametrize("body", [b'{"id": "ses_901", "status": 5}', b"<html>\xff\x1b[31m</html>", b""])
def test_an_answer_that_breaks_the_contract_is_status_4_and_written_as_it_came(
    scripted: ScriptedServer, body: bytes
) -> None:
    scripted.answers(Answer(201, body))
    done = subprocess.run(
        [SCRIPT, "sessions", "create", "--version-id", "ver_123"],
        env=environment(scripted),
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )
    assert (done.returncode, done.stdout) == (4, body)
    assert done.stderr.startswith(b"error: createSession was done, but the answer ")
    assert done.stderr.count(b"\n") == 1


def test_lenient_takes_such_an_answer(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, {"id": "ses_901", "status": 5, "more": "\ud800"}))
    done = run(scripted, "sessions", "create", "--version-id", "ver_123", "--lenient")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {"id": "ses_901", "status": 5, "more": "\ud800"}


def test_a_result_that_cannot_be_written_was_done_and_is_named(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, SESSION))
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [SCRIPT, "sessions", "create", "--version-id", "ver_123"],
            env=environment(scripted),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            text=True,
            timeout=SECONDS,
        )
    assert done.returncode == 4
    assert done.stderr == (
        "error: createSession was done (id ses_901), but its result cannot be written: No space left on device\n"
    )


def test_a_closed_output_is_noticed_before_anything_is_sent(scripted: ScriptedServer) -> None:
    command = f"{SCRIPT} sessions create --version-id ver_123 >&-"
    done = subprocess.run(
        ["sh", "-c", command], env=environment(scripted), stderr=subprocess.PIPE, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "standard output is closed" in done.stderr
    command = f"{SCRIPT} sessions create --json - <&-"
    done = subprocess.run(
        ["sh", "-c", command], env=environment(scripted), stderr=subprocess.PIPE, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (2, "error: standard input is closed\n")
    assert scripted.requests == []


# Output


def test_the_output_is_a_table_on_a_terminal_and_json_elsewhere_unless_one_is_asked_for(server: ServerProcess) -> None:
    command = ("sessions", "create", "--version-id", "ver_123", "--metadata", '{"a": [1]}')
    status, shown, _ = on_a_terminal(server, *command)
    shown = re.sub(r"\x1b\[[0-9]*m", "", shown)
    assert status == 0
    assert re.search(r"^versionId +ver_123 *\r$", shown, re.MULTILINE)
    assert re.search(r'^metadata +\{"a": \[1\]\} *\r$', shown, re.MULTILINE)
    assert "testCaseId" not in shown
    status, shown, _ = on_a_terminal(server, *command, "--output", "json")
    assert (status, json.loads(shown)["versionId"]) == (0, "ver_123")
    assert shown.count("\n") > 3
    table = run(server, "--output", "table", *command).stdout
    assert re.search(r"^versionId +ver_123 *$", table, re.MULTILINE)


def test_the_failures_of_a_batch_are_a_table_of_their_own(server: ServerProcess) -> None:
    options = ("evaluations", "create-from-sessions", "--session-id", "ses_999", "--metric-id", "metric_123")
    done = run(server, *options, "--output", "table")
    assert done.returncode == 4
    assert re.search(r"^sessionId +error *$\n^ses_999 +\S", done.stdout, re.MULTILINE)


def test_no_text_of_a_server_controls_the_terminal(scripted: ScriptedServer) -> None:
    hostile = "\x1b[31m[red]x[/red]\nnext\x9b2J"
    scripted.answers(
        Answer(201, {**SESSION, "customId": hostile}),
        Answer(404, {"error": "Not Found", "message": hostile}),
        Answer(201, f"<p>{hostile}</p>"),
    )
    command = ("sessions", "create", "--version-id", "ver_123")
    for status, told in (
        (0, "\\x1b[31m[red]x[/red]\\nnext\\x9b2J"),
        (1, "\\x1b[31m[red]x[/red] next\\x9b2J"),
        (4, "\\x1b[31m[red]x"),
    ):
        code, shown, _ = on_a_terminal(scripted, *command)
        assert (code, told in shown) == (status, True), shown
        assert "\x1b[31m" not in shown
        assert "\x9b" not in shown


def test_verbose_logs_each_attempt_and_no_key_is_shown(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(429, {}, {"Retry-After": "0"}), Answer(401, f"no such key as {GALTEA_KEY}"))
    done = run(scripted, "sessions", "create", "--version-id", "ver_123", "--verbose")
    assert done.returncode == 1
    logged = done.stderr.splitlines()
    assert ["attempt 1: 429" in logged[0], "attempt 2: 401" in logged[1], logged[2][:7]] == [True, True, "error: "]
    assert GALTEA_KEY not in done.stderr


@pytest.mark.parametrize("before", [True, False])
def test_options_of_every_command_stand_before_it_or_after_it(scripted: ScriptedServer, before: bool) -> None:
    scripted.answers(Answer(201, SESSION, delay=5))
    options, command = ["--timeout", "0.2"], ["sessions", "create", "--version-id", "ver_123"]
    done = run(scripted, *(options if before else []), *command, *([] if before else options))
    assert "no answer came in time" in refusal(done, 3)


# Many


def test_each_line_has_its_outcome_in_order(server: ServerProcess) -> None:
    wanted: list[Any] = [{"versionId": "ver_123", "customId": f"many-{number}"} for number in range(40)]
    wanted[7] = {"versionId": "ver_999"}
    wanted[11] = {"versionId": "ver_123", "testCaseId": "tc_123", "isProduction": True}
    text = "\n".join(json.dumps(line) for line in wanted)
    done = run(server, "sessions", "create-many", "--jsonl", "-", "--concurrency", "5", stdin=text)
    assert done.returncode == 4
    assert complaint(done) == "of 40 sessions 2 were not created"
    outcomes = lines_of(done.stdout)
    assert [outcome["line"] for outcome in outcomes] == list(range(1, 41))
    failed = [outcome for outcome in outcomes if outcome["outcome"] != "done"]
    assert [outcome["line"] for outcome in failed] == [8, 12]
    assert [outcome["input"] for outcome in failed] == [wanted[7], wanted[11]]
    assert [outcome["outcome"] for outcome in failed] == ["not done", "not done"]
    assert (failed[0]["error"]["type"], failed[0]["error"]["status"]) == ("NotFoundError", 404)
    assert failed[1]["error"]["rule"] == "test-case-session-is-not-production"
    assert failed[1]["error"]["pointer"] == "/isProduction"
    custom_ids = [outcome["result"]["customId"] for outcome in outcomes if outcome["outcome"] == "done"]
    assert custom_ids == [line["customId"] for line in wanted if "customId" in line]


def test_when_all_lines_are_done_nothing_else_is_said(server: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "sessions.jsonl"
    file.write_text('\ufeff{"versionId": "ver_123"}\r\n\r\n{"versionId": "ver_123"}')
    done = run(server, "sessions", "create-many", "--jsonl", str(file))
    assert (done.returncode, done.stderr) == (0, "")
    assert [outcome["line"] for outcome in lines_of(done.stdout)] == [1, 3]
    assert run(server, "sessions", "create-many", "--jsonl", "/dev/null").returncode == 0


def test_a_line_that_cannot_be_read_has_its_outcome_and_nothing_is_sent_for_it(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, SESSION))
    bad = {
        b"{oops": "no JSON: expecting property name enclosed in double quotes at column 2",
        b"[1]": "expected a JSON object, got an array",
        b'{"versionId": "\xff"}': "not UTF-8 at byte 15",
        b'{"version_id": "v"}': "unknown property 'version_id'; did you mean versionId?",
        DEEP.encode(): "nested too deeply",
    }
    text = b"\n".join([b'{"versionId": "first"}', *bad, b'{"versionId": "last"}'])
    done = run(scripted, "sessions", "create-many", "--jsonl", "-", stdin=text)
    assert done.returncode == 4
    outcomes = lines_of(done.stdout)
    assert [outcome["outcome"] for outcome in outcomes] == ["done", *["not done"] * len(bad), "done"]
    errors = [{"type": "InvalidLine", "message": message} for message in bad.values()]
    assert [outcome["error"] for outcome in outcomes[1:-1]] == errors
    assert {body["versionId"] for body in sent(scripted)} == {"first", "last"}


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        (["fine", "fine"], 0),
        (["refused", "refused"], 1),
        (["refused", ""], 1),
        (["", ""], 2),
        (["fine", "lost", "refused"], 3),
        (["lost"], 3),
        (["fine", "refused"], 4),
        (["fine", ""], 4),
        (["broken"], 4),
    ],
)
def test_the_status_of_many_says_first_what_is_unknown_then_what_was_done(
    scripted: ScriptedServer, lines: list[str], status: int
) -> None:
    answers: dict[str, Step] = {
        "fine": Answer(201, SESSION),
        "refused": Answer(404, {}),
        "lost": Lost(),
        "broken": Answer(201, b"x"),
    }
    scripted.answers_by(lambda received: answers[received.json()["versionId"]])
    text = "\n".join(json.dumps({"versionId": line}) for line in lines)
    done = run(scripted, "sessions", "create-many", "--jsonl", "-", stdin=text)
    assert done.returncode == status
    words = {"fine": "done", "refused": "not done", "": "not done", "lost": "unknown", "broken": "done"}
    outcomes = lines_of(done.stdout)
    assert [outcome["outcome"] for outcome in outcomes] == [words[line] for line in lines]
    if lines == ["broken"]:
        assert outcomes[0]["error"]["body"] == "x"


def test_stop_on_error_sends_nothing_more_after_a_line_that_failed(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, SESSION), Answer(404, {}))
    text = '{"versionId": "v"}\n' * 50
    options = ("--jsonl", "-", "--stop-on-error", "--concurrency", "1")
    done = run(scripted, "sessions", "create-many", *options, stdin=text)
    assert done.returncode == 4
    assert [outcome["outcome"] for outcome in lines_of(done.stdout)] == ["done", "not done"]
    assert len(scripted.requests) == 2


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_sends_nothing_more_and_what_was_sent_has_its_line(
    scripted: ScriptedServer, number: int, status: int
) -> None:
    scripted.answers(Answer(201, SESSION, delay=0.5))
    text = b'{"versionId": "ver_123"}\n' * 1000
    with started(scripted, "sessions", "create-many", "--jsonl", "-", "--concurrency", "4") as process:
        assert process.stdin is not None
        process.stdin.write(text)
        process.stdin.flush()
        wait_for(scripted, 8)
        process.send_signal(number)
        output, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == status
    outcomes = lines_of(output.decode())
    assert len(outcomes) == len(scripted.requests) < 100
    assert {outcome["outcome"] for outcome in outcomes} == {"done"}
    waiting, last = errors.decode().strip().splitlines()
    assert waiting == "interrupted: waiting for what was sent; interrupt once more to leave at once"
    assert last == "error: interrupted: each line that was taken until then has its outcome"


def test_an_interrupt_while_it_waits_for_a_line_ends_it_as_well(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, SESSION))
    with started(scripted, "sessions", "create-many", "--jsonl", "-") as process:
        assert process.stdin is not None
        process.stdin.write(b'{"versionId": "ver_123"}\n{"versionId": "ver_')
        process.stdin.flush()
        wait_for(scripted, 1)
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 130
        assert process.stdout is not None
        assert [outcome["line"] for outcome in lines_of(process.stdout.read().decode())] == [1]


def test_a_second_interrupt_leaves_at_once_and_says_what_that_means(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, SESSION, delay=30))
    with started(scripted, "sessions", "create-many", "--jsonl", "-") as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b'{"versionId": "ver_123"}\n')
        process.stdin.close()
        wait_for(scripted, 1)
        process.send_signal(signal.SIGINT)
        assert any(b"waiting" in line for line in process.stderr)
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 130
        assert b"what was sent and has no line may have been done or not" in process.stderr.read()


def test_an_interrupt_of_a_single_call_says_that_its_outcome_is_unknown(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, SESSION, delay=30))
    with started(scripted, "sessions", "create", "--version-id", "ver_123") as process:
        wait_for(scripted, 1)
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=SECONDS)
    assert (process.returncode, output) == (130, b"")
    assert errors == b"error: interrupted: createSession may have been done or not\n"


def test_an_interrupt_before_anything_was_sent_is_as_quiet(scripted: ScriptedServer) -> None:
    with started(scripted, "sessions", "create", "--json", "-") as process:
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 130
        assert process.stderr is not None
        assert process.stderr.read() == b"error: interrupted\n"


def test_a_bar_is_shown_on_a_terminal_when_it_takes_more_than_two_seconds(
    scripted: ScriptedServer, tmp_path: Path
) -> None:
    file = tmp_path / "sessions.jsonl"
    file.write_text('{"versionId": "ver_123"}\n' * 6)
    command = ("sessions", "create-many", "--jsonl", str(file), "--concurrency", "1")
    scripted.answers(Answer(201, SESSION, delay=0.6))
    status, shown, output = on_a_terminal(scripted, *command, also_output=False)
    assert (status, len(lines_of(output))) == (0, 6)
    assert "6 done, 0 failed" in shown
    done = run(scripted, *command)
    assert (done.returncode, done.stderr) == (0, "")


def test_no_bar_is_shown_when_it_takes_less(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, SESSION))
    command = ("sessions", "create-many", "--jsonl", "-")
    while True:
        begun = time.monotonic()
        status, shown, output = on_a_terminal(scripted, *command, stdin=b'{"versionId": "v"}\n', also_output=False)
        if time.monotonic() - begun < 2:  # on a busy machine it may take more
            break
    assert (status, shown, len(lines_of(output))) == (0, "", 1)


def test_a_reader_that_goes_away_ends_it_quietly(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, SESSION))
    text = b'{"versionId": "ver_123"}\n' * 20_000
    with started(scripted, "sessions", "create-many", "--jsonl", "-") as process:
        assert process.stdout is not None
        feeder = threading.Thread(target=_feed, args=(process, text))
        feeder.start()
        assert json.loads(process.stdout.readline())["line"] == 1
        process.stdout.close()
        assert process.wait(SECONDS) == 141
        assert process.stderr is not None
        assert process.stderr.read() == b""
        feeder.join()
    assert len(scripted.requests) < 2000


def _feed(process: subprocess.Popen[bytes], text: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(text)
    except BrokenPipeError:
        return


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["sessions", "create", "--version-id", "ver_123"]])
def test_a_reader_that_never_was_ends_it_quietly(scripted: ScriptedServer, arguments: list[str]) -> None:
    scripted.answers(Answer(201, SESSION))
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [SCRIPT, *arguments],
        env=environment(scripted),
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
        timeout=SECONDS,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_outcomes_that_cannot_be_written_end_it(scripted: ScriptedServer) -> None:
    scripted.answers(Answer(201, SESSION))
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [SCRIPT, "sessions", "create-many", "--jsonl", "-"],
            env=environment(scripted),
            input=b'{"versionId": "ver_123"}\n' * 1000,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=SECONDS,
        )
    assert done.returncode == 3
    assert done.stderr.startswith(b"error: outcomes cannot be written: No space left on device; ")
    assert done.stderr.count(b"\n") == 1
    assert len(scripted.requests) < 500


# Help, version, completion, and what is not installed


def test_help_says_where_keys_come_from_and_what_each_status_means() -> None:
    text = run(None, "--help").stdout
    assert "GALTEA_API_KEY and GALILEO_API_KEY of the environment" in text
    assert "history" in text
    for status in (0, 1, 2, 3, 4, 130, 141):
        assert re.search(rf"^    {status} +\w", text, re.MULTILINE)
    for command in ("sessions", "test-cases", "evaluations", "project-sessions"):
        assert re.search(rf"^  {command} ", text, re.MULTILINE)


def test_no_option_takes_a_key(scripted: ScriptedServer) -> None:
    for group, command in (("sessions", "create"), ("project-sessions", "create")):
        assert "-key" not in run(None, group, command, "--help").stdout
    for option in ("--api-key", "--key"):
        assert "No such option" in refusal(run(scripted, option, "gsk_x", "sessions", "create"), 2)


@pytest.mark.parametrize("arguments", [[], ["sessions"], ["project-sessions"]])
def test_asked_for_nothing_it_shows_its_help_on_standard_error(arguments: list[str]) -> None:
    done = run(None, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"Usage: {' '.join(['evalsessions', *arguments])} ")


def test_the_version_is_that_of_the_package() -> None:
    from evalsessions import __version__

    assert run(None, "--version").stdout == f"evalsessions {__version__}\n"
    module = subprocess.run(
        [sys.executable, "-m", "evalsessions", "--version"], capture_output=True, text=True, check=True
    )
    assert module.stdout == f"evalsessions {__version__}\n"


def test_without_typer_one_line_says_what_brings_it() -> None:
    program = "import sys; sys.modules['typer'] = None; from evalsessions.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    line = "error: the command line is an extra: pip install 'evalsessions[cli]'\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)


def test_help_imports_neither_httpx_nor_the_generated_client() -> None:
    program = (
        "import sys; from evalsessions.cli import run; run(['sessions', 'create', '--help']); "
        "print([name for name in ('httpx', 'evalsessions_client', 'jsonschema_rs') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


BASH = shutil.which("bash")


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("words", "completions"),
    [
        (["evalsessions", "pro"], {"project-sessions"}),
        (["evalsessions", "sessions", "create"], {"create", "create-many"}),
        (["evalsessions", "sessions", "create", "--ver"], {"--version-id"}),
        (["evalsessions", "sessions", "create", "--status", "P"], {"PENDING"}),
        (["evalsessions", "project-sessions", "create", "--logging-method", "p"], {"playground", "python_client"}),
        (["evalsessions", "--output", ""], {"json", "table"}),
    ],
)
def test_bash_completes_what_show_completion_tells_it(words: list[str], completions: set[str]) -> None:
    script = f"""
    eval "$(evalsessions --show-completion; true)"
    COMP_WORDS=({" ".join(f"'{word}'" for word in words)}); COMP_CWORD={len(words) - 1}
    $(complete -p evalsessions | sed 's/.*-F \\([^ ]*\\).*/\\1/') evalsessions
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    path = f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}"
    assert BASH is not None
    done = subprocess.run(
        [BASH, "--norc", "-c", script], env=environment(PATH=path), capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert set(done.stdout.split()) == completions


@pytest.mark.skipif(BASH is None, reason="bash is not installed")
def test_bash_has_the_completion_after_it_was_installed(tmp_path: Path) -> None:
    path = f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}"
    variables = environment(PATH=path, HOME=str(tmp_path))
    assert BASH is not None
    done = subprocess.run(
        [BASH, "--norc", "-c", "evalsessions --install-completion; true"],
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "bash completion installed" in done.stdout
    done = subprocess.run(
        [BASH, "-i", "-c", "complete -p evalsessions"], env=variables, capture_output=True, text=True, check=False
    )
    assert "-F _evalsessions_completion evalsessions" in done.stdout


# The guide


def test_the_commands_of_the_guide_do_what_it_says(server: ServerProcess, tmp_path: Path) -> None:
    assert BASH is not None
    path = f"{SCRIPT.parent}{os.pathsep}{os.environ['PATH']}"
    blocks = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 4
    done = subprocess.run(
        [BASH, "--norc", "-euo", "pipefail", "-c", "\n".join(blocks)],
        cwd=tmp_path,
        env=environment(server, PATH=path),
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert (done.returncode, done.stderr) == (0, "")
