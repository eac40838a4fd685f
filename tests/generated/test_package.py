"""What the few template overrides are for: the enums keep what they do not know, the distribution is complete."""

import copy
import importlib
import importlib.metadata
import importlib.resources
import json
import pickle
import re
import subprocess
import sys
from typing import Any

import pytest

import evalsessions_client
from evalsessions_client import client, models
from evalsessions_client.contract import OPERATIONS
from evalsessions_client.models import (
    LoggingMethod,
    NewProjectSession,
    NewSession,
    ProjectSession,
    Session,
    SessionStatus,
)
from tests.support.contract_document import ROOT, operation
from tools.release.versions import common_version

VERSION = str(common_version())

ENUM = '''\
from __future__ import annotations

from enum import StrEnum


class SessionStatus(StrEnum):
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    PENDING = "PENDING"

    def __str__(self) -> str:
        return str(self.value)

    @classmethod
    def _missing_(cls, value: object) -> SessionStatus | None:
        """Keep a text that the contract does not list: equal to itself, and not among the members one iterates over."""
        if not isinstance(value, str):
            return None
        unlisted = str.__new__(cls, value)
        unlisted._name_ = value
        unlisted._value_ = value
        return unlisted
'''

PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "evalsessions-client"
version = "{version}"
description = "The client that openapi.yaml generates; what evalsessions is built on."
readme = "README.md"
license = "Apache-2.0"
license-files = ["LICENSE"]
requires-python = ">=3.11"
classifiers = [
    "Development Status :: 3 - Alpha",
    "Programming Language :: Python :: 3.11",
    "Programming Language :: Python :: 3.12",
    "Programming Language :: Python :: 3.13",
    "Typing :: Typed",
]
dependencies = [
    "attrs>=22.2",
    "httpx>=0.23.1,<0.29",
]

[tool.hatch.build.targets.wheel]
packages = ["evalsessions_client"]
""".replace("{version}", VERSION)

EXAMPLE = operation("createSession").success["content"]["application/json"]["examples"]["production"]["value"]


@pytest.mark.parametrize(
    ("file", "golden"), [("evalsessions_client/models/session_status.py", ENUM), ("pyproject.toml", PYPROJECT)]
)
def test_an_override_generates_what_was_meant(file: str, golden: str) -> None:
    assert (ROOT / "generated_client" / file).read_text(encoding="utf-8") == golden


def test_there_are_only_the_overrides_that_are_needed() -> None:
    templates = {path.name for path in (ROOT / "generator-templates").iterdir()}
    expected = {
        ".gitignore.jinja",
        "README.md.jinja",
        "models_init.py.jinja",
        "package_init.py.jinja",
        "pyproject.toml.jinja",
        "str_enum.py.jinja",
    }
    assert templates == expected


@pytest.mark.parametrize("listed", [SessionStatus, LoggingMethod])
@pytest.mark.parametrize("value", ["ARCHIVED", "completed", "", "NUL \0", "not an identifier", "\N{SNOWMAN}"])
def test_an_unlisted_enum_value_is_kept_as_the_text_that_it_is(
    listed: type[SessionStatus | LoggingMethod], value: str
) -> None:
    kept = listed(value)
    assert isinstance(kept, listed)
    assert (kept, str(kept), kept.value, kept.name, f"{kept}") == (value, value, value, value, value)
    assert hash(kept) == hash(value)
    assert {kept: 1}[listed(value)] == 1
    assert kept not in list(listed)
    assert json.loads(json.dumps(kept)) == value
    assert listed(kept) is kept


@pytest.mark.parametrize("value", ["ARCHIVED", "COMPLETED"])
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_enum_value_survives_pickling_and_copying(value: str, protocol: int) -> None:
    status = SessionStatus(value)
    for twin in (pickle.loads(pickle.dumps(status, protocol)), copy.copy(status), copy.deepcopy(status)):
        assert twin == status
        assert type(twin) is SessionStatus


def test_an_unlisted_value_does_not_become_a_member() -> None:
    SessionStatus("ARCHIVED")
    assert [status.value for status in SessionStatus] == ["COMPLETED", "FAILED", "PENDING"]
    assert SessionStatus("COMPLETED") is SessionStatus.COMPLETED


@pytest.mark.parametrize("value", [7, None, True, [], b"COMPLETED"])
def test_what_is_no_text_is_no_enum_value(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a valid SessionStatus"):
        SessionStatus(value)


def test_an_unlisted_value_and_property_of_an_answer_round_trip() -> None:
    answer = {**EXAMPLE, "status": "ARCHIVED", "notDocumented": {"any": ["thing"]}}
    session = Session.from_dict(answer)
    assert session.status == "ARCHIVED"
    assert session["notDocumented"] == {"any": ["thing"]}
    assert session.to_dict() == {**answer, "createdAt": "2026-03-02T09:15:00+00:00"}


def test_what_is_not_set_is_not_sent() -> None:
    """Defaults neither: the server has them."""
    assert NewSession(version_id="ver_123").to_dict() == {"versionId": "ver_123"}
    assert NewProjectSession().to_dict() == {}


def test_what_is_not_set_in_an_answer_may_be_null_or_missing() -> None:
    required = {"id", "versionId", "status", "isProduction", "createdAt"}
    Session.from_dict({name: value for name, value in EXAMPLE.items() if name in required})
    Session.from_dict({name: value if name in required else None for name, value in EXAMPLE.items()})
    project_session = {"id": "9c3d5e7f-1a2b-4c3d-8e4f-5a6b7c8d9e0f", "name": None, "project_name": "sandbox"}
    ProjectSession.from_dict({**project_session, "project_id": "6F1E2D3C-4B5A-4978-8A6B-0C1D2E3F4A5B"})


MODELS: dict[str, Any] = {
    "createSession": models.NewSession,
    "createTestCase": models.NewTestCase,
    "createEvaluationsFromSessions": models.BatchEvaluationRequest,
    "createProjectSession": models.NewProjectSession,
}
TAGS = {"createProjectSession": "galileo"}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_contract_names_the_parts_of_a_request_as_the_generated_code_does(operation: str) -> None:
    said = OPERATIONS[operation]
    body = MODELS[operation](**{argument: "x" for argument in said["properties"] if argument != "metrics"})
    in_path = {parameter["argument"]: "a/b" for parameter in said["parameters"]}
    module = re.sub(r"(?=[A-Z])", "_", operation).lower()
    api = importlib.import_module(f"evalsessions_client.api.{TAGS.get(operation, 'galtea')}.{module}")
    sent = api._get_kwargs(body=body, **in_path)
    assert sent["method"].upper() == said["method"]
    assert sent["url"] == said["path"].replace("{project_id}", "a%2Fb")
    assert sent["json"].keys() == set(said["properties"].values()) - {"metrics"}


def test_reading_the_contract_imports_neither_httpx_nor_attrs() -> None:
    program = "import sys, evalsessions_client.contract; print({'httpx', 'attr'} & sys.modules.keys())"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_the_package_has_its_clients_and_nothing_else() -> None:
    assert evalsessions_client.Client is client.Client
    with pytest.raises(AttributeError, match="no attribute 'Clients'"):
        _ = evalsessions_client.Clients


def test_an_unlisted_logging_method_can_be_sent() -> None:
    session = NewProjectSession(logging_method=LoggingMethod("rust_client"))
    assert session.to_dict() == {"logging_method": "rust_client"}


def test_the_distribution_is_typed_licensed_and_described() -> None:
    metadata = importlib.metadata.metadata("evalsessions-client")
    assert metadata["Version"] == VERSION
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    assert metadata["License-File"] == "LICENSE"
    assert (importlib.resources.files(evalsessions_client) / "py.typed").is_file()
    licenses = [file for file in importlib.metadata.files("evalsessions-client") or [] if file.name == "LICENSE"]
    assert [file.read_text() for file in licenses] == [(ROOT / "LICENSE").read_text(encoding="utf-8")]


def test_the_readme_names_every_operation_and_its_code_compiles() -> None:
    readme = (ROOT / "generated_client" / "README.md").read_text(encoding="utf-8")
    modules = re.findall(r"^- `([\w.]+)`: POST `(\S+)`$", readme, re.MULTILINE)
    assert modules == [
        ("evalsessions_client.api.galtea.create_session", "/sessions"),
        ("evalsessions_client.api.galtea.create_test_case", "/testCases"),
        ("evalsessions_client.api.galtea.create_evaluations_from_sessions", "/evaluations/fromSessions"),
        ("evalsessions_client.api.galileo.create_project_session", "/v2/projects/{project_id}/sessions"),
    ]
    for module, _ in modules:
        assert callable(importlib.import_module(module).sync)
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    compile(code, "README.md", "exec")
