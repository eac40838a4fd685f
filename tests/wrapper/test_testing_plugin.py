"""The pytest plugin, as a user meets it: suites that a team could have, run by a pytest of their own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from evalsessions.testing import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    Suite: TypeAlias = "Callable[..., pytest.RunResult]"

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "testing-your-code.md"

# Of this environment, and not of one that has only evalsessions[testing]; they import half of what is installed.
OTHER_PLUGINS = ("schemathesis", "speclock", "hypothesispytest")


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    """Run a test file by a process of its own, with every warning an error."""
    for name in ("GALTEA_API_KEY", "GALTEA_API_URL", "GALILEO_API_KEY", "GALILEO_API_URL"):
        monkeypatch.delenv(name, raising=False)

    def run_suite(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(test_suite=source)
        blocked = [f"-pno:{name}" for name in OTHER_PLUGINS]
        return pytester.runpytest_subprocess("-Werror", *blocked, *options)

    return run_suite


def test_the_example_of_the_guide_runs(run: Suite) -> None:
    example = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)[0]
    run(example).assert_outcomes(passed=3)


def test_the_fixture_of_the_guide_is_a_server_that_tests_share(run: Suite) -> None:
    fixture = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)[1]
    suite = """
from evalsessions import Galtea, ConflictError

def test_that_any_version_exists(open_world):
    with Galtea(api_key="gsk_test", base_url=open_world) as galtea:
        galtea.sessions.create(version_id="ver_of_nobody", custom_id="mine")

def test_that_other_tests_are_seen(open_world):
    with Galtea(api_key="gsk_test", base_url=open_world) as galtea, pytest.raises(ConflictError):
        galtea.sessions.create(version_id="ver_of_nobody", custom_id="mine")
"""
    run(fixture + suite).assert_outcomes(passed=2)


def test_all_operations_know_the_ids_of_the_documented_examples(run: Suite) -> None:
    suite = """
PROJECT = "6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b"

def test_galtea(galtea_sandbox):
    case = galtea_sandbox.test_cases.create(test_id="test_123", input="What is the capital of France?")
    for test_case_id in ("tc_123", case.id):
        session = galtea_sandbox.sessions.create(version_id="ver_123", test_case_id=test_case_id)
        assert session.test_case_id == test_case_id
    result = galtea_sandbox.evaluations.create_from_sessions(
        session_ids=["ses_123", "ses_456", session.id], metrics=[{"id": "metric_123"}], specification_ids=["spec_123"]
    )
    assert (result.sessions_evaluated, result.sessions_failed) == (3, 0)

def test_galileo(galileo_sandbox):
    session = galileo_sandbox.project_sessions.create(project_id=PROJECT, name="Support chat")
    assert (session.name, session.project_name) == ("Support chat", "sandbox")
"""
    run(suite).assert_outcomes(passed=2)


def test_two_tests_do_not_see_what_the_other_did(run: Suite) -> None:
    suite = """
import pytest

@pytest.mark.parametrize("turn", range(2))
def test_the_first_session_of_this_id(galtea_sandbox, turn):
    galtea_sandbox.sessions.create(version_id="ver_123", custom_id="mine")
"""
    run(suite).assert_outcomes(passed=2)


def test_the_fixtures_of_a_test_stand_for_one_server(run: Suite) -> None:
    suite = """
import asyncio
import pytest
from evalsessions import ConflictError, Galtea

def test_one_server(evalsessions_sandbox, galtea_sandbox, async_galtea_sandbox):
    galtea_sandbox.sessions.create(version_id="ver_123", custom_id="mine")

    async def again():
        async with async_galtea_sandbox as galtea:
            await galtea.sessions.create(version_id="ver_123", custom_id="mine")

    with pytest.raises(ConflictError):
        asyncio.run(again())
    sandbox = evalsessions_sandbox
    with Galtea(api_key=sandbox.galtea_api_key, base_url=sandbox.url) as galtea, pytest.raises(ConflictError):
        galtea.sessions.create(version_id="ver_123", custom_id="mine")
"""
    run(suite).assert_outcomes(passed=1)


def test_code_that_makes_its_own_clients_meets_the_sandbox(run: Suite) -> None:
    suite = """
import asyncio
from evalsessions import AsyncGalileo, AsyncGaltea, Galileo, Galtea

PROJECT = "6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b"

def test_of_code_with_clients(evalsessions_sandbox):
    with Galtea() as galtea, Galileo() as galileo:
        assert galtea.sessions.create(version_id="ver_123").version_id == "ver_123"
        assert galileo.project_sessions.create(project_id=PROJECT).project_id

def test_of_code_with_asynchronous_clients(evalsessions_sandbox):
    async def main():
        async with AsyncGaltea() as galtea, AsyncGalileo() as galileo:
            assert (await galtea.sessions.create(version_id="ver_123")).version_id == "ver_123"
            assert (await galileo.project_sessions.create(project_id=PROJECT)).project_id

    asyncio.run(main())
"""
    run(suite).assert_outcomes(passed=2)


def test_unittest_cases_use_it_as_well(run: Suite) -> None:
    suite = """
import unittest
import pytest
from evalsessions import Galtea

@pytest.mark.usefixtures("evalsessions_sandbox")
class Sessions(unittest.TestCase):
    def test_a_session(self):
        with Galtea() as galtea:
            self.assertEqual(galtea.sessions.create(version_id="ver_123").status, "COMPLETED")
"""
    run(suite).assert_outcomes(passed=1)


def test_asynchronous_tests_of_a_plugin_use_it_as_well(run: Suite) -> None:
    suite = """
import pytest

PROJECT = "6f1e2d3c-4b5a-4978-8a6b-0c1d2e3f4a5b"
pytestmark = pytest.mark.anyio

@pytest.fixture
def anyio_backend():
    return "asyncio"

async def test_galtea(async_galtea_sandbox):
    async with async_galtea_sandbox as galtea:
        assert (await galtea.sessions.create(version_id="ver_123")).is_production

async def test_galileo(async_galileo_sandbox):
    async with async_galileo_sandbox as galileo:
        assert (await galileo.project_sessions.create(project_id=PROJECT)).id
"""
    run(suite).assert_outcomes(passed=2)


def test_the_environment_is_as_it_was_when_a_test_is_over(run: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GALTEA_API_KEY", "gsk_the_real_one")
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    monkeypatch.delenv("no_proxy", raising=False)
    suite = """
import os
import threading

def around():
    assert os.environ["GALTEA_API_KEY"] == "gsk_the_real_one"
    assert os.environ["NO_PROXY"] == "intranet.example"
    assert not {"GALTEA_API_URL", "GALILEO_API_KEY", "GALILEO_API_URL", "no_proxy"} & os.environ.keys()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("evalsessions")]

def test_before():
    around()

def test_that_fails(evalsessions_sandbox):
    assert os.environ["GALTEA_API_KEY"] == evalsessions_sandbox.galtea_api_key != "gsk_the_real_one"
    assert os.environ["GALILEO_API_KEY"] == evalsessions_sandbox.galileo_api_key
    assert os.environ["GALTEA_API_URL"] == os.environ["GALILEO_API_URL"] == evalsessions_sandbox.url
    assert os.environ["NO_PROXY"] == os.environ["no_proxy"] == "intranet.example,127.0.0.1"
    assert [thread for thread in threading.enumerate() if thread.name == "evalsessions-server"]
    raise ZeroDivisionError

def test_after():
    around()
"""
    result = run(suite)
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*ZeroDivisionError*"])


@pytest.mark.parametrize("names", [("HTTP_PROXY", "NO_PROXY"), ("http_proxy", "no_proxy")])
def test_a_proxy_of_the_machine_is_not_asked(run: Suite, monkeypatch: pytest.MonkeyPatch, names: list[str]) -> None:
    for name, value in zip(names, ("http://proxy.invalid:3128", "intranet.example"), strict=True):
        monkeypatch.setenv(name, value)
    suite = """
def test_a_session(galtea_sandbox):
    galtea_sandbox.sessions.create(version_id="ver_123")
"""
    run(suite).assert_outcomes(passed=1)


def test_no_key_is_shown_when_a_test_fails(run: Suite) -> None:
    suite = """
def test_that_fails(evalsessions_sandbox, galtea_sandbox, galileo_sandbox, async_galtea_sandbox, async_galileo_sandbox):
    with open("keys.txt", "w") as file:
        print(evalsessions_sandbox.galtea_api_key, evalsessions_sandbox.galileo_api_key, file=file)
    assert evalsessions_sandbox is galtea_sandbox
"""
    result = run(suite, "--showlocals", "-vv")
    result.assert_outcomes(failed=1)
    keys = Path("keys.txt").read_text("utf-8").split()
    assert len(keys) == 2
    shown = result.stdout.str() + result.stderr.str()
    assert "Sandbox(url='http://127.0.0.1:" in shown
    assert [key for key in keys if key in shown] == []


def test_nothing_is_printed_that_the_suite_did_not_print(run: Suite) -> None:
    suite = """
def test_a_session(galtea_sandbox):
    print("[", end="")
    galtea_sandbox.sessions.create(version_id="ver_123")
    print("]", end="")

def test_another(galtea_sandbox):
    pass
"""
    result = run(suite, "-s", "-q")
    result.assert_outcomes(passed=2)
    assert result.outlines[0] == "[].."
    assert result.errlines == []


def test_several_processes_of_one_run_have_their_own_servers(run: Suite) -> None:
    suite = """
import pytest

@pytest.mark.parametrize("turn", range(4))
def test_the_first_session_of_this_id(galtea_sandbox, turn):
    galtea_sandbox.sessions.create(version_id="ver_123", custom_id="mine")
"""
    run(suite, "-n2").assert_outcomes(passed=4)


def test_without_the_server_a_fixture_fails_in_one_line_that_names_the_extra(run: Suite) -> None:
    suite = """
import sys

sys.modules["evalsessions_server"] = None  # imports of it fail from here on, as where it is not installed

def test_a_session(galtea_sandbox):
    pass

def test_without_a_sandbox():
    pass
"""
    result = run(suite)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at setup of test_a_session*",
            "pip install 'evalsessions[[]testing]' brings evalsessions-server, which is missing here",
            "*short test summary*",
        ],
        consecutive=True,
    )


def test_a_run_that_asks_for_no_sandbox_imports_pytest_and_nothing_else(run: Suite) -> None:
    suite = """
import sys

def test_of_something_else():
    assert "evalsessions.testing" in sys.modules
    others = ("httpx", "evalsessions._core", "evalsessions_client", "evalsessions_server", "starlette", "uvicorn")
    assert [name for name in others if name in sys.modules] == []
"""
    run(suite).assert_outcomes(passed=1)


def test_a_sandbox_keeps_its_keys_out_of_its_repr() -> None:
    sandbox = Sandbox("http://127.0.0.1:1", galtea_api_key="gsk_secret", galileo_api_key="secret")
    assert repr(sandbox) == "Sandbox(url='http://127.0.0.1:1')"
