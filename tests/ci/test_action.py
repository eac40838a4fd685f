"""The action for contract tests: its scripts, run for real on a real server, do what its inputs say."""

from __future__ import annotations

import json
import re
import shutil
import socket
import sys
import urllib.request
from typing import TYPE_CHECKING

import pytest

from tests.support.composite_action import ActionRun, run_action
from tests.support.contract_document import ROOT
from tests.support.server_process import server_command

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ACTION = ROOT / "action.yml"
KEYS = {"GALTEA_API_KEY": "gsk_0of0action", "GALILEO_API_KEY": "galileo-0of0action"}
SARIF = "github/codeql-action/upload-sarif@v4"
INSTALL = "Install speclock"


@pytest.fixture(scope="module")
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The runner's folder, where speclock is installed once for the tests of this file."""
    folder = tmp_path_factory.mktemp("runner")
    made = run_action(
        ACTION,
        {"contract": "none.yaml", "url": "http://127.0.0.1:9"},
        workspace=folder,
        temporary=folder,
        provided={"python": {"python-path": sys.executable}},
    )
    assert made.failed == "Conclude", made.log
    assert (folder / "speclock" / "bin" / "speclock").is_file()
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    shutil.copyfile(ROOT / "openapi.yaml", tmp_path / "openapi.yaml")
    shutil.copyfile(ROOT / "conformance/profiles/sandbox.toml", tmp_path / "sandbox.toml")
    return tmp_path


@pytest.fixture
def act(workspace: Path, temporary: Path) -> Callable[..., ActionRun]:
    def run(*, is_fork: bool = False, **inputs: str) -> ActionRun:
        port = _free_port()
        given = {
            "contract": "openapi.yaml",
            "profile": "sandbox.toml",
            "phases": "examples",
            "url": f"http://127.0.0.1:{port}",
            "start": f"{' '.join(server_command())} serve --port {port} --database sqlite://",
            **{name.replace("_", "-"): value for name, value in inputs.items()},
        }
        return run_action(
            ACTION,
            given,
            workspace=workspace,
            temporary=temporary,
            provided={},
            environment=KEYS,
            without=[INSTALL],
            is_fork=is_fork,
        )

    return run


def test_a_server_that_keeps_the_contract_passes_and_is_ended(act: Callable[..., ActionRun], workspace: Path) -> None:
    port = _free_port()
    command = f"{' '.join(server_command())} serve --port {port} --database sqlite://"
    # A child of the shell, so that ending the shell alone would leave it running.
    run = act(url=f"http://127.0.0.1:{port}", start=f"{command}; true", strict="true")
    assert run.failed is None, run.log
    assert run.outputs == {
        "status": "0",
        "report": "speclock-reports/speclock.json",
        "sarif": "speclock-reports/speclock.sarif",
    }
    assert run.used[SARIF] == {"sarif_file": run.outputs["sarif"], "category": "speclock/openapi.yaml"}
    assert {path.name for path in (workspace / "speclock-reports").iterdir()} == {
        f"speclock.{extension}" for extension in ("json", "sarif", "xml", "html", "md")
    }
    assert run.summary == (workspace / "speclock-reports/speclock.md").read_text("utf-8")
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5)


def test_a_server_that_breaks_the_contract_fails_the_job_unless_it_is_accepted(
    act: Callable[..., ActionRun], workspace: Path
) -> None:
    contract = workspace / "openapi.yaml"
    text = contract.read_text("utf-8")
    assert '        "201":\n' in text
    contract.write_text(text.replace('        "201":\n', '        "202":\n', 1), "utf-8")
    run = act()
    assert (run.failed, run.outputs["status"]) == ("Conclude", "1")
    assert "::error file=openapi.yaml::the server does not keep the contract" in run.log
    assert "createSession" in run.summary
    results = json.loads((workspace / run.outputs["sarif"]).read_text("utf-8"))["runs"][0]["results"]
    assert results
    assert SARIF in run.used

    shutil.copyfile(workspace / run.outputs["report"], workspace / "accepted.json")
    accepted = act(baseline="accepted.json", upload_sarif="false")
    assert (accepted.failed, accepted.outputs["status"]) == (None, "0"), accepted.log
    assert SARIF not in accepted.used
    fork = act(is_fork=True, baseline="accepted.json")  # it may not write to code scanning, and need not fail for that
    assert (fork.failed, bool(fork.outputs["sarif"])) == (None, True), fork.log
    assert SARIF not in fork.used


def test_what_could_not_be_judged_is_no_success(act: Callable[..., ActionRun], workspace: Path) -> None:
    (workspace / "speclock-reports").mkdir()
    (workspace / "speclock-reports/speclock.sarif").write_text("of an earlier run", "utf-8")
    (workspace / "speclock-reports/speclock.json").write_text("of an earlier run", "utf-8")
    run = act(contract="nowhere.yaml", start="", url="http://127.0.0.1:9")
    assert (run.failed, run.outputs) == ("Conclude", {"status": "2", "report": "", "sarif": ""})
    assert "could not judge" in run.summary
    assert SARIF not in run.used


@pytest.mark.parametrize(
    ("start", "wait"), [("echo I stop at once; exit 3", "30"), ("echo I never listen; sleep 60", "2")]
)
def test_a_server_that_does_not_start_is_told_with_its_last_words(
    act: Callable[..., ActionRun], start: str, wait: str
) -> None:
    run = act(start=start, wait=wait)
    assert run.failed == "Start the server"
    assert "does not answer at http://127.0.0.1:" in run.log
    assert re.search(r"^I (stop at once|never listen)$", run.log, re.MULTILINE)
    assert run.outputs["status"] == ""


def test_inputs_are_data_and_never_code(act: Callable[..., ActionRun], workspace: Path) -> None:
    evil = "'\"; touch pwned; $(touch pwned) `touch pwned` #"
    others = dict.fromkeys(("contract", "profile", "baseline", "phases", "budget", "seed", "strict", "reports"), evil)
    assert act(**others, start="").outputs["status"] == "2"
    assert act(url=evil, wait="1").failed == "Start the server"
    option = act(url="--output=pwned", wait="1")  # a word that would be an option of curl
    assert option.failed == "Start the server"
    assert not list(workspace.rglob("pwned"))


@pytest.mark.parametrize("wait", ["a[$(touch pwned)]", "", "soon", "-1", "1.5"])
def test_a_time_to_wait_is_a_number(act: Callable[..., ActionRun], workspace: Path, wait: str) -> None:
    run = act(wait=wait, start="sleep 60")
    assert run.failed == "Start the server"
    assert f"::error::wait: expected a number of seconds, got {wait}" in run.log
    assert not list(workspace.rglob("pwned"))


def test_no_script_holds_an_expression() -> None:
    text = ACTION.read_text("utf-8")
    scripts = re.findall(r"run: \|\n((?: {8}.*\n|\n)+)", text)
    assert len(scripts) == text.count("run: |") >= 6
    assert [script for script in scripts if "${{" in script] == []


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
