"""The mutation score of an SDK's suite: its generated package with one mistake after another, run until one is noticed.

The package is copied, one file of the copy is changed at a time, and the SDK is imported anew over it. A mutant is
killed when something fails that does not fail on the package as it is; an SDK that can no longer be imported is killed
as well. Each is tried on few cases first, for most are noticed at once.
"""

from __future__ import annotations

import compileall
import importlib
import importlib.util
import shutil
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from speclock.core.errors import SpeclockError, UsageError
from speclock.mutants.hunting import fits
from speclock.mutants.score import Kill, State
from speclock.sdk.deviations import deviations
from speclock.sdk.run import PATIENCE, SdkRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from speclock.core.cases import Exchange
    from speclock.core.contract import Operation
    from speclock.core.findings import Failure
    from speclock.sdk.deviations import Deviation
    from speclock.sdk.making import SdkCases
    from speclock.sdk.subject import Subject

__all__ = ["SdkHunt", "SdkResult", "SdkScore", "sources_of"]

#: In the first attempt only every so many-th case is run.
_FEW = 29

#: What tells two failures apart: operation, check, rule, the case in words, and what was seen, in words.
_Signature = tuple[str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class SdkResult:
    """The fate of one mutant."""

    mutant: Deviation
    state: State
    seconds: float
    kill: Kill | None = None
    #: Why it may live, as the profile has it.
    reason: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it lives and nobody has said why."""
        return self.state is State.SURVIVED and self.reason is None


@dataclass(frozen=True, slots=True)
class SdkScore:
    """All results."""

    results: tuple[SdkResult, ...]
    #: Entries of the profile that account for nothing, with their reasons; none where not all mutants were tried.
    idle: tuple[tuple[str, str], ...] = ()

    @property
    def killed(self) -> int:
        return sum(result.state is State.KILLED for result in self.results)

    @property
    def open(self) -> tuple[SdkResult, ...]:
        """Those that live and that nobody accounts for."""
        return tuple(result for result in self.results if result.is_open)

    def by_kind(self) -> dict[str, tuple[int, int]]:
        """For each kind how many were killed, of how many."""
        kinds = dict.fromkeys(result.mutant.kind for result in self.results)
        own = {kind: [result for result in self.results if result.mutant.kind is kind] for kind in kinds}
        return {
            kind.value: (sum(result.state is State.KILLED for result in results), len(results))
            for kind, results in own.items()
        }


def sources_of(package: str) -> Path:
    """The folder of a package whose mutants are to be hunted.

    Raises:
        UsageError: there is no such package.
    """
    try:
        found = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        found = None
    if found is None or not found.submodule_search_locations:
        raise UsageError(f"--mutants {package}: expected a package that can be imported, found none")
    return Path(found.submodule_search_locations[0])


def _outermost(package: str) -> str:
    """The package that it is within, itself included, but for a namespace, which has no place of its own."""
    parent = package.rpartition(".")[0]
    found = importlib.util.find_spec(parent) if parent else None
    return package if found is None or found.origin is None else _outermost(parent)


@dataclass
class SdkHunt:
    """Hunts the mutants of one package under an SDK."""

    load: Callable[[], Subject]
    #: The package whose sources are changed, and those to be imported anew beside it.
    package: str
    beside: Sequence[str]
    cases: SdkCases
    operations: Sequence[Operation]
    #: Patterns of ids that may live, and why.
    accepted: Mapping[str, str] = field(default_factory=dict)
    #: Patterns of the ids that are tried; none: all.
    only: Sequence[str] = ()
    #: Only every so many-th mutant.
    every: int = 1
    progress: Callable[[int, int], None] = lambda _done, _count: None
    #: Seconds until the SDK must have come back from a call.
    patience: float = PATIENCE
    _known: set[_Signature] = field(default_factory=set)
    #: Failures whose words are others from run to run.
    _vague: set[tuple[str, ...]] = field(default_factory=set)

    def run(self) -> SdkScore:
        """Try each mutant.

        Raises:
            UsageError: the package has no sources that the SDK uses.
        """
        with self._copied() as folder:
            self._fail_as_it_is(folder)
            made = self._mutants(folder)
            if not made:
                raise UsageError(f"--mutants {self.package}: nothing of it that the SDK imports can be changed")
            mutants = [item for item in made if self._is_wanted(item)][:: self.every]
            if not mutants:
                raise UsageError(
                    f"--only {' --only '.join(self.only)}: expected the id of a mutant or a pattern that fits some, "
                    f"such as '{made[0].id}'; none of {len(made)} fits"
                )
            results = []
            for number, mutant in enumerate(mutants):
                self.progress(number, len(mutants))
                results.append(self._try(folder, mutant))
            self.progress(len(mutants), len(mutants))
        is_whole = not self.only and self.every == 1
        idle = [
            (pattern, why)
            for pattern, why in self.accepted.items()
            if is_whole and not any(fits(result.mutant.id, pattern) for result in results)
        ]
        return SdkScore(tuple(results), tuple(idle))

    def _is_wanted(self, mutant: Deviation) -> bool:
        return not self.only or any(fits(mutant.id, pattern) for pattern in self.only)

    @contextmanager
    def _copied(self) -> Iterator[Path]:
        """The package in a copy of the one that it is within, which is imported in its place until the block ends."""
        top = _outermost(self.package)
        remembered, before = sys.dont_write_bytecode, {name: sys.modules[name] for name in self._names()}
        with tempfile.TemporaryDirectory(prefix="speclock-") as holder:
            copy = Path(holder, *top.split("."))
            shutil.copytree(sources_of(top), copy, ignore=shutil.ignore_patterns("__pycache__"))
            compileall.compile_dir(str(copy), quiet=2)
            sys.path.insert(0, holder)
            sys.dont_write_bytecode = True
            try:
                yield Path(holder, *self.package.split("."))
            finally:
                sys.path.remove(holder)
                sys.dont_write_bytecode = remembered
                self._forget()
                sys.modules.update(before)  # whoever holds one of their classes is to meet it again

    def _forget(self) -> None:
        """Have everything imported anew that is of the package, or uses it."""
        for name in self._names():
            del sys.modules[name]
        importlib.invalidate_caches()

    def _names(self) -> list[str]:
        """The modules of the package and of what uses it, as far as they are imported."""
        own = (_outermost(self.package), *self.beside)
        return [name for name in sys.modules if any(name == item or name.startswith(f"{item}.") for item in own)]

    def _fail_as_it_is(self, folder: Path) -> None:
        """Learn what fails without any mutant.

        Raises:
            UsageError: the SDK does not import the copy.
        """

        def note(failure: Failure, exchange: Exchange) -> bool:
            self._known.add(_signature(failure, exchange))
            return False

        self._forget()
        subject = self.load()
        SdkRun(subject, self.cases, self.operations, is_enough=note).run()
        used = sys.modules.get(self.package)
        if used is not None and not str(used.__file__).startswith(str(folder)):
            raise UsageError(
                f"--mutants {self.package}: expected a package that can be copied, got another of that name"
            )
        once = set(self._known)
        SdkRun(subject, self.cases, self.operations, is_enough=note).run()
        self._vague = {signature[:-1] for signature in self._known - once}

    def _mutants(self, folder: Path) -> list[Deviation]:
        """Those of all modules that the SDK has imported."""
        found: list[Deviation] = []
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder).with_suffix("").parts
            name = ".".join((self.package, *(part for part in parts if part != "__init__")))
            if name in sys.modules:
                found += deviations(path.relative_to(folder).as_posix(), path.read_text("utf-8"))
        return found

    def _try(self, folder: Path, mutant: Deviation) -> SdkResult:
        started, path = time.monotonic(), folder / mutant.file
        source = path.read_text("utf-8")
        path.write_text(mutant.source, "utf-8")
        try:
            kill = self._hunted()
        finally:
            path.write_text(source, "utf-8")
        state = State.SURVIVED if kill is None else State.KILLED
        reason = next((why for pattern, why in self.accepted.items() if fits(mutant.id, pattern)), None)
        return SdkResult(mutant, state, time.monotonic() - started, kill, reason if kill is None else None)

    def _hunted(self) -> Kill | None:
        """Who notices the mutant that is in place."""
        seen: list[Kill] = []

        def judge(failure: Failure, exchange: Exchange) -> bool:
            signature = _signature(failure, exchange)
            if signature in self._known or signature[:-1] in self._vague:
                return False
            case = exchange.case
            seen.append(Kill(case.phase, failure.check, failure.rule, failure.title, case.description))
            return True

        self._forget()
        try:
            subject = self.load()
            for every in (_FEW, 1):
                run = SdkRun(subject, self.cases, self.operations, (), every, judge, self.patience)
                fatal = run.run().fatal
                if seen:
                    break
                if fatal is not None:
                    return Kill("run", "run", "", "nothing more can be judged", fatal)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - broken code raises anything, where the SDK is set up
            text = str(error) if isinstance(error, SpeclockError) else f"{type(error).__name__}: {error}"
            return Kill("import", "import", "", "the SDK cannot be set up", text)
        return seen[0] if seen else None


def _signature(failure: Failure, exchange: Exchange) -> _Signature:
    return exchange.case.operation.id, failure.check, failure.rule, exchange.case.description, failure.message
