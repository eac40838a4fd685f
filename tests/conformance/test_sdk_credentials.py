"""Each way in which a contract has a credential said: whoever leaves it out, in part or whole, is found out."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from speclock.core.reading import Reading
from speclock.sdk.credentials import uncredited
from speclock.sdk.subject import schemes
from speclock.sdk.wire import CREDENTIAL, Received

if TYPE_CHECKING:
    from pathlib import Path

_BEARER, _KEY = ("Authorization", f"Bearer {CREDENTIAL}"), ("X-Key", CREDENTIAL)
_QUERY, _COOKIE = f"/a?app={CREDENTIAL}", ("Cookie", f"visit=1; crumb={CREDENTIAL}")
_BASIC = ("Authorization", "Basic " + base64.b64encode(f"somebody:{CREDENTIAL}".encode()).decode())
_SCHEMES = """
  securitySchemes:
    basic: {type: http, scheme: basic}
    digest: {type: http, scheme: digest}
    bearer: {type: http, scheme: bearer}
    key: {type: apiKey, in: header, name: X-Key}
    app: {type: apiKey, in: query, name: app}
    crumb: {type: apiKey, in: cookie, name: crumb}
"""


def told(folder: Path, security: str, target: str, *headers: tuple[str, str]) -> list[str]:
    """Where a request says its credential wrongly."""
    document = folder / "ways.yaml"
    document.write_text(
        "openapi: 3.1.0\ninfo: {title: Ways, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: a\n"
        f"      security: {security}\n      responses: {{'204': {{description: Done.}}}}\ncomponents:{_SCHEMES}",
        "utf-8",
    )
    contract = Reading.of(document).contract
    (operation,) = contract.operations
    return [
        where for where, _ in uncredited(operation, schemes(contract, operation), Received("GET", target, headers, b""))
    ]


@pytest.mark.parametrize(
    ("security", "target", "headers"),
    [
        ("[]", "/a", ()),
        ("[{bearer: []}]", "/a", (_BEARER,)),
        ("[{bearer: []}, {key: []}]", "/a", (_KEY,)),
        ("[{bearer: []}, {crumb: []}]", "/a", (_COOKIE,)),
        ("[{bearer: [], key: []}]", "/a", (_BEARER, _KEY)),
        ("[{app: []}]", _QUERY, ()),
        ("[{crumb: []}]", "/a", (_COOKIE,)),
        ("[{}, {key: []}]", "/a", ()),
        ("[{basic: []}]", "/a", (_BASIC,)),
        ("[{basic: []}]", "/a", (("Authorization", f"Basic {CREDENTIAL}"),)),
        ("[{digest: []}]", "/a", ()),
    ],
)
def test_one_whole_way_is_enough(
    security: str, target: str, headers: tuple[tuple[str, str], ...], tmp_path: Path
) -> None:
    assert told(tmp_path, security, target, *headers) == []


@pytest.mark.parametrize(
    ("security", "target", "headers", "where"),
    [
        ("[{bearer: []}]", "/a", (), ["credential"]),
        ("[{bearer: []}]", "/a", (("Authorization", CREDENTIAL),), ["header Authorization", "credential"]),
        ("[{bearer: [], key: []}]", "/a", (_BEARER,), ["credential"]),
        ("[{bearer: []}, {key: []}]", "/a", (_BEARER, ("X-Key", "none")), ["header X-Key"]),
        ("[{app: []}]", "/a", (), ["credential"]),
        ("[{basic: []}]", "/a", (("Authorization", "Basic c29tZWJvZHk6"),), ["header Authorization", "credential"]),
        ("[{basic: []}]", "/a", (("Authorization", "Basic %"),), ["header Authorization", "credential"]),
        ("[{bearer: []}]", "/a", (_BASIC,), ["header Authorization", "credential"]),
        ("[{app: []}]", "/a?app=none", (), ["query app", "credential"]),
        ("[{crumb: []}]", "/a", (), ["credential"]),
        ("[{crumb: []}]", "/a", (("Cookie", "crumb=none"),), ["cookie crumb", "credential"]),
        ("[{}, {key: []}]", "/a", (("X-Key", "none"),), ["header X-Key"]),
    ],
)
def test_less_is_told_with_its_place(
    security: str, target: str, headers: tuple[tuple[str, str], ...], where: list[str], tmp_path: Path
) -> None:
    assert told(tmp_path, security, target, *headers) == where


def test_a_way_that_nothing_here_can_say_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, "[{digest: []}]", "/a") == []
    flaws = [flaw.text for flaw in Reading.of(tmp_path / "ways.yaml").contract.flaws]
    assert len(flaws) == 1
    assert flaws[0].endswith("expected `scheme: bearer` or `basic`, got 'digest'")
