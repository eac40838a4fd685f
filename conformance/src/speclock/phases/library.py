"""The contract as schemathesis sees it, with everything off that would make a run depend on more than its seed.

Learning from refusals, re-using values of answers, constants mined from code and inferred links are off: each makes
the next case depend on earlier answers, and an inferred link sends values that break rules (a text for an array of
ids).

schemathesis takes a second to import, so this module and those of the phases that use it are imported when such a phase
begins.
"""

from __future__ import annotations

import copy
import logging
import warnings
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import requests
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.errors import SchemathesisError
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.generation.feedback import FeedbackSources

if TYPE_CHECKING:
    from schemathesis.generation.case import Case as NativeCase
    from schemathesis.schemas import APIOperation
    from schemathesis.specs.openapi.schemas import OpenApiSchema

    from speclock.core.cases import Answer
    from speclock.core.contract import Contract, Operation

__all__ = ["NO_FEEDBACK", "Library", "NativeOperation", "native_answer", "prepared"]

#: The generator's view of an operation.
NativeOperation: TypeAlias = "APIOperation[Any, Any, Any, Any]"

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
_ADDED_BY_TRANSPORT = frozenset({"x-schemathesis-testcaseid", "user-agent", "content-length"})


class Library:
    """The operations of one contract, ready to generate."""

    def __init__(self, contract: Contract) -> None:
        """Load the contract into schemathesis, which may refuse an operation, or the document as a whole."""
        logging.getLogger("schemathesis").setLevel(logging.CRITICAL)
        warnings.filterwarnings("ignore", category=UserWarning, module=r"schemathesis\..*")
        self._operations: dict[tuple[str, str], NativeOperation] = {}
        #: Why no case can be made for some operations, by method and path, and for those that are not known.
        self._refused: dict[tuple[str, str], str] = {}
        self._why_unknown = "the generator does not know the operation"
        try:
            self._schema: OpenApiSchema = schemathesis.openapi.from_dict(
                copy.deepcopy(contract.document.value), config=SchemathesisConfig.from_dict(_SETTINGS)
            )
            results = list(self._schema.get_all_operations())
        except Exception as error:  # noqa: BLE001 - schemathesis has several families of errors for a document it refuses
            self._why_unknown = f"the document cannot be used ({type(error).__name__}): {' '.join(str(error).split())}"
            return
        for result in results:
            if isinstance(result, Ok):
                native = result.ok()
                self._operations[(native.method.upper(), native.path)] = native
            else:
                refusal = result.err()
                self._refused[((refusal.method or "").upper(), refusal.path or "")] = " ".join(str(refusal).split())

    def find(self, operation: Operation) -> NativeOperation | None:
        """The generator's view of `operation`; None when it could not make one."""
        return self._operations.get((operation.method, operation.path))

    def why_not(self, operation: Operation) -> str | None:
        """Why no case of `operation` can be made; None when there are some to be had."""
        if self.find(operation) is not None:
            return None
        return self._refused.get((operation.method, operation.path), self._why_unknown)

    def only(self, operations: list[Operation]) -> OpenApiSchema:
        """The document cut down to `operations`, of which the generator must know each."""
        wanted = {(operation.method, operation.path) for operation in operations}
        schema = self._schema.include(
            lambda context: (context.operation.method.upper(), context.operation.path) in wanted
        )
        return cast("OpenApiSchema", schema)


def prepared(native: NativeCase[Any], url: str) -> requests.PreparedRequest:
    """A generated case as the request that it is on the wire, without credentials.

    Raises:
        ValueError, LookupError, TypeError: text that no HTTP client can put on the wire, or a path that is no template.
    """
    try:
        native.freeze_metadata()
        parts = native.as_transport_kwargs(base_url=url)
    except SchemathesisError as error:
        raise ValueError(" ".join(str(error).split())) from None
    request = requests.Request(**{key: value for key, value in parts.items() if value is not None}).prepare()
    for name in [name for name in request.headers if name.lower() in _ADDED_BY_TRANSPORT]:
        del request.headers[name]
    return request


def native_answer(answer: Answer, request: requests.PreparedRequest) -> Response:
    """An answer as schemathesis's checks and links read it."""
    headers = {name: [value] for name, value in answer.headers.items()}
    return Response(answer.status, headers, answer.body, request, answer.seconds, verify=True)
