"""`speclock sdk` on clients of others' documents, and on one that a vendor ships: every finding is looked at.

Each cause is listed here with what is wrong about the code, by a look at the code; one that is not listed fails, for it
may be a false alarm.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conformance.harness import ROOT
from tests.support.generated_clients import generate, judge
from tests.support.real_documents import DOCUMENTS, missing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.performance.environments import Environment

pytestmark = pytest.mark.full

#: Of any package of openapi-python-client: what a broken answer comes to.
_BROKEN = {
    r"broken (299|499): BareError, ValueError": "HTTPStatus() of a status that is not registered",
    r"broken \d+: BareError, JSONDecodeError": "json() of a body that is no JSON, or is none at all",
    r"broken \d+: BareError, (AttributeError|KeyError|TypeError|ValueError)": "from_dict of a value of another form",
    r"broken \d+: Silence, (no media type|the media type text/html)": "the media type is not looked at",
    r"broken \d+: Silence, (left out|of the wrong type \w+|that is null|against its \w+)": "a cast checks nothing",
    r"broken \d+: Silence, an undocumented status": "None, unless raise_on_unexpected_status is asked for",
    r"broken \d+: Silence, (JSON that is cut short|no body)": "no schema that it could parse: the body is dropped",
    r"tolerable \d+: BareError, (KeyError|TypeError|ValueError)": "a null or a new value of an enum raises",
}
TRAIN = _BROKEN | {
    r"a legal request|body\.source(:anyOf)?": "the document has no `type: object` there: its model takes objects alone",
    r"legal 20[01]: BareError, JSONDecodeError": "application/xml is documented, and parsed as JSON",
    r"legal [45]\d\d: BareError, JSONDecodeError": "application/problem+xml is documented, and parsed as JSON",
    r"legal 200: BareError, (KeyError|TypeError)": "cvc and account_type are writeOnly, and required of the answer",
    r"the answer to a legal request: BareError": "the same",
    r"legal [45]\d\d: BareError, (TypeError|ValueError)": "Problem has no type: any JSON is legal, objects are read",
    r"legal [45]\d\d: ChangedValue, /": "the same: an empty list comes out as an empty object",
    r"the request on the wire: header content-type": "a Content-Type is sent where there is no body",
}
LEGACY = _BROKEN | {
    r"(legal|tolerable) 200: ChangedValue, /": "askOwlbot: the answer is not parsed, and None is returned",
    r"the request on the wire: path": "a path value of two dots is not encoded: httpx takes it for a step up",
}
#: What `galileo.resources` does besides.
GALILEO = _BROKEN | {
    r"path\.project_id": "a path value is put into the URL as it is: a control character is no URL",
    r"the request on the wire: path": "the same: what is encoded already, or has a slash, becomes another path",
    r"the request on the wire: header x-galileo-sdk": "a header that says which function was called",
    r"tolerable 422: ChangedValue, /detail": "from_dict drops a detail that is no list",
}


def unexplained(report: Mapping[str, Any], known: Mapping[str, str]) -> list[str]:
    """The rule of each finding that no cause explains."""
    rules = {str(finding["rule"]) for finding in report["findings"]}
    return sorted(rule for rule in rules if not any(re.fullmatch(pattern, rule) for pattern in known))


def idle(report: Mapping[str, Any], known: Mapping[str, str]) -> list[str]:
    """The causes that explain nothing, but for those that all packages have in common."""
    rules = {str(finding["rule"]) for finding in report["findings"]}
    return [
        pattern
        for pattern in known
        if pattern not in _BROKEN and not any(re.fullmatch(pattern, rule) for rule in rules)
    ]


@pytest.mark.parametrize(("name", "known"), [("train-travel", TRAIN), ("readme-legacy", LEGACY)])
def test_a_client_that_is_generated_on_the_spot_is_judged_without_a_line_of_code(
    name: str, known: dict[str, str], tmp_path: Path
) -> None:
    reason = missing(DOCUMENTS[name])
    if reason is not None:
        pytest.skip(reason)
    generate(DOCUMENTS[name], tmp_path, "real_client")

    report = judge(DOCUMENTS[name], "real_client", tmp_path)

    assert unexplained(report, known) == []
    assert idle(report, known) == []
    assert report["run"]["cases"] > 2000
    assert {item["message"] for item in report["errors"]} <= {
        "its request body is not JSON, so that no request is made"
    }
    is_wire = {finding["rule"] for finding in report["findings"] if finding["check"] == "wire_conformance"}
    assert is_wire == {
        "the request on the wire: " + {"train-travel": "header content-type", "readme-legacy": "path"}[name]
    }


@pytest.fixture(scope="module")
def galileo(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """An environment of the vendor's SDK by its pins, and of speclock beside it."""
    from benchmarks.performance.environments import vendor

    environment = vendor(tmp_path_factory.mktemp("galileo"), "galileo")
    environment.run("-m", "pip", "install", "--quiet", "--disable-pip-version-check", str(ROOT / "conformance"))
    return environment


@pytest.mark.full
def test_the_vendors_own_generated_client_is_judged_without_a_line_of_code(
    galileo: Environment, tmp_path: Path
) -> None:
    document = Path(__file__).parent / "galileo_sessions.yaml"
    report = judge(document, "galileo.resources", tmp_path, speclock=galileo.folder / "bin" / "speclock")

    assert report["sdk"]["subject"].startswith("galileo.resources 2.")
    assert report["errors"] == []
    assert unexplained(report, GALILEO) == []
    assert idle(report, GALILEO) == []
    assert report["run"]["cases"] > 900
