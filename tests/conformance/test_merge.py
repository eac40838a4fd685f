"""`--shard I/N` and `speclock merge`: any N shards together give the cases, findings and verdicts of one run."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest

from speclock.engine.events import CaseJudged
from speclock.reporting.formats import FORMATS
from speclock.reporting.report import report_schema
from tests.conformance.command_runs import check_loans
from tests.conformance.harness import CONTRACT, PROFILE, check_app, speclock
from tests.conformance.loans_server import app_with

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from speclock.engine.events import Event
    from speclock.phases.asgi import AsgiApp

pytestmark = pytest.mark.untraced

Report = dict[str, Any]
FAULT = "lends another book"
#: Of how many shards; two are little more than one and one.
COUNTS = (pytest.param(2, marks=pytest.mark.full), 3)


def merged(paths: Sequence[Path], path: Path) -> tuple[int, Report]:
    """The exit status of merging, and the report that it wrote."""
    ran = speclock("merge", *paths, "--report", f"json={path}")
    assert ran.err == ""
    report: Report = json.loads(path.read_text())
    return ran.status, report


@dataclass(frozen=True)
class Runs:
    """Of a server with the fault: what one whole run said, and what its shards say together."""

    fault: str | None
    folder: Path
    #: Exit status and report.
    whole: tuple[int, Report]

    def of(self, count: int) -> tuple[int, Report]:
        """Exit status and report of `count` shards, each on a server that has seen nothing yet."""
        shards = [self.folder / f"{number}-of-{count}.json" for number in range(1, count + 1)]
        for number, path in enumerate(shards, 1):
            _, shard = check_loans(self.fault, path, "--shard", f"{number}/{count}")
            assert shard["run"]["shard"] == f"{number}/{count}"
            assert 0 < shard["run"]["cases"] < self.whole[1]["run"]["cases"]
        return merged(list(reversed(shards)), self.folder / f"of-{count}.json")


@pytest.fixture(scope="module", params=[None, FAULT], ids=["correct", "faulty"])
def runs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    folder = tmp_path_factory.mktemp("shards")
    ran, whole = check_loans(request.param, folder / "whole.json")
    return Runs(request.param, folder, (ran.status, whole))


@pytest.mark.parametrize("count", COUNTS)
def test_shards_together_are_the_run_in_one_piece(count: int, runs: Runs) -> None:
    (status, report), (whole_status, whole) = runs.of(count), runs.whole

    jsonschema_rs.Draft202012Validator(report_schema()).validate(report)
    assert status == whole_status == (1 if whole["findings"] else 0)
    assert report["run"]["cases"] == whole["run"]["cases"]
    assert report["run"]["shard"] is None
    assert {finding["id"]: finding["count"] for finding in report["findings"]} == {
        finding["id"]: finding["count"] for finding in whole["findings"]
    }
    assert [finding["rule"] for finding in report["findings"]] == [finding["rule"] for finding in whole["findings"]]
    assert report["rules"] == whole["rules"], "verdicts and coverage, constraint by constraint"
    for name in ("speclock", "contract", "errors", "unguarded", "expected", "absent"):
        assert report[name] == whole[name], name
    # Of each finding: shown by a request as small as that of one run.
    assert _bodies(report) == _bodies(whole)


def _bodies(report: Report) -> dict[str, object]:
    return {finding["id"]: masked(json.dumps(finding["case"]["body"])) for finding in report["findings"]}


def masked(text: str) -> str:
    """Free of what differs from run to run: the ids that a server makes, and the nonce in what must be new."""
    known = re.sub(r"-[0-9a-f]{8}-\d+", "-new", re.sub(r"loan_\d+", "loan_n", text))
    return re.sub(r'"number": ?"[^"]*"', '"number":"new"', known)


def recorded(app: AsgiApp, heard: Counter[str]) -> AsgiApp:
    """The application, with every request to it counted."""

    async def ask(scope: Any, receive: Any, send: Any) -> None:
        parts: list[bytes] = []

        async def read() -> Any:
            message = await receive()
            parts.append(message.get("body", b""))
            return message

        await app(scope, read, send)
        if scope["type"] == "http":
            target = scope["path"] + "?" + scope["query_string"].decode()
            headers = [value for name, value in scope["headers"] if name in (b"authorization", b"content-type")]
            heard[masked(f"{scope['method']} {target} {headers} {b''.join(parts)!r}")] += 1

    return ask


@pytest.mark.parametrize("count", COUNTS)
def test_each_case_is_sent_by_exactly_one_shard(count: int) -> None:
    def sent(shard: tuple[int, int]) -> tuple[Counter[str], Counter[str]]:
        judged: list[Event] = []
        heard: Counter[str] = Counter()
        check_app(None, app=recorded(app_with(None), heard), shard=shard, listeners=(judged.append,))
        return heard, Counter(repr(event) for event in judged if isinstance(event, CaseJudged))

    (whole_heard, whole_judged), parts = sent((1, 1)), [sent((number, count)) for number in range(1, count + 1)]

    assert sum((judged for _, judged in parts), Counter()) == whole_judged
    assert {request for heard, _ in parts for request in heard} == whole_heard.keys()


# Wrong use


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Reports of small runs, two of which belong together: `1.json` and `2.json`."""
    folder = tmp_path_factory.mktemp("small")
    brief = ("--phases", "examples")
    for name, more in {
        "1": ("--shard", "1/2"),
        "2": ("--shard", "2/2"),
        "whole": (),
        "third": ("--shard", "3/3"),
        "seed": ("--shard", "2/2", "--seed", "2"),
        "phases": ("--shard", "2/2", "--phases", "examples,auth"),
        "operations": ("--shard", "2/2", "--include", "createLoan"),
    }.items():
        check_loans(None, folder / f"{name}.json", *brief, *more)
    copy = folder / "contract.yaml"
    copy.write_text(CONTRACT.read_text() + "# another by now\n")
    check_loans(None, folder / "contract.json", *brief, "--shard", "2/2", "--contract", copy)
    speclock("rules", "--contract", CONTRACT, "--report", f"json={folder / 'rules.json'}")
    (folder / "text.json").write_text("no report")
    (folder / "list.json").write_text("[]")
    report = json.loads((folder / "2.json").read_text())
    report["run"]["shard"] = "two of two"
    (folder / "tampered.json").write_text(json.dumps(report))
    return folder


BAD = {
    "a shard is missing": (["1"], "the reports are not all 2 shards of one run (missing: 2/2)"),
    "a shard is there twice": (["1", "2", "1"], "the shard 1/2 is in"),
    "a shard of another count": (["1", "third"], "not all 2 shards of one run"),
    "another contract": (["1", "contract"], "of another contract than"),
    "another seed": (["1", "seed"], "run with seed 2, and"),
    "other phases": (["1", "phases"], "run with phases"),
    "other operations": (["1", "operations"], "of other operations than"),
    "other operations first": (["operations", "1"], "of other operations than"),
    "a whole run": (["1", "whole"], "the report of a whole run"),
    "a report of no run": (["1", "rules"], "that was not run"),
    "no JSON": (["1", "text"], "not JSON"),
    "another JSON": (["1", "list"], "no report of this version of speclock"),
    "a shard that is none": (["1", "tampered"], "no report of this version of speclock: at /run/shard"),
    "a file that is not there": (["1", "nowhere"], "no such file"),
    "no reports": ([], "Missing argument 'REPORT...'"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_merged_is_one_clear_line_and_status_2(name: str, shards: Path, tmp_path: Path) -> None:
    names, said = BAD[name]
    path = tmp_path / "merged.json"

    ran = speclock("merge", *(shards / f"{one}.json" for one in names), "--report", f"json={path}")

    assert (ran.status, ran.err.count("\n"), ran.out) == (2, 1, "")
    assert ran.err.startswith("speclock: ")
    assert said in ran.err
    assert not path.exists()


def test_shards_that_belong_together_are_merged_into_every_format(shards: Path, tmp_path: Path) -> None:
    asked = [part for name in FORMATS for part in ("--report", f"{name}={tmp_path / name}")]

    ran = speclock("merge", shards / "2.json", shards / "1.json", *asked)

    assert (ran.status, ran.err) == (0, "")
    assert "cases of 2 shards" in ran.out
    assert all((tmp_path / name).stat().st_size for name in FORMATS)


def test_shards_that_all_could_not_judge_are_status_2_together(tmp_path: Path) -> None:
    paths = [tmp_path / "1.json", tmp_path / "2.json"]
    for number, path in enumerate(paths, 1):
        speclock(
            *("check", "--contract", CONTRACT, "--app", "tests.conformance.refusing_server:app", "--profile", PROFILE),
            *("--phases", "examples", "--shard", f"{number}/2", "--report", f"json={path}"),
        )

    ran = speclock("merge", *paths)

    assert ran.status == 2
    assert "answered 401: check the credential in LOANS_KEY" in ran.err
