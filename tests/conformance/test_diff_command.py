"""`speclock diff` as a command: its formats, its exit statuses, and what it says of bad input."""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from speclock.diff.changes import Bump, is_paid
from tests.conformance.comparing import compared, written
from tests.conformance.harness import COMMAND, ROOT, speclock, speclock_process
from tests.conformance.test_diff_history import today
from tests.support.contract_edits import base
from tests.support.real_documents import GITHUB, GITHUB_EARLIER, missing

if TYPE_CHECKING:
    from speclock.diff.changes import Change


def edited(folder: Path, *, version: str = "1.0.0", maximum: int = 2000) -> tuple[Path, Path]:
    """The contract, and one in which a year may be less."""
    new = base()
    new["info"]["version"] = version
    new["components"]["schemas"]["NewBook"]["properties"]["year"]["maximum"] = maximum
    return written(folder, base(), new)


def test_a_change_that_breaks_without_its_bump_is_told_with_its_witness_and_both_lines(tmp_path: Path) -> None:
    old, new = edited(tmp_path)

    ran = speclock("diff", old, new, "--format", "json")

    assert ran.status == 1
    report = json.loads(ran.out)
    assert report.keys() == {"bump", "paid", "changes"}
    assert (report["bump"], report["paid"]) == ("major", False)
    (change,) = report["changes"]
    assert change.keys() == {"for", "kind", "operation", "what", "witness", "old", "new"}
    assert (change["for"], change["kind"], change["operation"]) == ("senders", "breaking", "addBook")
    assert change["witness"] == {"method": "POST", "path": "/books", "body": {"title": "a", "year": 2001}}
    for side, path in (("old", old), ("new", new)):
        place = change[side]
        assert place["file"] == str(path)
        assert '"maximum"' in path.read_text().splitlines()[place["line"] - 1]


@pytest.mark.parametrize(
    ("version", "status"),
    [("1.0.0", 1), ("1.0.1", 1), ("1.1.0", 1), ("2.0.0", 0), ("0.9.0", 1), ("two", 1), ("2.0.0-rc.1", 0), ("v2", 0)],
)
def test_the_version_pays_for_what_breaks_or_does_not(version: str, status: int, tmp_path: Path) -> None:
    assert speclock("diff", *edited(tmp_path, version=version)).status == status


@pytest.mark.parametrize(
    ("old", "new", "paid"),
    [
        ("2.0.0-rc.1", "2.0.0", Bump.MAJOR),
        ("2.0.0-rc.1", "2.0.0-rc.2", Bump.MAJOR),
        ("2.0.0-rc.1", "2.0.0-rc.1", None),
        ("2.0.0-rc.1+one", "2.0.0-rc.1+two", None),
        ("2.0.0", "2.0.0-rc.1", None),
        ("2.0.0-rc.1", "1.9.0", None),
        ("1.3.0-rc.1", "1.3.0", Bump.MINOR),
        ("1.3.1-rc.1", "1.3.1", Bump.PATCH),
        ("1.3.1-rc.1", "1.4.0", Bump.MINOR),
        ("0.3.0-rc.1", "0.3.0", Bump.MAJOR),
        ("0.0.0-rc.1", "0.0.0", None),
        ("2.0.0+one", "2.0.0+two", None),
    ],
)
def test_a_pre_release_becomes_what_its_version_stands_for(old: str, new: str, paid: Bump | None) -> None:
    owed = [bump for bump in Bump if bump is not Bump.NONE and is_paid(bump, old, new)]
    assert owed == ([] if paid is None else [bump for bump in Bump if Bump.NONE < bump <= paid])


@pytest.mark.parametrize(("version", "status"), [("1.0.0", 1), ("1.0.1", 1), ("1.1.0", 0), ("2.0.0", 0)])
def test_what_is_compatible_owes_a_minor_bump(version: str, status: int, tmp_path: Path) -> None:
    assert speclock("diff", *edited(tmp_path, version=version, maximum=2200)).status == status


def test_other_words_owe_a_patch_and_the_same_words_nothing(tmp_path: Path) -> None:
    new = base()
    new["paths"]["/books"]["get"]["description"] = "All of them."

    reworded = speclock("diff", *written(tmp_path, base(), new), "--format", "json")
    same = speclock("diff", *written(tmp_path, base(), base()), "--format", "json")

    assert json.loads(reworded.out) == {"bump": "patch", "paid": False, "changes": []}
    assert json.loads(same.out) == {"bump": "none", "paid": True, "changes": []}
    assert (reworded.status, same.status) == (1, 0)


def test_before_the_first_version_the_second_number_pays(tmp_path: Path) -> None:
    old, new = base(), base()
    old["info"]["version"], new["info"]["version"] = "0.3.1", "0.4.0"
    new["components"]["schemas"]["NewBook"]["required"].append("year")

    assert compared(tmp_path, old, new).paid


def test_the_text_says_whom_it_breaks_and_what_is_owed(tmp_path: Path) -> None:
    ran = speclock("diff", *edited(tmp_path))

    assert "breaking for senders" in ran.out
    assert "body.year: the maximum is 2000 instead of 2100" in ran.out
    assert 'shown by POST /books {"body": {"title": "a", "year": 2001}}' in ran.out
    assert "owes a major bump, and 1.0.0 to 1.0.0 does not pay for it" in ran.out


def test_reports_are_written_beside_the_one_on_standard_output(tmp_path: Path) -> None:
    reports = [f"{name}={tmp_path / name}" for name in ("json", "markdown", "sarif", "text")]

    ran = speclock(
        "diff", *edited(tmp_path), "--format", "json", *(part for report in reports for part in ("--report", report))
    )

    assert json.loads(ran.out) == json.loads((tmp_path / "json").read_text())
    markdown = (tmp_path / "markdown").read_text()
    assert "### Breaking for senders" in markdown
    assert "- addBook: `body.year`: the maximum is 2000 instead of 2100" in markdown
    sarif = json.loads((tmp_path / "sarif").read_text())
    (result,) = sarif["runs"][0]["results"]
    assert result["level"] == "error"
    assert result["ruleId"] == "breaking-for-senders"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] > 1
    assert result["relatedLocations"][0]["message"]["text"] == "the old contract"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no such file"),
        ("- a\n- b\n", "expected an OpenAPI document (an object at the top), got a list"),
        ("openapi: [", "not parsable as YAML or JSON"),
        ("a: b\n", "not an OpenAPI document"),
        ("swagger: '2.0'\n", "Swagger 2.0 is not supported"),
        ("openapi: 3.1.0\ninfo: {title: T, version: 1}\npaths: {}\n", "the contract has no operations"),
        ("openapi: 4.0.0\n", "OpenAPI '4.0.0' is not supported"),
        ("\udcff\udcfe", "not UTF-8 text"),
        ("", "expected an OpenAPI document (an object at the top), got nothing"),
    ],
)
@pytest.mark.parametrize("is_new", [False, True])
def test_a_document_that_cannot_be_compared_is_told_in_a_line(
    text: str | None, said: str, is_new: bool, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.yaml"
    good.write_text(json.dumps(base()))
    if text is not None:
        bad.write_bytes(text.encode("utf-8", "surrogateescape"))

    ran = speclock("diff", *((good, bad) if is_new else (bad, good)))

    assert ran.status == 2
    assert ran.out == ""
    assert ran.err.startswith(f"speclock: {bad}")
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--format", "html"), "--format html: unknown format; known: text, json, markdown, sarif"),
        (("--report", "html=x"), "unknown format 'html'"),
        (("--report", "json"), "expected FORMAT=PATH"),
        (("--nothing",), "No such option"),
    ],
)
def test_wrong_use_is_told_in_a_line(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    ran = speclock("diff", *edited(tmp_path), *arguments)

    assert ran.status == 2
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


def test_documents_with_nothing_in_common_are_not_compared_as_if_they_had(tmp_path: Path) -> None:
    new = base()
    new["paths"] = {"/other": new["paths"]["/books"]}

    ran = speclock("diff", *written(tmp_path, base(), new), "--only-shared")

    assert ran.status == 2
    assert "no operation in common" in ran.err


def test_only_shared_leaves_out_what_one_side_alone_has(tmp_path: Path) -> None:
    """A vendor's document has more operations, other names and another server; the shared ones are compared."""
    vendor = base()
    vendor["paths"]["/books"]["get"]["operationId"] = "get_books_v2"
    vendor["servers"] = [{"url": "https://vendor.example"}]
    del vendor["paths"]["/books/{bookId}"]
    vendor["paths"]["/more"] = {"get": {"responses": {"200": {"description": "More."}}}}
    vendor["components"]["schemas"]["NewBook"]["required"].append("year")

    shared = compared(tmp_path, base(), vendor, only_shared=True)
    whole = compared(tmp_path, base(), vendor)

    assert [(change.operation, change.what) for change in shared.changes] == [("addBook", "body: `year` must be there")]
    assert {change.operation for change in whole.changes} >= {"readBook", "dropBook", "GET /more", "listBooks"}


def test_an_operation_that_cannot_be_read_any_more_is_undecided_and_said(tmp_path: Path) -> None:
    new = base()
    new["paths"]["/books"]["get"]["responses"] = {}

    for comparison in (compared(tmp_path, base(), new), compared(tmp_path, new, base())):
        changes = [change for change in comparison.changes if change.operation == "listBooks"]
        assert {(change.audience, change.verdict) for change in changes} == {
            ("senders", "undecided"),
            ("readers", "undecided"),
        }
        assert all("GET /books has no responses" in change.what for change in changes)


@pytest.mark.parametrize("reference", ["other.yaml#/Person", "#/components/schemas/Nobody"])
def test_what_a_lost_reference_leads_to_is_undecided_in_both_directions(reference: str, tmp_path: Path) -> None:
    """No validator can be asked: nothing is compatible, and no witness proves anything."""
    new = base()
    new["paths"]["/books"]["get"]["parameters"][0]["schema"] = {"$ref": reference}
    new["components"]["schemas"]["Book"]["properties"]["author"] = {"$ref": reference}

    for old, other in ((base(), new), (new, base())):
        changes = compared(tmp_path, old, other).changes
        assert {(change.verdict, change.witness) for change in changes} == {("undecided", None)}
        assert {change.where for change in changes} >= {"query.limit", "answer 201 body.author"}
        assert all(f"{reference} cannot be followed" in change.what for change in changes)


def test_webhooks_are_no_matter_of_shared_operations(tmp_path: Path) -> None:
    new = base()
    new["webhooks"] = {"added": {"post": {"responses": {"200": {"description": "Heard."}}}}}

    assert [change.operation for change in compared(tmp_path, base(), new).changes] == ["webhook added"] * 2
    assert compared(tmp_path, base(), new, only_shared=True).changes == ()


def test_documents_nested_too_deeply_are_told_in_a_line(tmp_path: Path) -> None:
    old, new = base(), base()
    for document, kind in ((old, "string"), (new, "integer")):
        schema: dict[str, Any] = {"type": kind}
        for _ in range(150):
            schema = {"type": "object", "properties": {"a": schema}}
        document["components"]["schemas"]["NewBook"]["properties"]["deep"] = schema

    ran = speclock_process("diff", *written(tmp_path, old, new))

    assert ran.status == 2
    assert "nested too deeply to be compared" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_a_standard_output_that_takes_nothing_is_told_in_a_line(tmp_path: Path) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no device that is always full")
    with full.open("w") as out:
        ran = subprocess.run(
            [*COMMAND, "diff", *map(str, edited(tmp_path))],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert ran.returncode == 2
    assert "standard output cannot be written" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_the_witness_of_a_type_is_a_value_of_that_type(tmp_path: Path) -> None:
    old = base()
    old["components"]["schemas"]["NewBook"]["properties"]["year"] = {}

    lost = {change.words: shown_year(change) for change in compared(tmp_path, old, base()).changes}

    assert lost["may no longer be null"] is None
    assert isinstance(lost["may no longer be an array"], list)
    assert isinstance(lost["may no longer be true or false"], bool)


def shown_year(change: Change) -> Any:
    witness: Any = change.witness
    return witness["body"]["year"]


def test_the_markdown_keeps_the_letters_of_versions(tmp_path: Path) -> None:
    old, new = edited(tmp_path, version="2.0.0-RC.1")

    assert "1.0.0 to 2.0.0-RC.1 pays for it." in speclock("diff", old, new, "--format", "markdown").out


def test_a_pattern_that_nothing_settles_is_undecided_and_owes_as_much_as_what_breaks(tmp_path: Path) -> None:
    old, new = base(), base()
    for document, format_ in ((old, "repo.nwo"), (new, "repo.name")):
        document["components"]["schemas"]["NewBook"]["properties"]["reader"] = {"type": "string", "format": format_}

    comparison = compared(tmp_path, old, new)

    assert [change.verdict for change in comparison.changes] == ["undecided"]
    assert comparison.bump.word == "major"


def test_a_30_document_and_its_31_twin_mean_the_same(tmp_path: Path) -> None:
    old, new = base(), base()
    old["openapi"] = "3.0.3"
    twins = (
        ("price", {"type": "number", "minimum": 0, "exclusiveMinimum": True}),
        ("subtitle", {"type": "string", "nullable": True}),
    )
    for name, schema in twins:
        old["components"]["schemas"]["NewBook"]["properties"][name] = schema
    old["components"]["schemas"]["NewBook"].pop("allOf")  # if and const are no words of 3.0
    new["components"]["schemas"]["NewBook"].pop("allOf")
    old["components"]["schemas"]["Book"]["properties"]["note"] = {"type": "string", "nullable": True}
    for name, kind in (("Paper", "paper"), ("Ebook", "ebook"), ("Audio", "audio")):
        old["components"]["schemas"][name]["properties"]["kind"] = {"type": "string", "enum": [kind]}

    assert compared(tmp_path, old, new).changes == ()


def test_our_own_contract_reordered_and_in_json_is_the_same(tmp_path: Path) -> None:
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text())

    assert compared(tmp_path, document, shuffled(document)).changes == ()


def test_a_tightened_rule_of_our_own_contract_is_shown_by_a_request(tmp_path: Path) -> None:
    new = today()
    new["components"]["schemas"]["NewSession"]["allOf"].append(
        {
            "title": "custom-id-without-metadata",
            "not": {
                "required": ["customId", "metadata"],
                "properties": {"customId": {"not": {"type": "null"}}, "metadata": {"not": {"type": "null"}}},
            },
        }
    )

    (change,) = compared(tmp_path, today(), new).changes

    assert (change.audience, change.verdict) == ("senders", "breaking")
    assert isinstance(change.witness, dict)
    assert isinstance(change.witness["body"], dict)
    assert change.witness["body"].keys() == {"versionId", "customId", "metadata"}


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_forms_that_list_the_same_beside_their_kind_are_told_apart_whatever_the_order_of_sets(
    seed: str, tmp_path: Path
) -> None:
    old, new = base(), base()
    for document, kinds in ((old, "abc"), (new, "dcba")):
        shared = {f"shared{index}": {"enum": ["x", "y"]} for index in range(4)}
        document["components"]["schemas"]["Book"]["properties"]["form"] = {
            "oneOf": [
                {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": [kind]}, **shared}}
                for kind in kinds
            ]
        }

    ran = subprocess.run(
        [*COMMAND, "diff", *map(str, written(tmp_path, old, new)), "--format", "json"],
        capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": seed},
        check=False,
    )

    whats = {change["what"].partition(": ")[2] for change in json.loads(ran.stdout)["changes"]}
    assert whats == {"one more alternative: an object with kind"}


@pytest.mark.full
def test_github_with_itself_reordered_is_the_same(tmp_path: Path) -> None:
    document = json.loads(present(GITHUB).read_text())

    assert compared(tmp_path, document, shuffled(document)).changes == ()


@pytest.mark.full
def test_two_releases_of_github_are_compared_in_minutes_with_a_summary_that_can_be_read() -> None:
    earlier, later = present(GITHUB_EARLIER), present(GITHUB)
    started = time.monotonic()

    ran = speclock_process("diff", earlier, later)

    assert time.monotonic() - started < 180
    assert ran.status == 0, ran.err
    lines = ran.out.splitlines()
    assert len(lines) < 1_000
    assert "breaking for readers" in lines
    assert "owes a major bump, and 22.0.0 to 23.0.2 pays for it" in lines[-1]


def present(document: Path) -> Path:
    """The document; a test skips when it is not there, which is a failure in CI."""
    reason = missing(document)
    if reason is not None:
        pytest.skip(reason)
    return document


def shuffled(value: Any, seed: int = 7) -> Any:
    """The document with all names, and all lists that have no order, in another order."""
    order = random.Random(seed)

    def turned(item: Any, name: str) -> Any:
        if isinstance(item, dict):
            names = list(item)
            order.shuffle(names)
            return {key: turned(item[key], key) for key in names}
        if isinstance(item, list):
            listed = [turned(member, "") for member in item]
            if name in ("required", "enum", "parameters", "tags", "anyOf", "type"):
                order.shuffle(listed)
            return listed
        return item

    return turned(value, "")
