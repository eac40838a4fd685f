"""The report as a page for people: one file that asks for nothing, runs nothing, and prints.

Whatever comes from a contract or an answer is text: escaped by the templates, and written out where nobody could see
it (controls, marks of direction, lone surrogates). The page forbids itself everything but its own style sheet.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jinja2 import Environment
    from markupsafe import Markup

    from speclock.core.documents import JsonValue
    from speclock.reporting.report import Report

__all__ = ["render"]

#: Characters of a body, and of a curl line, that are shown: a person reads no more, and a page has to open.
_BODY = 6_000
_CURL = 20_000
#: Rows of a truth table beyond which it is folded.
_ROWS = 24
#: Columns of suggested YAML.
_WIDTH = 100


def render(report: Report) -> str:
    """The page."""
    css = files("speclock.reporting").joinpath("templates/style.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    mutants = report.get("mutants")
    return (
        _environment()
        .get_template("page.html")
        .render(
            report=report,
            css=css,
            digest=digest,
            verdict=_verdict(report),
            fatal=[error["message"] for error in report["errors"] if error["kind"] == "fatal"],
            errors=sorted(
                (error for error in report["errors"] if error["kind"] != "fatal"), key=lambda error: -error["count"]
            ),
            operations=_operations(report["rules"]),
            verdicts=Counter(rule["verdict"] for rule in report["rules"]),
            sdk=report.get("sdk"),
            mutants=None if mutants is None else _mutants(mutants),
            most_rows=_ROWS,
        )
    )


@cache
def _environment() -> Environment:
    import jinja2  # noqa: PLC0415 - late: only this format needs it

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("speclock.reporting"),
        autoescape=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "body": _body,
        "count": lambda number: f"{number:,}",
        "curl": lambda line: line if len(line) <= _CURL else None,
        "percent": _percent,
        "phrase": _phrase,
        "plural": lambda number, word: f"{number:,} {word}{'' if number == 1 else 's'}",
        "time": _time,
        "words": _words,
        "yaml": lambda rule: yaml.safe_dump(
            [{name: rule[name] for name in ("id", "description", "when", "rule") if rule[name] is not None}],
            sort_keys=False,
            allow_unicode=True,
            width=_WIDTH,
        ),
    }
    return environment


def visible(text: str) -> str:
    """`text` with each character that shows nothing, or moves others, written as JSON would escape it."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or character in "\n\t" else _escaped(character) for character in text
    )


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _verdict(report: Report) -> tuple[str, str]:
    """What the run says in a few words, and its tone: bad, unsure or good."""
    findings, mutants = report["findings"], report.get("mutants")
    if findings:
        return f"{len(findings):,} finding{'s' if len(findings) > 1 else ''}", "bad"
    if any(error["kind"] == "fatal" for error in report["errors"]):
        return "Could not be judged", "unsure"
    if mutants is None:
        return ("No findings", "good") if report["run"] else ("Not run", "unsure")
    if not mutants["made"]:
        return "No mutants were made", "unsure"
    is_whole = not any(map(_is_open, mutants["list"]))
    return f"{_percent(mutants)} of the mutants were noticed", "good" if is_whole else "bad"


def _percent(tally: Report) -> str:
    """The score with one decimal, never rounded up: 100 means all."""
    return f"{tally['killed'] * 1000 // tally['made'] / 10:g} %" if tally["made"] else "\N{EN DASH}"


def _is_open(mutant: Report) -> bool:
    return mutant["state"] in ("survived", "never exercised") and mutant["reason"] is None


def _operations(rules: list[Report]) -> list[dict[str, Any]]:
    """The promises of each operation: rules about requests, rules about answers, and constraints of one value."""
    return [
        {
            "name": name,
            "counts": Counter(rule["verdict"] for rule in own),
            "tied": [rule for rule in own if rule["kind"] in ("schema", "request")],
            "answers": [rule for rule in own if rule["kind"] in ("response", "run")],
            "single": [rule for rule in own if rule["kind"] in ("value", "required")],
        }
        for name, own in _grouped(rules, "operation").items()
    ]


def _mutants(mutants: Report) -> dict[str, Any]:
    listed = mutants["list"]
    living = [mutant for mutant in listed if mutant["state"] in ("survived", "never exercised")]
    cells = {(row["phase"], row["check"], row["kind"]): row["killed"] for row in mutants["matrix"]}
    return {
        **mutants,
        "open": [mutant for mutant in living if mutant["reason"] is None],
        "accounted": [mutant for mutant in living if mutant["reason"] is not None],
        "hunters": list(dict.fromkeys((phase, check) for phase, check, _ in cells)),
        "cells": cells,
        "folded": [
            (state, [(name, _grouped(own, "kind")) for name, own in _grouped(of_state, "operation").items()], of_state)
            for state in ("killed", "equivalent")
            if (of_state := [mutant for mutant in listed if mutant["state"] == state])
        ],
    }


def _grouped(items: Iterable[Report], by: str) -> dict[str, list[Report]]:
    groups: dict[str, list[Report]] = {}
    for item in items:
        groups.setdefault(item[by], []).append(item)
    return groups


def _words(text: str) -> Markup:
    """A sentence, with what it quotes between backticks as code."""
    from markupsafe import Markup, escape  # noqa: PLC0415 - comes with jinja2

    escaped = str(escape(visible(text)))
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", escaped))  # noqa: S704 - see the line before


def _body(value: JsonValue) -> str:
    text = value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)
    return text if len(text) <= _BODY else f"{text[:_BODY]}\n… {len(text):,} characters; the JSON report has them all"


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _time(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 120 else f"{int(seconds // 60)} min {int(seconds % 60)} s"
