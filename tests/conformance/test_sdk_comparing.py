"""What counts as the same value, and where two differ."""

from __future__ import annotations

from typing import Any

import pytest

from speclock.sdk.comparing import ANYWHERE, is_same_text, place_of, short, unlike


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-03-02T09:15:00Z", "2026-03-02T10:15:00+01:00"),
        ("2026-03-02T09:15:00Z", "2026-03-02t09:15:00z"),
        ("2026-03-02T09:15:00Z", "2026-03-02T09:15:00.000-00:00"),
        ("2026-03-02T09:15:00.1Z", "2026-03-02T09:15:00.100000+00:00"),
        ("6F1E2D3C-4B5A-4978-8A6B-0C1D2E3F4A5B", "6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b"),
        ("1990-12-31T23:59:60Z", "1990-12-31T23:59:60Z"),
        ("a", "a"),
    ],
)
def test_two_forms_of_the_same_thing_are_the_same(one: str, other: str) -> None:
    assert is_same_text(one, other)
    assert list(unlike({"at": one}, {"at": other}, frozenset({("at",)}))) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-03-02T09:15:00Z", "2026-03-02T09:15:00+01:00"),
        ("2026-03-02T09:15:00.1234567Z", "2026-03-02T09:15:00.123456Z"),
        ("2026-03-02T09:15:00Z", "2026-03-02T09:15:00"),
        ("2026-03-02T09:15:00Z", "2026-03-02 09:15:00Z"),
        ("1990-12-31T23:59:60Z", "1991-01-01T00:00:00Z"),
        ("2026-13-02T09:15:00Z", "2026-13-02T09:15:00z"),
        ("6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b", "6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5c"),
        ("6F1E2D3C4B5A49788A6B0C1D2E3F4A5B", "6f1e2d3c4b5a49788a6b0c1d2e3f4a5b"),
        ("A", "a"),
    ],
)
def test_other_texts_are_not(one: str, other: str) -> None:
    assert not is_same_text(one, other)
    assert len(list(unlike(one, other, ANYWHERE))) == 1


@pytest.mark.parametrize(
    ("way", "expected"),
    [
        (("at",), ["/ats/0", "/ats/1", "/by/x"]),
        (("ats", "[]"), ["/at", "/by/x"]),
        (("by", "*"), ["/at", "/ats/0", "/ats/1"]),
        (("by", "x"), ["/at", "/ats/0", "/ats/1"]),
        (("ats",), ["/at", "/ats/0", "/ats/1", "/by/x"]),
        (("**",), []),
        (("ats", "**"), ["/at", "/by/x"]),
    ],
)
def test_another_form_is_the_same_only_where_the_way_leads(way: tuple[str, ...], expected: list[str]) -> None:
    def value(text: str) -> dict[str, Any]:
        return {"at": text, "ats": [text, text], "by": {"x": text}}

    meant, got = value("2026-03-02T09:15:00Z"), value("2026-03-02T10:15:00+01:00")
    assert [where for where, _ in unlike(meant, got, frozenset({way}))] == expected


@pytest.mark.parametrize(
    ("meant", "got", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, []),
        (1, 1.0, [""]),
        (1, True, [""]),
        (5, "5", [""]),
        (None, False, [""]),
        (2**63, float(2**63), [""]),
        ({"a": None}, {}, ["/a"]),
        ({}, {"a": None}, ["/a"]),
        ({"a": [1, 2]}, {"a": [1, 3]}, ["/a/1"]),
        ({"a": [1, 2]}, {"a": [1]}, ["/a"]),
        ({"a": [{"b/c": 1}]}, {"a": [{"b/c": 2}]}, ["/a/0/b~1c"]),
        ({"~": 1, "x": {"y": 1}}, {"~": 2, "x": {"y": 2}}, ["/~0", "/x/y"]),
        ([], {}, [""]),
        ("2026-03-02T09:15:00Z", "2026-03-02T09:15:00+00:00", [""]),
    ],
)
def test_each_difference_is_told_with_its_place(meant: Any, got: Any, expected: list[str]) -> None:
    assert [where for where, _ in unlike(meant, got)] == expected


def test_members_and_names_that_nobody_documents_share_a_place() -> None:
    assert place_of("/stops/12/city", {"stops", "city"}) == "/stops/*/city"
    assert place_of("body/extras/0/whatever", {"extras"}) == "body/extras/*/*"
    assert place_of("", set()) == ""
    assert place_of("query page", set()) == "query page"


def test_a_long_value_is_shown_short() -> None:
    assert short("a" * 1000) == "a" * 200 + "... (1000 characters)"
    assert short({"a": 1}) == "{'a': 1}"
