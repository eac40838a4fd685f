"""The generic adapter on a package that is generated on the spot: names, types and credentials find their way."""

from __future__ import annotations

import datetime as dt
import importlib
import json
import sys
import uuid
from pathlib import Path
from types import GenericAlias
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from speclock.core.errors import SubjectError
from speclock.sdk.client import client_subject
from speclock.sdk.converting import as_wanted
from tests.support.generated_clients import causes, generate, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.sdk.client import ClientConnection

DOCUMENT = Path(__file__).parent / "names.yaml"
PACKAGE = "names_client"
KEY = {"in": "header", "name": "X-Key", "prefix": "", "alternative": 0}
#: The generated code gives httpx its cookies with each request, which httpx is to drop.
pytestmark = pytest.mark.filterwarnings("ignore:Setting per-request cookies:DeprecationWarning")

ID = "6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b"
THING: dict[str, Any] = {
    "operation": "createThing",
    "method": "POST",
    "template": "/things/{id}/{from}",
    "credentials": [KEY],
    "path": {"id": "a/b", "from": ID},
    "query": {"id": 5},
    "body": {"name": "a"},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the package, which can be imported until the tests end."""
    made = tmp_path_factory.mktemp("clients")
    generate(DOCUMENT, made, PACKAGE)
    sys.path.insert(0, str(made))
    yield made
    sys.path.remove(str(made))


@pytest.fixture
def sent() -> list[httpx.Request]:
    return []


@pytest.fixture
def connection(folder: Path, sent: list[httpx.Request]) -> Iterator[ClientConnection]:
    assert folder.is_dir()

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(201, json={"name": "a"}) if request.method == "POST" else httpx.Response(204)

    connected = client_subject(PACKAGE).connect("http://names.invalid", "secret-key", httpx.MockTransport(answer))
    yield connected
    connected.close()


def test_a_request_with_every_parameter_is_sent_as_it_is_meant(
    connection: ClientConnection, sent: list[httpx.Request]
) -> None:
    query = {"id": 5, "class": "second-best", "pageSize": 3, "since": "2026-03-02T09:15:00Z", "day": "2026-03-02"}
    body = {"name": "a", "class": "first", "owner": None, "self": True, "parts": [{"size": 1}], "either": 7}
    asked = THING | {"query": query | {"kinds": ["small", "large"]}, "body": body}
    asked |= {"headers": {"X-Trace-Id": "t", "id": "h"}, "cookies": {"visit": "v"}}

    assert connection.call(asked) == {"name": "a"}

    (request,) = sent
    assert request.url.raw_path.partition(b"?")[0] == f"/things/a%2Fb/{ID}".encode()
    assert set(request.url.params) == {*query, "kinds"}
    assert (request.url.params["id"], request.url.params["class"]) == ("5", "second-best")
    assert (request.url.params["since"], request.url.params["day"]) == ("2026-03-02T09:15:00+00:00", "2026-03-02")
    assert request.url.params.get_list("kinds") == ["small", "large"]
    assert (request.headers["x-trace-id"], request.headers["id"]) == ("t", "h")
    assert request.headers["cookie"] == "visit=v"
    assert request.headers["x-key"] == "secret-key"
    assert json.loads(request.content) == body


def test_what_is_not_there_is_not_sent_whatever_its_default(
    connection: ClientConnection, sent: list[httpx.Request]
) -> None:
    connection.call(THING)

    assert dict(sent[0].url.params) == {"id": "5"}
    assert json.loads(sent[0].content) == {"name": "a"}


def test_an_operation_that_needs_no_credential_is_asked_without_one(
    connection: ClientConnection, sent: list[httpx.Request]
) -> None:
    asked = {"operation": "getOpen", "method": "GET", "template": "/open", "credentials": []}
    assert connection.call(asked) is None
    assert "secret-key" not in str(sent[0].headers)


def test_a_credential_goes_where_the_contract_has_it(connection: ClientConnection, sent: list[httpx.Request]) -> None:
    for place in (
        {"in": "header", "name": "Authorization", "prefix": "Basic ", "alternative": 0},
        {"in": "query", "name": "key", "prefix": "", "alternative": 0},
        {"in": "cookie", "name": "key", "prefix": "", "alternative": 0},
    ):
        connection.call({"operation": "getOpen", "method": "GET", "template": "/open", "credentials": [place]})

    assert sent[0].headers["authorization"] == "Basic secret-key"
    assert sent[1].url.params["key"] == "secret-key"
    assert sent[2].headers["cookie"] == "key=secret-key"
    assert "authorization" not in sent[1].headers
    assert "authorization" not in sent[2].headers


def test_credentials_that_belong_together_are_said_together(
    connection: ClientConnection, sent: list[httpx.Request]
) -> None:
    bearer = {"in": "header", "name": "Authorization", "prefix": "Bearer ", "alternative": 1}
    beside = [
        {"in": "header", "name": "X-App", "prefix": "", "alternative": 1},
        {"in": "query", "name": "app", "prefix": "", "alternative": 1},
    ]
    asked = {"operation": "getOpen", "method": "GET", "template": "/open"}
    connection.call(asked | {"credentials": [bearer, *beside, KEY]})

    (request,) = sent
    assert request.headers["authorization"] == "Bearer secret-key"
    assert request.headers["x-app"] == "secret-key"
    assert request.url.params["app"] == "secret-key"
    assert "x-key" not in request.headers


def test_what_no_module_sends_cannot_be_said(connection: ClientConnection) -> None:
    with pytest.raises(NotImplementedError, match="no module of it sends GET /nowhere"):
        connection.call({"operation": "x", "method": "GET", "template": "/nowhere", "credentials": []})
    with pytest.raises(NotImplementedError, match="it has no argument for the query parameter nobody"):
        connection.call(THING | {"query": {"id": 5, "nobody": 1}})
    with pytest.raises(NotImplementedError, match="it sends no body"):
        connection.call(
            {"operation": "getOpen", "method": "GET", "template": "/open", "credentials": [], "body": {"a": 1}}
        )


def test_a_module_that_is_broken_takes_no_other_with_it(folder: Path, tmp_path: Path) -> None:
    generate(DOCUMENT, tmp_path, "half_client")
    (tmp_path / "half_client" / "api" / "default" / "get_open.py").write_text("def broken(:\n", "utf-8")
    assert folder.is_dir()
    sys.path.insert(0, str(tmp_path))
    try:
        subject = client_subject("half_client")
    finally:
        sys.path.remove(str(tmp_path))

    assert [key for key, _ in subject.endpoints.items()] == [("POST", "/things/{}/{}")]
    assert subject.unreadable == ("half_client.api.default.get_open (SyntaxError)",)
    with pytest.raises(NotImplementedError, match=r"GET /open; it cannot import half_client\.api"):
        subject.connect("http://a.invalid", "k", None).call(
            {"operation": "getOpen", "method": "GET", "template": "/open", "credentials": []}
        )


def test_a_package_without_operations_is_no_subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("api", "models"):
        (tmp_path / "empty_client" / name).mkdir(parents=True)
        (tmp_path / "empty_client" / name / "__init__.py").touch()
    for name in ("__init__", "errors"):
        (tmp_path / "empty_client" / f"{name}.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(SubjectError, match=r"modules with `sync_detailed` under empty_client\.api, found none"):
        client_subject("empty_client")


def test_values_become_what_is_declared(folder: Path) -> None:
    assert folder.is_dir()
    thing: Any = importlib.import_module(f"{PACKAGE}.models").NewThing
    unset: Any = importlib.import_module(f"{PACKAGE}.types").Unset
    assert as_wanted(dt.datetime | unset, "2026-03-02T09:15:00Z") == dt.datetime(2026, 3, 2, 9, 15, tzinfo=dt.UTC)
    assert as_wanted(dt.date, "2026-03-02") == dt.date(2026, 3, 2)
    assert as_wanted(uuid.UUID | None, ID) == uuid.UUID(ID)
    assert as_wanted(uuid.UUID | None, None) is None
    assert as_wanted(GenericAlias(list, (thing,)) | unset, [{"name": "a"}]) == [thing.from_dict({"name": "a"})]
    assert as_wanted(int | str, "5") == "5"
    assert as_wanted(int, "five") == "five"
    with pytest.raises(KeyError):
        as_wanted(thing | unset, {})


def test_all_that_is_wrong_in_what_the_package_sends_is_two_dots_in_a_path(folder: Path) -> None:
    report = judge(DOCUMENT, PACKAGE, folder)

    assert report["errors"] == []
    assert causes(report, without=("answer_rejection", "reading_conformance")) == {
        ("wire_conformance", "the request on the wire: path")
    }
    told = [item["message"] for item in report["findings"] if item["check"] == "wire_conformance"]
    assert [message.partition(":")[0] for message in told] == ["for the text .. at path.id, path"]
