"""Reading contracts and profiles: positions, dialects, rules, bindings, and what is hidden."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from speclock.core.cases import Draft
from speclock.core.constraints import Part, Place
from speclock.core.contract import load_contract
from speclock.core.documents import JsonValue, load_document
from speclock.core.errors import ContractError, ProfileError
from speclock.core.expressions import Expression, Scope, Unjudgeable
from speclock.core.producers import Producer
from speclock.core.profiles import Profile, check_profile, load_profile
from speclock.core.reading import Reading
from speclock.core.rules import read_rules
from speclock.core.schemas import Schemas
from speclock.core.secrets import Secrets
from speclock.core.values import DEEPEST, is_deep
from speclock.generation.bindings import Binder, Bound
from tests.conformance.harness import CONTRACT, PROFILE, ROOT, check_app


def test_every_value_of_a_document_has_its_line_and_column() -> None:
    document = load_document(CONTRACT)
    lines = CONTRACT.read_text().splitlines()

    place = document.locate("/components/schemas/NewLoan/allOf/0/not")

    assert lines[place.line - 1][place.column - 1 :].startswith("not:")
    assert document.locate("/components/schemas/Nothing/here").line == document.locate("/components/schemas").line


def test_a_json_contract_reads_like_the_same_one_in_yaml(tmp_path: Path) -> None:
    value = yaml.safe_load(CONTRACT.read_text())
    for indent in (None, 2, "\t"):
        path = tmp_path / "contract.json"
        path.write_text(json.dumps(value, indent=indent))
        contract = load_contract(path)

        assert [rule.id for rule in read_rules(contract)[0]] == [
            rule.id for rule in read_rules(load_contract(CONTRACT))[0]
        ]
        assert contract.document.value == load_document(CONTRACT).value
        if indent:
            place = contract.locate("/components/schemas/NewLoan/allOf/0/not")
            assert path.read_text().splitlines()[place.line - 1].strip().startswith('"not"')


def test_openapi_3_0_schemas_are_judged_by_their_own_dialect(tmp_path: Path) -> None:
    path = tmp_path / "old.yaml"
    path.write_text(
        "openapi: 3.0.3\ninfo: {title: Old, version: '1'}\npaths:\n  /a:\n    post:\n      operationId: a\n"
        "      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}\n"
        "      responses: {'200': {description: x}}\ncomponents:\n  schemas:\n    A:\n      type: object\n"
        "      required: [id, name]\n      properties:\n        id: {type: string, readOnly: true}\n"
        "        name: {type: string, nullable: true}\n"
        "        size: {type: number, minimum: 0, exclusiveMinimum: true}\n"
    )
    contract = load_contract(path)
    schemas, (operation,) = Schemas(contract), contract.operations

    assert schemas.is_valid(operation, {"name": None})
    assert not schemas.is_valid(operation, {"name": 1})
    assert not schemas.is_valid(operation, {"name": "", "size": 0})
    assert schemas.is_valid(operation, {"name": "", "size": 0.5})


@pytest.mark.parametrize("value", ["\ud800", 10**400, float("inf"), ["\udfff"], {"\ud800": 1}])
def test_what_not_every_reader_of_json_can_hold_is_not_judged(value: JsonValue) -> None:
    contract = load_contract(CONTRACT)
    body: JsonValue = {"bookId": "b", "extra": value}

    assert Schemas(contract).is_valid(contract.operation("createLoan"), body) is None
    assert Schemas(contract).breakages(contract.operation("createLoan"), body) is None


@pytest.mark.parametrize("value", ["\ud800", 10**400])
def test_what_cel_cannot_hold_is_unjudgeable(value: JsonValue) -> None:
    with pytest.raises(Unjudgeable):
        Scope({"request": {"body": value}})


def test_what_would_end_the_process_inside_of_cel_is_unjudgeable() -> None:
    source = (
        "from speclock.core.expressions import Expression, Scope, Unjudgeable\n"
        "value = 1\n"
        "for _ in range(100_000): value = {'a': value}\n"
        "try: Expression.compile('request.body == request.body').holds(Scope({'request': {'body': value}}))\n"
        "except Unjudgeable as error: print(error, flush=True)\n"
        "import os; os._exit(0)  # taking the value apart again is Python's own affair\n"
    )

    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, f"nested deeper than {DEEPEST} levels\n"), done.stderr


@pytest.mark.parametrize("levels", [DEEPEST + 2, 100_000])
def test_an_answer_nested_too_deeply_is_an_error_and_no_finding(levels: int) -> None:
    async def answer(_request: Request) -> Response:
        return Response(b"[" * levels + b"]" * levels, media_type="application/json")

    app = Starlette(routes=[Route("/returns", answer, methods=["POST"])])
    outcome = check_app(None, app=app, phases=("examples",))

    assert [finding for finding in outcome.findings if finding.operation == "createReturn"] == []
    assert "nested too deeply" in str([error for error, _ in outcome.errors if error.operation == "createReturn"])


@pytest.mark.parametrize("levels", [1, DEEPEST, DEEPEST + 1])
def test_depth_counts_lists_and_objects(levels: int) -> None:
    value: JsonValue = 1
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}

    assert is_deep(value) == (levels > DEEPEST)


def test_an_expression_that_raises_is_unjudgeable() -> None:
    with pytest.raises(Unjudgeable):
        Expression.compile("request.body.a == 1").holds(Scope({"request": {"body": {}}}))


def binder(**known: list[str]) -> Binder:
    created = {name: tuple(ids) for name, ids in known.items()}
    everything = {item for ids in created.values() for item in ids}
    return Binder(
        load_profile(PROFILE),
        "c0ffee",
        made=lambda producer, _count: created.get(producer.operation, ()),
        created=lambda name, _count: created.get(name, ()),
        knows=everything.__contains__,
        producers=lambda operation: {LOAN_ID: Producer("createLoan", "/id")} if operation.id == "createReturn" else {},
    )


LOAN_ID = Place(Part.BODY, ("loanId",))


def bound_body(one: Binder, operation: str, body: JsonValue) -> tuple[Bound, object]:
    found = one.bind(load_contract(CONTRACT).operation(operation), Draft(body=body), is_same=lambda _: True)
    return found, found.draft.body


def test_bindings_replace_what_is_there_and_add_nothing() -> None:
    bound, body = bound_body(binder(), "createLoan", {"bookId": "xyz", "holdId": None, "days": 3})

    assert isinstance(body, dict)
    assert body.keys() == {"bookId", "holdId", "days"}
    assert body["bookId"] in ("book_1", "book_2")
    assert body["holdId"] is None
    assert (bound.known, bound.unbound) == (("bookId",), ())


def test_a_unique_value_keeps_its_text_and_carries_the_nonce_of_the_run() -> None:
    one = binder()

    bodies = [bound_body(one, "createLoan", {"number": "number"})[1] for _ in range(2)]

    assert bodies == [{"number": "number-c0ffee-00001"}, {"number": "number-c0ffee-00002"}]


def test_a_unique_text_of_one_character_stays_one_and_is_another_each_time() -> None:
    one = binder()

    bodies = [bound_body(one, "createLoan", {"number": "é"})[1] for _ in range(50)]
    numbers = [str(body["number"]) for body in bodies if isinstance(body, dict)]

    assert {len(number) for number in numbers} == {1}
    assert len(set(numbers)) == 50


def test_an_id_that_a_link_brought_is_left_alone() -> None:
    _, body = bound_body(binder(createLoan=["loan_77"]), "createReturn", {"loanId": "loan_77"})

    assert body == {"loanId": "loan_77"}


def test_an_id_that_the_profile_does_not_know_comes_from_the_operation_that_a_link_names() -> None:
    one = replace(binder(createLoan=["loan_77"]), profile=Profile())

    bound, body = bound_body(one, "createReturn", {"loanId": "whatever"})

    assert body == {"loanId": "loan_77"}
    assert (bound.known, bound.linked, bound.unbound) == ((), ("loanId",), ())


def test_an_id_that_nobody_makes_is_told() -> None:
    bound, body = bound_body(replace(binder(), profile=Profile()), "createReturn", {"loanId": "whatever"})

    assert body == {"loanId": "whatever"}
    assert bound.unbound == ("loanId",)


def test_bindings_that_change_what_a_case_breaks_are_left_out_one_by_one() -> None:
    operation = load_contract(CONTRACT).operation("createLoan")
    draft = Draft(body={"bookId": "xyz", "holdId": "abc"})

    bound = binder().bind(operation, draft, is_same=lambda changed: changed.body["bookId"] == "xyz")  # type: ignore[index, call-overload]

    assert bound.draft.body == {"bookId": "xyz", "holdId": "hold_1"}
    assert bound.known == ("holdId",)


def test_secrets_are_hidden_in_every_form_and_never_in_a_repr() -> None:
    secrets = Secrets.of([("KEY", 'a/b+"c d')])

    for form in ('a/b+"c d', "a%2Fb%2B%22c%20d", "a%2Fb%2B%22c+d", 'a/b+\\"c d', "YS9iKyJjIGQ="):
        assert secrets.hide(f"<{form}>") == "<$KEY>"
    assert "a/b" not in repr(secrets)


def test_an_expected_finding_leaves_the_status_alone_and_an_absent_one_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(
        PROFILE.read_text()
        + "\n[[expected]]\noperation = 'createLoan'\ncheck = 'rule_conformance'\nrule = 'loan-days-by-default'\n"
        + "reason = 'known since spring'\n"
        + "\n[[expected]]\noperation = 'getShelf'\ncheck = 'schema_conformance'\nreason = 'was fixed'\n"
    )

    outcome = check_app("lends for 21 days by default", profile=load_profile(path), phases=("examples",))

    assert outcome.status() == 0
    assert [(finding.rule, finding.expected) for finding in outcome.expected] == [
        ("loan-days-by-default", "known since spring")
    ]
    assert [item.operation for item in outcome.absent] == ["getShelf"]


def test_a_rule_that_is_off_is_not_judged_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "profile.toml"
    path.write_text(
        PROFILE.read_text() + "\n[rules.off]\n'createLoan.loan-days-by-default' = 'the live server differs'\n"
    )

    outcome = check_app("lends for 21 days by default", profile=load_profile(path), phases=("examples",))

    assert outcome.findings == ()
    assert {tally.id: tally.verdict for tally in outcome.rules}["loan-days-by-default"] == "off"


def test_without_a_profile_nothing_that_needs_a_key_can_be_judged() -> None:
    outcome = check_app(None, profile=Profile(), credentials={}, phases=("examples",))

    assert outcome.status() == 2
    assert outcome.fatal is not None
    assert "readerKey" in outcome.fatal


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "conformance/profiles").glob("*.toml")))
def test_each_profile_fits_the_repository_contract(name: str) -> None:
    reading = Reading.of(ROOT / "openapi.yaml")

    check_profile(load_profile(ROOT / "conformance/profiles" / name), reading.contract, reading.names)


def test_a_constraint_is_turned_off_by_its_name_too_and_a_misspelt_one_is_told(tmp_path: Path) -> None:
    reading = Reading.of(CONTRACT)
    path = tmp_path / "profile.toml"
    path.write_text("[rules.off]\n'createLoan.body.days' = 'the live server differs'\n")
    misspelt = tmp_path / "misspelt.toml"
    misspelt.write_text("[rules.off]\n'body.day' = 'the live server differs'\n")

    check_profile(load_profile(path), reading.contract, reading.names)
    with pytest.raises(ProfileError, match=r"no rule or constraint 'body\.day'; it has .*body\.days"):
        check_profile(load_profile(misspelt), reading.contract, reading.names)


def test_merge_keys_bring_what_an_object_does_not_have_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "merge.yaml"
    path.write_text("a: &a {x: 1, y: 2}\nb: &b {<<: *a, y: 3}\nc:\n  <<: [{x: 4}, *b]\n  z: 5\n")

    # Spelled out: PyYAML 6.0.4 lets `c` have the `y` of `a`, which `b` has overridden.
    assert load_document(path).value == {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}, "c": {"x": 4, "y": 3, "z": 5}}


def test_aliases_that_multiply_are_refused_before_they_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("speclock.core.documents._MOST", 1000)
    path = tmp_path / "bomb.yaml"
    path.write_text("a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 40)))

    with pytest.raises(ContractError, match="do aliases multiply them"):
        load_document(path)


def test_an_alias_that_contains_itself_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "loop.yaml"
    path.write_text("openapi: 3.1.0\na: &a {b: *a}\n")

    with pytest.raises(ContractError, match="contains itself"):
        load_document(path)
