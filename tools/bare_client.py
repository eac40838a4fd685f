"""What the bare generated client gets wrong, by our own run: docs/reference/bare-client.md, grouped by cause.

`python -m tools.bare_client` writes the page, `--check` only says whether it is up to date.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from speclock.core.reading import Reading
from speclock.sdk.client import client_subject
from speclock.sdk.making import SdkCases
from speclock.sdk.run import SdkRun
from speclock.sdk.table import verdicts

if TYPE_CHECKING:
    from speclock.core.findings import Finding
    from speclock.engine.events import Outcome

__all__ = ["PAGE", "main", "page"]

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "bare-client.md"
_HEAD = """\
# What the wrapper is for

The bare generated client (`evalsessions_client`) held to `openapi.yaml`, by

```
speclock sdk --contract openapi.yaml --subject client:evalsessions_client
```

This page is made of that run by `python -m tools.bare_client`, and a test keeps it up to date. `evalsessions` has no
finding in the same {cases} cases.
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """One mistake, and the findings that it explains, by their rule."""

    words: str
    rules: str


CAUSES = (
    Cause(
        "A status that is documented nowhere is None",
        r"broken \d+: Silence, an undocumented status",
    ),
    Cause(
        "A status that is not registered is a bare `ValueError`, of `HTTPStatus()`",
        r"broken (299|499): BareError, ValueError",
    ),
    Cause(
        "A body that is no JSON, or is not there, is a bare `JSONDecodeError`",
        r"broken \d+: BareError, JSONDecodeError",
    ),
    Cause(
        "The media type is not looked at",
        r"broken \d+: Silence, (no media type|the media type text/html)",
    ),
    Cause(
        "A required property that is missing is a bare `KeyError`",
        r"broken \d+: BareError, KeyError",
    ),
    Cause(
        "A value of another type is a bare `AttributeError`, `TypeError` or `ValueError` where something is made of it",
        r"broken \d+: BareError, (AttributeError|TypeError|ValueError)",
    ),
    Cause(
        "A value of another type is taken where nothing is made of it",
        r"broken \d+: Silence, of the wrong type \w+",
    ),
    Cause(
        "A null that the contract does not allow is taken",
        r"broken \d+: Silence, that is null",
    ),
    Cause(
        "A bound, a pattern or a format is not looked at",
        r"broken \d+: Silence, against its \w+",
    ),
    Cause(
        "A required header that is missing is not noticed",
        r"broken \d+: Silence, no header [\w-]+",
    ),
    Cause(
        "A legal time that `datetime` cannot hold (lower case, a leap second) is a bare `ValueError`",
        r"legal \d+: BareError, ValueError",
    ),
    Cause(
        "A time loses the digits after the sixth",
        r"legal \d+: ChangedValue, /\w+At",
    ),
)


def page() -> str:
    """The page as it ought to be.

    Raises:
        ValueError: a finding has no cause here.
    """
    reading = Reading.of(ROOT / "openapi.yaml")
    outcome = SdkRun(client_subject("evalsessions_client"), SdkCases(reading), reading.contract.operations).run()
    return "\n".join([_HEAD.format(cases=f"{outcome.judged:,}"), *_refusals(outcome), *_causes(outcome.findings), ""])


def _refusals(outcome: Outcome) -> list[str]:
    rows = [row for row in verdicts(outcome.rules, None) if row.sdk != "not tried" and row.document == "refuses"]
    sent = [row for row in rows if row.sdk == "accepts"]
    partly = [row for row in rows if row.sdk.startswith("refuses ")]
    named = sorted({row.rule for row in sent if row.kind == "rule"})
    named += sorted({row.rule for row in sent if row.kind != "rule" and re.fullmatch(r"[a-z]+(-[a-z]+)+", row.rule)})
    return [
        "## It refuses nothing",
        "",
        f"Of {len(rows)} constraints and rules that a request can break alone it sends the violations of {len(sent)};",
        f"those of {len(partly)} more it sends in part, because what it cannot read it cannot send. Among them are the",
        f"rules that tie properties: {', '.join(f'`{name}`' for name in named)}.",
        "`evalsessions` refuses each by `ContractError`, before anything is sent.",
        "",
    ]


def _causes(findings: tuple[Finding, ...]) -> list[str]:
    found: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    example: dict[str, str] = {}
    for finding in findings:
        cause = next((item for item in CAUSES if re.fullmatch(item.rules, finding.rule)), None)
        if cause is None:
            raise ValueError(f"a finding that no cause here explains: {finding.rule}: {finding.message}")
        found[cause.words] += 1
        seen[cause.words] += finding.count
        example.setdefault(cause.words, finding.title)
    lines = [
        "## What it makes of answers",
        "",
        "`evalsessions` reads the legal ones as they were sent, and raises one of its documented errors for the",
        "others: `ResponseValidationError`, or that of the status.",
        "",
        "| cause | findings | cases | such as |",
        "| --- | ---: | ---: | --- |",
    ]
    lines += [
        f"| {cause.words} | {found[cause.words]} | {seen[cause.words]} | {example[cause.words]} |"
        for cause in CAUSES
        if cause.words in found
    ]
    return lines


def main(arguments: list[str]) -> int:
    """Write the page, or check it."""
    text = page()
    if "--check" not in arguments:
        PAGE.write_text(text, "utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text("utf-8") == text:
        return 0
    print(f"error: {PAGE.relative_to(ROOT)} is out of date: run `python -m tools.bare_client`", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
