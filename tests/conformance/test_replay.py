"""`speclock replay REPORT FINDING`: the request of a finding sent again, and what the answer says of it by now."""

from __future__ import annotations

import base64
import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from tests.conformance.command_runs import BRIEF, Handler, app_of, check_loans, serving
from tests.conformance.harness import CONTRACT, HERE, PROFILE, SECRET, Ran, speclock
from tests.conformance.keys_server import GOOD, keys_app
from tests.conformance.loans_server import app_with
from tests.conformance.recording import recording

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

Report = dict[str, Any]

FAULT = "accepts the forbidden pair"
RULE = "held-loan-is-not-renewable"
EXAMPLES = ("--phases", "examples")
HEAD = "openapi: 3.1.0\ninfo: {title: Small, version: '1'}\n"


def found(report: Report, rule: str) -> str:
    """The id of the finding of a rule."""
    (finding,) = [finding for finding in report["findings"] if finding["rule"] == rule]
    name: str = finding["id"]
    return name


def change(path: Path, **changes: object) -> None:
    """Change what a report says of its contract or of its run."""
    report = json.loads(path.read_text())
    for part in ("contract", "run"):
        report[part].update({name: value for name, value in changes.items() if name in report[part]})
    path.write_text(json.dumps(report))


def replay(path: Path, name: str, *more: object, profile: Path | None = PROFILE) -> Ran:
    return speclock("replay", path, name, *(("--profile", profile) if profile else ()), *more)


def seen(path: Path, contract: Path, *options: object, status: int = 1) -> Report:
    """The report of a run on a contract of a test's own."""
    ran = speclock("check", "--contract", contract, *options, "--report", f"json={path}")
    assert ran.status == status, ran.err
    report: Report = json.loads(path.read_text())
    return report


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "report.json"


# What it says


def test_a_finding_that_still_occurs_is_status_1_with_the_request_the_promise_and_the_answer(path: Path) -> None:
    _, report = check_loans(FAULT, path, *EXAMPLES)
    (finding,) = report["findings"]

    ran = replay(path, finding["id"])

    assert (ran.status, ran.err) == (1, "")
    title, message, place, curl, answered, body, verdict = ran.out.splitlines()
    assert (title, message, curl) == (finding["title"], finding["message"], finding["curl"])
    assert "expected a documented refusal" in message
    assert place == f"promised at {CONTRACT}:{finding['location']['line']}:{finding['location']['column']}"
    assert answered == "answered 201"
    assert json.loads(body)["bookId"] == "book_1"
    assert verdict == "the finding still shows"


def test_a_finding_of_a_server_that_was_fixed_is_status_0(path: Path) -> None:
    _, report = check_loans(FAULT, path, *EXAMPLES)
    change(path, subject=app_of(None))

    ran = replay(path, found(report, RULE))

    assert (ran.status, ran.err) == (0, "")
    assert ran.out.splitlines()[-3:] == [
        "answered 400",
        '{"message":"held-loan-is-not-renewable"}',
        "the finding no longer shows",
    ]


#: Findings of all sorts, by the phase that has them.
AGAIN = {
    "accepts days in the wrong order": "examples",
    "lends for 21 days by default": "combinations",
    "drops a required property": "examples",
    "does not check the key": "auth",
    "takes any key": "auth",
    "answers 401 without its header": "auth",
    "crashes on a long note": "examples",
    "answers in plain text": "examples",
    "refuses null": "combinations",
    "takes more days than allowed": "combinations",
    "takes a missing book": "combinations",
    "answers methods it does not have": "robustness",
    "does not look at the limit": "coverage",
}


@pytest.mark.parametrize("fault", AGAIN)
def test_each_finding_shows_again_on_the_faulty_server_and_not_on_a_correct_one(fault: str, path: Path) -> None:
    _, report = check_loans(fault, path, "--phases", AGAIN[fault])
    names = [finding["id"] for finding in report["findings"]]
    assert names

    assert {name: replay(path, name).status for name in names} == dict.fromkeys(names, 1)

    change(path, subject=app_of(None))
    assert {name: replay(path, name).status for name in names} == dict.fromkeys(names, 0)


def test_the_answer_is_shown_in_part_and_without_what_a_terminal_would_obey(path: Path, tmp_path: Path) -> None:
    class Loud(Handler):
        def answer(self, body: bytes) -> None:
            self.reply(500, b"\x1b[2J\x00\xff" + b"x" * 5000, "text/plain")

    contract = tmp_path / "contract.yaml"
    contract.write_text(HEAD + "paths: {/a: {get: {operationId: a, responses: {'200': {description: fine}}}}}\n")
    with serving(Loud) as url:
        report = seen(path, contract, "--url", url, "--phases", "robustness")
        ran = replay(path, found(report, "status 500"), profile=None)

    assert ran.status == 1
    assert "\ufffd[2J\ufffd\ufffdxxx" in ran.out
    assert "\x1b" not in ran.out
    assert len(ran.out) < 4000


@pytest.mark.parametrize(
    ("fault", "rule", "status"),
    [
        ("lends for 21 days by default", "loan-days-by-default", 404),
        ("lends for 21 days by default", "loan-days-by-default", 400),
        (FAULT, RULE, 401),
        (FAULT, RULE, 429),
    ],
)
def test_a_refusal_for_another_reason_is_status_2_and_no_verdict(
    fault: str, rule: str, status: int, path: Path
) -> None:
    class Refusing(Handler):
        def answer(self, body: bytes) -> None:
            self.reply(status, b'{"message": "no"}')

    _, report = check_loans(fault, path, *BRIEF)
    with serving(Refusing) as url:
        ran = replay(path, found(report, rule), "--url", url)

    said = f"speclock: answered {status}, where the report has 201: that says nothing of the finding\n"
    assert (ran.status, ran.err) == (2, said)
    assert "no longer shows" not in ran.out


# Which finding


def test_the_id_of_a_finding_may_be_cut_short(path: Path) -> None:
    _, report = check_loans(FAULT, path, *EXAMPLES)
    (finding,) = report["findings"]

    assert replay(path, finding["id"][:4]).status == 1


def test_an_id_that_several_begin_with_or_none_is_one_clear_line_and_status_2(path: Path) -> None:
    _, report = check_loans(FAULT, path, *EXAMPLES)
    (finding,) = report["findings"]
    alike = [{**finding, "id": name} for name in ("abcdef000001", "abcdef000002")]
    path.write_text(json.dumps({**report, "findings": [finding, *alike]}))

    several, none = replay(path, "abcdef"), replay(path, "x")

    for ran in (several, none):
        assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert several.err.endswith(": several findings begin with 'abcdef'; there are abcdef000001, abcdef000002\n")
    assert f": no finding begins with 'x'; there are {finding['id']}, abcdef000001, abcdef000002\n" in none.err


@pytest.mark.parametrize("text", [None, "", "[]", '{"speclock": 1}', "{" * 100_000])
def test_what_is_no_report_is_one_clear_line_and_status_2(text: str | None, path: Path) -> None:
    if text is not None:
        path.write_text(text)

    ran = replay(path, "abc")

    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"speclock: {path}: ")


def test_a_report_of_a_contract_that_was_not_run_has_nothing_to_replay(path: Path) -> None:
    speclock("rules", "--contract", CONTRACT, "--report", f"json={path}")

    ran = replay(path, "abc")

    assert (ran.status, ran.err) == (2, f"speclock: {path}: no finding begins with 'abc'; there are none\n")


@pytest.mark.parametrize(
    ("fault", "rule", "phases"),
    [
        ("uses an id again", "loan-id-is-new", "combinations"),
        ("forgets which book was lent", "return-is-of-the-loan", "stateful"),
    ],
)
def test_a_rule_about_all_answers_of_a_run_is_refused(fault: str, rule: str, phases: str, path: Path) -> None:
    _, report = check_loans(fault, path, "--phases", phases)

    ran = replay(path, found(report, rule))

    assert (ran.status, ran.out) == (2, "")
    assert ran.err == f"speclock: the rule {rule} is about all answers of a run; one request cannot show it\n"


# Where it is sent


def test_it_is_sent_to_the_server_of_the_report_and_never_to_the_one_of_the_profile(path: Path, tmp_path: Path) -> None:
    with recording() as (live, at_live), recording() as (local, at_local):
        profile = tmp_path / "live.toml"
        own = f'url = "{live}"\nurls = {{ Loans = "{live}", Returns = "{live}", Shelves = "{live}" }}\n'
        profile.write_text(own + PROFILE.read_text())
        report = seen(path, CONTRACT, "--url", local, "--profile", profile, *EXAMPLES)
        before = len(at_local)
        for finding in report["findings"]:
            assert replay(path, finding["id"], profile=profile).status == 1

    assert len(at_local) - before == len(report["findings"]) > 0
    assert at_live == []


def test_an_operation_that_has_a_server_of_its_own_is_asked_there(path: Path, tmp_path: Path) -> None:
    with recording() as (first, at_first), recording() as (second, at_second):
        profile = tmp_path / "two.toml"
        profile.write_text(f'url = "{first}"\nurls = {{ Shelves = "{second}" }}\n' + PROFILE.read_text())
        report = seen(path, CONTRACT, "--profile", profile, *EXAMPLES)
        at_first.clear()
        at_second.clear()
        for finding in report["findings"]:
            replay(path, finding["id"], profile=profile)

    assert {asked.path for asked in at_first} == {"/loans", "/returns"}
    assert {asked.path for asked in at_second} == {"/shelves/top"}


def test_the_url_of_the_command_line_stands_above_that_of_the_report(path: Path) -> None:
    with recording() as (first, at_first), recording() as (second, at_second):
        report = seen(path, CONTRACT, "--url", first, "--profile", PROFILE, *EXAMPLES)
        at_first.clear()
        ran = replay(path, report["findings"][0]["id"], "--url", f"{second}/below/")

    assert ran.status == 1
    assert at_first == []
    assert [asked.path.startswith("/below/") for asked in at_second] == [True]
    assert f" {second}/below/" in ran.out


def test_an_application_is_asked_below_the_path_that_its_contract_gives(path: Path, tmp_path: Path) -> None:
    contract = tmp_path / "loans.yaml"
    contract.write_text(CONTRACT.read_text().replace("http://127.0.0.1\n", "http://127.0.0.1/v2\n"))
    app = "tests.conformance.test_replay:mounted"
    report = seen(path, contract, "--app", app, "--profile", PROFILE, *EXAMPLES)

    ran = replay(path, found(report, RULE))

    assert ran.status == 1, ran.err
    assert " http://testserver/v2/loans " in ran.out


def test_a_server_that_is_gone_is_one_clear_line_and_status_2(path: Path) -> None:
    with recording() as (url, _):
        report = seen(path, CONTRACT, "--url", url, "--profile", PROFILE, *EXAMPLES)

    ran = replay(path, report["findings"][0]["id"])

    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"speclock: {url}: cannot be reached")


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("no.such.module:app", "there is no module"),
        ("an application", "the report is of an application, which has no name to find it by; give --url URL"),
    ],
)
def test_an_application_that_is_not_there_is_one_clear_line_and_status_2(subject: str, said: str, path: Path) -> None:
    _, report = check_loans(FAULT, path, *EXAMPLES)
    change(path, subject=subject)

    ran = replay(path, found(report, RULE))

    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err


@pytest.mark.parametrize("url", ["127.0.0.1:1", "http://me:pass@127.0.0.1", "http://127.0.0.1:99999"])
def test_a_url_that_is_none_is_one_clear_line_and_status_2(url: str, path: Path) -> None:
    _, report = check_loans(FAULT, path, *EXAMPLES)

    ran = replay(path, found(report, RULE), "--url", url)

    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith("speclock: --url")


def test_a_server_that_answers_nothing_by_now_is_no_finding_of_another_kind(path: Path) -> None:
    class Hangup(Handler):
        def answer(self, body: bytes) -> None:
            self.close_connection = True

    _, report = check_loans(FAULT, path, *EXAMPLES)
    with serving(Hangup) as url:
        ran = replay(path, found(report, RULE), "--url", url)

    assert (ran.status, ran.err) == (2, f"speclock: {url}: the connection was closed without an answer\n")


def test_that_no_answer_comes_is_a_finding_which_shows_again_until_one_does(path: Path) -> None:
    is_fixed: list[bool] = []

    class Moody(Handler):
        """Hangs up on whatever is no JSON."""

        def answer(self, body: bytes) -> None:
            try:
                json.loads(body or b"{}")
            except ValueError:
                if not is_fixed:
                    self.close_connection = True
                    return
            self.reply(400, b'{"message": "no"}')

    with serving(Moody) as url:
        report = seen(
            path, CONTRACT, "--url", url, "--profile", PROFILE, "--phases", "robustness", "--include", "createLoan"
        )
        name = found(report, "an answer")
        assert [finding["response"] for finding in report["findings"] if finding["id"] == name] == [None]

        broken = replay(path, name)
        is_fixed.append(True)
        fixed = replay(path, name)

    assert (broken.status, broken.err) == (1, "")
    assert broken.out.endswith("the connection was closed without an answer\nthe finding still shows\n")
    assert (fixed.status, fixed.out.splitlines()[-1]) == (0, "the finding no longer shows")


# What it is judged by


@pytest.mark.parametrize("is_gone", [True, False])
def test_without_the_contract_of_the_report_the_status_alone_decides_and_that_is_said(
    is_gone: bool, path: Path, tmp_path: Path
) -> None:
    contract = tmp_path / "loans.yaml"
    shutil.copy(CONTRACT, contract)
    report = seen(path, contract, "--app", app_of(FAULT), "--profile", PROFILE, *EXAMPLES)
    if is_gone:
        contract.unlink()
    else:
        contract.write_text(CONTRACT.read_text() + "# changed\n")

    still = replay(path, found(report, RULE))
    change(path, subject=app_of(None))
    fixed = replay(path, found(report, RULE))

    how = "(by its status alone: the contract of the report is not at hand)"
    assert (still.status, still.out.splitlines()[-1]) == (1, f"the finding still shows {how}")
    assert (fixed.status, fixed.out.splitlines()[-1]) == (0, f"the finding no longer shows {how}")


def test_a_rule_that_looks_at_the_path_is_judged_by_the_path_that_was_asked(path: Path, tmp_path: Path) -> None:
    contract = tmp_path / "shelves.yaml"
    contract.write_text(
        HEAD + "paths:\n  /shelves/{shelf}/books/{book}:\n    get:\n      operationId: getBook\n"
        "      x-contract-rules:\n        - {id: book-as-asked, rule: response.body.book == request.path.book}\n"
        "      parameters:\n"
        "        - {name: shelf, in: path, required: true, schema: {type: string}, example: top}\n"
        "        - {name: book, in: path, required: true, schema: {type: string}, example: a b}\n"
        "      responses: {'200': {description: A book., content: {application/json: {schema: {type: object}}}}}\n"
    )
    report = seen(path, contract, "--app", "tests.conformance.test_replay:other_book", *EXAMPLES)
    name = found(report, "book-as-asked")

    broken = replay(path, name, profile=None)
    change(path, subject="tests.conformance.test_replay:same_book")
    fixed = replay(path, name, profile=None)

    assert (broken.status, fixed.status) == (1, 0)


async def other(request: Request) -> JSONResponse:
    return JSONResponse({"book": "another", "shelf": request.path_params["shelf"]})


async def same(request: Request) -> JSONResponse:
    return JSONResponse(request.path_params)


BOOKS = "/shelves/{shelf}/books/{book}"
other_book, same_book = (Starlette(routes=[Route(BOOKS, answer)]) for answer in (other, same))
#: The loans server with a fault, below a path.
mounted = Starlette(routes=[Mount("/v2", app_with(FAULT))])


# What is sent


def test_a_value_that_must_be_new_is_new_each_time(path: Path, tmp_path: Path) -> None:
    taken: list[str] = []

    class Shop(Handler):
        """Crashes on a thing whose labels are all new, and refuses one that has a label of another one."""

        def answer(self, body: bytes) -> None:
            thing = json.loads(body)
            labels = [thing["label"], *(part["label"] for part in thing["parts"])]
            is_new = not set(labels) & set(taken)
            taken.extend(labels)
            self.reply(500 if is_new else 409)

    contract, profile = tmp_path / "shop.yaml", tmp_path / "shop.toml"
    contract.write_text(
        HEAD + "paths:\n  /things:\n    post:\n      operationId: createThing\n"
        "      requestBody:\n        required: true\n        content:\n          application/json:\n"
        "            schema:\n              type: object\n              required: [label, parts]\n"
        "              properties:\n"
        "                label: {type: string, minLength: 5}\n"
        "                parts: {type: array, minItems: 1, items: {type: object, required: [label], "
        "properties: {label: {type: string}}}}\n"
        "            example: {label: a thing, parts: [{label: part}]}\n"
        "      responses: {'201': {description: Made.}, '409': {description: Taken.}}\n"
    )
    profile.write_text("[bindings]\nlabel = { unique = true }\n")
    with serving(Shop) as url:
        report = seen(path, contract, "--url", url, "--profile", profile, *EXAMPLES)
        name = found(report, "status 500")
        ran = [replay(path, name, profile=profile) for _ in range(2)]

    assert [item.status for item in ran] == [1, 1], ran[0].out + ran[0].err
    assert len(set(taken)) == len(taken)
    assert {label[:4] for label in taken} == {"a th", "part"}, "only their ends are new"


def test_a_body_that_is_no_json_is_sent_byte_for_byte(path: Path) -> None:
    bodies: list[bytes] = []

    class Careless(Handler):
        """Takes whatever it is given."""

        def answer(self, body: bytes) -> None:
            bodies.append(body)
            self.reply(200, b'{"loanId": "loan_1", "bookId": "book_1"}')

    with serving(Careless) as url:
        report = seen(
            path, CONTRACT, "--url", url, "--profile", PROFILE, "--phases", "robustness", "--include", "createReturn"
        )
        at_first = set(bodies)
        raw = {item["id"]: base64.b64decode(item["case"]["raw"]) for item in report["findings"] if item["case"]["raw"]}
        bodies.clear()
        ran = [replay(path, name) for name in raw]

    assert [item.status for item in ran] == [1] * len(raw)
    assert bodies == list(raw.values())
    assert at_first.issuperset(bodies)
    sent = b"".join(bodies)
    for hard in (b"\0", b"\xff", b"NaN", b"'", b"[" * 20_000):
        assert hard in sent


def test_a_report_is_json_also_when_what_was_sent_is_not(path: Path) -> None:
    class Careless(Handler):
        def answer(self, body: bytes) -> None:
            self.reply(200, body)

    with serving(Careless) as url:
        seen(path, CONTRACT, "--url", url, "--profile", PROFILE, "--phases", "robustness", "--include", "createReturn")

    def refuse(name: str) -> None:
        raise AssertionError(name)

    json.loads(path.read_text(), parse_constant=refuse)


def test_a_request_without_a_body_is_sent_without_one_and_null_is_sent_as_null(path: Path) -> None:
    with recording() as (url, asked):
        options = ("--url", url, "--profile", PROFILE, "--phases", "combinations", "--include", "createReturn")
        report = seen(path, CONTRACT, *options)
        none, null = found(report, "body:required"), found(report, "body.loanId")
        for finding in report["findings"]:
            if finding["id"] == null:
                finding["case"]["body"] = None
        path.write_text(json.dumps(report))
        asked.clear()
        for name in (none, null):
            replay(path, name)

    assert [item.body for item in asked] == [b"", b"null"]


# Credentials


class Echo(Handler):
    """Says what it was sent."""

    def answer(self, body: bytes) -> None:
        given = self.headers.get("Authorization", "")
        forms = [given, given.upper(), base64.b64encode(SECRET.encode()).decode()]
        self.reply(500, json.dumps({"message": forms}).encode())


def test_a_credential_comes_from_the_variable_of_the_profile_and_is_in_no_output(path: Path) -> None:
    with recording() as (url, asked), serving(Echo) as echo:
        report = seen(path, CONTRACT, "--url", echo, "--profile", PROFILE, *EXAMPLES)
        assert SECRET not in path.read_text()
        name = report["findings"][0]["id"]
        told = replay(path, name)
        replay(path, name, "--url", url)

    assert told.status == 1
    assert "$LOANS_KEY" in told.out
    for form in (SECRET, SECRET.upper(), "secret", base64.b64encode(SECRET.encode()).decode()):
        assert form not in told.out + told.err
    assert [item.headers["Authorization"] for item in asked] == [f"Bearer {SECRET}"]


def test_no_part_of_a_credential_shows_where_a_long_answer_is_cut(path: Path) -> None:
    class Late(Handler):
        def answer(self, body: bytes) -> None:
            self.reply(500, b"x" * 1990 + self.headers["Authorization"].encode() + b"y" * 100)

    with serving(Late) as url:
        report = seen(path, CONTRACT, "--url", url, "--profile", PROFILE, *EXAMPLES)
        ran = replay(path, report["findings"][0]["id"])

    assert ran.status == 1
    assert "xBearer $LO..." in ran.out
    assert SECRET[:3] not in ran.out


@pytest.mark.parametrize("profile", [None, "", "[credentials.readerKey]\nenv = 'NOT_SET_ANYWHERE'\n"])
def test_a_credential_that_is_not_at_hand_is_one_clear_line_and_status_2(
    profile: str | None, path: Path, tmp_path: Path
) -> None:
    with recording() as (url, asked):
        report = seen(path, CONTRACT, "--url", url, "--profile", PROFILE, *EXAMPLES)
        asked.clear()
        if profile is not None:
            (tmp_path / "profile.toml").write_text(profile)
        ran = replay(path, report["findings"][0]["id"], profile=None if profile is None else tmp_path / "profile.toml")

    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ("NOT_SET_ANYWHERE is not set" if profile else "needs the credential in LOANS_KEY") in ran.err
    assert asked == []


@pytest.mark.parametrize(
    ("scheme", "fault"),
    [
        ("query", "refuses the key in the query"),
        ("cookie", "refuses the key in the cookie"),
        ("bearer", "wants the scheme in capitals"),
    ],
)
def test_a_credential_is_put_where_it_was(
    scheme: str, fault: str, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEYS_KEY", GOOD[scheme])
    contract, profile = HERE / "keys.yaml", tmp_path / "keys.toml"
    profile.write_text(f"[credentials.{scheme}]\nenv = 'KEYS_KEY'\n")
    app = f"tests.conformance.test_replay:keys.{fault}"
    options = ("--profile", profile, "--phases", "auth", "--include", f"by{scheme.title()}")
    report = seen(path, contract, "--app", app, *options)
    (finding,) = report["findings"]

    ran, without = replay(path, finding["id"], profile=profile), replay(path, finding["id"], profile=None)
    change(path, subject="tests.conformance.test_replay:keys.none")
    fixed = replay(path, finding["id"], profile=profile)

    assert (ran.status, fixed.status) == (1, 0)
    assert GOOD[scheme] not in ran.out + path.read_text()
    assert (without.status, without.out) == (2, "")
    assert "the request needs the credential in KEYS_KEY" in without.err


def test_no_variable_goes_into_a_request_that_the_profile_does_not_name(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER_SECRET", "not-for-this-server")
    with recording() as (url, asked):
        report = seen(path, CONTRACT, "--url", url, "--profile", PROFILE, *EXAMPLES, "--include", "getShelf")
        (finding,) = report["findings"]
        finding["case"]["headers"]["X-Note"] = "a $OTHER_SECRET b"
        finding["case"]["path"] = "/shelves/$OTHER_SECRET?limit=a$OTHER_SECRET"
        path.write_text(json.dumps(report))
        asked.clear()
        assert replay(path, finding["id"]).status != 2
        finding["case"]["headers"]["X-Key"] = "$OTHER_SECRET"
        path.write_text(json.dumps(report))
        refused = replay(path, finding["id"])

    assert [(item.path, item.headers["X-Note"]) for item in asked] == [("/shelves/$OTHER_SECRET", "a $OTHER_SECRET b")]
    assert (refused.status, refused.out) == (2, "")
    assert "needs the credential in OTHER_SECRET" in refused.err


class _Keys:
    """For `--app`: each fault is an attribute."""

    def __getattr__(self, name: str) -> Starlette:
        return keys_app(None if name == "none" else name)


keys = _Keys()
