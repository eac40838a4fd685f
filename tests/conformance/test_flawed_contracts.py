"""Contracts with one thing wrong: it is told with its line and column, the rest is judged, and `--strict` refuses.

`@` marks in each text where the message must point.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from tests.conformance.harness import speclock
from tests.conformance.recording import check_with

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

    from speclock.engine.events import Outcome

VERSIONS = ("3.0.3", "3.1.0")
HEAD = "info: {title: Flawed, version: '1'}\n"
#: What must be judged whatever stands beside it.
GOOD = """
  /good:
    post:
      operationId: good
      requestBody:
        content: {application/json: {schema: {type: object, properties: {size: {type: integer}}}}}
      responses: {'200': {description: Good.}, '400': {description: Refused.}}
"""
COMPONENTS = """
components:
  schemas:
    A: {$ref: '#/components/schemas/B'}
    B: {$ref: '#/components/schemas/A'}
    Itself: {$ref: '#/components/schemas/Itself'}
    Tree:
      type: object
      properties:
        name: {type: string}
        below: {type: array, items: {$ref: '#/components/schemas/Tree'}}
"""
#: The schema of a property, and what is told of it.
SCHEMAS = {
    "a reference to nowhere": ("{@$ref: '#/components/schemas/None'}", "leads nowhere"),
    "a reference out of the file": ("{@$ref: 'other.yaml#/A'}", "points outside of the file"),
    "lengths that cross": ("{type: string, minLength: 3, maxLength: 2}", "minLength 3 above maxLength 2"),
    "bounds that cross": ("{type: integer, minimum: 3, maximum: 2}", "minimum 3 above maximum 2"),
    "an enum outside of its type": ("{type: string, enum: [1, 2]}", "left without a type"),
    "an enum outside of its bounds": ("{type: integer, enum: [1, 2], minimum: 3}", "none of the values that it lists"),
    "two types at once": ("{allOf: [{type: string}, {type: integer}]}", "left without a type"),
    "a type that is none": ("{@type: text}", "the schema cannot be used"),
    "a bound that is text": ("{type: integer, @minimum: '1'}", "the schema cannot be used"),
    "a list as a schema": ("[1]", "the schema cannot be used"),
    "a pattern for nobody": ("{type: string, @pattern: '(a'}", "does not compile"),
    "a look behind of any length": ("{type: string, @pattern: '(?<=a+)b'}", "ECMA-262 and none for Python"),
    "a group as ECMA-262 names it": ("{type: string, @pattern: '(?<x>a)'}", "ECMA-262 and none for Python"),
    "a category of Unicode": ("{type: string, @pattern: '^\\p{Lu}$'}", "ECMA-262 and none for Python"),
    "an anchor of Python": ("{type: string, @pattern: 'a\\Z'}", "Python and none for ECMA-262"),
    "a group as Python names it": ("{type: string, @pattern: '(?P<x>a)'}", "Python"),
    "a class of POSIX": ("{type: string, @pattern: '^[[:alpha:]]+$'}", "read differently"),
}
#: A member of an operation, and what is told of it.
MEMBERS = {
    "a rule that does not compile": ("x-contract-rules: [{id: r, @rule: 'request.body.x <='}]", "cannot be used"),
    "a rule about a property that is not there": (
        "x-contract-rules: [{id: r, @rule: 'request.body.z == 1'}]",
        "reads request.body.z, which is not there; there are x",
    ),
    "a rule with a condition that does not compile": (
        "x-contract-rules: [{id: r, rule: 'true', @when: '1 +'}]",
        "the expression cannot be used",
    ),
    "rules that are no list": ("@x-contract-rules: {id: r}", "expected a list of rules"),
    "parameters that are no list": ("@parameters: {}", "expected a list of parameters"),
    "a parameter that is text": ("parameters: [@limit]", "a parameter needs `name` and `in`"),
    "security that is text": ("@security: key", "expected `security` as a list of objects"),
    "refusals that are text": ("@x-refusals: loud", "expected an object"),
}


async def answer(request: Request) -> Response:
    try:
        body = json.loads(await request.body() or b"{}", parse_constant=str)
    except ValueError:
        return Response(status_code=400)
    size = body.get("size", 1) if isinstance(body, dict) else None
    return Response(status_code=200 if type(size) in (int, float) and size % 1 == 0 else 400)


APP = Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])


def written(folder: Path, marked: str) -> tuple[Path, str]:
    """A file of the text without its mark; its path, and the place of the mark as a message has it."""
    before, _, after = marked.partition("@")
    path = folder / "flawed.yaml"
    path.write_text(before + after)
    return path, f"{path}:{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


def operation(schema: str, member: str) -> str:
    return f"""
  /bad:
    post:
      operationId: bad
      {member}
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                {"x" if "@" in schema + member else "@x"}: {schema}
      responses: {{'200': {{description: Good.}}, '400': {{description: Refused.}}}}
"""


def document(version: str, *operations: str) -> str:
    return f"openapi: {version}\n{HEAD}paths:{''.join(operations)}{GOOD}{COMPONENTS}"


def check(path: Path, phases: str = "combinations") -> Outcome:
    return check_with(APP, contract=path, phases=phases)


def assert_told(text: str, said: str, folder: Path) -> None:
    path, place = written(folder, text)

    outcome = check(path)
    strict = speclock("check", "--contract", path, "--url", "http://127.0.0.1:1", "--strict")

    told = [error.message for error, _ in outcome.errors if error.kind == "contract"]
    assert any(message.startswith(f"{place}: ") and said in message for message in told), (place, told)
    assert_good_is_judged(outcome)
    assert (strict.status, strict.out, strict.err.count("\n")) == (2, "", 1)
    assert strict.err.startswith(f"speclock: {place}: ")


def assert_good_is_judged(outcome: Outcome) -> None:
    held = {tally.id for tally in outcome.rules if tally.operation == "good" and tally.verdict == "held"}
    assert "body.size" in held
    assert [finding for finding in outcome.findings if finding.operation == "good"] == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", SCHEMAS)
def test_a_flaw_of_a_schema_is_told_with_its_place_and_the_rest_is_judged(
    name: str, version: str, tmp_path: Path
) -> None:
    schema, said = SCHEMAS[name]

    assert_told(document(version, operation(schema, "deprecated: false")), said, tmp_path)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", MEMBERS)
def test_a_flaw_of_an_operation_is_told_with_its_place_and_the_rest_is_judged(
    name: str, version: str, tmp_path: Path
) -> None:
    member, said = MEMBERS[name]

    assert_told(document(version, operation("{type: integer}", member)), said, tmp_path)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["A", "Itself"])
def test_a_schema_that_is_but_itself_is_told_where_the_circle_closes(name: str, version: str, tmp_path: Path) -> None:
    schema = f"{{$ref: '#/components/schemas/{name}'}}"
    text = document(version, operation(schema, "deprecated: false").replace("@", ""))

    assert_told(text.replace(f"    {name}: ", f"    @{name}: "), "refers to itself", tmp_path)
