"""What the contract says of one operation, ready to judge a request and an answer by.

It comes with the generated client, where `nox -s generate` puts what openapi.yaml says: no rule is written here.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from evalsessions import _generated
from evalsessions._core.faults import Fault, expected, faults_of, joined
from evalsessions._values.json_values import shown
from evalsessions.errors import ContractError, ResponseValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema_rs import Draft202012Validator

    from evalsessions._values.json_values import JsonObject, JsonValue
    from evalsessions._values.messages import Response

__all__ = ["Operation"]


class Operation:
    """One operation of the contract, by its operationId. Nothing is read before it is asked for."""

    def __init__(self, name: str) -> None:
        self.name = name

    @cached_property
    def _said(self) -> dict[str, Any]:
        return cast("dict[str, Any]", _generated.contract().OPERATIONS[self.name])

    @property
    def server(self) -> str:
        """The address of the service."""
        return cast("str", self._said["server"])

    @property
    def key(self) -> tuple[str, str]:
        """The header that carries the key, and what stands before the key."""
        return self._said["key"]["header"], self._said["key"]["prefix"]

    def target(self, arguments: Mapping[str, object]) -> tuple[str, str]:
        """Return the method and the path of a request.

        Raises:
            UnicodeEncodeError: a parameter is no Unicode text.
        """
        path: str = self._said["path"]
        for parameter in self._said["parameters"]:
            from urllib.parse import quote  # noqa: PLC0415 - only some paths take a value

            value = arguments[parameter["argument"]]
            text = quote("" if value is None else str(value), safe="")
            path = path.replace("{" + parameter["name"] + "}", text)
        return self._said["method"], path

    def body(self, arguments: Mapping[str, object]) -> dict[str, object]:
        """Return the members of the body. An argument that is None is not set, and not sent."""
        names: dict[str, str] = self._said["properties"]
        in_path = {parameter["argument"] for parameter in self._said["parameters"]}
        return {names[name]: value for name, value in arguments.items() if value is not None and name not in in_path}

    def repeatable_by(self, body: JsonValue) -> str | None:
        """Return the part of the request that makes a repeat harmless; None where a repeat may double."""
        retry: object = self._said["retry"]
        if not isinstance(retry, dict):
            return None
        name = cast("dict[str, str]", retry)["when"].removeprefix("request.body.")
        value: JsonValue = body
        for step in name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        return None if value is None else f"{name} {json.dumps(value, ensure_ascii=False)}"

    def check_path(self, arguments: Mapping[str, object]) -> None:
        """Refuse parameters of the path that the API must refuse.

        Raises:
            ContractError: one breaks its schema.
        """
        for name, (validator, schema) in self._parameters.items():
            value = str(arguments[name])
            if not value.isprintable() or not validator.is_valid(value):
                message = f"path {name}: expected {expected(schema, schema)}, got {shown(value)}"
                raise ContractError(message, operation=self.name)

    def check_body(self, body: JsonValue, arguments: Mapping[str, object]) -> None:
        """Refuse a body that the API must refuse.

        Raises:
            ContractError: it breaks the schema, or a named rule.
        """
        faults: list[Fault] = []
        if self._request is not None and not self._request[0].is_valid(body):
            faults = faults_of(body, *self._request)
        if not faults and self._said["expressions"]:
            from evalsessions._core.expressions import broken_expressions  # noqa: PLC0415 - CEL takes long to import

            path = {name: str(arguments[name]) for name in self._parameters}
            faults = broken_expressions(self._said["expressions"], body, path)
        if faults:
            first = faults[0]
            raise ContractError(joined(faults), operation=self.name, rule=first.rule, pointer=first.pointer)

    def check_answer(self, response: Response, body: JsonValue) -> None:
        """Refuse an answer that breaks the contract.

        Raises:
            ResponseValidationError: its status, media type or body is not what the contract promises.
        """
        status = str(response.status_code)
        documented: JsonObject = self._said["responses"]
        if status not in documented:
            self._doubt(f"the answer has status {status}, and the contract only {' or '.join(documented)}", response)
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json" and not media_type.endswith("+json"):
            self._doubt(f"the answer is {media_type or 'of no type'}, and the contract has application/json", response)
        validator, schema = self._answers[status]
        if not validator.is_valid(body):
            fault = faults_of(body, validator, schema)[0]
            self._doubt(f"the answer breaks the contract: {fault}", response, fault.pointer)

    def _doubt(self, problem: str, response: Response, pointer: str = "") -> None:
        raise ResponseValidationError(f"{self.name} was done, but {problem}", response=response, pointer=pointer)

    @cached_property
    def _request(self) -> tuple[Draft202012Validator, dict[str, Any]] | None:
        said = self._said["request"]
        return None if said is None else _validator(said, _generated.contract().REQUEST_SCHEMAS)

    @cached_property
    def _parameters(self) -> dict[str, tuple[Draft202012Validator, dict[str, Any]]]:
        schemas = _generated.contract().REQUEST_SCHEMAS
        return {entry["argument"]: _validator(entry["schema"], schemas) for entry in self._said["parameters"]}

    @cached_property
    def _answers(self) -> dict[str, tuple[Draft202012Validator, dict[str, Any]]]:
        schemas = _generated.contract().READING_SCHEMAS
        return {status: _validator(said or {}, schemas) for status, said in self._said["responses"].items()}


def _validator(schema: dict[str, Any], components: dict[str, Any]) -> tuple[Draft202012Validator, dict[str, Any]]:
    from jsonschema_rs import Draft202012Validator  # noqa: PLC0415 - a call needs it, an import does not

    root = {**schema, "components": {"schemas": components}}
    return Draft202012Validator(root, validate_formats=True), root
