"""Sessions that the API must refuse: what each marked line says is an error, and nothing else here is one."""

from evalsessions import AsyncGaltea, Galtea, ImportedSession, ProductionSession, SessionArguments, TestDrivenSession


def test_case_in_production(galtea: Galtea, flag: bool, maybe_flag: bool | None, maybe_case: str | None) -> None:
    create = galtea.sessions.create
    galtea.sessions.create(version_id="ver_123", test_case_id="tc_123", is_production=True)  # refused
    create(version_id="ver_123", test_case_id="tc_123", is_production=True)  # refused
    create(version_id="ver_123", test_case_id="tc_123", is_production=flag)  # refused
    create(version_id="ver_123", test_case_id="tc_123", is_production=maybe_flag)  # refused
    create(version_id="ver_123", test_case_id=maybe_case, is_production=True)  # refused
    create(version_id="ver_123", test_case_id=maybe_case, is_production=flag)  # refused
    create(version_id="ver_123", test_case_id="", is_production=True)  # refused
    create(version_id="ver_123", test_case_id="tc_123", is_production=True, timeout=5)  # refused
    create(version_id="ver_123", test_case_id="tc_123", is_production=True, validate=False)  # refused
    galtea.sessions.with_raw_response.create(version_id="v", test_case_id="tc_123", is_production=True)  # refused
    galtea.with_options(timeout=5).sessions.create(version_id="v", test_case_id="t", is_production=True)  # refused


def test_case_with_a_context(galtea: Galtea, context: str | None, maybe_case: str | None) -> None:
    create = galtea.sessions.create
    create(version_id="ver_123", test_case_id="tc_123", context="a text")  # refused
    create(version_id="ver_123", test_case_id="tc_123", context="")  # refused
    create(version_id="ver_123", test_case_id="tc_123", context={})  # refused
    create(version_id="ver_123", test_case_id="tc_123", context={"a": 1}, is_production=False)  # refused
    create(version_id="ver_123", test_case_id="tc_123", context=context)  # refused
    create(version_id="ver_123", test_case_id=maybe_case, context="a text")  # refused


async def by_coroutines(galtea: AsyncGaltea, flag: bool) -> None:
    create = galtea.sessions.create
    await galtea.sessions.create(version_id="ver_123", test_case_id="tc_123", is_production=True)  # refused
    await create(version_id="ver_123", test_case_id="tc_123", is_production=flag)  # refused
    await create(version_id="ver_123", test_case_id="tc_123", context="")  # refused
    await galtea.sessions.with_raw_response.create(version_id="v", test_case_id="t", is_production=True)  # refused


def arguments(galtea: Galtea, name: str, version: str | None) -> None:
    create = galtea.sessions.create
    create()  # refused
    create(test_case_id="tc_123")  # refused
    create("ver_123")  # refused
    create("ver_123", test_case_id="tc_123")  # refused
    create(version_id=version)  # refused
    create(version_id=None)  # refused
    create(version_id=123)  # refused
    create(version_id="ver_123", testCaseId="tc_123")  # refused
    create(version_id="ver_123", user_id="user_123")  # refused
    create(version_id="ver_123", custom_id=7)  # refused
    create(version_id="ver_123", test_case_id=7)  # refused
    create(version_id="ver_123", is_production="yes")  # refused
    create(version_id="ver_123", is_production=1)  # refused
    create(version_id="ver_123", context=["a", "b"])  # refused
    create(version_id="ver_123", context=b"bytes")  # refused
    create(version_id="ver_123", context={1: "a"})  # refused
    create(version_id="ver_123", metadata="a text")  # refused
    create(version_id="ver_123", metadata=[("a", 1)])  # refused
    create(version_id="ver_123", status="DONE")  # refused
    create(version_id="ver_123", status="completed")  # refused
    create(version_id="ver_123", status=name)  # refused


def many(galtea: Galtea, flag: bool) -> None:
    create_many = galtea.sessions.create_many
    create_many([{"version_id": "ver_123", "test_case_id": "tc_123", "is_production": True}])  # refused
    create_many([{"version_id": "ver_123", "test_case_id": "tc_123", "is_production": flag}])  # refused
    create_many([{"version_id": "ver_123", "test_case_id": "tc_123", "context": ""}])  # refused
    create_many([{"version_id": "v"}, {"version_id": "v", "test_case_id": "t", "is_production": True}])  # refused
    create_many({"version_id": "v", "test_case_id": f"{n}", "is_production": True} for n in range(3))  # refused
    create_many([{"test_case_id": "tc_123"}])  # refused
    create_many([{"version_id": "ver_123", "testCaseId": "tc_123"}])  # refused
    create_many([{"version_id": "ver_123", "status": "DONE"}])  # refused
    create_many({"version_id": "ver_123"})  # refused
    create_many(["ver_123"])  # refused
    create_many([{"version_id": "ver_123"}], concurrency="many")  # refused
    create_many([{"version_id": "ver_123"}], progress=print, retries=3)  # refused
    create_many()  # refused


async def many_by_coroutines(galtea: AsyncGaltea) -> None:
    create_many = galtea.sessions.create_many
    create_many([{"version_id": "ver_123", "test_case_id": "tc_123", "is_production": True}])  # refused
    create_many([{"version_id": "ver_123", "test_case_id": "tc_123", "context": {}}])  # refused
    for _ in create_many([{"version_id": "ver_123"}]):  # refused
        pass


async def a_stream_for_threads(galtea: Galtea, coroutines: AsyncGaltea) -> None:
    async for _ in galtea.sessions.create_many([{"version_id": "ver_123"}]):  # refused
        pass


def shapes() -> list[SessionArguments]:
    production: ProductionSession = {"version_id": "ver_123", "test_case_id": "tc_123"}  # refused
    test_driven: TestDrivenSession = {"version_id": "v", "test_case_id": "t", "is_production": True}  # refused
    imported: ImportedSession = {"version_id": "ver_123", "is_production": True}  # refused
    either: SessionArguments = {"version_id": "v", "test_case_id": "t", "is_production": True}  # refused
    return [production, test_driven, imported, either]
