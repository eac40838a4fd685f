"""The planned cases of both documents, judged by both: those that the one allows and the other does not.

The plan is the one of `speclock check` and `speclock rules`: each constraint broken alone, and its legal side.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT
from speclock.core.documents import join
from speclock.diff.alternatives import NOTHING
from speclock.diff.values import text_of, type_of
from speclock.generation.planning import OperationPlan
from speclock.generation.requests import tree_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from speclock.core.cases import Draft
    from speclock.core.documents import JsonValue
    from speclock.diff.alternatives import Schema
    from speclock.diff.meaning import View
    from speclock.diff.ways import Way

__all__ = ["Crossing"]


class Crossing:
    """What the cases of one operation show."""

    def __init__(self, forward: Way, backward: Way) -> None:
        self._ways = {True: forward, False: backward}

    def witness(self, names: Iterable[str], *, is_forward: bool) -> Draft | None:
        """The smallest request that one document allows, and that breaks one of these constraints of the other."""
        found = [entry for name in names if (entry := self._found[is_forward].get(name)) is not None]
        return min(found, key=lambda entry: entry[0])[1] if found else None

    def at(self, pointer: str, *, is_forward: bool) -> list[str]:
        """The constraints of the other document whose keyword stands at a pointer."""
        way = self._ways[is_forward]
        return [
            item.id
            for item in way.other.oracle.analysis(way.counterpart).constraints
            if item.location.pointer == pointer
            or any(keyword.pointer == pointer or join(keyword.pointer, "") == pointer for keyword in item.keywords)
            or (item.rule is not None and item.rule.location.pointer == pointer)
        ]

    def broken(self, *, is_forward: bool) -> dict[str, Draft]:
        """All constraints of the other document that a request breaks which the one allows."""
        return {name: draft for name, (_, draft) in self._found[is_forward].items()}

    @cached_property
    def _found(self) -> dict[bool, dict[str, tuple[tuple[int, int, str], Draft]]]:
        found: dict[bool, dict[str, tuple[tuple[int, int, str], Draft]]] = {True: {}, False: {}}
        for is_own_old in (True, False):
            way, back = self._ways[is_own_old], self._ways[not is_own_old]
            plan = OperationPlan(way.own.oracle.analysis(way.operation), way.own.oracle, way.own.rules)
            for case in plan.cases:
                self._note(found[is_own_old], way, case.draft)
                self._note(found[not is_own_old], back, back.declared(way.translated(case.draft)))
        return found

    @staticmethod
    def _note(found: dict[str, tuple[tuple[int, int, str], Draft]], way: Way, draft: Draft) -> None:
        if not way.is_legal(draft) or not _keeps_to_names(way, draft):
            return
        broken = way.breaks(draft)
        if not broken:
            return
        text = json.dumps(tree_of(draft), sort_keys=True)
        key = (len(broken), len(text), text)
        for name in broken:
            if name not in found or key < found[name][0]:
                found[name] = key, draft


def _keeps_to_names(way: Way, draft: Draft) -> bool:
    """Whether the request has no property that its document does not declare: nobody sends those."""
    if draft.body is ABSENT or way.operation.body is None:
        return True
    return _is_declared(way.own.view, (join(way.operation.body, "schema"),), draft.body)


def _is_declared(view: View, schema: Schema, value: JsonValue) -> bool:
    if isinstance(value, list):
        return all(
            _is_declared(view, item.items, member)
            for item in view.meaning(schema).alternatives.get("array", ())[:1]
            for member in value
        )
    if not isinstance(value, dict):
        return True
    alternatives = view.meaning(schema).alternatives.get("object", ())
    return any(
        all(
            (name in item.properties or item.takes_any_name)
            and _may_be(view, item.child(name), member)
            and _is_declared(view, item.child(name), member)
            for name, member in value.items()
        )
        for item in alternatives
    )


def _may_be(view: View, schema: Schema, value: JsonValue) -> bool:
    """Whether a value is of a type that the schema allows, and one of the values that it lists, if it does."""
    if NOTHING[0] in schema:
        return False
    listed = view.meaning(schema).alternatives.get(type_of(value), ())
    return any(item.values is None or text_of(value) in item.values for item in listed)
