"""`--report FORMAT=PATH`, all formats in one run: each is what its readers expect, and no credential is in any."""

from __future__ import annotations

import base64
import json
from collections import Counter
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, quote_plus
from xml.etree import ElementTree as ET

import jsonschema
import jsonschema_rs
import pytest
import yaml
from markdown_it import MarkdownIt

from speclock.reporting.formats import FORMATS, write_report
from speclock.reporting.report import report_schema
from tests.conformance.command_runs import BRIEF, Handler, app_of, check_loans, serving
from tests.conformance.harness import CONTRACT, PROFILE, ROOT, SECRET, Ran, speclock

if TYPE_CHECKING:
    from pathlib import Path

Report = dict[str, Any]

SARIF = ROOT / "node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"
#: A fault that shows as two findings, of two operations.
FAULT = "lends another book"
#: What can stand in a JUnit test case, and the attribute of its suite that counts it.
JUNIT_KINDS = {"failure": "failures", "error": "errors", "skipped": "skipped"}
#: Text that XML, UTF-8 or markdown cannot hold as it is.
HOSTILE = "a\0b\x1b[31m \ud800 ]]> & <script>alert(1)</script> | ``` \"quoted\" 'so'\n# no heading\n"


def asked_for(folder: Path) -> list[str]:
    return [part for name in FORMATS for part in ("--report", f"{name}={folder / name}")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One report of each format, named for it, all of one run."""
    folder = tmp_path_factory.mktemp("reports")
    ran = speclock(
        *("check", "--contract", CONTRACT, "--app", app_of(FAULT), "--profile", PROFILE, *BRIEF), *asked_for(folder)
    )
    assert (ran.status, ran.err) == (1, "")
    assert [f"report: {folder / name}" for name in FORMATS] == ran.out.splitlines()[-len(FORMATS) :]
    return folder


@pytest.fixture(scope="module")
def report(folder: Path) -> Report:
    loaded: Report = json.loads((folder / "json").read_text())
    assert len(loaded["findings"]) == 2
    return loaded


@pytest.fixture(scope="module")
def hostile(report: Report, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same reports, with hostile text wherever the server or the contract could have put it."""
    changed: Report = json.loads(json.dumps(report))
    changed["contract"]["title"] += HOSTILE
    changed["errors"] = [
        {"operation": None, "phase": "run", "kind": kind, "message": HOSTILE, "count": 1} for kind in ("fatal", "rule")
    ]
    for finding in changed["findings"]:
        for name in ("title", "message", "curl"):
            finding[name] += HOSTILE
    folder = tmp_path_factory.mktemp("hostile")
    for name in FORMATS:
        write_report(name, folder / name, changed)
    return folder


def test_the_json_report_has_the_shape_that_its_schema_documents(report: Report) -> None:
    jsonschema_rs.Draft202012Validator(report_schema()).validate(report)


# JUnit


def test_junit_has_a_case_for_each_promise_and_fails_those_that_are_broken(folder: Path, report: Report) -> None:
    root = ET.fromstring((folder / "junit").read_bytes())

    assert (root.tag, {suite.tag for suite in root}) == ("testsuites", {"testsuite"})
    cases = [(suite.get("name"), case.get("name")) for suite in root for case in suite.iter("testcase")]
    assert Counter(cases) == Counter((rule["operation"], rule["id"]) for rule in report["rules"])
    failed = {
        (suite.get("name"), case.get("name"))
        for suite in root
        for case in suite.iter("testcase")
        if case.find("failure") is not None
    }
    assert failed == {(finding["operation"], finding["rule"]) for finding in report["findings"]}
    for finding in report["findings"]:
        failure = root.find(f"testsuite[@name='{finding['operation']}']/testcase[@name='{finding['rule']}']/failure")
        assert failure is not None
        assert failure.text is not None
        assert (failure.get("type"), failure.get("message")) == (finding["check"], finding["title"])
        assert finding["message"] in failure.text
        assert finding["curl"] in failure.text


def test_junit_skips_what_was_never_tried_and_says_why(folder: Path, report: Report) -> None:
    root = ET.fromstring((folder / "junit").read_bytes())

    skipped = {
        (suite.get("name"), case.get("name")): item.get("message")
        for suite in root
        for case in suite
        for item in case.iter("skipped")
    }
    untried = {(rule["operation"], rule["id"]): rule for rule in report["rules"] if rule["verdict"] == "unjudged"}
    assert skipped.keys() == untried.keys()
    assert skipped["getShelf", "path.shelf:required"] == untried["getShelf", "path.shelf:required"]["reason"]


@pytest.mark.parametrize("where", ["folder", "hostile"])
def test_junit_is_well_formed_and_its_counts_are_those_of_its_cases(where: str, request: pytest.FixtureRequest) -> None:
    root = ET.fromstring((request.getfixturevalue(where) / "junit").read_bytes())

    assert len(root) >= 3
    for suite in root:
        cases = suite.findall("testcase")
        counts = {name: sum(case.find(tag) is not None for case in cases) for tag, name in JUNIT_KINDS.items()}
        assert {name: suite.get(name) for name in ("tests", *counts)} == {
            "tests": str(len(cases)),
            **{name: str(count) for name, count in counts.items()},
        }
        assert all(case.get("classname") and case.get("name") for case in cases)


def test_junit_says_that_nothing_could_be_judged_as_an_error(hostile: Path) -> None:
    root = ET.fromstring((hostile / "junit").read_bytes())

    (error,) = root.iter("error")
    assert "<script>alert(1)</script>" in (error.get("message") or "")


def test_junit_has_the_findings_of_an_operation_that_promises_nothing_of_its_requests(tmp_path: Path) -> None:
    class Broken(Handler):
        def answer(self, body: bytes) -> None:
            self.reply(500)

    contract = tmp_path / "bare.yaml"
    contract.write_text(
        "openapi: 3.1.0\ninfo: {title: Bare, version: '1'}\n"
        "paths: {/a: {get: {operationId: a, responses: {'200': {description: fine}}}}}\n"
    )
    with serving(Broken) as url:
        ran = speclock(
            *("check", "--contract", contract, "--url", url, "--phases", "robustness"),
            *("--report", f"junit={tmp_path / 'junit'}"),
        )

    assert ran.status == 1
    root = ET.fromstring((tmp_path / "junit").read_bytes())
    assert [failure.get("type") for failure in root.iter("failure")] == ["status_conformance"]


# SARIF


@pytest.fixture(scope="module")
def sarif_schema() -> jsonschema.Draft7Validator:
    if not SARIF.is_file():
        pytest.skip(f"no {SARIF.relative_to(ROOT)}: run `nox -s tests`, which installs it from package-lock.json")
    return jsonschema.Draft7Validator(json.loads(SARIF.read_text()), format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("where", ["folder", "hostile"])
def test_sarif_keeps_the_schema_of_its_standard(
    where: str, sarif_schema: jsonschema.Draft7Validator, request: pytest.FixtureRequest
) -> None:
    log = json.loads((request.getfixturevalue(where) / "sarif").read_bytes())

    assert [error.message for error in sarif_schema.iter_errors(log)] == []
    assert log["version"] == "2.1.0"


def test_sarif_says_each_finding_with_its_rule_and_a_fingerprint(folder: Path, report: Report) -> None:
    (run,) = json.loads((folder / "sarif").read_text())["runs"]

    rules = run["tool"]["driver"]["rules"]
    for result, finding in zip(run["results"], report["findings"], strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert finding["rule"] in result["ruleId"]
        assert result["partialFingerprints"] == {"speclock/v1": finding["id"]}
        assert result["occurrenceCount"] == finding["count"]
        assert finding["message"] in result["message"]["text"]
        assert finding["curl"] in result["message"]["text"]
    assert run["invocations"][0]["executionSuccessful"] is True


def test_sarif_tells_a_run_that_could_not_judge(hostile: Path) -> None:
    (run,) = json.loads((hostile / "sarif").read_text())["runs"]

    assert run["invocations"][0]["executionSuccessful"] is False
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["level"] == "error"


#: By fault, what stands where the broken promise is written down.
PLACES = {
    "accepts the forbidden pair": "not:",
    "accepts days in the wrong order": "rule: >-",
    "takes more days than allowed": "maximum: 30}",
    "does not look at the limit": "type: integer, minimum: 1, maximum: 50}",
    "drops a required property": "required: [id, bookId, days, renewable, createdAt]",
    FAULT: "id: loan-is-of-the-book",
}


@pytest.mark.parametrize("fault", PLACES)
def test_sarif_points_to_the_line_of_the_contract_that_holds_the_promise(fault: str, tmp_path: Path) -> None:
    check_loans(fault, tmp_path / "report.json", *BRIEF, "--report", f"sarif={tmp_path / 'sarif'}")

    result = json.loads((tmp_path / "sarif").read_text())["runs"][0]["results"][0]
    (location,) = result["locations"]
    place, (logical,) = location["physicalLocation"], location["logicalLocations"]
    region = place["region"]
    assert place["artifactLocation"]["uri"] == CONTRACT.as_uri()
    line = CONTRACT.read_text().splitlines()[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 :].startswith(PLACES[fault])
    assert marked_at(logical["fullyQualifiedName"]) == (region["startLine"], region["startColumn"])


def marked_at(pointer: str) -> tuple[int, int]:
    """Where a place of the contract begins, by PyYAML: the key of a property, or the member of a list."""
    composed = yaml.compose(CONTRACT.read_text(), yaml.SafeLoader)
    assert composed is not None
    node: yaml.Node = composed
    mark = node.start_mark
    for step in pointer.split("/")[1:]:
        if isinstance(node, yaml.SequenceNode):
            node = node.value[int(step)]
            mark = node.start_mark
        else:
            name = step.replace("~1", "/").replace("~0", "~")
            key, node = next(pair for pair in node.value if pair[0].value == name)
            mark = key.start_mark
    return mark.line + 1, mark.column + 1


# Markdown


def test_markdown_tells_the_verdict_each_finding_and_what_was_tried(folder: Path, report: Report) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse((folder / "markdown").read_text())

    headings = [tokens[index + 1].content for index, token in enumerate(tokens) if token.type == "heading_open"]
    assert headings == ["Loans 1.2.3: 2 findings", *(finding["title"] for finding in report["findings"])]
    fences = [(token.info, token.content) for token in tokens if token.type == "fence"]
    assert fences == [("sh", f"{finding['curl']}\n") for finding in report["findings"]]
    cells = [tokens[index + 1].content for index, token in enumerate(tokens) if token.type == "td_open"]
    rows = {row[0].strip("`"): row[1:] for row in zip(*[iter(cells)] * 5, strict=True)}
    verdicts = Counter((rule["operation"], rule["verdict"]) for rule in report["rules"])
    assert rows == {
        operation: tuple(str(verdicts[operation, name]) for name in ("held", "broken", "unjudged", "off"))
        for operation in {rule["operation"] for rule in report["rules"]}
    }


def test_markdown_keeps_its_form_whatever_the_texts_are(hostile: Path, folder: Path) -> None:
    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse((hostile / "markdown").read_bytes().decode())

    def shape(text: str) -> list[str]:
        return [
            token.type
            for token in parser.parse(text)
            if token.type in ("heading_open", "fence", "table_open", "tr_open", "html_block")
        ]

    assert shape((hostile / "markdown").read_bytes().decode()) == shape((folder / "markdown").read_text())
    inline = [child.type for token in tokens for child in token.children or ()]
    assert "html_inline" not in inline


# Lines of JSON


def test_ndjson_is_the_report_line_by_line(folder: Path, report: Report) -> None:
    lines = (folder / "ndjson").read_text().splitlines()
    rows = [json.loads(line) for line in lines]

    kinds = [row.pop("type") for row in rows]
    assert kinds == ["run", *("finding" for _ in report["findings"]), *("rule" for _ in report["rules"])]
    assert rows[0] == {"speclock": 1, "contract": report["contract"], **report["run"]}
    assert [row for kind, row in zip(kinds, rows, strict=True) if kind == "finding"] == report["findings"]
    assert [row for kind, row in zip(kinds, rows, strict=True) if kind == "rule"] == report["rules"]


@pytest.mark.parametrize("where", ["folder", "hostile"])
def test_each_line_of_ndjson_has_the_fields_of_its_part(where: str, request: pytest.FixtureRequest) -> None:
    schema: Any = report_schema()
    parts = schema["properties"]
    shapes = {
        **{name[:-1]: parts[name]["items"] for name in ("findings", "rules", "errors")},
        "run": {
            "type": "object",
            "required": ["speclock", "contract", *parts["run"]["required"]],
            "properties": {name: parts[name] for name in ("speclock", "contract")} | parts["run"]["properties"],
            "additionalProperties": False,
        },
    }
    text = (request.getfixturevalue(where) / "ndjson").read_bytes().decode()
    for line in text.splitlines():
        row = json.loads(line)
        jsonschema_rs.Draft202012Validator({**shapes[row.pop("type")], "$defs": schema["$defs"]}).validate(row)


# Credentials


class Echo(BaseHTTPRequestHandler):
    """Says what it was sent, credentials included, wherever an answer can say something."""

    def answer(self) -> None:
        given = self.headers.get("Authorization", "")
        forms = [given, given.upper(), quote(given), quote_plus(given), base64.b64encode(SECRET.encode()).decode()]
        body = json.dumps({"message": forms, given: self.path}).encode()
        self.send_response(500, given or None)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Given", given)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer  # noqa: N815 - http.server looks for these names

    def log_message(self, *_: object) -> None: ...


def test_a_credential_is_in_no_format_even_when_the_server_echoes_it(tmp_path: Path) -> None:
    with serving(Echo) as url:
        ran = speclock(
            *("check", "--contract", CONTRACT, "--url", url, "--profile", PROFILE, "--phases", "examples"),
            *asked_for(tmp_path),
        )

    assert ran.status == 1
    plain = (SECRET, SECRET.upper(), "secret+value", quote(SECRET, safe=""), quote(SECRET), quote_plus(SECRET))
    for name in FORMATS:
        text = (tmp_path / name).read_text()
        assert "LOANS_KEY" in text, name
        for form in (*plain, base64.b64encode(SECRET.encode()).decode()):
            assert form not in text, name


# Wrong use


@pytest.mark.parametrize(("command", "of"), [("check", ("--app", app_of(None), *BRIEF)), ("rules", ())])
def test_a_report_that_could_not_be_written_after_all_is_one_clear_line_and_status_2(
    command: str, of: tuple[str, ...]
) -> None:
    of = (*of, "--profile", str(PROFILE)) if of else of

    ran = speclock(command, "--contract", CONTRACT, *of, "--report", "json=/dev/full")

    said = "speclock: --report json=/dev/full: cannot be written (No space left on device)\n"
    assert (ran.status, ran.err) == (2, said)
    assert "report: " not in ran.out


BAD = {
    "an unknown format": "html5={folder}/report",
    "no path": "sarif",
    "a folder": "junit={folder}",
    "a folder that is a file": "markdown={folder}/file/report",
}


@pytest.mark.parametrize("name", BAD)
def test_a_report_that_cannot_be_written_is_told_before_anything_is_sent(name: str, tmp_path: Path) -> None:
    heard: list[str] = []

    class Recorder(Handler):
        def answer(self, body: bytes) -> None:
            heard.append(self.path)
            self.reply(404, b'{"message": "nothing here"}')

    def check(*reports: str) -> Ran:
        with serving(Recorder) as url:
            return speclock(
                *("check", "--contract", CONTRACT, "--url", url, "--profile", PROFILE, "--phases", "examples"),
                *(part for report in reports for part in ("--report", report)),
            )

    (tmp_path / "file").write_text("")
    bad = BAD[name].format(folder=tmp_path)

    ran = check(f"json={tmp_path / 'good.json'}", bad)

    assert (ran.status, ran.err.count("\n"), ran.out) == (2, 1, "")
    assert ran.err.startswith(f"speclock: --report {bad}: ")
    assert heard == []
    assert not (tmp_path / "good.json").exists()
    check(f"json={tmp_path / 'good.json'}")
    assert heard != [], "without it, requests are sent"
