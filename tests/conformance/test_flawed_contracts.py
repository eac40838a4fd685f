"""Contracts with one thing wrong: it is told with its line and column, the rest is judged, and `--strict` refuses.

`@` marks in each text where the message must point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from speclock.phases.base import OPEN_PHASES, PHASES
from tests.conformance.harness import speclock
from tests.conformance.hostile_server import strict_json
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
#: Without those that draw at random, and take their time over many operations.
ENUMERATING = ",".join(name for name in PHASES if name not in OPEN_PHASES)


async def answer(request: Request) -> Response:
    raw = await request.body()
    is_json = request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    try:
        body = strict_json(raw) if is_json and raw else {}
    except (ValueError, RecursionError):
        body = None
    size = body.get("size", 1) if isinstance(body, dict) and (is_json or not raw) else None
    is_whole = isinstance(size, int | float) and not isinstance(size, bool) and size % 1 == 0
    return Response(status_code=200 if is_whole else 400)


APP = Starlette(routes=[Route(path, answer, methods=["POST"]) for path in ("/good", "/bad", "/{odd}/{p}")])


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


@pytest.mark.parametrize("version", VERSIONS)
def test_a_schema_that_contains_itself_behind_a_property_is_no_flaw(version: str, tmp_path: Path) -> None:
    outcome = check(written(tmp_path, document(version, operation("{$ref: '#/components/schemas/Tree'}", "")))[0])

    assert outcome.errors == ()
    assert {("bad", "body.x.below"), ("bad", "body.x.name")} <= {(rule.operation, rule.id) for rule in outcome.rules}


@pytest.mark.parametrize(
    "pattern", [r"^\d+$", r"^\w*$", "(?<=a)b", "(?<!a)b", "(?=a)a", "^(?:a|b)?$", r"\\Z", r"[\s\S]"]
)
def test_a_pattern_that_all_read_alike_is_no_flaw(pattern: str, tmp_path: Path) -> None:
    schema = f"{{type: string, pattern: '{pattern}'}}"

    assert check(written(tmp_path, document("3.1.0", operation(schema, "")))[0]).errors == ()


#: Documents of which nothing can be judged; ONE stands for an operation.
HOPELESS = {
    "Swagger 2.0": ("@swagger: '2.0'\ninfo: {title: Old, version: '1'}\npaths: {}\n", "Swagger 2.0 is not supported"),
    "OpenAPI 3.2": (f"@openapi: 3.2.0\n{HEAD}", "OpenAPI '3.2.0' is not supported"),
    "a bracket that is never closed": (f"openapi: 3.1.0\n{HEAD}paths:\n  /a: {{get: [@}}}}", "not parsable"),
    "a tab": (f"openapi: 3.1.0\n{HEAD}paths:\n@\t/a: {{}}\n", "not parsable"),
    "an alias of nothing": (f"openapi: 3.1.0\n{HEAD}paths: @*nothing\n", "not parsable"),
    "a key twice": (f"openapi: 3.1.0\n{HEAD}paths:\n  /a:\n    x-a: 1\n    @x-a: 2\n", "the key 'x-a' stands twice"),
    "a key twice in JSON": (
        '{"openapi": "3.1.0",\n "info": {"title": "x", @"title": "y"}}',
        "the key 'title' stands twice",
    ),
    "a title that is none": ("openapi: 3.1.0\n@info: {title: 5, version: '1'}\npaths: {}\n", "expected `info`"),
    "paths of nothing": (f"openapi: 3.1.0\n{HEAD}@paths: null\n", "expected `paths` as an object"),
    "paths in a list": (f"openapi: 3.1.0\n{HEAD}@paths: [/a]\n", "expected `paths` as an object"),
    "no paths": (f"openapi: 3.1.0\n{HEAD}@paths: {{}}\n", "has no operations"),
}


@pytest.mark.parametrize("command", ["check", "rules"])
@pytest.mark.parametrize("name", HOPELESS)
def test_a_document_that_cannot_be_judged_is_one_clear_line_with_its_place(
    name: str, command: str, tmp_path: Path
) -> None:
    text, said = HOPELESS[name]
    path, place = written(tmp_path, text)
    subject = ("--url", "http://127.0.0.1:1") if command == "check" else ()

    ran = speclock(command, "--contract", path, *subject)

    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert ran.err.startswith(f"speclock: {place}: ")
    assert said in ran.err


def body(content: str) -> str:
    return f"requestBody: {{content: {content}}}"


def json_body(schema: str) -> str:
    return body(f"{{application/json: {{schema: {schema}}}}}")


def parameter(rest: str, place: str = "query") -> str:
    return f"parameters: [{{name: p, in: {place}, {rest}}}]"


#: Members of operations of every odd shape, and what is told of each by `speclock rules`; None: nothing need be.
SHAPES: dict[str, str | None] = {
    "parameters: null": "expected a list of parameters",
    "parameters: [{name: 1, in: query}]": "has no schema",
    parameter("schema: [1]"): "the schema cannot be used",
    parameter("schema: null"): "the schema cannot be used",
    parameter("schema: true"): None,
    parameter("schema: false"): "no legal request",
    parameter("content: {}"): "has no schema",
    parameter("style: odd, schema: {type: array}"): None,
    parameter("style: [1], schema: {type: array}"): None,
    parameter("style: deepObject, schema: {type: object, properties: {a: {type: integer}}}"): None,
    parameter("required: true, style: matrix, explode: true, schema: {type: array}", "path"): None,
    parameter("required: true, style: label, schema: {type: object}", "path"): None,
    "requestBody: null": "a request body needs `content`",
    "requestBody: hello": "a request body needs `content`",
    body("null"): "a request body needs `content`",
    body("{}"): "the request body is not JSON",
    body("{text/plain: {schema: {type: string}}}"): "the request body is not JSON",
    body("{multipart/form-data: {schema: {type: object}}}"): "the request body is not JSON",
    body("{application/x-www-form-urlencoded: {schema: {type: object}}}"): "the request body is not JSON",
    body("{application/json: null}"): "the request body has no schema",
    body("{application/json: {}}"): "the request body has no schema",
    body("{application/json: {schema: {type: object}, examples: [1]}}"): None,
    body("{application/json: {schema: {type: object}, examples: {a: {$ref: '#/x'}}}}"): None,
    json_body("true"): None,
    json_body("false"): "no legal request",
    json_body("null"): "the schema cannot be used",
    json_body("text"): "the schema cannot be used",
    json_body("{type: object, properties: [a]}"): "the schema cannot be used",
    json_body("{type: object, properties: {a: null}}"): "the schema cannot be used",
    json_body("{type: object, required: a}"): "the schema cannot be used",
    json_body("{type: array, items: [{type: string}]}"): None,
    json_body("{enum: []}"): "contradicts itself",
    json_body("{enum: a}"): "the schema cannot be used",
    json_body("{oneOf: []}"): "no legal request",
    json_body("{allOf: {type: string}}"): "the schema cannot be used",
    json_body("{not: {}}"): "no legal request",
    json_body("{type: integer, multipleOf: 0}"): "no legal request",
    json_body("{type: number, minimum: .nan}"): "the schema cannot be used",
    json_body("{type: array, items: {type: integer}, minItems: 1000000000}"): "no legal request",
    "tags: hello": None,
    "callbacks: [1]": None,
    "servers: hello": None,
    "x-contract-rules: [hello]": "expected a rule",
    "x-contract-rules: [{id: 5, rule: 'true'}]": "expected text for 'id'",
}
#: Responses of every odd shape, and what is told.
RESPONSES: dict[str, str | None] = {
    "null": "has no responses",
    "[1]": "has no responses",
    "{}": "has no responses",
    "{'200': null}": None,
    "{'200': {content: null}}": None,
    "{'200': {content: [a]}}": None,
    "{'200': {content: {application/json: null}}}": None,
    "{'200': {content: {application/json: {schema: null}}}}": "the schema cannot be used",
    "{'200': {headers: [a]}}": None,
    "{'200': {headers: {X-A: null}}}": None,
    "{'200': {links: [a]}}": None,
    "{'200': {links: {a: b}}}": None,
}


def odd(shapes: dict[str, str | None], responses: dict[str, str | None]) -> list[tuple[str, str | None]]:
    """Operations without a path each, and what is told of them."""
    found = [
        (f"\n      {member}\n      responses: {{'200': {{description: x}}}}\n", said) for member, said in shapes.items()
    ]
    return [
        *found,
        *((f"\n      responses: {text}\n", said) for text, said in responses.items()),
        ("\n      tags: []\n", "no responses"),
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_document_full_of_odd_shapes_is_judged_as_far_as_it_goes(version: str, tmp_path: Path) -> None:
    shapes = odd(SHAPES, RESPONSES)
    operations = [
        f"\n  /odd{n}/{{p}}:\n    post:\n      operationId: odd{n}.{text}" for n, (text, _) in enumerate(shapes)
    ]
    path, _ = written(tmp_path, document(version, *operations))

    planned = speclock("rules", "--contract", path)
    outcome = check(path, ENUMERATING)

    told = [line for line in planned.out.splitlines() if line.startswith("not supported: ")]
    for number, (text, said) in enumerate(shapes):
        about = [line for line in told if f"odd{number}." in line or f"/odd{number}/" in line]
        assert said is None or any(said in line for line in about), (text, about)
    assert (planned.status, planned.err) == (0, "")
    assert planned.out.endswith(f", {len(told)} parts not supported\n")
    assert_good_is_judged(outcome)
    by_generators = {error.operation for error, _ in outcome.errors if error.kind == "generation"}
    assert by_generators
    assert not [name for name in by_generators if name is not None and not name.startswith("odd")]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_document_that_the_generators_refuse_as_a_whole_is_judged_without_them(version: str, tmp_path: Path) -> None:
    bad = f"""
  /bad:
    post:
      operationId: bad
      {json_body("{$ref: 5}")}
      responses: {{'200': {{description: Good.}}}}
"""
    outcome = check(written(tmp_path, document(version, bad))[0], ",".join(PHASES))

    assert_good_is_judged(outcome)
    (told,) = [error.message for error, _ in outcome.errors if (error.operation, error.kind) == ("good", "generation")]
    assert told.startswith("the generators can make no case: the document cannot be used")
