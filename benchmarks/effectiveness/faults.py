"""What the servers do wrong, one fault at a time: of each kind a few, of which encoding and seed choose one in turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from benchmarks.effectiveness import fields

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.effectiveness.fields import FieldCheck
    from benchmarks.effectiveness.patterns import Body, Pattern

__all__ = ["CONDITIONS", "ELSEWHERE", "ONE_FIELD", "RULE_KINDS", "Fault", "FaultKind", "faults"]


class FaultKind(StrEnum):
    """What becomes of a promise."""

    DROPPED = "rule dropped"
    CONDITIONAL = "rule dropped under a condition"
    OVER_STRICT = "rule over-strict"
    ONE_FIELD = "one field not checked"
    ELSEWHERE = "elsewhere"


RULE_KINDS = (FaultKind.DROPPED, FaultKind.CONDITIONAL, FaultKind.OVER_STRICT)


@dataclass(frozen=True, slots=True)
class Fault:
    """One deviation from the contract."""

    kind: FaultKind
    name: str
    forgets: Callable[[Body], bool] = lambda _: False
    """The bodies for which the rule is not held."""
    refuses: Callable[[Body], bool] = lambda _: False
    """The legal bodies that are refused all the same."""
    fields: Mapping[str, FieldCheck] = field(default_factory=dict)
    """The checks of single fields that stand in for the right ones."""
    takes_unknown: bool = False


CONDITIONS: dict[str, Callable[[Body], bool]] = {
    "note is set": lambda body: body.get("note") is not None,
    "note is null": lambda body: "note" in body and body["note"] is None,
    "kind is archived": lambda body: body.get("kind") == "archived",
    "priority is there": lambda body: "priority" in body,
}

ONE_FIELD: dict[str, Mapping[str, FieldCheck]] = {
    "priority may be above 9": {"priority": fields.integer(1, None)},
    "kind may be any text": {"kind": fields.text(0, None)},
    "name may be empty": {"name": fields.text(0, 40)},
    "note may be a number": {"note": fields.either(fields.nullable(fields.text(0, 80)), fields.number)},
}

#: Of the wide document, by name: the server of these knows what to do.
ELSEWHERE = tuple(
    Fault(FaultKind.ELSEWHERE, name, takes_unknown=name == "an unknown property is taken")
    for name in (
        "an unknown property is taken",
        "an answer has its priority as text",
        "an answer lacks its name",
        "a made document is answered with 200",
        "a body of text/plain is read as JSON",
        "a made document cannot be found",
        "a deleted document is still there",
        "deleting twice crashes",
        "another method is taken",
        "a 405 has no Allow",
        "a NUL in the name crashes",
        "a priority of 7 crashes",
        "a limit that is no number is taken",
        "a form with another colour is taken",
        "a form with a long label is taken",
    )
)


def faults(pattern: Pattern, turn: int) -> tuple[Fault, ...]:
    """One fault of each kind; `turn` chooses the condition and the field."""
    conditions, one_field = list(CONDITIONS), list(ONE_FIELD)
    condition, name = conditions[turn % len(conditions)], one_field[turn % len(one_field)]
    holds = CONDITIONS[condition]
    return (
        Fault(FaultKind.DROPPED, "the rule is forgotten", forgets=lambda _: True),
        Fault(FaultKind.CONDITIONAL, f"the rule is forgotten when {condition}", forgets=holds),
        Fault(FaultKind.OVER_STRICT, "the rule is taken too strictly", refuses=pattern.overdone),
        Fault(FaultKind.ONE_FIELD, name, fields=ONE_FIELD[name]),
    )
