"""The requests of one operation in two documents: what was legal and no longer is, and what is legal now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from speclock.core.cases import ABSENT, Draft
from speclock.core.constraints import Part
from speclock.core.documents import join
from speclock.core.errors import ContractError
from speclock.diff.alternatives import ANY
from speclock.diff.crossing import Crossing
from speclock.diff.differences import Kind
from speclock.diff.implication import Condition, condition_of, condition_of_rule, implies
from speclock.diff.items import Item
from speclock.diff.media import canonical, concrete, covering
from speclock.diff.ways import Way, named_parameters, schema_of
from speclock.diff.writing import as_written, style_of, style_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from speclock.core.constraints import Parameter
    from speclock.core.contract import Operation
    from speclock.core.rules import Rule
    from speclock.diff.alternatives import Schema
    from speclock.diff.comparing import Comparing
    from speclock.diff.differences import Difference
    from speclock.diff.meaning import View
    from speclock.diff.sides import Half
    from speclock.diff.witnesses import Hunt

__all__ = ["RequestPair", "is_text"]

#: Forms in which everything is text.
_FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


@dataclass
class RequestPair:
    """The requests of one operation in both documents."""

    old: Half
    new: Half
    before: Operation
    after: Operation
    comparing: Comparing
    forward_hunt: Hunt
    backward_hunt: Hunt
    _parameters: tuple[dict[tuple[str, str], Parameter], dict[tuple[str, str], Parameter]] = field(init=False)

    def __post_init__(self) -> None:
        self._parameters = (named_parameters(self.old, self.before), named_parameters(self.new, self.after))

    @cached_property
    def forward(self) -> Way:
        one, other = self._parameters
        return Way(self.old, self.new, self.before, self.after, self.forward_hunt, one, other)

    @cached_property
    def backward(self) -> Way:
        one, other = self._parameters
        return Way(self.new, self.old, self.after, self.before, self.backward_hunt, other, one)

    @cached_property
    def crossing(self) -> Crossing:
        """The planned cases of both documents, judged by both."""
        return Crossing(self.forward, self.backward)

    def items(self) -> Iterator[Item]:
        """All that differs."""
        one, other = self._parameters
        for key in dict.fromkeys((*one, *other)):
            yield from self._parameter(key, one.get(key), other.get(key))
        yield from self._bodies()
        yield from self._rules()

    def _way(self, is_forward: bool) -> Way:
        return self.forward if is_forward else self.backward

    # Parameters

    def _parameter(self, key: tuple[str, str], old: Parameter | None, new: Parameter | None) -> Iterator[Item]:
        known = new if old is None else old
        assert known is not None
        where = str(known.place)
        if old is None or new is None:
            is_required = known.required and known.place.part is not Part.PATH
            words = "the parameter is new" if old is None else "the parameter is gone"
            yield Item(
                where,
                f"{words}, and required" if is_required and old is None else words,
                narrows=old is None and is_required,
                widens=new is None and is_required,
                old=None if old is None else old.pointer,
                new=None if new is None else new.pointer,
                drafts=lambda forward: self._way(forward).without(key),
                shows=lambda forward: self._way(forward).with_some(key),
                rules=(f"{known.place}:required",),
            )
            return
        if old.required is not new.required:
            yield Item(
                where,
                "must be there" if new.required else "may be left out",
                narrows=new.required,
                widens=old.required,
                old=join(old.pointer, "required"),
                new=join(new.pointer, "required"),
                drafts=lambda forward: self._way(forward).without(key),
                rules=(f"{old.place}:required", f"{new.place}:required"),
            )
        before, after = style_of(old.value, known.place.part.value), style_of(new.value, known.place.part.value)
        takes = self.old.view.meaning(schema_of(old)).alternatives
        if any(as_written(before, name) != as_written(after, name) for name in takes):
            yield Item(
                where,
                f"is written as {style_words(after)} instead of {style_words(before)}",
                narrows=True,
                widens=True,
                old=join(old.pointer, "style"),
                new=join(new.pointer, "style"),
                is_certain=True,
                drafts=lambda forward: self._many(self._way(forward), key),
            )
        for difference in self.comparing.differences(schema_of(old), schema_of(new)):
            yield self._of_parameter(where, key, difference, old, new)

    def _of_parameter(
        self, where: str, key: tuple[str, str], difference: Difference, old: Parameter, new: Parameter
    ) -> Item:
        return Item(
            _place(where, difference.place),
            difference.words,
            narrows=difference.narrows and not is_text(self.new.view, difference, is_new=True),
            widens=difference.widens and not is_text(self.old.view, difference, is_new=False),
            old=difference.old or old.pointer,
            new=difference.new or new.pointer,
            changes_meaning=difference.changes_meaning,
            is_unread=difference.kind is Kind.UNREAD,
            drafts=lambda forward: self._way(forward).in_parameter(difference, key),
            shows=lambda forward: self._way(forward).in_parameter(difference, key, shows=True),
        )

    @staticmethod
    def _many(way: Way, key: tuple[str, str]) -> Iterator[Draft]:
        """Requests with two members in an array, or all of an object: that is where ways of writing differ."""
        parameter = way.mine[key]
        schema = schema_of(parameter)
        meaning = way.own.view.meaning(schema)
        for alternative in meaning.alternatives.get("array", ()):
            member = way.hunt.maker.smallest(alternative.items, ANY)
            yield way.with_parameter(way.base, parameter.place, [member, member])
        for alternative in meaning.alternatives.get("object", ()):
            yield way.with_parameter(way.base, parameter.place, way.hunt.maker.full(alternative, schema))
        yield from way.with_some(key)

    # Bodies

    def _bodies(self) -> Iterator[Item]:
        old, new = _contents(self.old, self.before), _contents(self.new, self.after)
        if old is None and new is None:
            return
        if old is None or new is None:
            pointer, is_required = self._body_of(new is not None)
            words = "the request body is new" if old is None else "the request body is gone"
            yield Item(
                "body",
                f"{words}, and required" if old is None and is_required else words,
                narrows=old is None and is_required,
                widens=new is None and is_required,
                old=None if old is None else pointer,
                new=None if new is None else pointer,
                drafts=lambda forward: iter((replace(self._way(forward).base, body=ABSENT),)),
                rules=("body:required",),
            )
            return
        one, other = (self._body_of(is_new) for is_new in (False, True))
        if one[1] is not other[1]:
            yield Item(
                "body",
                "a request must have a body" if other[1] else "a request may go without a body",
                narrows=other[1],
                widens=one[1],
                old=join(one[0], "required"),
                new=join(other[0], "required"),
                drafts=lambda forward: iter((replace(self._way(forward).base, body=ABSENT),)),
                rules=("body:required",),
            )
        for name, pointer in old.items():
            if covering(name, new) is None:
                yield self._media(name, pointer, other[0], is_gone=True)
        for name, pointer in new.items():
            if covering(name, old) is None:
                yield self._media(name, one[0], pointer, is_gone=False)
        # What only one side names may be within a range of the other.
        told: set[tuple[str, str]] = set()
        for name in dict.fromkeys((*old, *new)):
            here, there = covering(name, old), covering(name, new)
            if here is not None and there is not None and (here, there) not in told:
                told.add((here, there))
                yield from self._content(concrete(name), here, there, is_only=len(old) == 1)

    def _body_of(self, is_new: bool) -> tuple[str, bool]:
        half, operation = (self.new, self.after) if is_new else (self.old, self.before)
        return join(operation.pointer, "requestBody"), half.schemas.requires_body(operation)

    def _media(self, name: str, old: str, new: str, *, is_gone: bool) -> Item:
        def drafts(forward: bool) -> Iterator[Draft]:
            way = self._way(forward)
            base = way.base
            if forward is is_gone:
                schema = (join(old if is_gone else new, "schema"),)
                yield replace(base, body=way.hunt.maker.smallest(schema, schema), media_type=concrete(name))

        words = f"{name} is no longer taken" if is_gone else f"{name} is taken too"
        return Item(
            "body", words, narrows=is_gone, widens=not is_gone, old=old, new=new, is_certain=True, drafts=drafts
        )

    def _content(self, name: str, old: str, new: str, *, is_only: bool) -> Iterator[Item]:
        schemas = (join(old, "schema"),), (join(new, "schema"),)
        is_judged = old == self.before.body and new == self.after.body
        prefix = "body" if is_only else f"body ({name})"
        for difference in self.comparing.differences(*schemas):
            if is_judged and self._is_said_in_cel(difference):
                continue
            is_form = name.partition(";")[0] in _FORMS and len(difference.place) == 1
            yield Item(
                _place(prefix, difference.place),
                difference.words,
                narrows=difference.narrows and not (is_form and _reads_text(self.new.view, difference, is_new=True)),
                widens=difference.widens and not (is_form and _reads_text(self.old.view, difference, is_new=False)),
                old=difference.old or old,
                new=difference.new or new,
                changes_meaning=difference.changes_meaning,
                is_rule=difference.kind is Kind.FACT,
                is_unread=difference.kind is Kind.UNREAD,
                difference=difference,
                drafts=partial(self._in_body, difference) if is_judged else self._unjudged(difference, schemas, name),
                shows=partial(self._showing_body, difference) if is_judged else None,
                is_certain=not is_judged,
            )

    def _in_body(self, difference: Difference, is_forward: bool) -> Iterator[Draft]:
        return self._way(is_forward).in_body(difference)

    def _showing_body(self, difference: Difference, is_forward: bool) -> Iterator[Draft]:
        return self._way(is_forward).showing_body(difference)

    def _unjudged(
        self, difference: Difference, schemas: tuple[Schema, Schema], name: str
    ) -> Callable[[bool], Iterator[Draft]]:
        """Bodies that no oracle of requests judges (forms): their values are judged by their schemas alone."""

        def drafts(forward: bool) -> Iterator[Draft]:
            way = self._way(forward)
            own, other = schemas if forward else schemas[::-1]
            for value in way.hunt.values(difference, own, other):
                if way.own.schemas.accepts(own, value) and not way.other.schemas.accepts(other, value):
                    yield replace(way.base, body=value, media_type=name)

        return drafts

    # Rules in CEL

    def _rules(self) -> Iterator[Item]:
        old = dict(_expressions(self.old, self.before))
        new = dict(_expressions(self.new, self.after))
        for text, rule in old.items():
            if text not in new and not self._follows(rule, new.values(), self.new, self.after):
                words = f"the rule {rule.id} is gone"
                place = rule.location.pointer
                yield Item("", words, narrows=False, widens=True, old=place, new=None, is_rule=True, rules=(rule.id,))
        for text, rule in new.items():
            if text not in old and not self._follows(rule, old.values(), self.old, self.before):
                words = f"the rule {rule.id} is new"
                place = rule.location.pointer
                yield Item("", words, narrows=True, widens=False, old=None, new=place, is_rule=True, rules=(rule.id,))

    def _follows(self, rule: Rule, others: Iterable[Rule], half: Half, operation: Operation) -> bool:
        """Whether a rule in CEL follows from what the other document says, in CEL or by schema."""
        return self._is_implied(condition_of_rule(rule), others, half, operation)

    def _is_said_in_cel(self, difference: Difference) -> bool:
        """Whether a rule by schema about the whole body, follows from the other document's in CEL."""
        if difference.kind is not Kind.FACT or difference.type != "object" or difference.place:
            return False
        one, other = (self.old, self.before), (self.new, self.after)
        (own, _), (half, operation) = (one, other) if difference.widens else (other, one)
        pointer = difference.old if difference.widens else difference.new
        conclusion = condition_of(difference.subject[0], pointer or "", own.view, own.schemas.alone)
        return self._is_implied(conclusion, dict(_expressions(half, operation)).values(), half, operation)

    @staticmethod
    def _is_implied(conclusion: Condition | None, rules: Iterable[Rule], half: Half, operation: Operation) -> bool:
        if conclusion is None or operation.body is None:
            return False
        objects = half.view.meaning((join(operation.body, "schema"),)).alternatives.get("object", ())
        if len(objects) != 1:
            return False
        premises = [condition_of_rule(item) for item in rules]
        premises += [
            condition_of(fact, pointer, half.view, half.schemas.alone) for fact, pointer in objects[0].facts.items()
        ]
        return implies([item for item in premises if item is not None], conclusion, objects[0].sent, half.view)


def _reads_text(view: View, difference: Difference, *, is_new: bool) -> bool:
    """Whether what may no longer be there is allowed as text, in what is all text on the wire."""
    if difference.kind is not Kind.TYPE or difference.type in ("array", "object"):
        return False
    return any(item.is_free for item in view.meaning(difference.schemas[is_new]).alternatives.get("string", ()))


def is_text(view: View, difference: Difference, *, is_new: bool) -> bool:
    """Whether what a parameter or header may no longer be is allowed as text."""
    return not difference.place and _reads_text(view, difference, is_new=is_new)


def _expressions(half: Half, operation: Operation) -> Iterator[tuple[str, Rule]]:
    for rule in half.rules:
        if rule.operation == operation.id and rule.kind == "request":
            when = " ".join(rule.when.source.split()) if rule.when else ""
            yield f"{when} => {' '.join(rule.expression.source.split()) if rule.expression else ''}", rule


def _contents(half: Half, operation: Operation) -> dict[str, str] | None:
    """The media types of the request body, each with the pointer of its object; None: there is no body."""
    if not operation.has_body:
        return None
    try:
        pointer, body = half.contract.document.resolve(join(operation.pointer, "requestBody"))
    except ContractError:
        return None  # told where the contract is read
    content = body.get("content") if isinstance(body, dict) else None
    found: dict[str, str] = {}
    for name in content if isinstance(content, dict) else ():
        where = half.contract.document.resolve(join(pointer, "content", name))[0]
        found.setdefault(canonical(name), where)
    return found


def _place(where: str, steps: tuple[str, ...]) -> str:
    for step in steps:
        where += step if step == "[]" else f".{step}"
    return where
