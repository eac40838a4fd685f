"""Ids that exist because the run has made them: asked for when a request needs one, made once, and given again."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import RLock
from typing import TYPE_CHECKING

from speclock.core.cases import Case, CaseKind
from speclock.core.producers import Producer, value_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from speclock.core.cases import Exchange
    from speclock.core.contract import Contract, Operation
    from speclock.generation.planning import OperationPlan

__all__ = ["Supplier"]


@dataclass
class Supplier:
    """Makes ids by sending plain requests; these are no cases, and are judged by nobody."""

    contract: Contract
    plan: Callable[[str], OperationPlan | None]
    #: Binds a case; may ask for further ids.
    finish: Callable[[Case], Case]
    #: Sends without judging; None when there was no answer.
    send: Callable[[Case], Exchange | None]
    #: Told of what was created.
    note: Callable[[Exchange], None]
    #: Whether an operation may be asked.
    may: Callable[[Operation], bool]
    _known: dict[Producer, list[str | int]] = field(default_factory=dict)
    _barren: set[Producer] = field(default_factory=set)
    _asked: list[str] = field(default_factory=list)
    _lock: RLock = field(default_factory=RLock)

    def ids(self, producer: Producer, count: int) -> Sequence[str | int]:
        """Ids that the producer has made, `count` of them where it can; none when it cannot."""
        with self._lock:
            known = self._known.setdefault(producer, [])
            while len(known) < count and producer not in self._barren:
                made = self._make(producer)
                if made is None:
                    self._barren.add(producer)
                elif made in known:
                    break  # it lists what there is, and has given that already
                else:
                    known.append(made)
            return tuple(known[:count])  # the same ones, however many others have asked for

    def lose(self, exchange: Exchange) -> None:
        """Forget the ids that a successful DELETE names, so that nobody is sent to what is no more."""
        gone = set(exchange.request.path_parameters.values())
        with self._lock:
            for known in self._known.values():
                known[:] = [item for item in known if str(item) not in gone]

    def _make(self, producer: Producer) -> str | int | None:
        if producer.operation in self._asked:
            return None  # it would need one to make one
        self._asked.append(producer.operation)
        try:
            operation = self.contract.operation(producer.operation)
            plan = self.plan(producer.operation) if self.may(operation) else None
            if plan is None or plan.plain is None:
                return None
            words = f"a request to make an id for others ({producer.pointer})"
            case = self.finish(Case(operation, "preparation", CaseKind.POSITIVE, words, draft=plan.plain))
            exchange = self.send(case)
        finally:
            self._asked.pop()
        if exchange is None or not exchange.answer.is_success or not isinstance(exchange.answer_json, dict | list):
            return None
        self.note(exchange)
        value = value_at(exchange.answer_json, producer.pointer)
        return value if isinstance(value, str | int) and not isinstance(value, bool) else None
