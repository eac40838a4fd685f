"""Whatever is sent, the answer has the documented status and says what is wrong and where; never a 5xx."""

from __future__ import annotations

import json
import sys
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalsessions_server.errors import MAX_FAULTS
from evalsessions_server.operations.create_evaluations import read_batch
from evalsessions_server.strict_json import UnsoundJsonError, read
from tests.reference_server.calls import OPERATIONS, PROJECT, Operation, Sandbox, raw
from tests.reference_server.database import rows

if TYPE_CHECKING:
    from collections.abc import Callable

every_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)

TOO_LARGE = 1_048_577


def padded(size: int) -> bytes:
    """Return a JSON object of exactly this many bytes."""
    return b'{"padding":"' + b"x" * (size - 14) + b'"}'


@every_operation
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "required"),
        (b"null", "expected an object, got null"),
        (b"[]", "expected an object, got an array"),
        (b'"text"', "expected an object"),
        (b"3", "expected an object"),
        (b"true", "expected an object"),
        (b" ", "line 1"),
        (b"{", "line 1, column 2"),
        (b'{"a": 1,\n x}', "line 2, column 2"),
        (b"{'a': 1}", "column 2"),
        (b'{"a": 01}', "column"),
        (b'{"a": "\n"}', "column"),
        (b"{} {}", "column 4"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b'{"a": "\xff"}', "not UTF-8: byte 7"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        (b'{"a": {"b": NaN}}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": [1, 1e400]}', "double"),
        (b'{"a": -1e999999999999}', "double"),
        (b'{"a": 1' + b"0" * 309 + b"}", "double"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "double"),
        (b'{"a": 1, "b": 2, "a": 1}', "duplicate"),
        (b'{"a": {"\\u0062": 1, "b": 2}}', "duplicate"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"a": ["\\udc00\\ud800"]}', "surrogate"),
        (b'{"\\ud83d": 1}', "surrogate"),
        (b"[" * 10_000 + b"]" * 10_000, "deep"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "deep"),
        (b"[" * 500_000, "deep"),
    ],
)
def test_a_body_that_is_no_sound_json_object_is_invalid_and_says_why(
    sandbox: Sandbox, operation: Operation, content: bytes, says: str
) -> None:
    answer = sandbox.send(operation.path, content)
    assert answer.status_code == operation.invalid
    assert says in operation.message(answer.json())


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (b'{"a": {"b/c": [0, NaN]}}', "/a/b~1c/1"),
        (b'{"a": {"~": 1e400}}', "/a/~0"),
        (b'{"a": [{"x": 1, "x": 2}]}', "/a/0/x"),
        (b'{"a": [{"x": "\\ud800"}]}', "/a/0/x"),
    ],
)
def test_an_unsound_value_is_located(sandbox: Sandbox, content: bytes, pointer: str) -> None:
    answer = sandbox.send("/sessions", content)
    assert answer.json()["pointer"] == pointer
    located = sandbox.send(OPERATIONS[3].path, content).json()["detail"][0]["loc"]
    assert located[0] == "body"
    assert len(located) == pointer.count("/") + 1


@pytest.mark.parametrize("text", [b"\\u0000", b"\\ud83d\\ude00", b"\\\\ud800", "\U0001f600".encode()])
def test_nul_and_pairs_of_surrogates_are_legal(sandbox: Sandbox, text: Any) -> None:
    answer = sandbox.send("/sessions", b'{"versionId": "ver_123", "metadata": {"a": "' + text + b'"}}')
    assert answer.status_code == 201
    assert answer.json()["metadata"] == json.loads(b'{"a": "' + text + b'"}')


@pytest.mark.parametrize(
    "number", [b"1" + b"0" * 308, b"-1" + b"0" * 30, b"1e308", b"1E-400", b"0.1", b"-0", b"12345678901234567890"]
)
def test_numbers_that_a_double_can_hold_are_legal(sandbox: Sandbox, number: Any) -> None:
    answer = sandbox.send("/sessions", b'{"versionId": "ver_123", "metadata": {"a": ' + number + b"}}")
    assert answer.status_code == 201
    assert answer.json()["metadata"] == {"a": json.loads(number)}


@every_operation
@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "application/json; charset=latin-1",
        "application/json;charset=utf-16",
        "multipart/form-data; boundary=x",
        "",
        ";",
        "application/problem+json",
    ],
)
def test_another_media_type_is_415(sandbox: Sandbox, operation: Operation, media_type: str) -> None:
    answer = sandbox.send(operation.path, b"{}", **{"Content-Type": media_type})
    assert answer.status_code == 415
    assert "application/json" in operation.message(answer.json()) or "UTF-8" in operation.message(answer.json())


@every_operation
@pytest.mark.parametrize(
    "media_type",
    ["application/json; charset=utf-8", "Application/JSON;Charset=UTF-8", 'application/json; charset="utf-8"'],
)
def test_the_media_type_is_read_as_http_says(sandbox: Sandbox, operation: Operation, media_type: str) -> None:
    assert sandbox.post(operation.path, operation.body, **{"Content-Type": media_type}).status_code == operation.status


@every_operation
def test_a_missing_media_type_and_a_coded_body_are_415(sandbox: Sandbox, operation: Operation) -> None:
    headers = sandbox.headers(operation.path)
    assert sandbox.client.post(operation.path, content=b"{}", headers=headers).status_code == 415
    assert sandbox.send(operation.path, b"{}", **{"Content-Encoding": "gzip"}).status_code == 415
    # Without a body there is nothing of a wrong type: what is missing is the body.
    assert sandbox.client.post(operation.path, headers=headers).status_code == operation.invalid


@every_operation
def test_a_body_of_one_mebibyte_is_read_and_one_byte_more_is_413(sandbox: Sandbox, operation: Operation) -> None:
    exact = json.dumps(operation.body)[:-1].encode() + (b"," if operation.body else b"") + b'"padding":"'
    exact += b"x" * (TOO_LARGE - 1 - len(exact) - 2) + b'"}'
    assert len(exact) == TOO_LARGE - 1
    assert sandbox.send(operation.path, exact).status_code == operation.status
    for size in (TOO_LARGE, 2 * TOO_LARGE):
        answer = sandbox.send(operation.path, padded(size))
        assert answer.status_code == 413
        assert "1 MiB" in operation.message(answer.json())


@every_operation
def test_a_chunked_body_is_measured_as_it_comes(sandbox: Sandbox, operation: Operation) -> None:
    headers = {**sandbox.headers(operation.path), "Content-Type": "application/json"}
    for count, expected in ((10, operation.invalid), (40, 413)):
        chunks = (b"x" * 65536 for _ in range(count))
        assert sandbox.client.post(operation.path, content=chunks, headers=headers).status_code == expected


@every_operation
def test_a_key_is_needed_and_must_be_of_this_scheme(sandbox: Sandbox, operation: Operation) -> None:
    server = sandbox.server
    galtea = f"Bearer {server.galtea_key}"
    wrong = (
        [
            {},
            {"Galileo-API-Key": ""},
            {"Galileo-API-Key": "x"},
            {"Galileo-API-Key": server.galtea_key},
            {"Galileo-API-Key": server.galileo_key + " x"},
            {"Authorization": galtea},
        ]
        if operation.is_galileo
        else [
            {},
            {"Authorization": ""},
            {"Authorization": "Bearer"},
            {"Authorization": "Bearer gsk_wrong"},
            {"Authorization": f"Basic {server.galtea_key}"},
            {"Authorization": server.galtea_key},
            {"Authorization": f"Bearer {server.galileo_key}"},
            {"Authorization": f"{galtea} x"},
            {"Authorization": galtea.upper()},
            {"Galileo-API-Key": server.galileo_key},
        ]
    )
    for headers in wrong:
        answer = sandbox.client.post(operation.path, json=operation.body, headers=headers)
        assert answer.status_code == 401, headers
        assert "key" in operation.message(answer.json())
        assert ("www-authenticate" in answer.headers) is not operation.is_galileo
        for key in (server.galtea_key, server.galileo_key):
            assert key not in answer.text


def test_both_forms_of_galtea_keys_work_and_the_scheme_is_read_as_http_says(sandbox: Sandbox) -> None:
    for key in (sandbox.server.galtea_key, sandbox.server.galtea_legacy_key):
        for scheme in ("Bearer", "bearer", "BEARER"):
            answer = sandbox.post("/sessions", {"versionId": "ver_123"}, Authorization=f"{scheme} {key}")
            assert answer.status_code == 201


@every_operation
def test_of_several_mistakes_the_first_in_the_documented_order_decides(sandbox: Sandbox, operation: Operation) -> None:
    json_type = {"Content-Type": "application/json"}
    text = {"Content-Type": "text/plain"}
    large, broken = padded(2 * TOO_LARGE), b"{"
    good = sandbox.headers(operation.path)

    def status(content: bytes, headers: dict[str, str]) -> int:
        return sandbox.client.post(operation.path, content=content, headers=headers).status_code

    assert status(large, text) == 401
    assert status(broken, json_type) == 401
    assert status(large, {**good, **text}) == 415
    assert status(large[:-1], {**good, **json_type}) == 413
    assert status(broken, {**good, **json_type}) == operation.invalid


def test_an_invalid_body_goes_before_unknown_ids_and_those_before_a_conflict(sandbox: Sandbox, unique: str) -> None:
    assert sandbox.session(versionId="ver_nobody", status="x").status_code == 400
    assert sandbox.session(customId=unique).status_code == 201
    assert sandbox.session(customId=unique, testCaseId="tc_nobody").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        *((method, operation.path, {"POST"}) for method in ("GET", "PUT", "DELETE", "PATCH", "HEAD", "TRACE", "XYZ")
          for operation in OPERATIONS),
        ("POST", "/healthz", {"GET", "HEAD"}),
        ("DELETE", "/openapi.yaml", {"GET", "HEAD"}),
    ],
)  # fmt: skip
def test_a_wrong_method_is_405_with_allow(sandbox: Sandbox, method: str, path: str, allowed: set[str]) -> None:
    answer = sandbox.client.request(method, path)
    # A method that HTTP does not know is refused by the parser of HTTP.
    assert answer.status_code == (400 if method == "XYZ" else 405)
    if answer.status_code == 405:
        assert {name.strip() for name in answer.headers["allow"].split(",")} == allowed
    if method != "HEAD":
        assert answer.headers["content-type"] == "application/json"


@every_operation
def test_options_tells_the_methods(sandbox: Sandbox, operation: Operation) -> None:
    answer = sandbox.client.options(operation.path)
    assert (answer.status_code, answer.headers["allow"]) == (204, "POST")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/sessions/",
        "//sessions",
        "/Sessions",
        "/nothing",
        "/v2",
        "/v2/projects",
        f"/v2/projects/{PROJECT}/sessions/",
        "/v2/projects//sessions",
        "/v2/projects/a%2Fb/sessions",
        "/%00",
        "/%FF",
        "/..%2f..%2fetc/passwd",
    ],
)
def test_an_unknown_path_is_404_in_the_shape_of_its_vendor(sandbox: Sandbox, path: str) -> None:
    answer = sandbox.client.post(path, json={})
    assert answer.status_code == 404
    assert ("detail" if path.startswith("/v2") else "message") in answer.json()


def test_healthz_and_the_document_need_no_key(sandbox: Sandbox) -> None:
    health = sandbox.client.get("/healthz")
    assert health.status_code == 200
    assert health.json()["status"] == "ok"
    assert sandbox.client.head("/healthz").status_code == 200
    document = sandbox.client.get("/openapi.yaml")
    assert document.headers["content-type"] == "application/yaml"
    assert b"operationId: createSession" in document.content


def calls_made_by(run: Callable[[], object]) -> int:
    """Return how many Python functions ``run`` calls: work that is counted, not timed."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"metrics": [1] * 500_000}, "/metrics/0"),
        ({"metrics": [{"id": 1}] * 100_000}, "/metrics/0/id"),
        ({"sessionIds": [""] * 200_000}, "/sessionIds/0"),
        ({"sessionIds": [1] * 500_000, "specificationIds": [1] * 10, "metrics": [None] * 10}, "/sessionIds/0"),
    ],
    ids=["numbers for metrics", "metrics with a wrong id", "empty sessionIds", "several arrays"],
)
def test_work_on_a_body_full_of_faults_stops_with_the_faults_that_are_told(body: Any, pointer: str) -> None:
    _, faults = read_batch(body)
    assert faults[0].pointer == pointer
    assert len(faults) == MAX_FAULTS
    assert calls_made_by(lambda: read_batch(body)) < 20 * MAX_FAULTS


def test_a_body_full_of_metrics_without_id_and_name_gets_few_faults_and_the_rule_comes_last(sandbox: Sandbox) -> None:
    nameless: list[Any] = [{}] * 200_000
    _, faults = read_batch({"versionId": "ver_123", "metrics": nameless})
    assert [fault.rule for fault in faults] == ["metric-has-id-or-name"] * MAX_FAULTS
    answer = sandbox.evaluate(versionId="ver_123", metrics=nameless).json()
    assert (answer["rule"], answer["pointer"]) == ("metric-has-id-or-name", "/metrics/0")
    assert f"and at least {MAX_FAULTS - 5} more" in answer["message"]
    # A wrong property anywhere goes before the named rules, which judge sound bodies only.
    answer = sandbox.evaluate(versionId="ver_123", metrics=[*nameless, {"id": ""}]).json()
    assert answer["pointer"] == "/metrics/200000/id"
    assert "rule" not in answer


def test_few_faults_are_counted_exactly(sandbox: Sandbox) -> None:
    assert "; and 2 more" in sandbox.evaluate(sessionIds=[""] * 7).json()["message"]


def peak_of(run: Callable[[], object]) -> int:
    """Return the most bytes that ``run`` held at one time."""
    tracemalloc.start()
    try:
        run()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


DEEP_EMOJI = b"[" * 600 + b",".join([b'"\\ud83d\\ude00"'] * 60_000) + b"]" * 600


def test_escaped_pairs_of_surrogates_cost_no_walk_through_the_body() -> None:
    assert calls_made_by(lambda: read(DEEP_EMOJI)) < 100
    assert peak_of(lambda: read(DEEP_EMOJI)) < 32 * len(DEEP_EMOJI)


def test_a_lone_surrogate_is_found_without_a_path_for_every_value() -> None:
    body = DEEP_EMOJI[:-601] + b'\\ud83d"' + b"]" * 600

    def refused() -> None:
        with pytest.raises(UnsoundJsonError) as caught:
            read(body)
        assert caught.value.path == (*[0] * 599, 59_999)

    assert peak_of(refused) < 32 * len(body)


@pytest.mark.parametrize("text", ["\\ud83d\\ud83d\\ude00", "\\\\\\ud800", "\\ude00\\ud83d", "\\uD83D\\n\\uDE00"])
def test_half_a_pair_is_lone_wherever_it_stands(text: str) -> None:
    with pytest.raises(UnsoundJsonError) as caught:
        read(f'{{"a": ["", "{text}"]}}'.encode())
    assert caught.value.path == ("a", 1)


@pytest.mark.parametrize("text", ["\\\\ud800", "\\\\\\ud83d\\ude00", "\\uD83D\\uDE00", "\\u0064\\ud83d\\udE00d8"])
def test_a_pair_and_an_escaped_backslash_are_not(text: str) -> None:
    assert read(f'["{text}"]'.encode()) == json.loads(f'["{text}"]')


@every_operation
def test_a_declared_body_of_another_media_type_is_refused_before_its_first_byte(
    sandbox: Sandbox, operation: Operation
) -> None:
    lines = [f"POST {operation.path} HTTP/1.1", "Host: x", "Content-Type: text/plain", "Content-Length: 5"]
    lines += [f"{name}: {value}" for name, value in sandbox.headers(operation.path).items()]
    assert raw(sandbox.server, ("\r\n".join(lines) + "\r\n\r\n").encode()).startswith(b"HTTP/1.1 415 ")


def test_the_kinds_of_error_are_named_as_in_rfc_9110(sandbox: Sandbox) -> None:
    assert sandbox.send("/sessions", padded(TOO_LARGE)).json()["error"] == "Content Too Large"
    assert sandbox.send("/sessions", b"{").json()["error"] == "Bad Request"
    assert sandbox.client.post("/nothing").json()["error"] == "Not Found"


HEAD = b"POST /sessions HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    "message",
    [
        b"\r\n\r\n\0\0\0\0",
        b"GET\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: x\r\n\r\n{}",
        HEAD + b"Content-Length: 99999999999999999999999999\r\n\r\n{}",
        HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
        HEAD + b"Transfer-Encoding: gzip\r\n\r\n{}",
        b"POST /sess\xffions HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        b"POST /\0 HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
        b"POST /%zz HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"POST http://[ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"POST * HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /sessions HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"GET /sessions HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        HEAD + b"Content-Length: 0\r\nX: " + b"y" * 200_000 + b"\r\nConnection: close\r\n\r\n",
        HEAD + b"Content-Length: 0\r\nAuthorization: Bearer \xff\xfe\r\nConnection: close\r\n\r\n",
        HEAD + b"Content-Length: 0\r\nX-Request-Id: a\rb\r\nConnection: close\r\n\r\n",
        b"POST /sessions HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
        b"POST /sessions HTTP/9.9\r\nContent-Length: 0\r\n\r\n",
        b"POST /sessions?" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    ],
)
def test_bytes_that_are_hardly_http_never_get_a_5xx(sandbox: Sandbox, message: bytes) -> None:
    answer = raw(sandbox.server, message, half_close=True)
    if answer:
        status = int(answer.split(b" ", 2)[1])
        assert 400 <= status < 500, answer
        assert b"content-type: application/json" in answer
    assert sandbox.client.get("/healthz").status_code == 200


@every_operation
def test_a_truncated_body_stores_nothing(
    sandbox: Sandbox, operation: Operation, lasting_database: str, unique: str
) -> None:
    headers = sandbox.headers(operation.path)
    body = json.dumps({**operation.body, "customId": unique, "external_id": unique, "goal": unique}).encode()
    lines = [f"POST {operation.path} HTTP/1.1", "Host: x", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    for framing, part in ((f"Content-Length: {len(body) + 1}", body), ("Transfer-Encoding: chunked", b"5\r\n{}")):
        raw(sandbox.server, ("\r\n".join([*lines, framing]) + "\r\n\r\n").encode() + part, half_close=True)
    for table in ("sessions", "test_cases", "project_sessions", "batches"):
        assert not rows(lasting_database, f"SELECT 1 FROM {table} WHERE document LIKE '%{unique}%'")


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["ver_123", "tc_123", PROJECT]),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(st.text(max_size=4), values, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(
    [
        "versionId",
        "testId",
        "sessionIds",
        "testCaseId",
        "isProduction",
        "context",
        "metadata",
        "status",
        "metrics",
        "input",
        "specificationIds",
        "maxIterations",
        "userScore",
        "confidence",
        "expectedTools",
        "name",
        "previous_session_id",
        "reliable",
    ]
)


@every_operation
def test_no_body_whatever_gets_an_undocumented_status(sandbox: Sandbox, operation: Operation) -> None:
    documented = {operation.status, operation.invalid, 404}

    @settings(max_examples=150, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(NAMES | st.text(max_size=3), JSON_VALUES, max_size=6), st.booleans())
    def claim(body: Any, sane: bool) -> None:
        sent = {**body, **operation.body} if sane else body
        answer = sandbox.post(operation.path, sent)
        assert answer.status_code in documented
        answer.json()

    claim()


def test_after_all_of_this_the_server_still_works_and_has_logged_no_error(sandbox: Sandbox) -> None:
    assert sandbox.session().status_code == 201
    assert [line for line in sandbox.server.log_lines() if line["level"] == "error"] == []
    assert {line["status"] for line in sandbox.server.log_lines() if line["message"] == "request"} < set(range(500))
