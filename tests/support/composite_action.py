"""Runs the steps of a composite action as GitHub's runner would, as far as this repository's action goes.

Scripts are run for real, by bash with the runner's options, in a workspace of their own. A step that uses another
action cannot be: what it would be given is recorded, and the caller says what it puts out. Any expression beyond those
that the action has is an error, so that nothing is taken for run that was not.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

__all__ = ["ActionRun", "run_action"]

_EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
_SECONDS = 300
#: What only the event of a pull request has; it is null, which is not true, for any other.
_FORK = "github.event.pull_request.head.repo.fork"


@dataclass(slots=True)
class ActionRun:
    """What came of it."""

    failed: str | None = None
    """The first step that failed."""
    log: str = ""
    summary: str = ""
    outputs: dict[str, str] = field(default_factory=dict)
    used: dict[str, dict[str, str]] = field(default_factory=dict)
    """By the name of another action: what it would be given."""


def run_action(
    action: Path,
    inputs: Mapping[str, str],
    *,
    workspace: Path,
    temporary: Path,
    provided: Mapping[str, Mapping[str, str]],
    environment: Mapping[str, str] | None = None,
    without: Collection[str] = (),
    is_fork: bool = False,
) -> ActionRun:
    """Run an action with inputs.

    Args:
        action: Its action.yml.
        inputs: As a user gives them; the others have their defaults.
        workspace: The folder that scripts run in.
        temporary: The runner's folder for temporary files, which is kept between runs of one caller.
        provided: The outputs of steps that use other actions, by the step's id.
        environment: Variables of the job.
        without: Names of steps to leave out.
        is_fork: Whether the job is about a pull request from a fork.
    """
    document: Mapping[str, Any] = YAML(typ="safe").load(action)
    assert inputs.keys() <= document["inputs"].keys()
    for name, declared in document["inputs"].items():
        assert name in inputs or not declared.get("required"), f"{name} is required"
    scope: dict[str, str] = {
        f"inputs.{name}": inputs.get(name, str(declared.get("default", "")))
        for name, declared in document["inputs"].items()
    }
    if is_fork:
        scope[_FORK] = "true"
    job = {**(environment or {}), "GITHUB_ACTION_PATH": str(action.parent), "GITHUB_WORKSPACE": str(workspace)}
    run = ActionRun()
    for step in document["runs"]["steps"]:
        name = step.get("name", step.get("uses"))
        if name in without or not _applies(step.get("if", "success()"), scope, has_failed=run.failed is not None):
            continue
        if "uses" in step:
            run.used[step["uses"]] = {key: _evaluated(str(value), scope) for key, value in step["with"].items()}
            said: Mapping[str, str] = provided.get(step.get("id", ""), {})
        else:
            assert step["shell"] == "bash"
            variables = {key: _evaluated(value, scope) for key, value in step.get("env", {}).items()}
            status, said = _script(step["run"], {**job, **variables}, temporary, run)
            if status and run.failed is None:
                run.failed = name
        scope |= {f"steps.{step['id']}.outputs.{key}": value for key, value in said.items() if "id" in step}
    run.outputs = {name: _evaluated(output["value"], scope) for name, output in document["outputs"].items()}
    return run


def _script(script: str, variables: Mapping[str, str], temporary: Path, run: ActionRun) -> tuple[int, dict[str, str]]:
    file, output, summary = (temporary / name for name in ("step.sh", "step-output", "step-summary"))
    file.write_text(script, encoding="utf-8")
    output.write_text("", encoding="utf-8")
    summary.write_text("", encoding="utf-8")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", file],
        cwd=variables["GITHUB_WORKSPACE"],
        env={
            **os.environ,
            **variables,
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "RUNNER_TEMP": str(temporary),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    run.log += done.stdout
    run.summary += summary.read_text(encoding="utf-8")
    lines = [line.partition("=") for line in output.read_text(encoding="utf-8").splitlines()]
    return done.returncode, {name: value for name, _, value in lines}


def _applies(condition: str, scope: Mapping[str, str], *, has_failed: bool) -> bool:
    parts = [part.strip() for part in condition.split("&&")]
    if has_failed and "always()" not in parts:
        return False
    return all(part in {"always()", "success()"} or _compared(part, scope) for part in parts)


def _compared(comparison: str, scope: Mapping[str, str]) -> bool:
    if comparison == f"{_FORK} != true":
        return _FORK not in scope
    found = re.fullmatch(r"([\w.-]+) (==|!=) '([^']*)'", comparison)
    assert found, f"not an expression that is known here: {comparison}"
    return (_value(found[1], scope) == found[3]) is (found[2] == "==")


def _evaluated(text: str, scope: Mapping[str, str]) -> str:
    return _EXPRESSION.sub(lambda found: _value(found[1], scope), text)


def _value(name: str, scope: Mapping[str, str]) -> str:
    """A context's value; an output that a step did not write is empty, as at GitHub."""
    assert re.fullmatch(r"inputs\.[\w-]+|steps\.[\w-]+\.outputs\.[\w-]+", name), f"not known here: {name}"
    assert name in scope or name.startswith("steps."), f"no such input: {name}"
    return scope.get(name, "")
