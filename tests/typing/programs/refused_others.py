"""Other wrong uses: what each marked line says is an error, and nothing else here is one."""

import httpx

from evalsessions import (
    AsyncFastTransport,
    AsyncGalileo,
    AsyncGaltea,
    Attempt,
    BatchEvaluation,
    ContractError,
    FastTransport,
    Galileo,
    Galtea,
    MetricById,
    ProjectSession,
    Session,
    TestCase,
)


def use(_: object) -> None: ...


def selections(galtea: Galtea, ids: list[str] | None, version: str | None) -> None:
    create = galtea.evaluations.create_from_sessions
    create()  # refused
    create(metrics=[{"id": "metric_1"}])  # refused
    create(session_ids=None, version_id=None)  # refused
    create(session_ids=["ses_1"], version_id="ver_123")  # refused
    create(session_ids=[], version_id="ver_123")  # refused
    create(session_ids=["ses_1"], version_id=version)  # refused
    create(session_ids=ids)  # refused
    create(version_id=version)  # refused
    create(["ses_1"])  # refused
    create(session_ids=[1, 2])  # refused
    create(session_ids=7)  # refused
    create(version_id="ver_123", specification_ids=[1])  # refused
    galtea.evaluations.with_raw_response.create_from_sessions(session_ids=["s"], version_id="v")  # refused
    galtea.evaluations.create_many_from_sessions([1, 2])  # refused


def metrics(galtea: Galtea) -> None:
    create = galtea.evaluations.create_from_sessions
    create(version_id="ver_123", metrics=[{}])  # refused
    create(version_id="ver_123", metrics=[{"score": 0.5}])  # refused
    create(version_id="ver_123", metrics=[{"id": None}])  # refused
    create(version_id="ver_123", metrics=[{"id": None, "name": None}])  # refused
    create(version_id="ver_123", metrics=[{"id": "metric_1"}, {"score": 0.5}])  # refused
    create(version_id="ver_123", metrics=[{"id": "metric_1", "score": "high"}])  # refused
    create(version_id="ver_123", metrics=[{"id": "metric_1", "weight": 2}])  # refused
    create(version_id="ver_123", metrics=["metric_1"])  # refused
    create(version_id="ver_123", metrics={"id": "metric_1"})  # refused
    metric: MetricById = {"name": "accuracy"}  # refused
    use(metric)


async def selections_by_coroutines(galtea: AsyncGaltea) -> None:
    await galtea.evaluations.create_from_sessions()  # refused
    await galtea.evaluations.create_from_sessions(session_ids=["ses_1"], version_id="ver_123")  # refused
    await galtea.evaluations.create_from_sessions(version_id="ver_123", metrics=[{"score": 1}])  # refused


def test_cases(galtea: Galtea) -> None:
    create = galtea.test_cases.create
    create()  # refused
    create("test_123")  # refused
    create(test_id="test_123", input=["a", "b"])  # refused
    create(test_id="test_123", expected_tools=[1])  # refused
    create(test_id="test_123", max_iterations="3")  # refused
    create(test_id="test_123", confidence="high")  # refused
    create(test_id="test_123", user_score=0.5)  # refused
    create(test_id="test_123", expectedOutput="Paris")  # refused


def project_sessions(galileo: Galileo) -> None:
    create = galileo.project_sessions.create
    create()  # refused
    create(project_id=7)  # refused
    create(project_id="p", logging_method="rust_client")  # refused
    create(project_id="p", reliable="yes")  # refused
    create(project_id="p", projectId="p")  # refused


def options(galtea: Galtea) -> None:
    create = galtea.sessions.create
    create(version_id="ver_123", timeout="5")  # refused
    create(version_id="ver_123", max_retries=None)  # refused
    create(version_id="ver_123", max_retries=0.5)  # refused
    create(version_id="ver_123", extra_headers={"X-Team": 1})  # refused
    create(version_id="ver_123", extra_headers=[("X-Team", "a")])  # refused
    create(version_id="ver_123", extra_body="{}")  # refused
    create(version_id="ver_123", validate="no")  # refused
    create(version_id="ver_123", strict=None)  # refused
    create(version_id="ver_123", retries=3)  # refused
    create(version_id="ver_123", api_key="key")  # refused
    galtea.test_cases.create(test_id="test_123", retries=3)  # refused
    galtea.with_options(retries=3)  # refused
    galtea.with_options(timeout="5")  # refused
    galtea.with_options(5)  # refused


def faces(key: bytes, attempts: list[str]) -> None:
    Galtea("key")  # refused
    Galtea(api_key=key)  # refused
    Galtea(timeout="5")  # refused
    Galtea(max_retries=None)  # refused
    Galtea(token="key")  # refused
    Galtea(on_attempt=attempts.append)  # refused
    Galtea(key_header="X-Key")  # refused


def clients() -> None:
    Galtea(http_client=httpx.AsyncClient())  # refused
    Galtea(http_client=httpx.AsyncHTTPTransport())  # refused
    Galtea(http_client=AsyncFastTransport())  # refused
    Galtea(http_client="http://localhost")  # refused
    Galileo(http_client=httpx.AsyncClient())  # refused
    Galileo(http_client=AsyncFastTransport())  # refused
    AsyncGaltea(http_client=httpx.Client())  # refused
    AsyncGaltea(http_client=httpx.HTTPTransport())  # refused
    AsyncGaltea(http_client=FastTransport())  # refused
    AsyncGalileo(http_client=httpx.Client())  # refused
    AsyncGalileo(http_client=FastTransport())  # refused


def models(session: Session, case: TestCase, outcome: BatchEvaluation, other: ProjectSession) -> None:
    session.id = "ses_2"  # refused
    session.custom_id = None  # refused
    session.unknown = 1  # refused
    case.expected_output = "London"  # refused
    outcome.sessions_failed = 0  # refused
    other.name = "Another"  # refused
    use(session.versionId)  # refused
    use(session.custom_id.upper())  # refused
    use(session.metadata["team"])  # refused
    use(outcome.failures.error)  # refused


def attempts(attempt: Attempt, error: ContractError) -> None:
    attempt.number = 2  # refused
    use(error.status_code)  # refused


async def not_awaited(galtea: AsyncGaltea, galileo: AsyncGalileo) -> None:
    use(galtea.sessions.create(version_id="ver_123").id)  # refused
    use(galtea.sessions.with_raw_response.create(version_id="ver_123").parse())  # refused
    use(galtea.evaluations.create_from_sessions(version_id="ver_123").failures)  # refused
    use(galileo.project_sessions.create(project_id="p").name)  # refused


async def mixed(galtea: Galtea, coroutines: AsyncGaltea) -> None:
    await galtea.sessions.create(version_id="ver_123")  # refused
    await coroutines.sessions.with_raw_response.create(version_id="v").parse()  # refused
    with coroutines:  # refused
        pass
    async with galtea:  # refused
        pass
    coroutines.close()  # refused
    await galtea.aclose()  # refused
