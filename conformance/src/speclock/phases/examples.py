"""The examples phase: what the contract itself shows, sent as it stands.

Named examples must be accepted. Each value under `x-invalid-examples` breaks the one rule that it names, and must be
refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemathesis.generation.drivers import ExamplesGenerator
from schemathesis.generation.hypothesis.examples import generate_one
from schemathesis.generation.overrides import Override

from speclock.core.cases import Case, CaseKind
from speclock.core.documents import JsonValue, join
from speclock.core.errors import ContractError
from speclock.core.findings import HarnessError
from speclock.phases.library import NO_FEEDBACK, NativeOperation

if TYPE_CHECKING:
    from speclock.core.contract import Operation
    from speclock.phases.base import Desk

__all__ = ["Examples"]


class Examples:
    """Sends the contract's examples."""

    name = "examples"
    by_operation = True

    def run(self, desk: Desk, operations: list[Operation]) -> None:
        for operation in operations:
            native = desk.library.find(operation)
            if native is not None:
                self._valid(desk, operation, native)
                self._invalid(desk, operation, native)

    def _valid(self, desk: Desk, operation: Operation, native: NativeOperation) -> None:
        generator = ExamplesGenerator(operation=native, override=Override(), feedback=NO_FEEDBACK, fill_missing=False)
        for case in generator:
            desk.take(desk.maker.make(case, operation, self.name))
        for error in generator.controller.deferred_errors:
            desk.complain(HarnessError(operation.id, self.name, "generation", " ".join(str(error).split())))

    def _invalid(self, desk: Desk, operation: Operation, native: NativeOperation) -> None:
        if operation.body is None:
            return
        media_type = operation.body.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
        for name, rule, value in invalid_examples(desk, operation):
            case = generate_one(native.as_strategy(feedback=NO_FEEDBACK))
            plain = native.Case(
                path_parameters=dict(case.path_parameters),
                query=dict(case.query),
                headers=dict(case.headers),
                body=value,
                media_type=media_type,
            )
            broken = desk.maker.schemas.is_valid(operation, value) is False
            rules = desk.maker.broken_rules(operation.id, {"body": value, "path": {}, "query": {}})
            if not broken and not rules:
                desk.complain(
                    HarnessError(operation.id, self.name, "contract", f"the invalid example {name!r} breaks nothing")
                )
                continue
            bound = desk.maker.binder.bind(operation, None, case.path_parameters, is_valid=lambda _body: True)
            plain.path_parameters.update(bound.path_parameters)
            desk.take(
                Case(operation, self.name, CaseKind.NEGATIVE, f"the invalid example {name!r}", rule, native=plain)
            )


def invalid_examples(desk: Desk, operation: Operation) -> list[tuple[str, str, JsonValue]]:
    """(name, rule, value) of each invalid example.

    Raises:
        ContractError: an entry without rule or value, or with a rule that is not the operation's.
    """
    pointer = join(operation.body or "", "x-invalid-examples")
    try:
        listed = desk.contract.document.at(pointer)
    except KeyError:
        return []
    if not isinstance(listed, dict):
        raise ContractError(f"{desk.contract.locate(pointer)}: expected invalid examples by name")
    found = []
    for name, entry in listed.items():
        if not isinstance(entry, dict) or not isinstance(entry.get("rule"), str) or "value" not in entry:
            place = desk.contract.locate(join(pointer, name))
            raise ContractError(
                f"{place}: an invalid example needs `rule`, the name of the rule it breaks, and `value`"
            )
        found.append((name, str(entry["rule"]), entry["value"]))
    return found
