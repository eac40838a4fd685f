"""Builds and checks a release of the four distributions: `nox -s release`, or `python -m tools.release`.

First what takes no time: is the tree clean, does everything say the same version, is the client what the contract
generates, what changed since the last release in the contract and in the Python interface, does `info.version` pay for
the one and the version of the distributions for both, does the changelog say so. When all of it holds: wheels and
sdists are built twice and compared, used in a fresh environment of each supported Python, tried by the last release's
own tests, and described by a bill of materials each.

dist/ then has what is published and nothing else; reports/release/ has the notes, the bills, the checksums and the
comparison of the contracts. Unless it is a dry run, the fragments are moved into CHANGELOG.md: commit that and tag it.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from tools.generator import ROOT
from tools.release import changelog, history
from tools.release.building import DISTRIBUTIONS, build, checksums
from tools.release.bumps import Bump, Debt, Version, owed_by, pays, step
from tools.release.commands import finished
from tools.release.contract import Comparison, compare_contracts
from tools.release.environments import supported_pythons
from tools.release.errors import ReleaseError
from tools.release.notes import release_notes
from tools.release.old_tests import FOLDERS, SELECTION, run_old_tests
from tools.release.python_api import compare_interfaces
from tools.release.sbom import bill_of_materials
from tools.release.smoke import smoke
from tools.release.versions import common_version

__all__ = ["main"]

CONTRACT = "openapi.yaml"
DIST = ROOT / "dist"
REPORTS = ROOT / "reports" / "release"
_STEPS = 9
_SHOWN = 12
_LINES = "\n  "
_EPILOG = f"""\
exit status:
  0  it can be released
  1  it cannot: something is owed, or does not work; each thing is named, with what to do
  2  it could not be judged or built

With no tag v* before HEAD there is nothing to compare with: the comparisons are left out, which is said, unless
--since names a commit. Of the last release's tests in {" and ".join(FOLDERS)} those are run that callers
rely on most:
  {_LINES.join(SELECTION)}
--old-tests=all runs all of those folders, which takes many minutes.
"""


@dataclass(slots=True)
class Session:
    """One run: where it works, what it found."""

    console: Console
    scratch: Path
    version: Version
    last: history.Released | None
    tag: Version | None
    problems: list[str] = field(default_factory=list)
    debts: list[Debt] = field(default_factory=list)
    contract: Comparison | None = None
    interface: list[Debt] = field(default_factory=list)
    done: int = 0

    @property
    def is_tagged(self) -> bool:
        """Whether HEAD is the release itself, and not what it may be made of."""
        return self.tag == self.version

    @property
    def is_assembled(self) -> bool:
        """Whether CHANGELOG.md tells this release already: its commit, tagged or about to be."""
        is_next = self.last is None or self.version > self.last.version
        return self.is_tagged or (is_next and bool(changelog.section(ROOT, self.version)))

    def says(self, title: str) -> None:
        """Tell which step begins."""
        self.done += 1
        self.console.print(f"[bold]{self.done}/{_STEPS}[/] {title}", highlight=False)


def main(arguments: list[str]) -> int:
    """Run the session; the exit status."""
    options = _options(arguments)
    console = Console(soft_wrap=True)
    try:
        with tempfile.TemporaryDirectory(prefix="evalsessions-release-") as scratch:
            return _run(options, console, Path(scratch))
    except ReleaseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _options(arguments: list[str]) -> argparse.Namespace:
    about, _, more = (__doc__ or "").partition("\n\n")
    parser = argparse.ArgumentParser(
        prog="nox -s release --",
        description=f"{about}\n\n{more}",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--dry-run", action="store_true", help="leave CHANGELOG.md and the fragments as they are")
    parser.add_argument("--since", metavar="REF", help="compare with this commit instead of the last tag v*")
    parser.add_argument("--old-tests", choices=["selection", "all"], default="selection", help="which of them to run")
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace, console: Console, scratch: Path) -> int:
    session = Session(
        console, scratch, common_version(), history.last_release(ROOT, options.since), history.tag_here(ROOT)
    )
    REPORTS.mkdir(parents=True, exist_ok=True)
    old = history.extract(ROOT, session.last.ref, scratch / "last") if session.last else None
    _check_state(session)
    _check_drift(session)
    _compare(session, old)
    _check_debts(session, is_dry=options.dry_run)
    if session.problems:
        return _refused(session)
    wheels = _build(session)
    with console.status("a fresh environment on each Python"):
        _smoke(session, wheels)
    with console.status("the last release's tests"):
        _old_tests(session, old, wheels, is_whole=options.old_tests == "all")
    if session.problems:
        return _refused(session)
    with console.status("bills of materials"):
        _describe(session, wheels)
    return _finish(session, is_dry=options.dry_run)


def _check_state(session: Session) -> None:
    last = f"compared with {session.last.ref} ({session.last.version})" if session.last else "the first release"
    session.says(f"The commit: version {session.version}, {last}")
    others = history.elsewhere(ROOT)
    if session.last is None:
        why = "this is a shallow clone: fetch the tags" if history.is_shallow(ROOT) else "nothing was released yet"
        if others:
            why = "other branches have some"
        session.console.print(f"    left out: contract, Python interface, old tests: no tag v* before HEAD; {why}")
    session.problems += history.uncommitted(ROOT)
    if session.tag not in {None, session.version}:
        session.problems.append(
            f"HEAD is tagged v{session.tag}, and the distributions are {session.version}: tag what they are"
        )
    _check_elsewhere(session, others)


def _check_elsewhere(session: Session, others: list[str]) -> None:
    """What was released on other branches: a version is released once, and the first release is the first."""
    names = ", ".join(others[:_SHOWN])
    if others and session.last is None:
        session.problems.append(
            f"expected the last release before HEAD, and {names} is on other branches alone: "
            "merge it, or name the commit to compare with by --since"
        )
    elif others:
        session.console.print(f"    not compared with, on other branches: {names}", highlight=False)
    if history.is_taken(ROOT, session.version):
        session.problems.append(
            f"version {session.version} was released already, from a commit that is not before HEAD: "
            f"merge v{session.version}, or run `nox -s version -- X.Y.Z` with one that is free"
        )


def _check_drift(session: Session) -> None:
    session.says("Drift: is generated_client/ what openapi.yaml generates?")
    run = finished([sys.executable, "-m", "tools.generate", "--check"], folder=ROOT, statuses=(0, 1))
    if run.returncode:
        session.problems += [line for line in f"{run.stdout}{run.stderr}".splitlines() if line]


def _compare(session: Session, old: Path | None) -> None:
    session.says("The contract: what breaks for senders and readers, and does info.version say so?")
    if old is None or session.last is None:
        session.debts.append(Debt(Bump.MINOR, "everything is new"))
    else:
        with session.console.status("comparing the contracts"):
            session.contract = compare_contracts(old / CONTRACT, ROOT / CONTRACT, REPORTS)
        session.debts += session.contract.debts
        changed = [
            name for name in history.changed_files(ROOT, session.last.ref) if name.startswith((*_released(), CONTRACT))
        ]
        if changed:
            session.debts.append(Debt(Bump.PATCH, f"{len(changed)} files of the distributions changed"))
        if not session.contract.is_paid:
            owed = owed_by(session.contract.debts)
            lines = _shown([debt for debt in session.contract.debts if debt.bump is owed])
            session.problems.append(
                f"{CONTRACT}: info.version does not pay for what changed; it owes a {owed} step:{lines}"
            )
    session.says("The Python interface of evalsessions")
    if old is not None:
        session.interface = compare_interfaces(old, ROOT)
        session.debts += session.interface


def _check_debts(session: Session, *, is_dry: bool) -> None:
    owed = owed_by(session.debts)
    session.says(f"What it owes: {owed}; the version and the changelog")
    _check_version(session)
    session.problems += changelog.misnamed(ROOT)
    _check_changelog(session)
    if session.last and owed is Bump.NONE and session.version <= session.last.version and not is_dry:
        session.problems.append(
            f"there is nothing to release: nothing of the distributions changed since {session.last.ref}"
        )


def _check_changelog(session: Session) -> None:
    owed = owed_by(session.debts)
    if session.is_assembled:
        session.problems += changelog.unassembled(ROOT, session.version, owed, is_tagged=session.is_tagged)
    else:
        session.problems += changelog.owed_fragments(ROOT, owed)


def _check_version(session: Session) -> None:
    last, owed = session.last, owed_by(session.debts)
    if last is not None and session.version < last.version:
        session.problems.append(
            f"version {session.version} is before that of {last.ref}: "
            f"run `nox -s version -- {step(last.version, owed)}` and commit"
        )
    elif last is not None and not pays(last.version, session.version, owed):
        least = step(last.version, owed)
        lines = _shown([debt for debt in session.debts if debt.bump is owed])
        session.problems.append(
            f"version {session.version} does not pay for what changed since {last.ref} ({last.version}); "
            f"it owes a {owed} step, {least} or later: run `nox -s version -- {least}` and commit:{lines}"
        )


def _build(session: Session) -> list[Path]:
    session.says("Wheels and sdists, built twice")
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    with session.console.status("building"):
        session.problems += build(ROOT, session.scratch, DIST)
    return sorted(DIST.glob("*.whl"))


def _smoke(session: Session, wheels: list[Path]) -> None:
    session.says("The wheels in a fresh environment on each supported Python")
    for version, python in supported_pythons(ROOT).items():
        if python is None:
            session.console.print(f"    left out: Python {version} is not on this machine")
            continue
        folder = session.scratch / f"python-{version}"
        folder.mkdir()
        session.problems += smoke(ROOT, folder, python, wheels, session.version)
        session.console.print(f"    Python {version}: tried", highlight=False)


def _old_tests(session: Session, old: Path | None, wheels: list[Path], *, is_whole: bool) -> None:
    session.says("The last release's own tests on the new wheels")
    if old is None:
        return
    ran, failed = run_old_tests(ROOT, old, session.scratch, wheels, is_whole=is_whole)
    session.console.print(f"    {ran} tests, {len(failed)} failed", highlight=False)
    session.debts += failed
    if failed:
        _check_version(session)
        _check_changelog(session)


def _describe(session: Session, wheels: list[Path]) -> None:
    session.says("A bill of materials of each distribution, the notes and the checksums")
    epoch = history.commit_time(ROOT)
    for name in DISTRIBUTIONS:
        target = REPORTS / f"{name}-{session.version}.cdx.json"
        bill_of_materials(ROOT, session.scratch, name, wheels, session.version, epoch=epoch, target=target)
    sums = "".join(f"{digest}  {name}\n" for name, digest in checksums(DIST).items())
    (REPORTS / "SHA256SUMS").write_text(sums, encoding="utf-8")
    notes = release_notes(
        session.version,
        session.last,
        changes=changelog.section(ROOT, session.version)
        if session.is_assembled
        else changelog.draft(ROOT, session.version),
        contract=session.contract.markdown if session.contract else None,
        interface=session.interface,
        debts=session.debts,
    )
    (REPORTS / "notes.md").write_text(notes, encoding="utf-8")


def _finish(session: Session, *, is_dry: bool) -> int:
    where = f"{DIST.relative_to(ROOT)}/ and {REPORTS.relative_to(ROOT)}/"
    session.console.print(f"[green]{session.version} can be released[/]: see {where}", highlight=False)
    if is_dry or session.is_tagged:
        return 0
    tag = f"v{session.version}"
    publish = f"git tag {tag} && git push origin HEAD {tag}"
    if not session.is_assembled:
        changelog.assemble(ROOT, session.version)
        publish = f"git commit -m 'Release {session.version}' && {publish}"
    session.console.print("CHANGELOG.md is assembled. Now, with the name of your remote:", highlight=False)
    session.console.print(f"    {publish}", highlight=False)
    return 0


def _refused(session: Session) -> int:
    for problem in session.problems:
        print(f"owed: {problem}", file=sys.stderr)
    return 1


def _released() -> tuple[str, ...]:
    return tuple(f"{folder}/" for folder in DISTRIBUTIONS.values())


def _shown(debts: list[Debt]) -> str:
    lines = "".join(f"\n    {debt.why}" for debt in debts[:_SHOWN])
    more = len(debts) - _SHOWN
    return f"{lines}\n    and {more} more" if more > 0 else lines


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
