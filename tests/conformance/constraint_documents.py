"""Small contracts of one operation, for what constraint analysis is to find in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from speclock.core.cases import Draft
from speclock.core.constraints import Oracle
from speclock.core.contract import load_contract
from speclock.core.rules import read_rules
from speclock.core.schemas import Schemas

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from speclock.core.constraints import Analysis, Constraint
    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue

__all__ = ["One"]


class One:
    """A contract of one operation, analysed."""

    def __init__(
        self,
        folder: Path,
        body: JsonValue = None,
        *,
        openapi: str = "3.1.0",
        components: Mapping[str, JsonValue] | None = None,
        parameters: list[JsonValue] | None = None,
        rules: list[JsonValue] | None = None,
        shared: list[JsonValue] | None = None,
        path: str = "/a",
    ) -> None:
        operation: dict[str, JsonValue] = {"operationId": "a", "responses": {"200": {"description": "Good."}}}
        if body is not None:
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
        if parameters is not None:
            operation["parameters"] = parameters
        if rules is not None:
            operation["x-contract-rules"] = rules
        item: dict[str, JsonValue] = {"post": operation}
        if shared is not None:
            item["parameters"] = shared
        document: dict[str, JsonValue] = {
            "openapi": openapi,
            "info": {"title": "One", "version": "1"},
            "paths": {path: item},
            "components": {"schemas": dict(components or {})},
        }
        file = folder / "one.json"
        file.write_text(json.dumps(document, indent=1), encoding="utf-8")
        self.file = file
        contract = load_contract(file)
        self.operation: Operation = contract.operations[0]
        found, self.refused = read_rules(contract)
        self.oracle = Oracle(contract, Schemas(contract), found)
        self.analysis: Analysis = self.oracle.analysis(self.operation)

    @property
    def rules(self) -> list[Constraint]:
        """Its rules, in order."""
        return [constraint for constraint in self.analysis.constraints if constraint.is_rule]

    @property
    def reasons(self) -> list[str]:
        """Why parts are unsupported."""
        return [part.reason for part in self.analysis.unsupported]

    def ids(self) -> list[str]:
        """The ids of its constraints, in order."""
        return [constraint.id for constraint in self.analysis.constraints]

    def broken(self, body: JsonValue) -> list[str]:
        """What a body breaks."""
        return self.broken_by(Draft(body=body))

    def broken_by(self, draft: Draft) -> list[str]:
        """What a request breaks; it must be judgeable."""
        found = self.oracle.broken(self.operation, draft)
        assert found is not None
        return list(found)
