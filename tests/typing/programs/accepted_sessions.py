"""Sessions: every legal shape, and what users have at hand where they write one."""

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TypedDict, assert_type

from evalsessions import (
    AsyncGaltea,
    EvalSessionsError,
    Galtea,
    Headers,
    ImportedSession,
    Outcome,
    ProductionSession,
    Progress,
    RawResponse,
    Session,
    SessionArguments,
    SessionStatus,
    TestDrivenSession,
)


class Labels(TypedDict):
    team: str
    attempt: int


def production(galtea: Galtea, context: Mapping[str, object], text: str | None) -> None:
    assert_type(galtea.sessions.create(version_id="ver_123"), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", is_production=True), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", context="a text"), Session)
    assert_type(
        galtea.sessions.create(version_id="ver_123", context={"user": {"name": "Ada"}, "turns": [1, 2]}), Session
    )
    assert_type(galtea.sessions.create(version_id="ver_123", is_production=True, context=context), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", context=text), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", custom_id="c-1", status="PENDING"), Session)


def statuses(galtea: Galtea, earlier: Session, status: SessionStatus | None) -> None:
    assert_type(galtea.sessions.create(version_id="ver_123", status="COMPLETED"), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", status=SessionStatus.FAILED), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", status=earlier.status), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", test_case_id="tc_123", status=status), Session)


def test_driven(galtea: Galtea, test_case_id: str) -> None:
    assert_type(galtea.sessions.create(version_id="ver_123", test_case_id="tc_123"), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", test_case_id=test_case_id), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", test_case_id="tc_123", is_production=False), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", test_case_id="tc_123", is_production=None), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", test_case_id="tc_123", context=None), Session)


def imported(galtea: Galtea) -> None:
    assert_type(galtea.sessions.create(version_id="ver_123", is_production=False), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", is_production=False, context="a text"), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", is_production=False, context={"a": 1}), Session)


def none_means_not_set(galtea: Galtea) -> None:
    session = galtea.sessions.create(
        version_id="ver_123",
        custom_id=None,
        test_case_id=None,
        is_production=None,
        context=None,
        metadata=None,
        status=None,
    )
    assert_type(session, Session)


def variables(galtea: Galtea, flag: bool, maybe_flag: bool | None, maybe_case: str | None, context: str | None) -> None:
    assert_type(galtea.sessions.create(version_id="ver_123", is_production=flag), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", is_production=flag, context=context), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", is_production=maybe_flag), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", is_production=maybe_flag, context=context), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", test_case_id=maybe_case), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", test_case_id=maybe_case, is_production=False), Session)
    if maybe_case is None:
        assert_type(galtea.sessions.create(version_id="ver_123", test_case_id=maybe_case, context="text"), Session)
    else:
        assert_type(galtea.sessions.create(version_id="ver_123", test_case_id=maybe_case), Session)
    if not flag:
        assert_type(galtea.sessions.create(version_id="ver_123", test_case_id="tc_123", is_production=flag), Session)


def data(galtea: Galtea, labels: Labels, counts: dict[str, int], anything: Mapping[str, object] | None) -> None:
    assert_type(galtea.sessions.create(version_id="ver_123", metadata=labels, context=labels), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", metadata=counts, context=counts), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", metadata=anything), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", metadata={"tags": ["a"], "score": 0.5}), Session)
    assert_type(galtea.sessions.create(version_id="ver_123", test_case_id="tc_123", metadata=counts), Session)


def shapes(
    galtea: Galtea, production: ProductionSession, test_driven: TestDrivenSession, imported: ImportedSession
) -> None:
    assert_type(galtea.sessions.create(**production), Session)
    assert_type(galtea.sessions.create(**test_driven), Session)
    assert_type(galtea.sessions.create(**imported), Session)


def raw(galtea: Galtea) -> None:
    answer = galtea.sessions.with_raw_response.create(version_id="ver_123", test_case_id="tc_123")
    assert_type(answer, RawResponse[Session])
    assert_type(answer.status_code, int)
    assert_type(answer.headers, Headers)
    assert_type(answer.headers["x-request-id"], str)
    assert_type(answer.request_id, str | None)
    assert_type(answer.content, bytes)
    assert_type(answer.parse(), Session)
    assert_type(answer.parse(strict=False), Session)


def rows() -> Iterator[SessionArguments]:
    for number in range(3):
        yield {"version_id": "ver_123", "custom_id": f"import-{number}", "is_production": False}
    yield {"version_id": "ver_123", "test_case_id": "tc_123", "metadata": {"row": 3}}


def many(galtea: Galtea, ids: list[str], progress: list[Progress]) -> None:
    for outcome in galtea.sessions.create_many(rows(), concurrency=32, progress=progress.append, stop_on_error=True):
        assert_type(outcome, Outcome[SessionArguments, Session])
        assert_type(outcome.index, int)
        assert_type(outcome.item["version_id"], str)
        assert_type(outcome.result, Session | None)
        assert_type(outcome.error, EvalSessionsError | None)
        assert_type(outcome.unwrap(), Session)
    wanted: list[SessionArguments] = [
        {"version_id": "ver_123"},
        {"version_id": "ver_123", "is_production": True, "context": {"a": 1}, "status": "FAILED"},
        {"version_id": "ver_123", "test_case_id": "tc_123", "is_production": False, "context": None},
        {"version_id": "ver_123", "is_production": False, "context": "a text", "metadata": None},
    ]
    galtea.sessions.create_many(wanted)
    galtea.sessions.create_many([{"version_id": "ver_123"}, {"version_id": "ver_123", "test_case_id": "tc_123"}])
    galtea.sessions.create_many(({"version_id": "ver_123", "custom_id": n} for n in ids), timeout=5, max_retries=0)
    galtea.sessions.create_many([{"version_id": "ver_123", "test_case_id": n, "is_production": False} for n in ids])


def many_of_a_table(galtea: Galtea, table: list[dict[str, str]], flag: bool | None) -> None:
    galtea.sessions.create_many({"version_id": "v", "test_case_id": row.get("case")} for row in table)
    galtea.sessions.create_many({"version_id": "v", "is_production": row["live"] == "yes"} for row in table)
    galtea.sessions.create_many([{"version_id": "v", "is_production": flag, "context": row} for row in table])
    galtea.sessions.create_many([{"version_id": "v", "status": SessionStatus(row["status"])} for row in table])


def many_of_one_shape(galtea: Galtea, cases: list[TestDrivenSession], logged: tuple[ProductionSession, ...]) -> None:
    galtea.sessions.create_many(cases)
    galtea.sessions.create_many(logged)


async def by_coroutines(galtea: AsyncGaltea, flag: bool, maybe_case: str | None) -> None:
    assert_type(await galtea.sessions.create(version_id="ver_123"), Session)
    assert_type(await galtea.sessions.create(version_id="ver_123", is_production=True, context={"a": 1}), Session)
    assert_type(await galtea.sessions.create(version_id="ver_123", test_case_id="tc_123"), Session)
    assert_type(await galtea.sessions.create(version_id="ver_123", test_case_id="tc_123", is_production=False), Session)
    assert_type(await galtea.sessions.create(version_id="ver_123", is_production=False, context="a text"), Session)
    assert_type(await galtea.sessions.create(version_id="ver_123", is_production=flag), Session)
    assert_type(await galtea.sessions.create(version_id="ver_123", test_case_id=maybe_case), Session)
    answer = await galtea.sessions.with_raw_response.create(version_id="ver_123", test_case_id="tc_123")
    assert_type(answer, RawResponse[Session])
    assert_type(answer.parse(), Session)


async def rows_of_a_stream() -> AsyncIterator[SessionArguments]:
    yield {"version_id": "ver_123"}
    yield {"version_id": "ver_123", "test_case_id": "tc_123"}


async def many_by_coroutines(galtea: AsyncGaltea, cases: list[TestDrivenSession], ids: AsyncIterator[str]) -> None:
    async for outcome in galtea.sessions.create_many(rows_of_a_stream(), concurrency=32):
        assert_type(outcome, Outcome[SessionArguments, Session])
        assert_type(outcome.unwrap().id, str)
    galtea.sessions.create_many(rows())
    galtea.sessions.create_many(cases)
    galtea.sessions.create_many([{"version_id": "ver_123"}, {"version_id": "ver_123", "test_case_id": "tc_123"}])
    galtea.sessions.create_many({"version_id": "ver_123", "custom_id": f"c-{n}"} for n in range(3))
    galtea.sessions.create_many({"version_id": "ver_123", "custom_id": n} async for n in ids)
