"""The contract's rules in CEL, on every documented success.

A rule that is not true is a failure. An expression that raises, or values that CEL cannot hold: nothing follows,
which is reported as an error. Rules of the run that read only `run` are judged once, at the end, on what the run has
gathered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from speclock.core.cases import TOO_DEEP, CaseKind, Exchange, Missing
from speclock.core.expressions import Scope, Unjudgeable
from speclock.core.findings import Failure
from speclock.core.rules import Rule, RuleKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from speclock.core.documents import JsonValue

__all__ = ["Memory", "RuleJudge", "RuleVerdict"]


@dataclass
class Memory:
    """What the run has been answered: ids in order, and what was created."""

    _ids: dict[str, list[str]] = field(default_factory=dict)
    _created: dict[str, dict[str, dict[str, JsonValue]]] = field(default_factory=dict)
    _answers: dict[str, list[Exchange]] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    #: Of each answer in order: the operation, the id, and what was known to be created under that id before.
    _log: list[tuple[str, str, dict[str, JsonValue] | None]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    @property
    def size(self) -> int:
        """How many answers are remembered."""
        return len(self._log)

    def forget(self, size: int) -> None:
        """Forget all answers but the first so many."""
        with self._lock:
            while len(self._log) > size:
                operation, created, before = self._log.pop()
                self._ids[operation].pop()
                self._answers[operation].pop()
                if before is not None:
                    self._created[operation][created] = before
                    continue
                self._created.get(operation, {}).pop(created, None)
                if not any(created in known for known in self._created.values()):
                    self._known.discard(created)

    def note(self, exchange: Exchange) -> None:
        """Take the answer's id and body, when it is a success that has them."""
        body = exchange.answer_json
        if not exchange.answer.is_success or not isinstance(body, dict) or not isinstance(body.get("id"), str):
            return
        operation, created = exchange.case.operation.id, str(body["id"])
        with self._lock:
            self._log.append((operation, created, self._created.get(operation, {}).get(created)))
            self._ids.setdefault(operation, []).append(created)
            self._answers.setdefault(operation, []).append(exchange)
            if exchange.request.method == "POST" or exchange.answer.status == 201:
                self._created.setdefault(operation, {})[created] = body
                self._known.add(created)

    def lose(self, ids: Iterable[str]) -> None:
        """Know no more of things that are gone: that an id is refused says nothing then."""
        with self._lock:
            self._known.difference_update(ids)

    def created(self, operation: str) -> Sequence[str]:
        """The ids that the run created by `operation`, oldest first."""
        with self._lock:
            return tuple(self._created.get(operation, ()))

    def knows(self, value: str) -> bool:
        """Whether `value` is the id of something that the run created."""
        return value in self._known

    def ids(self, operation: str, first: int | None = None) -> list[str]:
        """The ids that `operation` has answered, in order; the `first` of them when given."""
        with self._lock:
            return self._ids.get(operation, [])[:first]

    def exchange(self, operation: str, index: int) -> Exchange:
        """The exchange that answered the id at `index`."""
        return self._answers[operation][index]

    def variables(self, rules: Sequence[Rule], mentioned: set[str] | None) -> dict[str, JsonValue]:
        """`run` as the rules read it. Of what was created, only the ids in `mentioned` are handed over.

        An expression can look up only ids that stand in its request or answer, and handing over everything for each
        answer would make the run quadratic.
        """
        members = {
            member for rule in rules for part in (rule.expression, rule.when) if part for member in part.run_members
        }
        ids: dict[str, JsonValue] = {}
        created: dict[str, JsonValue] = {}
        with self._lock:
            for kind, operation in members:
                if kind == "ids" and operation in self._ids:
                    ids[operation] = list(self._ids[operation])
                if kind == "created" and operation in self._created:
                    known = self._created[operation]
                    chosen = known.keys() if mentioned is None else mentioned & known.keys()
                    created[operation] = {key: known[key] for key in chosen}
        return {"ids": ids, "created": created}


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What one rule says of one answer: a failure, an error, or that it holds."""

    rule: Rule
    failure: Failure | None = None
    error: str | None = None
    exchange: Exchange | None = None


class RuleJudge:
    """Judges answers by the rules of one contract."""

    def __init__(self, rules: Sequence[Rule], memory: Memory) -> None:
        """Sort the rules by what they are judged on; what the run is answered goes into `memory`."""
        self.memory = memory
        self._answers: dict[str, list[Rule]] = {}
        self._ends: list[Rule] = []
        for rule in rules:
            if rule.kind is RuleKind.RUN and not _roots(rule) & {"request", "response"}:
                self._ends.append(rule)
            elif not rule.kind.is_constraint:
                self._answers.setdefault(rule.operation, []).append(rule)

    def judge(self, exchange: Exchange) -> Iterator[RuleVerdict]:
        """Judge a documented success of a request that keeps the contract."""
        operation = exchange.case.operation
        rules = self._answers.get(operation.id, [])
        if (
            not rules
            or exchange.case.kind is not CaseKind.POSITIVE
            or not exchange.answer.is_success
            or not operation.documents(exchange.answer.status)
        ):
            return
        if TOO_DEEP in (exchange.request_json, exchange.answer_json):
            for rule in rules:
                yield RuleVerdict(rule, error=TOO_DEEP.value, exchange=exchange)
            return
        variables: dict[str, JsonValue] = {
            "request": request_variables(exchange),
            "response": {"status": exchange.answer.status, "body": _plain(exchange.answer_json)},
        }
        if any(rule.kind is RuleKind.RUN for rule in rules):
            mentioned = set(_strings([variables["request"], variables["response"]]))
            variables["run"] = self.memory.variables(rules, mentioned)
        try:
            scope = Scope(variables)
        except Unjudgeable as error:
            for rule in rules:
                yield RuleVerdict(rule, error=str(error), exchange=exchange)
            return
        for rule in rules:
            yield from _verdict(rule, scope, exchange)

    def judge_run(self) -> Iterator[RuleVerdict]:
        """Judge what only the whole run shows; a broken rule is shown by the answer that broke it."""
        for rule in self._ends:
            scope = Scope({"run": self.memory.variables([rule], None)})
            for verdict in _verdict(rule, scope, None):
                exchange = self._culprit(rule) if verdict.failure else None
                yield RuleVerdict(rule, verdict.failure, verdict.error, exchange)

    def _culprit(self, rule: Rule) -> Exchange | None:
        """The answer with which the rule stopped to hold: its ids are cut to the shortest part that breaks it."""
        low, high = 0, len(self.memory.ids(rule.operation))
        if not high:
            return None
        while low < high:
            middle = (low + high) // 2
            ids: dict[str, JsonValue] = {rule.operation: list(self.memory.ids(rule.operation, middle + 1))}
            if _state(rule, Scope({"run": {"ids": ids, "created": {}}})) is False:
                high = middle
            else:
                low = middle + 1
        count = len(self.memory.ids(rule.operation))
        return self.memory.exchange(rule.operation, min(low, count - 1))


def request_variables(exchange: Exchange) -> dict[str, JsonValue]:
    """`request` as expressions see it."""
    query: dict[str, JsonValue] = dict(parse_qsl(urlsplit(exchange.request.url).query, keep_blank_values=True))
    path: dict[str, JsonValue] = dict(exchange.request.path_parameters)
    return {"body": _plain(exchange.request_json), "path": path, "query": query}


def _roots(rule: Rule) -> set[str]:
    return {root for part in (rule.expression, rule.when) if part for root in part.roots}


def _state(rule: Rule, scope: Scope) -> bool | None:
    """True: holds or does not apply. False: broken. None: cannot be judged."""
    try:
        if rule.when is not None and not rule.when.holds(scope):
            return True
        return rule.expression is None or rule.expression.holds(scope)
    except Unjudgeable:
        return None


def _verdict(rule: Rule, scope: Scope, exchange: Exchange | None) -> Iterator[RuleVerdict]:
    try:
        if rule.expression is None or (rule.when is not None and not rule.when.holds(scope)):
            return
        holds = rule.expression.holds(scope)
    except Unjudgeable as error:
        yield RuleVerdict(rule, error=str(error), exchange=exchange)
        return
    if holds:
        yield RuleVerdict(rule, exchange=exchange)
        return
    failure = Failure(
        check="rule_conformance",
        kind="ResponseRuleBroken",
        rule=rule.id,
        pointer=rule.location.pointer,
        title=f"{rule.operation} breaks the rule {rule.id}",
        message=f"expected: {rule.description or rule.expression.source} Got an answer of which this is not true.",
    )
    yield RuleVerdict(rule, failure=failure, exchange=exchange)


def _plain(value: JsonValue | Missing) -> JsonValue:
    return None if isinstance(value, Missing) else value


def _strings(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _strings(item)
