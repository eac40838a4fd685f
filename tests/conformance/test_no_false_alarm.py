"""A correct server is not blamed: for things that the run itself has deleted, nor for a body that is a form."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from speclock.core.profiles import Binding, Profile
from tests.conformance.harness import check_app
from tests.conformance.notes_server import NOTES, notes_app, strictly_read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.requests import Request

pytestmark = pytest.mark.untraced


#: A name that must be new, of which the shortest are few.
NAMES = """
openapi: 3.1.0
info: {title: Names, version: 1.0.0}
paths:
  /names:
    post:
      operationId: takeName
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties:
                name: {type: string, minLength: 1, maxLength: 3}
                note: {type: [string, "null"]}
      responses:
        "204": {description: It is yours.}
        "400": {description: Wrong.}
        "409": {description: Somebody has it.}
        "415": {description: Not JSON.}
"""


def names_app(taken: Callable[[str], bool]) -> Starlette:
    """A correct server of the contract, where some names are taken from the start."""
    given: set[str] = set()

    async def take(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return Response(status_code=415)
        try:
            body = await strictly_read(request)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        name = body.get("name") if isinstance(body, dict) else None
        is_right = isinstance(body, dict) and isinstance(body.get("note"), str | None)
        if not is_right or not isinstance(name, str) or not 1 <= len(name) <= 3:
            return Response(status_code=400)
        if name in given or taken(name):
            return Response(status_code=409)
        given.add(name)
        return Response(status_code=204)

    return Starlette(routes=[Route("/names", take, methods=["POST"])])


@pytest.mark.parametrize(("every", "found"), [(8, False), (1, True)])
def test_a_short_name_that_somebody_else_has_is_no_finding_unless_every_name_is_refused(
    every: int, found: bool, tmp_path: Path
) -> None:
    contract = tmp_path / "names.yaml"
    contract.write_text(NAMES)
    profile = Profile(bindings={"": {"name": Binding(unique=True)}})
    app = names_app(lambda name: ord(name[0]) % every == 0)
    outcome = check_app(None, app=app, contract=contract, profile=profile, credentials={})
    refused = [item for item in outcome.findings if item.check == "acceptance_conformance"]
    assert bool(refused) is found
    assert bool(outcome.findings) is found


def test_neither_what_was_deleted_nor_a_form_is_held_against_a_correct_server() -> None:
    for seed in (1, 2, 3):
        outcome = check_app(None, app=notes_app(), contract=NOTES, profile=Profile(), credentials={}, seed=seed)
        assert [(item.operation, item.check, item.message) for item in outcome.findings] == []
        assert outcome.judged > 100
