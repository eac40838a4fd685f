"""Three verdicts on each rule: what the document says, what the server does, what the SDK does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.documents import Location
    from speclock.engine.events import Coverage, RuleTally

__all__ = ["NOT_ASKED", "Verdicts", "verdicts"]

#: In the place of a verdict where there is none.
NOT_ASKED, NOT_TRIED, NOT_ITS_OWN = "not asked", "not tried", "does not judge"
_SILENT = frozenset({NOT_ASKED, NOT_TRIED, NOT_ITS_OWN})


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What the three say of one rule."""

    operation: str
    rule: str
    kind: str
    #: What the rule says.
    words: str
    location: Location
    document: str
    server: str
    sdk: str

    @property
    def agree(self) -> bool:
        """Whether all of them that say something say the same."""
        return all(verdict == self.document or verdict in _SILENT for verdict in (self.server, self.sdk))


def verdicts(sdk: Sequence[RuleTally], server: Sequence[RuleTally] | None) -> tuple[Verdicts, ...]:
    """The verdicts on every rule, those on which they differ first; `server` is None where none was asked."""
    asked = {(tally.operation, tally.id): tally for tally in server or ()}
    rows = list(_rows(sdk, asked if server is not None else None))
    return tuple(sorted(rows, key=lambda row: row.agree))


def _rows(sdk: Sequence[RuleTally], asked: dict[tuple[str, str], RuleTally] | None) -> Iterator[Verdicts]:
    for tally in sdk:
        other = None if asked is None else asked.get((tally.operation, tally.id))
        is_constraint = tally.kind.is_constraint
        yield Verdicts(
            operation=tally.operation,
            rule=tally.id,
            kind=tally.kind.value,
            words=tally.words,
            location=tally.location,
            document="refuses" if is_constraint else "promises",
            server=NOT_ASKED if other is None else _request(other) if is_constraint else _answer(other),
            sdk=_request(tally) if is_constraint else NOT_ITS_OWN,
        )


def _request(tally: RuleTally) -> str:
    broken, beside = tally.isolated, tally.boundary
    if not broken.sent:
        return NOT_TRIED
    refused = "refuses" if broken.right == broken.sent else "accepts" if not broken.right else _part(broken, "refuses")
    legal = "" if beside.right == beside.sent else f"; {_part(beside, 'accepts')} legal ones"
    return refused + legal


def _part(coverage: Coverage, word: str) -> str:
    return f"{word} {coverage.right} of {coverage.sent}"


def _answer(tally: RuleTally) -> str:
    return {"held": "promises", "broken": "breaks it"}.get(tally.verdict, NOT_TRIED)
