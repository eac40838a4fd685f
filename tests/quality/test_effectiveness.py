"""The effectiveness benchmark is sound: its servers and documents say the same, and its page is that of its results."""

from __future__ import annotations

import itertools
import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from openapi_spec_validator import validate

from benchmarks.effectiveness import wide
from benchmarks.effectiveness.faults import CONDITIONS, ELSEWHERE, ONE_FIELD, FaultKind, faults
from benchmarks.effectiveness.patterns import PATTERNS, document
from benchmarks.effectiveness.plot import plot
from benchmarks.effectiveness.render import BEGIN, END, KINDS, PAGE, PLOT, tables
from benchmarks.effectiveness.results import RESULTS, Rate, load
from benchmarks.effectiveness.server import Subject, serving
from benchmarks.effectiveness.tools import TOOLS
from tests.support.cel_readings import Verdict, read_by_google

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.effectiveness.patterns import Encoding, Pattern

pytestmark = pytest.mark.untraced

#: Of each property: absent, legal, and wrong.
ABSENT = object()
GRID: dict[str, tuple[object, ...]] = {
    "integer": (ABSENT, 1, 2.0, 4, 0, "1"),
    "boolean": (ABSENT, True, False, None),
    "string": (ABSENT, "post", "mail", "", 7),
}
ENCODINGS = [(pattern, encoding) for pattern in PATTERNS for encoding in pattern.encodings]
NAMES = [f"{pattern.name}-{encoding.name}" for pattern, encoding in ENCODINGS]


def _bodies(pattern: Pattern) -> Iterator[dict[str, Any]]:
    properties: dict[str, Any] = pattern.properties
    grid = [GRID[schema["type"]] for schema in properties.values()]
    for values in itertools.product(*grid):
        body = {"name": "a"} | {k: v for k, v in zip(properties, values, strict=True) if v is not ABSENT}
        yield from (body, {**body, "note": None, "kind": "archived"}, {**body, "priority": 10})


def _schema(pattern: Pattern, encoding: Encoding) -> jsonschema_rs.Draft202012Validator:
    made: Any = document(pattern, encoding)
    operation = made["paths"]["/documents"]["post"]
    return jsonschema_rs.Draft202012Validator(operation["requestBody"]["content"]["application/json"]["schema"])


@pytest.mark.parametrize(("pattern", "encoding"), ENCODINGS, ids=NAMES)
def test_an_encoding_says_what_the_server_does(pattern: Pattern, encoding: Encoding) -> None:
    validator, server = _schema(pattern, encoding), Subject(pattern)
    reasons = set()

    for body in _bodies(pattern):
        is_legal = validator.is_valid(body)
        if is_legal and encoding.cel is not None:
            is_legal = read_by_google({"rule": encoding.cel}, {"request": {"body": body}}) is Verdict.HOLDS
        reason = server.problem(body)
        assert is_legal == (reason is None), body
        reasons.add(reason)

    assert reasons > {None, f"against the rule: {pattern.words}"}


@pytest.mark.parametrize("more", [None, wide.PATHS], ids=["plain", "wide"])
@pytest.mark.parametrize(("pattern", "encoding"), ENCODINGS, ids=NAMES)
def test_a_document_is_openapi(pattern: Pattern, encoding: Encoding, more: dict[str, Any] | None) -> None:
    validate(document(pattern, encoding, more=more))


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.name)
@pytest.mark.parametrize("turn", range(len(CONDITIONS)))
def test_each_fault_can_be_shown_and_differs_only_where_it_says(pattern: Pattern, turn: int) -> None:
    right = Subject(pattern)
    bodies = [*_bodies(pattern), *({**body, "priority": 3, "note": "n"} for body in _bodies(pattern))]
    assert len(CONDITIONS) == len(ONE_FIELD)

    for fault in faults(pattern, turn):
        faulty = Subject(pattern, fault)
        alone = {"name": "", "kind": "none", "note": 1, "priority": 10}
        more = [{**body, key: value} for body in bodies for key, value in alone.items()]
        shown = [body for body in (*bodies, *more) if faulty.shows(body)]

        assert shown
        for body in shown:
            assert (right.problem(body) is None) == (fault.kind is FaultKind.OVER_STRICT)


def test_the_faults_elsewhere_are_ones_that_the_server_knows() -> None:
    known = {name for module in ("wide.py", "server.py") for name in _asked(module)}

    assert known | {"an unknown property is taken"} == {fault.name for fault in ELSEWHERE}


def _asked(module: str) -> set[str]:
    text = RESULTS.with_name(module).read_text("utf-8")
    return {part.partition('"')[0] for part in text.split('subject.does("')[1:]}


def test_a_server_answers_and_counts() -> None:
    pattern = PATTERNS[0]
    dropped = faults(pattern, 0)[0]
    for fault, status, first in ((None, 422, None), (dropped, 201, 2)):
        subject = Subject(pattern, fault)
        with serving(subject) as url:
            assert _post(url, {"name": "a"}) == 201
            assert _post(url, {"name": "a", "discount": 1}) == status
        assert (subject.requests, subject.first_wrong) == (2, first)


def _post(url: str, body: object) -> int:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/documents", json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code


def test_speclock_notices_a_dropped_rule_and_blames_no_right_server() -> None:
    pattern = PATTERNS[-1]
    encoding = pattern.encodings[1]
    found = []
    for fault in (None, faults(pattern, 0)[0]):
        with serving(Subject(pattern, fault)) as url:
            found.append(TOOLS[0].run(document(pattern, encoding), url, 1).found)

    assert found == [frozenset(), frozenset({"createDocument rule_rejection body:not"})]


@pytest.mark.parametrize(
    ("rate", "low", "high"),
    [(Rate(0, 20), 0.0, 0.1611), (Rate(20, 20), 0.8389, 1.0), (Rate(81, 263), 0.2553, 0.3662)],
)
def test_the_intervals_are_those_of_wilson(rate: Rate, low: float, high: float) -> None:
    assert rate.interval == pytest.approx((low, high), abs=1e-4)


def test_the_page_is_that_of_the_results() -> None:
    results = load(RESULTS)
    _, _, rest = PAGE.read_text("utf-8").partition(BEGIN)

    assert rest.partition(END)[0].strip() == tables(results)
    assert PLOT.read_text("utf-8") == plot(results, KINDS)
