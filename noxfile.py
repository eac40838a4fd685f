"""Every check of this repository, one session each. `nox -l` lists them; `nox -s NAME` runs one.

Nothing needs to be installed beforehand but Python and `nox[uv]`: each session makes its own environment from the
hash-checked pins in `pins/`, Node comes as a PyPI wheel, PostgreSQL and chromium from Debian.
"""

import os
import shutil
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
nox.options.default_venv_backend = "uv"
nox.options.download_python = "never"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["verify"]

PYTHONS = ["3.11", "3.12", "3.13"]
DISTRIBUTIONS = {
    "evalsessions-client": "./generated_client",
    "evalsessions": "./wrapper",
    "evalsessions-server": "./reference_server",
    "speclock": "./conformance",
}
PINS = Path("pins/workspace.txt")
# Whole modules go to two workers, in the order of their paths: by default those of few tests, which take longest, come
# last and one at a time.
SPREAD = ["--numprocesses=2", "--dist=loadscope", "--no-loadscope-reorder"]
BENCHMARKS = ["server", "check", "mutants", "planning", "sdk", "sdk_many"]
SOURCES = ["wrapper", "reference_server", "conformance", "benchmarks", "tools", "noxfile.py"]
HAND_WRITTEN = [*SOURCES, "tests"]
# Tests are full of misspelt input on purpose, so their spelling is not checked.
PROSE = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "docs", "openapi.yaml"]

# Packages are compiled as they are installed: the first import of schemathesis takes many seconds otherwise.
os.environ["UV_COMPILE_BYTECODE"] = "1"

# pyenv hides all interpreters but one behind shims; the others are found when their folders are on the path.
_PYENV = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
os.environ["PATH"] = os.pathsep.join(
    [os.environ["PATH"], *(str(found) for v in PYTHONS for found in _PYENV.glob(f"versions/{v}.*/bin"))]
)


def install(session: nox.Session, *groups: str, distributions: bool = False) -> None:
    """Install dependency groups, and on demand our distributions as built wheels, from the pins alone."""
    arguments = [f"--group={group}" for group in groups]
    if distributions:
        arguments += [f"--reinstall-package={name}" for name in DISTRIBUTIONS]
        arguments += DISTRIBUTIONS.values()
    session.install("--constraints", str(PINS), "--build-constraints", str(PINS), *arguments)


def install_node_tools(session: nox.Session) -> None:
    """Install redocly and Prism as package-lock.json has them, with the Node of the PyPI wheel."""
    lock = Path("package-lock.json").read_bytes()
    stamp = Path("node_modules/.installed-lock")
    if not stamp.is_file() or stamp.read_bytes() != lock:
        session.run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", silent=True)
        stamp.write_bytes(lock)


@nox.session
def verify(session: nox.Session) -> None:
    """The main job: drift, the real server on SQLite, `speclock check` on it, the score of a sample of mutants."""
    install(session, "generate", distributions=True)
    session.run("python", "-m", "tools.verify", *session.posargs)


@nox.session
def mutants(session: nox.Session) -> None:
    """Every mutant of the contract, on the real server: the mutation score, and whatever lives without a reason."""
    install(session, "generate", distributions=True)
    session.run("python", "-m", "tools.mutants", *session.posargs)


@nox.session
def sdk(session: nox.Session) -> None:
    """The SDK and the bare generated client held to the contract: all cases on ten seeds, all mutants of the client."""
    install(session, "generate", distributions=True)
    session.run("python", "-m", "tools.sdk", *session.posargs)


@nox.session
def conformance(session: nox.Session) -> None:
    """What speclock says of Prism's mock of the contract, or with `-- --url URL` of another one."""
    install(session, "tests", distributions=True)
    install_node_tools(session)
    session.run("python", "-m", "tools.conformance", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """All tests, on a real server, a real PostgreSQL and Node's tools, with coverage. Arguments go to pytest."""
    install(session, "tests", distributions=True)
    install_node_tools(session)
    session.run("coverage", "erase")
    selection = session.posargs or [*SPREAD, "-m", "not full"]
    session.run("coverage", "run", "-m", "pytest", *selection)
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report", *([] if session.posargs else ["--fail-under=90"]))


@nox.session
def tests_full(session: nox.Session) -> None:
    """The tests that take minutes, and that `tests` leaves out."""
    install(session, "tests", distributions=True)
    install_node_tools(session)
    session.run("pytest", *(session.posargs or [*SPREAD, "-m", "full"]))


@nox.session(python=PYTHONS[1:])
def compatibility(session: nox.Session) -> None:
    """All tests again on each later Python that is present, without coverage."""
    install(session, "tests", distributions=True)
    install_node_tools(session)
    session.run("pytest", *(session.posargs or [*SPREAD, "-m", "not full"]))


@nox.session
def lint(session: nox.Session) -> None:
    """Formatting, lint rules, spelling, who may import whom (import-linter), and what runs at GitHub."""
    install(session, "lint", "tests", distributions=True)
    install_node_tools(session)
    session.run("ruff", "format", "--check", *HAND_WRITTEN)
    session.run("ruff", "check", *HAND_WRITTEN)
    session.run("codespell", *PROSE, *SOURCES)
    session.run("lint-imports")
    session.run("python", "-m", "tools.workflows")


@nox.session
def types(session: nox.Session) -> None:
    """The mypy check, strict, on all hand-written code; pyright, strict, on the SDK."""
    install(session, "types", "tests", distributions=True)
    session.run("mypy", *HAND_WRITTEN)
    session.run("pyright")


@nox.session
def generate(session: nox.Session) -> None:
    """Regenerate generated_client/ whole from openapi.yaml."""
    install(session, "generate")
    session.run("python", "-m", "tools.generate", *session.posargs)


@nox.session
def drift(session: nox.Session) -> None:
    """Is generated_client/ exactly what openapi.yaml, the configuration and the templates generate?"""
    install(session, "generate")
    session.run("python", "-m", "tools.generate", "--check", *session.posargs)


@nox.session(python=PYTHONS)
def install_check(session: nox.Session) -> None:
    """Install the four distributions with plain pip, not editable, on each Python present; run each once."""
    session.install("--constraints", str(PINS), "pip")
    session.run("python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *DISTRIBUTIONS.values())
    session.run("python", "-c", "import evalsessions_client; from evalsessions import *")
    session.run("evalsessions", "--help", silent=True)
    session.run("evalsessions-server", "--help", silent=True)
    session.run("speclock", "--help", silent=True)


@nox.session
def bench(session: nox.Session) -> None:
    """Benchmarks, each beside a peer: server, check, mutants, planning, sdk, sdk_many; `-- NAME OPTIONS` runs one."""
    install(session, "tests", distributions=True)
    install_node_tools(session)
    chosen, options = session.posargs[:1], session.posargs[1:]
    for name in chosen or BENCHMARKS:
        session.run("python", "-m", f"benchmarks.performance.bench_{name}", *options)


@nox.session
def effectiveness(session: nox.Session) -> None:
    """Which faults speclock and its peers notice, into docs/; `-- OPTIONS` measures a part, without Specmatic."""
    install(session, "tests", distributions=True)
    command = ("python", "-m", "benchmarks.effectiveness.run")
    if session.posargs:
        session.run(*command, *session.posargs)
        return
    jar = Path(session.virtualenv.location, "specmatic", "specmatic", "core", "specmatic.jar")
    specmatic: tuple[str, ...] = ()
    if shutil.which("java") is None:
        session.warn("Specmatic is left out: there is no Java")
    else:
        pinned = ("--no-deps", "--require-hashes", "-r", "benchmarks/effectiveness/specmatic.txt")
        session.install("--target", str(jar.parents[2]), *pinned)
        specmatic = (f"--specmatic={jar}",)
    session.run(*command, *specmatic)
    session.run("python", "-m", "benchmarks.effectiveness.render")


@nox.session
def changes(session: nox.Session) -> None:
    """What `speclock diff` and redocly's say of the same edits of a contract, into docs/; `-- --only TEXT` for some."""
    install(session, "tests", distributions=True)
    install_node_tools(session)
    page = session.posargs or ("--page", "docs/reference/contract-changes.md")
    session.run("python", "-m", "benchmarks.changes.run", *page)


@nox.session
def pins(session: nox.Session) -> None:
    """Remake pins/ and package-lock.json from the dependency groups (no registry host in them)."""
    install(session, "pins")
    session.run("python", "-m", "tools.pins", *session.posargs)


@nox.session
def changelog(session: nox.Session) -> None:
    """Show the next release's changelog as its fragments make it."""
    install(session, "changelog")
    session.run("towncrier", "build", "--draft", "--version", "next", *session.posargs)


@nox.session
def version(session: nox.Session) -> None:
    """Show the version that the four distributions have in common; `-- X.Y.Z` writes it everywhere."""
    install(session, "generate")
    session.run("python", "-m", "tools.release.versions", *session.posargs)


@nox.session
def release(session: nox.Session) -> None:
    """Build and check a release, into dist/ and reports/release/; `-- --dry-run` leaves the changelog, `-- --help`."""
    install(session, "release", distributions=True)
    session.run("python", "-m", "tools.release", *session.posargs)


@nox.session
def full(session: nox.Session) -> None:
    """Everything, at its whole size: what to run before a landing or a release."""
    for name in (
        "lint",
        "types",
        "drift",
        "verify",
        "tests",
        "tests_full",
        "mutants",
        "sdk",
        "conformance",
        "compatibility",
        "install_check",
        "bench",
    ):
        session.notify(name)
    # One pattern: all of them take an hour, and rewrite the page.
    session.notify("effectiveness", ["--seeds", "1", "--patterns", "Or", "--out", "reports/effectiveness.json"])
