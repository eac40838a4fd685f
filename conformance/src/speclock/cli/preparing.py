"""From what was asked to a plan: files read, credentials taken from the environment, all checked before a request."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from speclock.cli.subjects import check_url, load_app
from speclock.core.errors import ProfileError, UsageError
from speclock.core.profiles import CredentialSource, Expectation, Profile, check_profile, load_profile
from speclock.core.reading import Reading
from speclock.core.secrets import Secrets
from speclock.engine.run import Plan
from speclock.phases.base import PHASES
from speclock.phases.reach import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from speclock.core.contract import Contract, Operation
    from speclock.phases.asgi import AsgiApp

__all__ = ["Options", "Prepared", "chosen_phases", "credentials_of", "prepare", "selected"]

#: Properties combined at a time; more than that is out of reach for any real request.
_STRONGEST = 6
_WORKERS = 256
#: Seconds that a budget may have, some four months.
_LONGEST = 10_000_000
_RATE = re.compile(r"(\d+(?:\.\d+)?)(?:/(s|m))?")
_SHARD = re.compile(r"(\d{1,6})/(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Options:
    """What can be asked of a run."""

    contract: Path
    url: str | None = None
    app: str | AsgiApp | None = None
    profile: Path | None = None
    phases: str = ",".join(PHASES)
    budget: float | None = None
    #: `time.monotonic()` from which the budget counts; None: from when the run begins.
    started: float | None = None
    seed: int = 1
    strength: int = 2
    workers: int = 1
    rate: str | None = None
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    shard: str | None = None
    baseline: Path | None = None
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, and what whoever shows its outcome must know."""

    plan: Plan
    secrets: Secrets
    #: What a person should be told before the first request.
    warnings: tuple[str, ...] = ()


def prepare(options: Options, environ: Mapping[str, str]) -> Prepared:
    """Read and check everything.

    Raises:
        SpeclockError: something is wrong or missing.
    """
    _check_numbers(options)
    phases = chosen_phases(options.phases)
    rate, shard = _rate(options.rate), _shard(options.shard)
    profile = load_profile(options.profile) if options.profile is not None else Profile()
    reading = Reading.of(options.contract, strict=options.strict)
    check_profile(profile, reading.contract, reading.names)
    operations = _allowed(selected(reading.contract, options), options, profile)
    accepted = () if options.baseline is None else _accepted(options.baseline, operations)
    profile = replace(profile, expected=(*profile.expected, *accepted))
    url = options.url or (profile.url if options.app is None else None)
    if (options.app is not None) == (url is not None):
        raise UsageError("give one subject: --url URL or --app MODULE:ATTR (or a profile with a url)")
    credentials, secrets = credentials_of(profile, operations, environ)
    if url is not None:
        url = check_url(url, "--url" if options.url else f"{profile.name}: url", secrets)
    urls = {} if options.url or options.app is not None else _urls(profile, operations, url, secrets)
    app = load_app(options.app) if isinstance(options.app, str) else options.app
    plan = Plan(
        contract=reading.contract,
        schemas=reading.schemas,
        rules=reading.rules,
        operations=operations,
        profile=profile,
        subject=secrets.hide(options.app if isinstance(options.app, str) else url or "an application"),
        url=url,
        urls=urls,
        app=app,
        credentials=credentials,
        also=_further(profile, environ),
        phases=phases,
        seed=options.seed,
        workers=options.workers,
        budget=options.budget or profile.budgets.seconds,
        started=options.started,
        rate=rate,
        strength=options.strength,
        shard=shard,
        refusals=reading.refusals,
        flaws=reading.flaws,
    )
    return Prepared(plan, secrets, tuple(_warnings(profile, url, urls, operations)))


def credentials_of(
    profile: Profile, operations: tuple[Operation, ...], environ: Mapping[str, str]
) -> tuple[dict[str, str], Secrets]:
    """The credentials that the operations need, by security scheme, and every value that no output may show.

    Raises:
        ProfileError: one is missing, or cannot stand in a header.
    """
    needed = {name for operation in operations for alternative in operation.security for name in alternative}
    credentials: dict[str, str] = {}
    hidden: list[tuple[str, str]] = []
    for source in profile.credentials:
        hidden += [(name, environ[name]) for name in (source.env, *source.also) if environ.get(name)]
        if source.scheme in needed:
            credentials[source.scheme] = _credential(profile, source, environ)
    return credentials, Secrets.of(hidden)


def _check_numbers(options: Options) -> None:
    budget = options.budget
    if budget is not None and not 0 < budget <= _LONGEST:
        raise UsageError(f"--budget {budget}: expected a number of seconds above 0, at most {_LONGEST}")
    if not 1 <= options.workers <= _WORKERS:
        raise UsageError(f"--workers {options.workers}: expected at least 1, at most {_WORKERS}")
    if not 1 <= options.strength <= _STRONGEST:
        raise UsageError(f"--strength {options.strength}: expected 1 to {_STRONGEST}")
    if options.seed < 0:
        raise UsageError(f"--seed {options.seed}: expected 0 or more")


def chosen_phases(text: str) -> tuple[str, ...]:
    """The phases of a comma-separated list, in the order in which they run.

    Raises:
        UsageError: one does not exist, or there is none.
    """
    asked = [name.strip() for name in text.split(",") if name.strip()]
    for name in asked:
        if name not in PHASES:
            raise UsageError(f"--phases {text}: unknown phase {name!r}; known: {', '.join(PHASES)}")
    if not asked:
        raise UsageError(f"--phases: expected some of {', '.join(PHASES)}")
    return tuple(name for name in PHASES if name in asked)


def _rate(text: str | None) -> float | None:
    """Requests a second."""
    if text is None:
        return None
    found = _RATE.fullmatch(text.strip())
    rate = float(found[1]) / (60 if found[2] == "m" else 1) if found is not None else 0.0
    if not (math.isfinite(rate) and rate > 0):
        raise UsageError(f"--rate {text}: expected requests a second such as 5/s (or 30/m)")
    return rate


def _shard(text: str | None) -> tuple[int, int]:
    if text is None:
        return 1, 1
    found = _SHARD.fullmatch(text.strip())
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise UsageError(f"--shard {text}: expected I/N, such as 2/3 for the second of three")
    return int(found[1]), int(found[2])


def _accepted(path: Path, operations: tuple[Operation, ...]) -> tuple[Expectation, ...]:
    """The findings of a report, as far as they are of these operations, as ones that are expected."""
    from speclock.reporting.merging import read_report  # noqa: PLC0415 - only where one is given

    names = {operation.id for operation in operations}
    return tuple(
        Expectation(finding["operation"], finding["check"], finding["rule"], f"accepted in {path}")
        for finding in read_report(path)["findings"]
        if finding["operation"] in names
    )


def selected(contract: Contract, options: Options) -> tuple[Operation, ...]:
    """The operations that `--include` and `--exclude` leave.

    Raises:
        UsageError: one of them names nothing, or nothing is left.
    """

    def matches(operation: Operation, name: str) -> bool:
        return name in (operation.id, operation.path, *operation.tags)

    for option, names in (("--include", options.include), ("--exclude", options.exclude)):
        for name in names:
            if not any(matches(operation, name) for operation in contract.operations):
                known = ", ".join(operation.id for operation in contract.operations[:20])
                raise UsageError(f"{option} {name}: no operation has this id, tag or path; there are {known}")
    chosen = tuple(
        operation
        for operation in contract.operations
        if (not options.include or any(matches(operation, name) for name in options.include))
        and not any(matches(operation, name) for name in options.exclude)
    )
    if not chosen:
        raise UsageError("--include and --exclude leave no operation to judge")
    return chosen


def _allowed(chosen: tuple[Operation, ...], options: Options, profile: Profile) -> tuple[Operation, ...]:
    """Without those that may change something, where the profile wants them named."""
    if profile.writes:
        return chosen
    safe = tuple(operation for operation in chosen if operation.is_safe or operation.id in options.include)
    if not safe:
        listed = ", ".join(operation.id for operation in chosen[:20])
        raise UsageError(
            f"{profile.name}: writes = false, and every operation may change something; "
            f"name those to run with --include: {listed}"
        )
    return safe


def _further(profile: Profile, environ: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """The other good forms of each credential, those that are set."""
    return {
        source.scheme: tuple(environ[name] for name in source.also if environ.get(name))
        for source in profile.credentials
    }


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


def _urls(profile: Profile, operations: tuple[Operation, ...], url: str | None, secrets: Secrets) -> dict[str, str]:
    """By operation id, where it is not at `url`."""
    found: dict[str, str] = {}
    for operation in operations:
        own = profile.url_of(operation)
        if own is not None and own != profile.url:
            found[operation.id] = check_url(own, f"{profile.name}: urls", secrets)
    return {name: own for name, own in found.items() if own != url}


def _warnings(
    profile: Profile, url: str | None, urls: Mapping[str, str], operations: tuple[Operation, ...]
) -> Iterator[str]:
    named = {urlsplit(item).hostname for item in (profile.url or "", *profile.urls.values())}
    writing: dict[str, list[str]] = {}
    for operation in operations:
        own = urls.get(operation.id) or url
        if own is not None and not operation.is_safe and not is_loopback(own):
            writing.setdefault(urlsplit(own).hostname or "", []).append(operation.id)
    for host, ids in writing.items():
        if host not in named:
            listed = ", ".join(ids[:5]) + (", ..." if len(ids) > 5 else "")
            text = f"{host} is not this machine, and no profile names it: requests that may change something go there"
            yield f"{text} ({listed}); a profile with its `url` says that this is meant"
