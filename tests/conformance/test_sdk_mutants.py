"""Mutants of a generated package: what they are, and that each that breaks something is noticed."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import shutil
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from speclock.cli.subjects import load_subject
from speclock.core.errors import UsageError
from speclock.core.profiles import load_profile
from speclock.core.reading import Reading
from speclock.mutants.score import State
from speclock.sdk.deviations import DeviationKind, deviations
from speclock.sdk.hunting import SdkHunt
from speclock.sdk.making import SdkCases
from tests.conformance.harness import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from speclock.core.contract import Operation
    from speclock.sdk.hunting import SdkScore

pytestmark = pytest.mark.untraced

PACKAGE = "evalsessions_client"
SDK, BARE = "evalsessions.conformance:subject", f"client:{PACKAGE}"
ACCEPTED = {SDK: "sdk.toml", BARE: "bare-client.toml"}

SOURCE = '''\
"""A module."""
from __future__ import annotations

__all__ = ["Thing"]

KINDS = ("a", "b")
TABLE: dict[str, object] = {"name": {"type": "string", "enum": ["ä", 1, True]}, 5: None}


class Thing:
    def to_dict(self):
        name = self.name
        field_dict = {}
        field_dict.update({"name": name})
        if self.size is not UNSET:
            field_dict["size"] = self.size
        return field_dict

    @classmethod
    def from_dict(cls, src_dict):
        d = dict(src_dict)
        name = d.pop("name")

        def _parse_size(data):
            return cast(int | Unset, data)

        size = _parse_size(d.pop("size", UNSET))
        thing = cls(name=name, size=size)
        thing.additional_properties = d
        return thing


def _get_kwargs(shelf, thing, *, body):
    headers = {}
    _kwargs = {
        "method": "post",
        "url": "/shelves/{shelf}/things/{thing}".format(
            shelf=quote(str(shelf), safe=""), thing=quote(str(thing), safe="")
        ),
    }
    _kwargs["json"] = body.to_dict()
    headers["Content-Type"] = "application/json"
    return _kwargs


def _parse_response(*, client, response):
    if response.status_code == 201:
        return Thing.from_dict(response.json())
    return None
'''


def test_each_kind_of_mistake_is_made_and_each_mutant_is_python_with_one_place_changed() -> None:
    made = list(deviations("thing.py", SOURCE))
    assert {mutant.kind for mutant in made} == set(DeviationKind)
    assert max(Counter(mutant.id for mutant in made).values()) == 1
    for mutant in made:
        ast.parse(mutant.source)
        assert mutant.source != SOURCE
        assert mutant.before in SOURCE
        assert SOURCE.replace(mutant.before, mutant.after) == mutant.source or SOURCE.count(mutant.before) > 1


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("Thing.from_dict: dropped default size", 'd.pop("size", UNSET)', 'd.pop("size")'),
        ("Thing.from_dict: renamed field name", '"name"', "'name_speclock'"),
        ("Thing.to_dict: renamed field size", '"size"', "'size_speclock'"),
        ("Thing.to_dict: coerced type name", "self.name", "str(self.name)"),
        ("_get_kwargs: lost header headers['Content-Type']", 'headers["Content-Type"] = "application/json"', "pass"),
        ("_get_kwargs: swapped path parameter shelf", 'quote(str(shelf), safe="")', "quote(str(thing), safe='')"),
        (
            "_get_kwargs: swapped path parameter shelf without its encoding",
            'quote(str(shelf), safe="")',
            "str(shelf)",
        ),
        ("_get_kwargs: another method post", '"post"', "'put'"),
        (
            "_get_kwargs: another path /shelves/{shelf}/things/{thing}",
            '"/shelves/{shelf}/things/{thing}"',
            "'/shelves/{shelf}/things_speclock/{thing}'",
        ),
        ("_parse_response: another status 201", "201", "202"),
        ("TABLE/name: lost entry type", '{"type": "string", "enum": ["ä", 1, True]}', "{'enum': ['ä', 1, True]}"),
        ("TABLE/name/enum: lost entry number 2", '["ä", 1, True]', "['ä', True]"),
        ("TABLE/name/enum/0: another value 'ä'", '"ä"', "'ä_speclock'"),
        ("TABLE/name/enum/2: another value True", "True", "False"),
    ],
)
def test_a_mistake_is_at_its_place_and_nowhere_else(name: str, before: str, after: str) -> None:
    (mutant,) = [mutant for mutant in deviations("thing.py", SOURCE) if mutant.id == f"thing.py {name}"]
    assert (mutant.before, mutant.after) == (before, after)
    line = SOURCE.splitlines()[mutant.line - 1]
    assert before.partition("\n")[0] in line


@pytest.fixture(scope="module")
def cases() -> SdkCases:
    return SdkCases(Reading.of(ROOT / "openapi.yaml"))


def hunt(cases: SdkCases, subject: str, **options: object) -> SdkHunt:
    own = (subject.removeprefix("client:").partition(":")[0].partition(".")[0],)
    accepted = load_profile(ROOT / "conformance" / "profiles" / ACCEPTED[subject]).mutants_accepted
    made = SdkHunt(lambda: load_subject(subject), PACKAGE, own, cases, cases.reading.contract.operations, accepted)
    return dataclasses.replace(made, **options)  # type: ignore[arg-type]


def one(cases: SdkCases, operation: str) -> list[Operation]:
    """One operation, where what is tested does not need all of them: a surviving mutant is tried on every case."""
    return [item for item in cases.reading.contract.operations if item.id == operation]


def lives(score: SdkScore) -> list[str]:
    return [result.mutant.id for result in score.open]


@pytest.mark.parametrize(("subject", "every"), [(SDK, 100), (BARE, 80)])
def test_a_sample_of_the_mutants_is_killed_or_accounted_for(cases: SdkCases, subject: str, every: int) -> None:
    score = hunt(cases, subject, every=every).run()
    assert lives(score) == []
    assert score.killed > 5


def test_taking_out_a_rule_of_the_contract_is_noticed_as_that_rule_not_refused(cases: SdkCases) -> None:
    score = hunt(
        cases,
        SDK,
        only=("contract.py REQUEST_SCHEMAS/NewSession/allOf: lost entry *",),
        operations=one(cases, "createSession"),
    ).run()
    assert [result.state for result in score.results] == [State.KILLED] * 2
    killers = {(result.kill.check, result.kill.rule) for result in score.results if result.kill}
    assert killers == {
        ("rule_rejection", "test-case-session-is-not-production"),
        ("rule_rejection", "test-case-provides-context"),
    }


def test_a_mutant_that_changes_nothing_lives(cases: SdkCases, monkeypatch: pytest.MonkeyPatch) -> None:
    def idle(file: str, source: str) -> list[object]:
        found = next(deviations(file, source), None)
        return [] if found is None else [dataclasses.replace(found, source=f"{source}\n# nothing\n")]

    monkeypatch.setattr("speclock.sdk.hunting.deviations", idle)
    operations = one(cases, "createProjectSession")
    for subject in (SDK, BARE):
        only = ("contract.py *", "models/session.py *")
        score = hunt(cases, subject, only=only, operations=operations, accepted={}).run()
        assert [result.state for result in score.results] == [State.SURVIVED]


def test_a_mutant_that_does_not_come_back_is_killed(cases: SdkCases, monkeypatch: pytest.MonkeyPatch) -> None:
    def sleepy(file: str, source: str) -> list[object]:
        sleep = "\nimport time\nSession.to_dict = lambda self: time.sleep(60)\n"
        found = next(deviations(file, source), None)
        return [] if found is None else [dataclasses.replace(found, source=source + sleep)]

    monkeypatch.setattr("speclock.sdk.hunting.deviations", sleepy)
    asked = {"only": ("models/session.py *",), "operations": one(cases, "createSession"), "accepted": {}}
    score = hunt(cases, BARE, patience=0.5, **asked).run()
    (result,) = score.results
    assert result.kill is not None
    assert "has not come back from createSession within 0.5 s" in result.kill.case


def test_after_a_hunt_the_package_is_the_one_that_was_there(cases: SdkCases) -> None:
    load_subject(BARE)
    importlib.import_module("evalsessions_client.contract")
    before, module = list(sys.path), sys.modules["evalsessions_client.contract"]
    operations = one(cases, "createSession")
    hunt(cases, BARE, only=("models/session.py Session.to_dict: renamed field id",), operations=operations).run()
    assert sys.path == before
    assert sys.modules["evalsessions_client.contract"] is module
    from evalsessions_client.models import session

    assert session.__file__ is not None
    assert "speclock-" not in session.__file__
    assert "id_speclock" not in (ROOT / "generated_client" / PACKAGE / "models" / "session.py").read_text("utf-8")


def test_a_package_within_another_is_changed_too(
    cases: SdkCases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outer = tmp_path / "outer_of_client"
    shutil.copytree(ROOT / "generated_client" / PACKAGE, outer / "client", ignore=shutil.ignore_patterns("__pycache__"))
    (outer / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    nested = "outer_of_client.client"
    asked = hunt(cases, BARE, only=("models/session.py Session.to_dict: renamed field id",), accepted={})
    asked = dataclasses.replace(
        asked,
        load=lambda: load_subject(f"client:{nested}"),
        package=nested,
        beside=("outer_of_client",),
        operations=one(cases, "createSession"),
    )
    assert [result.state for result in asked.run().results] == [State.KILLED]
    load_subject(f"client:{nested}")
    assert str(sys.modules[nested].__file__).startswith(str(tmp_path))


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ('"/"', "'/_speclock/'"),
        ('"/{id}".format(id=quote(str(id), safe=""))', "'/_speclock/{id}'"),
        ('"{}-{}".format(id, id)', None),
    ],
)
def test_a_path_without_a_literal_has_one_more(url: str, other: str | None) -> None:
    source = f'def _get_kwargs(id):\n    return {{"method": "get", "url": {url}}}\n'
    made = {mutant.kind: mutant.after for mutant in deviations("thing.py", source)}
    assert made.get(DeviationKind.PATH) == other


def test_a_comparison_of_more_than_two_is_left_alone() -> None:
    source = "def f(x, y):\n    return x.status_code == 200 == y\n"
    assert list(deviations("thing.py", source)) == []


@pytest.mark.parametrize(
    ("package", "only", "said"),
    [
        ("no_such_package", (), "--mutants no_such_package: expected a package that can be imported, found none"),
        ("wsgiref", ("*no such mutant*",), "--mutants wsgiref: nothing of it"),
    ],
)
def test_a_package_that_cannot_be_hunted_is_told(
    cases: SdkCases, package: str, only: tuple[str, ...], said: str
) -> None:
    operations = one(cases, "createProjectSession")
    asked = hunt(cases, BARE, package=package, only=only, beside=(), operations=operations)
    with pytest.raises(UsageError, match=said):
        asked.run()
