"""`speclock check`: from the command line's words to a plan, and from an outcome to an exit status."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from speclock.cli.reports import report_paths
from speclock.cli.subjects import load_app
from speclock.core.contract import Contract, Operation, load_contract
from speclock.core.errors import ProfileError, SpeclockError, UsageError
from speclock.core.profiles import CredentialSource, Profile, check_profile, load_profile
from speclock.core.rules import load_rules
from speclock.core.schemas import Schemas
from speclock.core.secrets import Secrets
from speclock.phases.base import PHASES
from speclock.phases.reach import check_reachable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["Request", "run"]


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked on the command line."""

    contract: Path
    url: str | None
    app: str | None
    profile: Path | None
    phases: str
    budget: float | None
    seed: int
    workers: int
    rate: float | None
    include: tuple[str, ...]
    exclude: tuple[str, ...]
    strict: bool
    reports: tuple[str, ...]


def run(request: Request, environ: Mapping[str, str]) -> int:
    """Do what was asked; the exit status.

    Raises:
        SpeclockError: it cannot be done.
    """
    paths = report_paths(request.reports)
    _check_numbers(request)
    contract = load_contract(request.contract)
    rules = load_rules(contract)
    schemas = Schemas(contract)
    profile = load_profile(request.profile) if request.profile is not None else Profile()
    check_profile(profile, contract, rules)
    operations = _select(contract, request.include, request.exclude)
    phases = _phases(request.phases)
    credentials, secrets = _credentials(profile, operations, environ)
    url = request.url or (profile.url if request.app is None else None)
    if (request.app is not None) == (url is not None):
        raise UsageError("give one subject: --url URL or --app MODULE:ATTR (or a profile with a url)")
    if url is not None:
        url = _check_url(url, "--url" if request.url else f"{profile.name}: url", secrets)

    app = None if request.app is None else load_app(request.app)
    if url is not None:
        check_reachable(url)

    # Late: the generators take seconds to import, and nothing of the above needs them.
    from speclock.engine.run import Plan, run_check  # noqa: PLC0415
    from speclock.reporting.report import build_report, write_json  # noqa: PLC0415
    from speclock.reporting.terminal import Terminal  # noqa: PLC0415

    terminal = Terminal(secrets)
    plan = Plan(
        contract=contract,
        schemas=schemas,
        rules=rules,
        operations=operations,
        profile=profile,
        subject=secrets.hide(request.app or url or ""),
        url=url,
        app=app,
        credentials=credentials,
        phases=phases,
        seed=request.seed,
        workers=request.workers,
        budget=request.budget or profile.budgets.seconds,
        rate=request.rate,
    )
    try:
        outcome = run_check(plan, [terminal])
    except SpeclockError as error:
        raise type(error)(secrets.hide(str(error))) from None
    except KeyboardInterrupt:
        raise SpeclockError("interrupted; no report was written") from None
    except Exception as error:  # noqa: BLE001
        # A fault of the harness itself: named, without the values that a traceback would show.
        place = _innermost(error)
        raise SpeclockError(
            secrets.hide(f"internal error: {type(error).__name__} in {place}; please report it")
        ) from None
    finally:
        terminal.close()
    if outcome.fatal is not None:
        sys.stderr.write(f"speclock: {secrets.hide(outcome.fatal)}\n")
    status = outcome.status(strict=request.strict)
    for path in paths:
        try:
            write_json(path, build_report(outcome, secrets))
        except UsageError as error:
            sys.stderr.write(f"speclock: {error}\n")
            status = status or 2
        else:
            sys.stdout.write(f"report: {path}\n")
    return status


def _check_numbers(request: Request) -> None:
    for name, value in (("--budget", request.budget), ("--rate", request.rate)):
        if value is not None and not (math.isfinite(value) and value > 0):
            raise UsageError(f"{name} {value}: expected a number above 0")
    if request.workers < 1:
        raise UsageError(f"--workers {request.workers}: expected at least 1")
    if request.seed < 0:
        raise UsageError(f"--seed {request.seed}: expected 0 or more")


def _phases(text: str) -> tuple[str, ...]:
    asked = [name.strip() for name in text.split(",") if name.strip()]
    for name in asked:
        if name not in PHASES:
            raise UsageError(f"--phases {text}: unknown phase {name!r}; known: {', '.join(PHASES)}")
    if not asked:
        raise UsageError(f"--phases: expected some of {', '.join(PHASES)}")
    return tuple(name for name in PHASES if name in asked)


def _select(contract: Contract, include: tuple[str, ...], exclude: tuple[str, ...]) -> tuple[Operation, ...]:
    def matches(operation: Operation, name: str) -> bool:
        return name in (operation.id, operation.path, *operation.tags)

    for option, names in (("--include", include), ("--exclude", exclude)):
        for name in names:
            if not any(matches(operation, name) for operation in contract.operations):
                known = ", ".join(operation.id for operation in contract.operations[:20])
                raise UsageError(f"{option} {name}: no operation has this id, tag or path; there are {known}")
    chosen = tuple(
        operation
        for operation in contract.operations
        if (not include or any(matches(operation, name) for name in include))
        and not any(matches(operation, name) for name in exclude)
    )
    if not chosen:
        raise UsageError("--include and --exclude leave no operation to judge")
    return chosen


def _credentials(
    profile: Profile, operations: tuple[Operation, ...], environ: Mapping[str, str]
) -> tuple[dict[str, str], Secrets]:
    needed = {name for operation in operations for alternative in operation.security for name in alternative}
    credentials: dict[str, str] = {}
    hidden: list[tuple[str, str]] = []
    for source in profile.credentials:
        hidden += [(name, environ[name]) for name in (source.env, *source.also) if environ.get(name)]
        if source.scheme in needed:
            credentials[source.scheme] = _credential(profile, source, environ)
    return credentials, Secrets.of(hidden)


def _credential(profile: Profile, source: CredentialSource, environ: Mapping[str, str]) -> str:
    value = environ.get(source.env, "")
    if not value:
        raise ProfileError(
            f"{profile.name}: the environment variable {source.env} is not set; "
            f"it must hold the credential for the security scheme {source.scheme}"
        )
    if not value.isascii() or not value.isprintable():
        raise ProfileError(f"{profile.name}: the value of {source.env} cannot stand in a header: it is not plain ASCII")
    return value


def _check_url(url: str, where: str, secrets: Secrets) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{where} {secrets.hide(url)}: expected http://HOST[:PORT][/PREFIX] or https://...")
    if parts.username or parts.password:
        raise UsageError(f"{where}: a credential in the URL would show in reports; put it into the profile")
    if parts.query or parts.fragment:
        raise UsageError(f"{where} {secrets.hide(url)}: expected no query and no fragment")
    return url.rstrip("/")


def _innermost(error: BaseException) -> str:
    place = "speclock"
    trace = error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith("speclock"):
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
