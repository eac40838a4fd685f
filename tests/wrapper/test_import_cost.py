"""What an import of the package costs: next to nothing, for each name is imported when it is first used."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap

from tests.support.uncovered import uncovered

# What `import evalsessions` may add to a Python that has `typing`, which comes with half of the standard library.
ALLOWED = {"evalsessions"}


def modules_after(program: str) -> list[str]:
    """Return the modules that a program imports, beyond those of a Python that has imported `typing`."""
    script = f"""
        import json, sys, typing
        before = set(sys.modules)
        {program}
        print(json.dumps(sorted(set(sys.modules) - before)))
    """
    done = subprocess.run(
        [sys.executable, "-I", "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        env=uncovered(),
        check=True,
    )
    modules: list[str] = json.loads(done.stdout)
    return modules


def packages_after(program: str) -> set[str]:
    return {name.partition(".")[0] for name in modules_after(program)}


def test_importing_the_package_imports_nothing_else() -> None:
    assert set(modules_after("import evalsessions")) == ALLOWED


def test_the_names_and_the_version_cost_no_more() -> None:
    added = set(modules_after("import evalsessions; dir(evalsessions), evalsessions.__all__, evalsessions.__version__"))
    assert {name for name in added if name.partition(".")[0] == "evalsessions"} == {
        "evalsessions",
        "evalsessions._version",
    }
    assert not {name.partition(".")[0] for name in added} & {"httpx", "asyncio", "evalsessions_client", "jsonschema_rs"}


def test_catching_an_error_imports_no_client() -> None:
    added = {
        name.partition(".")[0] for name in modules_after("from evalsessions import ConflictError, EvalSessionsError")
    }
    assert not added & {"httpx", "asyncio", "evalsessions_client", "jsonschema_rs", "tenacity", "attrs", "attr"}


def test_what_few_need_is_not_imported_by_a_face() -> None:
    program = "from evalsessions import Galtea; Galtea(api_key='gsk_0123456789', base_url='http://127.0.0.1:9')"
    added = {name.partition(".")[0] for name in modules_after(program)}
    assert not added & {
        "httpx",
        "tenacity",
        "cel",
        "pyreqwest",
        "jsonschema_rs",
        "typer",
        "pytest",
        "evalsessions_server",
    }
