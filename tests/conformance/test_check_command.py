"""`speclock check` as a person runs it: its exit status, its report, and what it says when it cannot judge."""

import contextlib
import json
import socket
import socketserver
import subprocess
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import jsonschema_rs
import pytest

from speclock import __version__
from speclock.engine.events import CaseJudged, Event, PhaseFinished
from speclock.phases.base import PHASES
from speclock.reporting.report import report_schema
from tests.conformance.harness import (
    CONTRACT,
    PROFILE,
    ROOT,
    SECRET,
    Ran,
    check_app,
    speclock,
    speclock_process,
)

APP = "tests.conformance.loans_server:correct_app"
SMALL = "openapi: 3.1.0\ninfo: {title: Small, version: '1'}\n"
ONE = SMALL + "paths: {/a: {get: {operationId: a, responses: {'200': {description: fine}}}}}\n"


def check(*more: object, cwd: Path = ROOT) -> Ran:
    return speclock("check", "--contract", CONTRACT, *more, cwd=cwd)


def test_no_finding_is_status_0_and_a_report_of_the_documented_shape(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "report.json"

    ran = check("--app", APP, "--profile", PROFILE, "--phases", "examples", "--report", f"json={path}")

    assert (ran.status, ran.err) == (0, "")
    report = json.loads(path.read_text())
    jsonschema_rs.Draft202012Validator(report_schema()).validate(report)
    assert report["contract"]["title"] == "Loans"
    assert report["run"]["phases"] == ["examples"]
    assert "0 findings" in ran.out


def test_findings_are_status_1_and_each_has_what_it_takes_to_see_it(tmp_path: Path) -> None:
    (tmp_path / "faulty.py").write_text(
        "from tests.conformance.loans_server import app_with\napp = app_with('accepts the forbidden pair')\n"
    )
    path = tmp_path / "report.json"

    ran = check(
        "--app", "faulty:app", "--profile", PROFILE, "--phases", "examples", "--report", f"json={path}", cwd=tmp_path
    )

    assert ran.status == 1, ran.err
    report = json.loads(path.read_text())
    jsonschema_rs.Draft202012Validator(report_schema()).validate(report)
    (finding,) = report["findings"]
    assert finding["rule"] == "held-loan-is-not-renewable"
    lines = CONTRACT.read_text().splitlines()
    assert "not:" in lines[finding["location"]["line"] - 1]
    assert finding["case"]["body"] == {"bookId": "book_1", "holdId": "hold_1", "renewable": True}
    assert finding["response"]["status"] == 201
    assert '"Authorization: Bearer ${LOANS_KEY}"' in finding["curl"]
    (rule,) = [rule for rule in report["rules"] if rule["id"] == finding["rule"]]
    assert rule["verdict"] == "broken"
    assert "held-loan-is-not-renewable" in ran.out


def test_the_same_seed_makes_the_same_cases() -> None:
    def judged(seed: int) -> list[object]:
        seen: list[object] = []
        check_app(None, seed=seed, listeners=(seen.append,), phases=("examples", "coverage", "fuzzing"))
        return [repr(event) for event in seen if type(event).__name__ == "CaseJudged"]

    assert judged(3) == judged(3)
    assert judged(3) != judged(4)


def test_several_workers_judge_the_same_cases_as_one() -> None:
    def judged(workers: int) -> tuple[Counter[str], set[str]]:
        seen: list[Event] = []
        outcome = check_app("lends for 21 days by default", workers=workers, listeners=(seen.append,))
        return Counter(repr(event) for event in seen if isinstance(event, CaseJudged)), {
            finding.id for finding in outcome.findings
        }

    (cases, findings), (cases_of_one, findings_of_one) = judged(3), judged(1)
    assert (cases - cases_of_one, cases_of_one - cases) == (Counter(), Counter())
    assert findings == findings_of_one


def test_a_budget_ends_also_the_wait_for_an_application_that_hangs() -> None:
    app = "tests.conformance.refusing_server:hanging"

    ran = speclock_process("check", "--contract", CONTRACT, "--app", app, "--profile", PROFILE, "--budget", "3")

    assert (ran.status, ran.err) == (2, "speclock: the budget was spent before any case could be judged\n")


def test_an_application_that_does_not_start_is_one_clear_line_and_status_2() -> None:
    app = "tests.conformance.refusing_server:unstartable"

    ran = speclock_process("check", "--contract", CONTRACT, "--app", app, "--profile", PROFILE)

    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "never answered (the application did not start)" in ran.err
    assert "no database" not in ran.err


@pytest.mark.parametrize("workers", [1, 2])
def test_a_budget_ends_also_the_wait_for_a_server_that_hangs(workers: int) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        outcome = check_app(None, url=url, budget=3, workers=workers)

    assert outcome.fatal == "the budget was spent before any case could be judged"
    assert outcome.errors == (), "a wait that the budget cut off is no fault of the server"
    assert outcome.seconds < 9  # less than the patience for one answer, 10 s


def test_a_budget_ends_also_an_answer_that_never_does() -> None:
    class Trickle(_Echo):
        def _answer(self) -> None:
            asked.set()
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            with contextlib.suppress(OSError):
                while not over.wait(0.002):  # never as long as what is left of the budget
                    self.wfile.write(b" ")

        do_GET = do_POST = _answer  # noqa: N815

    asked, over = threading.Event(), threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Trickle) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            outcome = check_app(None, url=f"http://127.0.0.1:{server.server_port}", budget=3)
        finally:
            over.set()
            server.shutdown()

    assert outcome.fatal == "the budget was spent before any case could be judged"
    assert asked.is_set()


def test_a_spent_budget_sends_nothing_more_and_says_so() -> None:
    seen: list[Event] = []

    outcome = check_app(None, budget=0.001, listeners=(seen.append,))

    cuts = [event.cut_short for event in seen if isinstance(event, PhaseFinished)]
    assert cuts == ["budget"] * len(PHASES)
    assert outcome.cases == 0
    assert outcome.status() == 2


CONTRACTS = {
    "empty": ("", "expected an OpenAPI document"),
    "unparsable": ("openapi: 3.1.0\n  info: [", ":2:"),
    "a tab in the wrong place": ("openapi:\t3.1.0\n\tinfo: x", "not parsable"),
    "broken JSON": ('{"openapi": "3.1.0", ', "not parsable"),
    "a list": ("- 1\n", "expected an OpenAPI document"),
    "not OpenAPI": ("a: 1\n", "not an OpenAPI document"),
    "Swagger 2.0": ("swagger: '2.0'\n", "Swagger 2.0 is not supported"),
    "OpenAPI 4": ("openapi: 4.0.0\n", "not supported"),
    "no info": ("openapi: 3.1.0\npaths: {}\n", "`info` with a title and a version"),
    "no operations": (SMALL + "paths: {}\n", "no operations"),
    "a key twice": (SMALL + "paths: {}\npaths: {}\n", ":4:1: the key 'paths' stands twice"),
    "paths as a list": (SMALL + "paths: [1]\n", "expected `paths` as an object"),
    "no responses": (SMALL + "paths: {/a: {get: {}}}\n", "no responses"),
    "a status that is none": (SMALL + "paths: {/a: {get: {responses: {ok: {description: x}}}}}\n", "expected a status"),
    "a reference to nowhere": (
        SMALL + "paths: {/a: {get: {responses: {'200': {$ref: '#/components/responses/X'}}}}}\n",
        "leads nowhere",
    ),
    "a reference in a circle": (
        SMALL
        + "paths: {/a: {get: {responses: {'200': {$ref: '#/components/responses/X'}}}}}\n"
        + "components: {responses: {X: {$ref: '#/components/responses/X'}}}\n",
        "leads back to itself",
    ),
    "a schema of no type": (
        SMALL + "paths: {/a: {get: {responses: {'200': {description: x, content: {application/json: "
        "{schema: {type: strin}}}}}}}}\n",
        "the schema cannot be used",
    ),
    "a security scheme that is not there": (
        SMALL + "security: [{key: []}]\npaths: {/a: {get: {responses: {'200': {description: x}}}}}\n",
        ":3:1: the security scheme 'key' is not under components/securitySchemes",
    ),
    "OpenAPI 3.10": ("openapi: 3.10.0\n", "not supported"),
    "an operationId twice": (
        SMALL + "paths: {/a: {get: &a {operationId: x, responses: {'200': {description: x}}}, put: *a}}\n",
        "is also that of GET /a",
    ),
    "a rule that does not parse": (
        ONE.replace("operationId: a,", "operationId: a, x-contract-rules: [{id: r, rule: '1 +'}],"),
        "the expression cannot be used",
    ),
    "a rule that names what is not there": (
        ONE.replace("operationId: a,", "operationId: a, x-contract-rules: [{id: r, rule: 'answer.body == 1'}],"),
        "it names 'answer'",
    ),
    "a rule with a misspelt function": (
        ONE.replace(
            "operationId: a,", "operationId: a, x-contract-rules: [{id: r, rule: 'sice(response.body) == 1'}],"
        ),
        "unknown function 'sice'",
    ),
    "a rule with an unknown key": (
        ONE.replace("operationId: a,", "operationId: a, x-contract-rules: [{id: r, rule: 'true', scop: run}],"),
        "unknown key 'scop'",
    ),
    "a rule about an operation that is not there": (
        ONE.replace(
            "operationId: a,", "operationId: a, x-contract-rules: [{id: r, scope: run, rule: 'has(run.ids.b)'}],"
        ),
        "run names the operation 'b'",
    ),
}


@pytest.mark.parametrize("name", CONTRACTS)
def test_a_bad_contract_is_one_clear_line_and_status_2(name: str, tmp_path: Path) -> None:
    text, said = CONTRACTS[name]
    path = tmp_path / "contract.yaml"
    path.write_text(text)

    ran = speclock("check", "--contract", path, "--url", "http://127.0.0.1:1", "--strict")

    assert ran.status == 2
    assert ran.err.startswith(f"speclock: {path}")
    assert ran.err.count("\n") == 1
    assert said in ran.err
    assert ran.out == ""


PROFILES = {
    "not TOML": ("url = ", "not parsable as TOML"),
    "an unknown key": ("addresses = 'x'", "addresses: unknown key"),
    "an unknown scheme": ("[credentials.writerKey]\nenv = 'A'", "no security scheme 'writerKey'; it has readerKey"),
    "no variable": ("[credentials.readerKey]\n", "expected `env`"),
    "an unknown operation": ("[bindings.createLone]\na = 'b'", "no operation 'createLone'"),
    "a binding of no kind": ("[bindings]\na = 3.5", "bindings.a: expected an id"),
    "an unknown rule": ("[rules.off]\nx = 'because'", "no rule or constraint 'x'"),
    "a rule off without a reason": ("[rules.off]\nloan-id-is-new = ''", "expected the reason"),
    "an expectation without a reason": ("[[expected]]\noperation = 'a'\ncheck = 'b'", "expected 'reason'"),
    "a budget of nothing": ("[budgets]\nseconds = 0", "expected a number above 0"),
    "a budget that is no number": ("[budgets]\nseconds = nan", "expected a number above 0"),
    "an unset variable": ("[credentials.readerKey]\nenv = 'NOT_SET_ANYWHERE'", "NOT_SET_ANYWHERE is not set"),
}


@pytest.mark.parametrize("name", PROFILES)
def test_a_bad_profile_is_one_clear_line_and_status_2(name: str, tmp_path: Path) -> None:
    text, said = PROFILES[name]
    path = tmp_path / "profile.toml"
    path.write_text(text)

    ran = check("--url", "http://127.0.0.1:1", "--profile", path)

    assert ran.status == 2
    assert ran.err.startswith(f"speclock: {path}: ")
    assert ran.err.count("\n") == 1
    assert said in ran.err


LINES = {
    "an unknown option": (["--colour"], "No such option: --colour"),
    "no subject": ([], "give one subject"),
    "two subjects": (["--url", "http://127.0.0.1:1", "--app", APP], "give one subject"),
    "a URL without a scheme": (["--url", "127.0.0.1:8000"], "expected http://HOST"),
    "a URL with an impossible port": (["--url", "http://127.0.0.1:99999"], "expected http://HOST"),
    "a URL with a password": (["--url", "http://me:pass@127.0.0.1"], "would show in reports"),
    "an unknown phase": (["--app", APP, "--phases", "examples,luck"], "unknown phase 'luck'"),
    "an unknown format": (["--app", APP, "--report", "pdf=x"], "unknown format 'pdf'"),
    "a report without a path": (["--app", APP, "--report", "json"], "expected FORMAT=PATH"),
    "a budget below 0": (["--app", APP, "--budget", "-1"], "--budget"),
    "a rate of nothing": (["--app", APP, "--rate", "0"], "--rate"),
    "no workers": (["--app", APP, "--workers", "0"], "--workers"),
    "a seed of letters": (["--app", APP, "--seed", "abc"], "--seed"),
    "an operation that is not there": (["--app", APP, "--include", "nope"], "no operation has this id"),
    "nothing left": (["--app", APP, "--exclude", "Loans", "--exclude", "Returns", "--exclude", "Shelves"], "leave no"),
    "an app without a colon": (["--app", "module"], "expected MODULE:ATTR"),
    "a module that is not there": (["--app", "no_such_module:app"], "no module 'no_such_module'"),
    "an attribute that is not there": (["--app", "tests.conformance.loans_server:nope"], "has no 'nope'"),
    "an app that is none": (["--app", "tests.conformance.loans_server:KEY"], "expected an ASGI application"),
    "a factory of apps": (["--app", "tests.conformance.loans_server:correct"], "name the application that it makes"),
    "a class of apps": (["--app", "starlette.applications:Starlette"], "name an instance of Starlette"),
    "a relative module": (["--app", "..:app"], "expected MODULE:ATTR"),
    "a report below a file": (["--app", APP, "--report", "json=/dev/null/x"], "cannot be written"),
    "a report that is a folder": (["--app", APP, "--report", "json=/"], "is a directory"),
    "a budget that is no number": (["--app", APP, "--budget", "nan"], "--budget"),
}


@pytest.mark.parametrize("name", LINES)
def test_a_wrong_command_line_is_one_clear_line_and_status_2(name: str) -> None:
    arguments, said = LINES[name]

    ran = check(*arguments)

    assert ran.status == 2
    assert ran.err.startswith("speclock: ")
    assert ran.err.count("\n") == 1
    assert said in ran.err


def test_a_missing_contract_is_one_clear_line_and_status_2(tmp_path: Path) -> None:
    ran = speclock("check", "--contract", tmp_path / "none.yaml", "--url", "http://127.0.0.1:1")

    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "no such file" in ran.err


def test_an_unreachable_server_is_one_clear_line_and_status_2() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        ran = check("--url", f"http://127.0.0.1:{unused.getsockname()[1]}", "--profile", PROFILE)

    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "cannot be reached" in ran.err


def test_a_wrong_key_names_the_variable_and_the_scheme_but_not_the_key() -> None:
    ran = speclock(
        "check",
        *("--contract", CONTRACT, "--app", "tests.conformance.refusing_server:app", "--profile", PROFILE),
        *("--phases", "examples"),
    )

    assert ran.status == 2
    assert "LOANS_KEY" in ran.err
    assert "readerKey" in ran.err
    assert SECRET not in ran.err + ran.out


@pytest.mark.parametrize("what", ["raise RuntimeError('a secret')", "raise SystemExit(3)", "def ("])
def test_an_application_that_cannot_be_imported_is_one_clear_line_and_status_2(what: str, tmp_path: Path) -> None:
    (tmp_path / "unimportable_app.py").write_text(what)

    ran = check("--app", "unimportable_app:app", cwd=tmp_path)

    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "importing it failed with" in ran.err
    assert "a secret" not in ran.err


def test_the_command_is_a_process_that_ends_with_the_status() -> None:
    ran = speclock_process("check", "--contract", CONTRACT, "--app", APP, "--profile", PROFILE, "--phases", "examples")

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines()[-1].startswith("0 findings, ")
    assert "\x1b" not in ran.out, "plain lines where there is no terminal"


def test_what_can_be_said_without_the_generators_does_not_wait_for_their_import(tmp_path: Path) -> None:
    said = "import sys; from speclock.cli import main\ntry: main()\nfinally: print(*sys.modules, file=sys.stderr)"
    for arguments in (["--help"], ["check", "--contract", str(CONTRACT), "--url", "http://127.0.0.1:1"]):
        done = subprocess.run([sys.executable, "-c", said, *arguments], capture_output=True, text=True, check=False)
        modules = done.stderr.split()

        assert "speclock.cli.main" in modules
        assert not {"schemathesis", "hypothesis", "starlette"} & set(modules)


def test_help_teaches_with_an_example_and_the_exit_statuses() -> None:
    ran = speclock("check", "--help")

    assert ran.status == 0
    assert "speclock check --contract openapi.yaml" in ran.out
    assert "1 wins over 2" in ran.out.replace("\n  ", " ")


def test_the_version_is_told() -> None:
    ran = speclock("--version")

    assert (ran.status, ran.out) == (0, f"speclock {__version__}\n")


class _Echo(BaseHTTPRequestHandler):
    """Answers with whatever it was sent, credentials included, in its status line, headers and body."""

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        key = self.headers.get("Authorization", "")
        body = json.dumps({"said": dict(self.headers), "got": self.rfile.read(length).decode("latin-1")}).encode()
        self.send_response(500, key or None)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Key", key)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer  # noqa: N815 - http.server looks for these names

    def log_message(self, *_: object) -> None: ...


def test_a_credential_is_in_no_output_even_when_the_server_echoes_it(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        ran = check("--url", url, "--profile", PROFILE, "--phases", "examples", "--report", f"json={report}")
        server.shutdown()

    assert ran.status == 1
    everything = ran.out + ran.err + report.read_text()
    assert "$LOANS_KEY" in everything
    for form in (SECRET, SECRET.replace("/", "%2F").replace("+", "%2B"), "secret+value"):
        assert form not in everything


def test_an_unexpected_crash_of_the_connection_is_no_finding() -> None:
    class Hangup(_Echo):
        def _answer(self) -> None:
            self.close_connection = True

        do_GET = do_POST = _answer  # noqa: N815

    with ThreadingHTTPServer(("127.0.0.1", 0), Hangup) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ran = check("--url", f"http://127.0.0.1:{server.server_port}", "--profile", PROFILE, "--phases", "examples")
        server.shutdown()

    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "never answered (the connection was closed without an answer)" in ran.err


def test_a_port_that_does_not_speak_http_is_one_clear_line_and_status_2() -> None:
    class Banner(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.sendall(b"SSH-2.0-banner\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Banner) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ran = check("--url", f"http://127.0.0.1:{server.server_address[1]}", "--profile", PROFILE)
        server.shutdown()

    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "what came back is not HTTP" in ran.err


def test_a_redirect_is_judged_and_not_followed() -> None:
    reached: list[str] = []

    class Elsewhere(_Echo):
        def _answer(self) -> None:
            reached.append(self.path)
            super()._answer()

        do_GET = do_POST = _answer  # noqa: N815

    class Redirect(_Echo):
        def _answer(self) -> None:
            self.send_response(307)
            self.send_header("Location", f"http://127.0.0.1:{elsewhere.server_port}/taken")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = _answer  # noqa: N815

    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as elsewhere,
        ThreadingHTTPServer(("127.0.0.1", 0), Redirect) as server,
    ):
        for one in (elsewhere, server):
            threading.Thread(target=one.serve_forever, daemon=True).start()
        outcome = check_app(None, url=f"http://127.0.0.1:{server.server_port}", phases=("examples",))
        for one in (elsewhere, server):
            one.shutdown()

    assert {finding.rule for finding in outcome.findings} == {"status 307"}
    assert reached == []
