"""The contract as schemathesis sees it, with everything off that would make a run depend on more than its seed.

Learning from refusals, re-using values of answers, constants mined from code and inferred links are off: each makes
the next case depend on earlier answers, and an inferred link sends values that break rules (a text for an array of
ids).
"""

from __future__ import annotations

import copy
import logging
import warnings
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.python.asgi import HOST

from speclock.core.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from schemathesis.schemas import APIOperation, BaseSchema
    from schemathesis.specs.openapi.schemas import OpenApiSchema

    from speclock.core.contract import Contract, Operation

__all__ = ["NO_FEEDBACK", "AsgiApp", "Library", "NativeOperation"]

#: The generator's view of an operation.
NativeOperation: TypeAlias = "APIOperation[Any, Any, Any, Any]"

_Message: TypeAlias = "MutableMapping[str, Any]"
_Receive: TypeAlias = "Callable[[], Awaitable[_Message]]"
_Send: TypeAlias = "Callable[[_Message], Awaitable[None]]"
#: An application as the ASGI specification has it (version 3).
AsgiApp: TypeAlias = "Callable[[_Message, _Receive, _Send], Awaitable[None]]"

NO_FEEDBACK = FeedbackSources()

_SETTINGS: dict[str, Any] = {
    # Credentials are the profile's; generated ones would only be refused.
    "generation": {"with-security-parameters": False},
    "phases": {
        "examples": {"fill-missing": False},
        "coverage": {"extra-data-sources": {"responses": False}},
        "fuzzing": {"extra-data-sources": {"responses": False}, "error-feedback": {"enabled": False}},
        "stateful": {"inference": {"algorithms": []}, "link-calibration": False},
    },
}


class Library:
    """The operations of one contract, ready to generate."""

    def __init__(self, contract: Contract, *, app: AsgiApp | None = None) -> None:
        """Load the contract into schemathesis.

        Raises:
            ContractError: schemathesis cannot work with the document.
        """
        logging.getLogger("schemathesis").setLevel(logging.CRITICAL)
        warnings.filterwarnings("ignore", category=UserWarning, module=r"schemathesis\..*")
        try:
            self.schema: OpenApiSchema = schemathesis.openapi.from_dict(
                copy.deepcopy(contract.document.value), config=SchemathesisConfig.from_dict(_SETTINGS)
            )
        except Exception as error:  # noqa: BLE001 - schemathesis has several families of errors for a document it refuses
            raise ContractError(f"{contract.document.file}: cannot be used: {' '.join(str(error).split())}") from None
        self._app = None if app is None else _guarded(app)
        self._use_app(self.schema)
        self._operations: dict[tuple[str, str], NativeOperation] = {}
        #: Why no case can be made for some operations, by method and path.
        self._refused: dict[tuple[str, str], str] = {}
        for result in self.schema.get_all_operations():
            if isinstance(result, Ok):
                native = result.ok()
                self._operations[(native.method.upper(), native.path)] = native
            else:
                refusal = result.err()
                self._refused[((refusal.method or "").upper(), refusal.path or "")] = " ".join(str(refusal).split())

    @property
    def app_url(self) -> str:
        """Where an application in this process is asked: under the path of the document's first server."""
        return f"http://{HOST}{self.schema.base_path.rstrip('/')}"

    def find(self, operation: Operation) -> NativeOperation | None:
        """The generator's view of `operation`; None when it could not make one."""
        return self._operations.get((operation.method, operation.path))

    def why_not(self, operation: Operation) -> str | None:
        """Why no case of `operation` can be made; None when there are some to be had."""
        if self.find(operation) is not None:
            return None
        return self._refused.get((operation.method, operation.path), "the generator does not know the operation")

    def only(self, operations: list[Operation]) -> OpenApiSchema:
        """The document cut down to `operations`."""
        wanted = {(operation.method, operation.path) for operation in operations}
        schema = self.schema.include(
            lambda context: (context.operation.method.upper(), context.operation.path) in wanted
        )
        self._use_app(schema)
        return cast("OpenApiSchema", schema)

    def _use_app(self, schema: BaseSchema) -> None:
        if self._app is not None:
            schema.app = self._app


def _guarded(app: AsgiApp) -> AsgiApp:
    """`app`, with an exception answered as 500, as a server process would."""

    async def guarded(scope: _Message, receive: _Receive, send: _Send) -> None:
        started = False

        async def note(message: _Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await app(scope, receive, note)
        except Exception:
            if scope["type"] != "http":
                raise
            if not started:
                await send(
                    {"type": "http.response.start", "status": 500, "headers": [(b"content-type", b"text/plain")]}
                )
                await send({"type": "http.response.body", "body": b"the application raised an exception"})

    return guarded
