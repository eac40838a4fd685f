"""Mutants of a subject of another sort: its key stands in the query, it has a limit to repeat, and it may die."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from speclock.core.errors import SubjectError
from speclock.core.profiles import CredentialSource, Profile
from speclock.mutants.hunting import Hunt, fits
from speclock.mutants.score import State
from tests.conformance.harness import plan_for
from tests.conformance.hunting import OWN_PHASES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from pathlib import Path

    from speclock.phases.asgi import AsgiApp

    Message = MutableMapping[str, Any]

KEY = "k-2718-secret"
CONTRACT = """
openapi: 3.1.0
info: {title: Rows, version: 1.0.0}
security: [{key: []}]
paths:
  /rows:
    post:
      operationId: createRow
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 9}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name]
              properties:
                name: {type: string, minLength: 1, maxLength: 20}
                cells: {type: array, items: {type: array, items: {type: string}}}
      responses:
        "201":
          description: The row.
          content:
            application/json:
              schema:
                type: object
                required: [name, limit]
                properties:
                  name: {type: string}
                  limit: {type: integer}
                  cells: {type: array, items: {type: array, items: {type: string}}}
        "400": {description: Wrong.}
        "401": {description: Who are you?}
        "415": {description: Not JSON.}
components:
  securitySchemes:
    key: {type: apiKey, in: query, name: api_key}
"""


def app_that(*, dies_after: int | None = None) -> AsgiApp:
    """A correct server of the contract; one that dies raises after so many requests, whatever is asked."""
    asked = 0

    async def app(scope: Message, receive: Callable[[], Awaitable[Message]], send: Any) -> None:
        nonlocal asked
        if scope["type"] != "http":
            return
        asked += 1
        body = (await receive())["body"]
        if dies_after is not None and asked > dies_after:
            raise ConnectionError
        status, told = answer(scope, body)
        headers = [(b"content-type", b"application/json")] if told is not None else []
        headers += [(b"allow", b"POST")] if status == 405 else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if told is None else json.dumps(told).encode()})

    return app


def _refuse(name: str) -> float:
    raise ValueError(name)


def answer(scope: Message, body: bytes) -> tuple[int, Any]:  # noqa: PLR0911 - one for each status
    query = dict(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    if scope["path"] != "/rows":
        return 404, None
    if scope["method"] != "POST":
        return 405, None
    if query.get("api_key") != KEY:
        return 401, None
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return 415, None
    try:
        row = json.loads(body.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return 400, None
    limit = query.get("limit", "3")
    is_right = isinstance(row, dict) and isinstance(row.get("name"), str) and 1 <= len(row["name"]) <= 20
    is_right = is_right and limit.isdigit() and limit.isascii() and 1 <= int(limit) <= 9
    cells: Any = row.get("cells", []) if isinstance(row, dict) else None
    is_right = is_right and isinstance(cells, list) and all(isinstance(line, list) for line in cells)
    if not is_right or not all(isinstance(cell, str) for line in cells for cell in line):
        return 400, None
    return 201, {"name": row["name"], "limit": int(limit), "cells": cells}


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    path = tmp_path / "rows.yaml"
    path.write_text(CONTRACT)
    return path


def hunt_for(app: AsgiApp, contract: Path, *wanted: str) -> Hunt:
    profile = Profile(credentials=(CredentialSource("key", "ROWS_KEY"),))
    plan = plan_for(app, contract, profile, OWN_PHASES, {"key": KEY})
    return Hunt(plan, wanted=lambda name: name in wanted if wanted else True)


def test_with_the_key_in_the_query_a_repaired_request_keeps_it(contract: Path) -> None:
    wanted = (
        "createRow accepts body.name:required",
        "createRow accepts query.limit",
        "createRow accepts a body that is not JSON",
        "createRow accepts what deserves 415",
        "createRow takes a good credential with more behind it for a good one",
        "createRow takes no credential for a good one",
    )
    outcome, score = hunt_for(app_that(), contract, *wanted).score([])
    assert outcome.findings == ()
    assert {result.mutant.id: result.state for result in score.results} == dict.fromkeys(wanted, State.KILLED)


def test_nothing_that_is_kept_of_a_hunt_shows_the_key(contract: Path) -> None:
    with hunt_for(app_that(), contract, "createRow accepts query.limit").ground([]) as ground:
        result = ground.hunt(ground.mutants[0])
        assert KEY not in repr((ground, ground.kit, ground.seen[0], result))


def test_only_a_parameter_that_nobody_documents_makes_that_mutant_crash(contract: Path) -> None:
    name = "createRow crashes on a query parameter that nobody documents"
    _, score = hunt_for(app_that(), contract, name).score([])
    (result,) = score.results
    assert result.kill is not None
    assert result.kill.case == "a query parameter that nobody documents"


def test_a_suggested_rule_is_true_when_it_is_copied_into_the_contract(contract: Path) -> None:
    from speclock.engine.run import run_check

    _, score = hunt_for(app_that(), contract, "createRow answers 201 with limit replaced by another value").score([])
    (promise,) = score.unguarded
    (rule,) = [item for item in promise.suggested if item.id.endswith("-comes-back")]
    entry = {"id": rule.id, "description": rule.description, "when": rule.when, "rule": rule.rule}
    edited = contract.with_name("edited.yaml")
    edited.write_text(
        CONTRACT.replace("      parameters:", f"      x-contract-rules: [{json.dumps(entry)}]\n      parameters:")
    )
    plan = hunt_for(app_that(), edited).plan
    outcome = run_check(plan, [])
    (tally,) = [item for item in outcome.rules if item.id == rule.id]
    assert (outcome.findings, tally.verdict) == ((), "held")


def test_a_subject_that_dies_in_the_hunt_gives_no_score(contract: Path) -> None:
    outcome, _ = hunt_for(app_that(), contract, "createRow accepts query.limit").score([])
    dying = hunt_for(app_that(dies_after=outcome.cases + 40), contract)
    with pytest.raises(SubjectError, match="no score"):
        dying.score([])


def test_brackets_in_a_pattern_stand_for_themselves() -> None:
    name = "createRow answers 201 with cells[][] replaced by another value"
    assert fits(name, name)
    assert fits(name, "* with cells[][] *")
    assert not fits(name, "* with cells[] *")
