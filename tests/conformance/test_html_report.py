"""`--report html`: the page in a real browser. It tells everything, asks for nothing and runs nothing."""

from __future__ import annotations

import copy
import itertools
import json
import re
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml

from speclock.reporting.formats import write_report
from speclock.reporting.report import report_schema
from tests.conformance.command_runs import BRIEF, Handler, app_of, check_loans, serving
from tests.conformance.harness import CONTRACT, PROFILE, speclock
from tests.support.chromium import DESKTOP, PHONE, chromium, chromium_process, watch

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Locator, Page

__all__ = ["chromium", "chromium_process"]

Report = dict[str, Any]

#: A fault of one rule, and one that shows in two operations.
FAULTS = ("accepts the forbidden pair", "lends another book")
#: What breaks a page, leaves an attribute, runs, cannot be seen, moves what stands beside it, or fits in no file.
HOSTILE = (
    "<script>alert(1)</script><img src=http://127.0.0.1:9/x onerror=alert(2)>\" onmouseover=alert(3) '</style></code>"
    "{{ 7 * 7 }} & &amp; a\0b \x1b[31m \ud800 \u202egnp.exe\u202c \u200bend"
)
TIMES = "\N{MULTIPLICATION SIGN}"
#: Where a word is longer than a phone is wide.
LONG = "unbreakable" * 40


Judged = tuple[Report, "Path"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    """By fault: the JSON report of a run, and its page."""
    found = {}
    for fault in FAULTS:
        folder = tmp_path_factory.mktemp("judged")
        asked = (*BRIEF, "--report", f"html={folder / 'report.html'}")
        ran, report = check_loans(fault, folder / "report.json", *asked)
        assert (ran.status, ran.err) == (1, "")
        found[fault] = (report, folder / "report.html")
    return found


@pytest.fixture(scope="module")
def judged(runs: dict[str, Judged]) -> Judged:
    return runs[FAULTS[0]]


@pytest.fixture(scope="module")
def mutated(judged: Judged, tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """A report of `speclock mutants` with some of everything, and its page."""
    report = of_mutants(judged[0])
    path = tmp_path_factory.mktemp("mutants") / "mutants.html"
    write_report("html", path, report)
    return report, path


def of_mutants(base: Report, *, killed: int = 40) -> Report:
    """A report of mutants as the schema has it: `killed` of them dead, five alive and one that breaks nothing."""
    place = {"file": "loans.yaml", "line": 174, "column": 11, "pointer": "/components/schemas/NewLoan/allOf/0/not"}
    kill = {
        "phase": "combinations",
        "check": "rule_rejection",
        "rule": "held-loan-is-not-renewable",
        "title": "createLoan accepts a request that breaks it",
        "case": "holdId set, renewable true",
    }

    def mutant(number: int, state: str, kind: str = "accepts", reason: str | None = None) -> Report:
        return {
            "id": f"createLoan {kind} {number}",
            "kind": kind,
            "operation": ("createLoan", "getShelf")[number % 2],
            "words": f"createLoan does the wrong thing number {number} with `days`, when `note` is set",
            "location": place,
            "condition": "`note` is set" if number % 2 else None,
            "state": state,
            "acted": 0 if state == "never exercised" else number + 1,
            "requests": number + 10,
            "milliseconds": number * 1.5,
            "killed_by": kill if state == "killed" else None,
            "reason": reason,
        }

    listed = [
        *(mutant(number, "killed", ("accepts", "response meaning")[number % 2]) for number in range(killed)),
        mutant(9001, "survived", "response meaning"),
        mutant(9002, "survived", "response meaning"),
        mutant(9003, "survived", reason="The vendor's server does it as well."),
        mutant(9004, "never exercised"),
        mutant(9005, "never exercised", reason="No request of this size is sent."),
        mutant(9006, "equivalent", reason="Nothing else is legal there."),
    ]

    def tally(of: list[Report]) -> Report:
        counts = {
            name.replace(" ", "_"): sum(item["state"] == name for item in of)
            for name in ("killed", "survived", "never exercised", "equivalent")
        }
        made = sum(counts.values()) - counts["equivalent"]
        return {"made": made, **counts, "score": counts["killed"] / made}

    kinds = {kind: [item for item in listed if item["kind"] == kind] for kind in ("accepts", "response meaning")}
    report: Report = {
        **copy.deepcopy(base),
        "findings": [],
        "mutants": {
            **tally(listed),
            "kinds": [{"kind": kind, **tally(own)} for kind, own in kinds.items()],
            "matrix": [
                {
                    "kind": kind,
                    "phase": kill["phase"],
                    "check": kill["check"],
                    "killed": tally(own)["killed"],
                }
                for kind, own in kinds.items()
            ],
            "list": listed,
            "unmatched": [{"pattern": "getShelf *", "reason": "It was so once."}],
        },
        "unguarded": [
            {
                "operation": "createLoan",
                "status": "201",
                "pointer": "/note",
                "location": place,
                "mutants": ["createLoan response meaning 9001"],
                "reason": None,
                "suggested": [
                    {
                        "id": "create-loan-note-comes-back",
                        "description": "note is what the request says at note: where it says it.",
                        "when": "has(request.body.note) && request.body.note != null",
                        "rule": "has(response.body.note) && response.body.note == request.body.note",
                        "seen": 12,
                    }
                ],
            },
            {
                "operation": "createLoan",
                "status": "201",
                "pointer": "/createdAt",
                "location": place,
                "mutants": ["createLoan response meaning 9002"],
                "reason": "Only the server's clock knows.",
                "suggested": [],
            },
        ],
    }
    jsonschema_rs.Draft202012Validator(report_schema()).validate(report)
    return report


def texts(found: Locator) -> list[str]:
    return [text.strip() for text in found.all_inner_texts()]


def opened(page: Page) -> Page:
    """The page with everything unfolded."""
    page.eval_on_selector_all("details", "all => all.forEach(item => item.open = true)")
    return page


# A run


@pytest.mark.parametrize("fault", FAULTS)
def test_the_verdict_comes_first_and_each_finding_can_be_seen_again(
    fault: str, runs: dict[str, Judged], chromium: Browser
) -> None:
    report, path = runs[fault]
    page = watch(chromium, path).page

    count = len(report["findings"])
    assert page.locator("h1").inner_text() == (f"{count} findings" if count > 1 else "1 finding")
    assert page.title() == f"{page.locator('h1').inner_text()}: Loans 1.2.3"
    header = page.locator("header").inner_text()
    for text in (report["run"]["subject"], f"{report['run']['cases']:,}", "examples, combinations"):
        assert text in header
    shown = page.locator(".finding")
    assert shown.count() == count
    for finding, article in zip(report["findings"], shown.all(), strict=True):
        place = finding["location"]
        assert article.locator("h3").inner_text() == finding["title"]
        assert article.locator(".message").inner_text() == finding["message"].replace("`", "")
        assert f"{place['file']}:{place['line']}:{place['column']}" in article.inner_text()
        assert finding["check"] in article.inner_text()
        assert article.locator(".curl").text_content() == finding["curl"]
        request, answer = article.locator(".exchange pre").all_text_contents()
        assert request.startswith(f"{finding['case']['method']} {finding['case']['path']}\n")
        assert json.dumps(finding["case"]["body"], indent=2) in request
        assert answer.startswith("201 Created\n" if finding["response"]["status"] == 201 else "200 OK\n")
        assert json.dumps(finding["response"]["body"], indent=2) in answer


@pytest.mark.parametrize("fault", FAULTS)
def test_the_truth_table_of_each_rule_is_there_and_says_which_row_is_wrong(
    fault: str, runs: dict[str, Judged], chromium: Browser
) -> None:
    report, path = runs[fault]
    page = opened(watch(chromium, path).page)

    tied = [rule for rule in report["rules"] if rule.get("table")]
    shown = page.locator(".rule")
    assert shown.count() == len(tied) == 2
    for rule, article in zip(tied, shown.all(), strict=True):
        assert rule["id"] in article.locator("h4").inner_text()
        assert rule["verdict"] in article.locator("h4").inner_text()
        names = texts(article.locator("thead th"))
        assert names == ["Verdict", *rule["ties"], "Expected", "Got"]
        rows = [texts(row.locator("th, td")) for row in article.locator("tbody tr").all()]
        assert rows == [
            [
                "wrong" if row["wrong"] else "right",
                *row["shape"].values(),
                row["expected"],
                ", ".join(f"{status} {TIMES} {times}" for status, times in row["got"].items()),
            ]
            for row in rule["table"]
        ]
    wrong = [" ".join(row) for row in map(texts, (row.locator("th, td") for row in page.locator("tr.wrong").all()))]
    forbidden = [re.sub(r"\d+$", "N", row) for row in wrong]
    assert forbidden == ([f"wrong text true refused 201 {TIMES} N"] if fault == FAULTS[0] else [])


def test_a_long_truth_table_is_folded_but_for_its_wrong_rows(judged: Judged, chromium: Browser, tmp_path: Path) -> None:
    report = copy.deepcopy(judged[0])
    rule = next(rule for rule in report["rules"] if any(row["wrong"] for row in rule.get("table", ())))
    rule["table"] += [{**rule["table"][1], "shape": {"body.days": str(number)}} for number in range(40)]
    report["rules"] = [rule]
    written(report, tmp_path)

    page = watch(chromium, tmp_path / "page.html").page

    assert texts(page.locator(".truth tbody td:first-child >> visible=true")) == ["wrong"]
    assert page.locator("summary").inner_text() == f"All {len(rule['table'])} shapes of requests, 1 answered wrongly"
    assert page.locator("details .truth tbody tr").count() == len(rule["table"])


def test_every_promise_is_on_the_page_with_its_verdict_and_line(judged: Judged, chromium: Browser) -> None:
    report, path = judged
    promises = opened(watch(chromium, path).page).locator("#promises")

    said = promises.inner_text()
    for rule in report["rules"]:
        assert rule["id"] in said
        assert f"loans.yaml:{rule['location']['line']}" in said
    verdicts = [text.split()[-1] for text in texts(promises.locator(".verdict"))]
    assert sorted(verdicts) == sorted(rule["verdict"] for rule in report["rules"])


def test_what_was_not_judged_and_what_was_expected_is_told(judged: Judged, tmp_path: Path) -> None:
    report = copy.deepcopy(judged[0])
    report["findings"] = []
    report["errors"] = [
        {"operation": None, "phase": "run", "kind": "fatal", "message": "the subject is gone", "count": 1},
        {"operation": "getShelf", "phase": "auth", "kind": "unjudged", "message": "bind its ids", "count": 1234},
    ]
    report["expected"] = [{"id": "0" * 12, "title": "A known fault", "reason": "Ticket 12.", "count": 3}]
    report["absent"] = [{"operation": "getShelf", "check": "x", "rule": "y", "reason": "Ticket 13."}]

    page = written(report, tmp_path)

    assert "<h1>Could not be judged</h1>" in page
    for text in ("the subject is gone", "bind its ids", ">1,234</td>", "A known fault", "Ticket 12.", "Ticket 13."):
        assert text in page


def test_what_a_report_may_leave_out_is_not_missed(judged: Judged, tmp_path: Path) -> None:
    report = copy.deepcopy(judged[0])
    schema: Any = report_schema()
    for name in ("findings", "rules"):
        needed = schema["properties"][name]["items"]["required"]
        report[name] = [{key: item[key] for key in needed} for item in report[name]]
    del report["contract"]["file"], report["expected"], report["absent"]
    jsonschema_rs.Draft202012Validator(report_schema()).validate(report)

    page = written(report, tmp_path)

    assert report["findings"][0]["title"] in page
    assert all(rule["id"] in page for rule in report["rules"])
    assert "None" not in page


def written(report: Report, folder: Path) -> str:
    write_report("html", folder / "page.html", report)
    return (folder / "page.html").read_text("utf-8")


# Mutants


def test_the_score_of_the_mutants_is_told_in_all_and_by_kind(mutated: Judged, chromium: Browser) -> None:
    page = watch(chromium, mutated[1]).page

    assert page.locator("h1").inner_text() == "88.8 % of the mutants were noticed"
    assert "40 of 45 broken servers were caught" in page.locator(".summary").inner_text()
    assert "3 of them nobody accounts for" in page.locator(".summary").inner_text()
    by_kind, matrix = page.locator("#score table").all()
    assert [texts(row.locator("th, td"))[:-1] for row in by_kind.locator("tbody tr, tfoot tr").all()] == [
        ["accepts", "23", "20", "1", "2", "1", "86.9 %"],
        ["response meaning", "22", "20", "2", "0", "0", "90.9 %"],
        ["all", "45", "40", "3", "2", "1", "88.8 %"],
    ]
    assert texts(matrix.locator("tbody tr").first.locator("th, td")) == [
        "combinations",
        "rule_rejection",
        "20",
        "20",
        "40",
    ]


def test_survivors_are_told_in_full_and_those_that_nobody_accounts_for_first(
    mutated: Judged, chromium: Browser
) -> None:
    report, path = mutated
    shown = texts(watch(chromium, path).page.locator(".mutants > li"))

    living = [item for item in report["mutants"]["list"] if item["state"] in ("survived", "never exercised")]
    assert len(shown) == len(living) == 5
    for item in living:
        (told,) = [text for text in shown if item["id"] in text]
        for text in (item["words"].replace("`", ""), item["state"], "loans.yaml:174:11", f"{item['acted']:,} answer"):
            assert text in told
        assert (item["reason"] or "Nobody accounts for it.") in told
    assert ["Nobody" in text for text in shown] == [True, True, True, False, False]


def test_a_suggested_rule_can_be_copied_into_the_contract(mutated: Judged, chromium: Browser) -> None:
    report, path = mutated
    section = watch(chromium, path).page.locator("#unguarded")

    suggested = report["unguarded"][0]["suggested"][0]
    copied = yaml.safe_load(section.locator("pre").text_content() or "")
    assert copied == [{name: suggested[name] for name in ("id", "description", "when", "rule")}]
    assert "12 answers show it" in section.inner_text()
    assert "Only the server's clock knows." in section.inner_text()


def test_thousands_of_mutants_are_folded_in_a_page_of_a_few_megabytes(
    judged: Judged, chromium: Browser, tmp_path: Path
) -> None:
    report = of_mutants(judged[0], killed=5000)
    assert len(written(report, tmp_path)) < 3_000_000

    page = watch(chromium, tmp_path / "page.html").page

    assert page.locator("#mutants tbody tr").count() == 5001
    assert page.locator("#mutants tbody tr >> visible=true").count() == 0
    assert page.locator(".mutants > li >> visible=true").count() == 5
    page.locator("#mutants summary").first.click()
    page.locator("#mutants details details summary").first.click()
    assert page.locator("#mutants tbody tr >> visible=true").count() == 2500


@pytest.mark.parametrize(
    ("killed", "made", "said"), [(9999, 10_000, "99.9 % of"), (7, 7, "100 % of"), (0, 0, "No mut")]
)
def test_a_score_is_never_rounded_up_to_all(killed: int, made: int, said: str, judged: Judged, tmp_path: Path) -> None:
    report = of_mutants(judged[0])
    report["mutants"] |= {"killed": killed, "made": made, "score": round(killed / made, 3) if made else None}

    assert f"<h1>{said}" in written(report, tmp_path)


# The page itself


def pages(judged: Judged, mutated: Judged) -> list[Path]:
    return [judged[1], mutated[1]]


def test_the_page_asks_for_nothing_runs_nothing_and_complains_of_nothing(
    judged: Judged, mutated: Judged, chromium: Browser
) -> None:
    for path in pages(judged, mutated):
        for dark in (False, True):
            watched = watch(chromium, path, dark=dark)
            opened(watched.page)
            assert watched.complaints == []
            assert watched.asked == [path.as_uri()]
            assert watched.page.locator("script, link, img, iframe, [style]").count() == 0


def test_the_page_forbids_itself_scripts_and_the_network(judged: Judged, chromium: Browser) -> None:
    heard: list[str] = []

    class Recorder(Handler):
        def answer(self, body: bytes) -> None:
            heard.append(self.path)
            self.reply(200)

    page = watch(chromium, judged[1]).page
    with serving(Recorder) as url:
        ran = page.evaluate(
            """async url => {
                const script = document.createElement('script')
                script.textContent = 'window.ran = true'
                const image = document.createElement('img')
                const failed = new Promise(done => { image.onerror = done })
                image.src = url
                document.body.setAttribute('onclick', 'window.ran = true')
                document.body.setAttribute('style', 'border-top: 9px solid')
                document.body.append(script, image)
                document.body.click()
                await failed
                return [window.ran ?? false, getComputedStyle(document.body).borderTopWidth]
            }""",
            f"{url}/asked",
        )

    assert ran == [False, "0px"]
    assert heard == []


def test_it_reads_the_same_where_scripts_are_off(judged: Judged, chromium: Browser) -> None:
    with_, without = (watch(chromium, judged[1], script=script).page.locator("body") for script in (True, False))

    assert with_.inner_text() == without.inner_text()


@pytest.fixture(scope="module")
def hostile(mutated: Judged, judged: Judged, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every text of a report that a contract or a server could have written, hostile."""
    fixed = {"speclock", "sha256", "state", "verdict", "expected", "score", "check", "id"}

    def spoiled(value: Any, name: str = "") -> Any:
        if isinstance(value, str):
            return value if name in fixed or (name == "kind" and value in _KINDS) else f"{value} {HOSTILE}"
        if isinstance(value, list):
            return [spoiled(item, name) for item in value]
        if isinstance(value, dict) and name in ("shape", "got", "headers"):
            return {f"{key} {HOSTILE}": spoiled(item, name) for key, item in value.items()}
        return {key: spoiled(item, key) for key, item in value.items()} if isinstance(value, dict) else value

    report = spoiled({**mutated[0], "findings": judged[0]["findings"]})
    report["findings"][0]["message"] = LONG
    report["findings"][0]["response"]["body"] = [LONG, "x" * 100_000]
    report["errors"] = [{"operation": None, "phase": "run", "kind": "fatal", "message": HOSTILE, "count": 1}]
    path = tmp_path_factory.mktemp("hostile") / "hostile.html"
    write_report("html", path, report)
    return path


_KINDS = ("value", "required", "schema", "request", "response", "run")


def test_hostile_text_is_shown_as_text_and_runs_nothing(hostile: Path, chromium: Browser) -> None:
    written_out: dict[int, str | int | None] = {
        ord(mark): f"\\u{ord(mark):04x}" for mark in "\0\x1b\ud800\u202e\u202c\u200b"
    }
    text = hostile.read_text("utf-8")
    assert [mark for mark in written_out if chr(mark) in text] == []
    watched = watch(chromium, hostile)
    page = opened(watched.page)

    for button in page.locator("h3, figcaption").all()[:8]:
        button.hover()
    assert watched.complaints == []
    assert watched.asked == [hostile.as_uri()]
    assert page.locator("script, img, [onmouseover], [onerror]").count() == 0
    shown = HOSTILE.translate(written_out)
    for selector in ("header", "#findings", "#promises", "#survivors", "#unguarded", "#mutants"):
        assert shown in (page.locator(selector).text_content() or ""), selector


def test_a_body_that_is_too_long_for_a_page_is_cut_and_says_so(hostile: Path, chromium: Browser) -> None:
    page = watch(chromium, hostile).page

    answer = page.locator(".exchange pre").nth(1).text_content() or ""
    assert "characters; the JSON report has them all" in answer
    assert len(answer) < 10_000


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_no_page_scrolls_sideways(
    size: tuple[int, int],
    judged: Judged,
    mutated: Judged,
    hostile: Path,
    chromium: Browser,
) -> None:
    for path in (*pages(judged, mutated), hostile):
        page = opened(watch(chromium, path, size=size).page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_each_table_names_itself_and_its_rows_and_columns_and_headings_do_not_skip(
    judged: Judged, mutated: Judged, chromium: Browser
) -> None:
    for path in pages(judged, mutated):
        page = watch(chromium, path).page
        assert page.locator("html[lang=en]").count() == 1
        assert page.locator("table").count() == page.locator("table > caption").count() > 3
        assert page.locator("th:not([scope])").count() == 0
        assert page.locator("tbody tr:not(:has(th[scope=row]))").count() == 0
        levels = [int(name[1]) for name in page.eval_on_selector_all("h1,h2,h3,h4", "all => all.map(h => h.tagName)")]
        assert levels[0] == levels.count(1) == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
        ids = page.eval_on_selector_all("[id]", "all => all.map(item => item.id)")
        assert len(ids) == len(set(ids))
        for target in page.eval_on_selector_all("nav a", "all => all.map(item => item.hash.slice(1))"):
            assert target in ids


#: The contrast of each text with what is behind it, as WCAG 2.2 (1.4.3) measures it.
CONTRAST = """() => {
    const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
    const light = colour => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1)
        const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(part => part / 255)
            .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const behind = item => {
        const own = getComputedStyle(item).backgroundColor
        return own === 'rgba(0, 0, 0, 0)' ? behind(item.parentElement) : own
    }
    return [...document.querySelectorAll('body *')]
        .filter(item => [...item.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
        .filter(item => item.checkVisibility())
        .map(item => {
            const [one, other] = [light(getComputedStyle(item).color), light(behind(item))].sort((a, b) => b - a)
            return [(one + 0.05) / (other + 0.05), `${item.tagName}.${item.className}: ${item.textContent}`]
        })
}"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_all_text_can_be_read_on_light_and_on_dark(
    dark: bool, judged: Judged, mutated: Judged, chromium: Browser
) -> None:
    for path in pages(judged, mutated):
        page = opened(watch(chromium, path, dark=dark).page)
        measured = page.evaluate(CONTRAST)
        assert len(measured) > 100
        assert [item for item in measured if item[0] < 4.5] == []


def test_on_paper_nothing_of_a_run_is_folded_or_cut(judged: Judged, chromium: Browser) -> None:
    page = watch(chromium, judged[1]).page
    folded = page.locator("details tbody tr").first
    assert not folded.is_visible()

    page.emulate_media(media="print")

    assert folded.is_visible()
    assert not page.locator("nav").is_visible()
    assert page.locator(".curl").first.evaluate("item => item.scrollHeight <= item.clientHeight")
    assert page.pdf().startswith(b"%PDF")


def test_shards_are_merged_into_a_page_as_well(chromium: Browser, tmp_path: Path) -> None:
    paths = [tmp_path / "1.json", tmp_path / "2.json"]
    for number, path in enumerate(paths, 1):
        check_loans(FAULTS[0], path, *BRIEF, "--shard", f"{number}/2")

    ran = speclock(
        "merge", *paths, "--report", f"html={tmp_path / 'page.html'}", "--report", f"json={tmp_path / 'json'}"
    )

    assert (ran.status, ran.err) == (1, "")
    page = opened(watch(chromium, tmp_path / "page.html").page)
    merged = json.loads((tmp_path / "json").read_text())
    assert page.locator("h1").inner_text() == "1 finding"
    assert page.locator("tr.wrong").count() == 1
    assert page.locator(".truth tbody tr").count() == sum(len(rule.get("table", ())) for rule in merged["rules"])
    assert f"{merged['run']['cases']:,}" in page.locator("header").inner_text()


def test_help_lists_the_format() -> None:
    ran = speclock("check", "--help")

    assert "html" in ran.out
    assert speclock(
        *("check", "--contract", CONTRACT, "--app", app_of(None), "--profile", PROFILE, "--report", "htm=x")
    ).err.endswith("known: json, html, junit, sarif, markdown, ndjson\n")
