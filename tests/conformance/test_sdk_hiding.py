"""A key that an SDK finds by itself, in its environment or in a file, is in no report."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from speclock.cli.sdk import credentials_of
from speclock.core.contract import SecurityScheme
from speclock.phases.writing import Written
from speclock.sdk.hiding import hidden
from speclock.sdk.wire import CREDENTIAL, Received
from tests.conformance.harness import speclock
from tests.conformance.parcels_sdk import CONTRACT, ParcelError, ParcelsSdk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import httpx

HERE = "tests.conformance.test_sdk_hiding"
FORMATS = ("json", "html", "markdown", "junit", "sarif", "ndjson")
#: One that it has from a file, and one from its environment.
FILED, EXPORTED = "key-of-a-file-7f3a", "key-of-the-environment-91bc"


class Finder(ParcelsSdk):
    """It takes the key of a file for the one that it is given, and says it wherever a key could stand."""

    def connect(self, base_url: str, credential: str, transport: object) -> Any:
        connection = super().connect(base_url, credential, transport)

        def found(request: httpx.Request) -> None:
            request.headers["X-Depot-Key"] = FILED
            request.headers["Authorization"] = f"Basic {FILED}"
            request.headers["Cookie"] = "; ".join(filter(None, (request.headers.get("Cookie"), f"session={FILED}")))
            request.url = request.url.copy_add_param("api_key", FILED)

        connection.client.event_hooks = {"request": [found]}
        return connection


class Teller(ParcelsSdk):
    """It tells the key of its environment in its error, and in a header that the contract has."""

    def connect(self, base_url: str, credential: str, transport: object) -> Any:
        connection: Any = super().connect(base_url, credential, transport)

        def call(request: Mapping[str, Any]) -> object:
            if request.get("headers"):
                raise ParcelError(f"{EXPORTED} is no key")
            return type(connection).call(connection, request)

        connection.call = call
        connection.client.event_hooks = {"request": [lambda request: request.headers.update({"X-Trace-Id": EXPORTED})]}
        return connection


finder, teller = Finder(), Teller()


@pytest.mark.parametrize(
    ("name", "key", "told"), [("finder", FILED, "18-characters-not-shown"), ("teller", EXPORTED, "$DEPOT_TOKEN")]
)
def test_a_key_that_the_sdk_has_found_is_in_no_report(
    name: str, key: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEPOT_TOKEN", EXPORTED)
    reports = [f"--report={kind}={tmp_path / kind}" for kind in FORMATS]
    ran = speclock("sdk", "--contract", CONTRACT, "--subject", f"{HERE}:{name}", "--sample=9", *reports)
    texts = {"terminal": ran.out + ran.err} | {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()}
    assert ran.status == 1, ran.err
    assert [name for name, text in texts.items() if key in text] == []
    assert told in texts["json"]


def test_an_import_that_tells_a_key_tells_it_to_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "telling_client"
    package.mkdir()
    (package / "__init__.py").write_text("import os\nraise ValueError(os.environ['DEPOT_TOKEN'])\n", "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("DEPOT_TOKEN", EXPORTED)
    ran = speclock("sdk", "--contract", CONTRACT, "--subject", "client:telling_client")
    assert ran.status == 2
    assert "importing it failed with ValueError (" in ran.err
    assert "__init__.py, line 2)" in ran.err
    assert EXPORTED not in ran.err


@pytest.mark.parametrize(
    ("name", "value", "hides"),
    [
        ("LOGIN_PAT", "ghp_1234", ["ghp_1234"]),
        ("DATABASE_URL", "postgres://somebody:word-1@host/db", ["word-1"]),
        ("PATH_OF_KEY", "/a/b/c/d", []),
        ("LANGUAGE", "de_CH.UTF-8", []),
        ("API_KEY", "none", []),
    ],
)
def test_what_the_environment_has_under_such_names_is_hidden(name: str, value: str, hides: list[str]) -> None:
    assert [hidden_value for _, hidden_value in credentials_of({name: value})] == hides


SCHEMES = [SecurityScheme("key", "header", "X-Key"), SecurityScheme("crumb", "cookie", "crumb")]
MEANT = Written(
    "GET", "/a?page=1&tag=a%20b", {"X-Trace": "trace-1", "X-Token-Of-Mine": "abc-1234", "Cookie": "visit=v1"}
)
BASIC = "Basic " + base64.b64encode(f"somebody:{CREDENTIAL}".encode()).decode()
KEY, HIDDEN = "somebody's-own-key", "18-characters-not-shown"


@pytest.mark.parametrize(
    ("target", "headers", "seen"),
    [
        ("/a?page=1&tag=a%20b", {"x-trace": "trace-1", "Cookie": "visit=v1"}, None),
        ("/a?page=2000000&tag=other", {"X-Trace": "trace-2", "Cookie": "visit=another"}, None),
        ("/a", {"X-Key": CREDENTIAL, "Cookie": f"crumb={CREDENTIAL}"}, None),
        ("/a", {"Authorization": f"Bearer {CREDENTIAL}"}, None),
        ("/a", {"Authorization": BASIC}, None),
        ("/a?lang=de&other=a%20b", {"X-Other": "trace-1", "User-Agent": "somebody's client 1"}, None),
        (f"/a?key={KEY}", {}, (f"/a?key={HIDDEN}", {})),
        (f"/a?page=1&key={quote(KEY)}&page=2", {}, (f"/a?page=1&key={HIDDEN}&page=2", {})),
        (f"/a?page=1&{KEY}", {}, (f"/a?page=1&{HIDDEN}", {})),
        ("/a", {"X-Token-Of-Mine": "ABC-1234"}, None),
        ("/a", {"X-Token-Of-Mine": KEY}, ("/a", {"X-Token-Of-Mine": HIDDEN})),
        ("/a", {"x-key": KEY}, ("/a", {"x-key": HIDDEN})),
        ("/a", {"X-More": KEY}, ("/a", {"X-More": HIDDEN})),
        ("/a", {"Cookie": f"visit=v1; crumb={KEY}"}, ("/a", {"Cookie": f"visit=v1; crumb={HIDDEN}"})),
    ],
)
def test_what_nobody_asked_for_is_kept_by_its_length(
    target: str, headers: dict[str, str], seen: tuple[str, dict[str, str]] | None
) -> None:
    kept = hidden(SCHEMES, MEANT, Received("GET", target, tuple(headers.items()), b""))
    assert (kept.target, dict(kept.headers)) == (seen or (target, headers))
