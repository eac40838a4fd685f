"""``POST /evaluations/fromSessions``: one request, many evaluations, all of them or none.

A session is evaluated by the metrics asked for plus those linked to the specifications asked for; when neither was
asked for, by those linked to its version's specifications. A link gives no right: a metric or specification that a key
may not use is refused when it is reached through a link, too. A session for which nothing is left to evaluate is
neither evaluated nor failed: it is skipped, and the message says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalsessions_server.catalog import Access
from evalsessions_server.errors import MAX_FAULTS, Fault, Vendor, invalid
from evalsessions_server.operations.common import Answer, Call, Services, new_id, require
from evalsessions_server.storage import BatchRecord, MetricSet
from evalsessions_server.strict_json import dump
from evalsessions_server.validation import Properties

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from evalsessions_server.catalog import Catalog
    from evalsessions_server.json_types import JsonObject, JsonValue

__all__ = ["MAX_SESSIONS", "BatchRequest", "Metric", "create_evaluations_from_sessions", "read_batch"]

MAX_SESSIONS = 1000
"""How many sessions of a version one request evaluates; an explicit list of sessions has no such limit."""


@dataclass(frozen=True, slots=True)
class Metric:
    id: str | None
    name: str | None
    score: int | float | None

    @property
    def key(self) -> tuple[str, str | None]:
        """What makes two metrics the same: the id, and without one the name."""
        return ("id", self.id) if self.id is not None else ("name", self.name)

    @property
    def document(self) -> JsonObject:
        return {"id": self.id, "name": self.name, "score": self.score}


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """Everything in it is distinct; exactly one of ``session_ids`` and ``version_id`` is not None."""

    session_ids: tuple[str, ...] | None
    version_id: str | None
    metrics: tuple[Metric, ...]
    specification_ids: tuple[str, ...]

    @property
    def says_what(self) -> bool:
        """Whether it names metrics or specifications, so that those of the versions do not matter."""
        return bool(self.metrics or self.specification_ids)


@dataclass(frozen=True, slots=True)
class _Selection:
    """The sessions that can be evaluated, by version, and why the others cannot."""

    by_version: Mapping[str, Sequence[str]]
    failures: Sequence[tuple[str, str]]
    available: int | None


def read_batch(body: JsonValue) -> tuple[BatchRequest, list[Fault]]:
    """Return the request, and what is wrong with it."""
    faults: list[Fault] = []
    properties = Properties(body, location=("body",), faults=faults)
    session_ids = properties.identifiers("sessionIds", non_empty=True)
    version_id = properties.identifier("versionId")
    specification_ids = properties.identifiers("specificationIds") or ()
    metrics: list[Metric] = []
    nameless: list[Properties] = []
    for item in properties.objects("metrics"):
        metric_id, name, score = item.identifier("id"), item.text("name"), item.number("score", lowest=0, highest=1)
        if metric_id is not None or name is not None:
            metrics.append(Metric(metric_id, name, score))
        elif len(nameless) < MAX_FAULTS:
            nameless.append(item)
    if not faults:
        if (session_ids is None) == (version_id is None):
            properties.refuse(
                (), "one_of", "send exactly one of sessionIds and versionId", rule="exactly-one-selection"
            )
        for item in nameless:
            item.refuse((), "missing", "a metric needs an id or a name", rule="metric-has-id-or-name")
    request = BatchRequest(
        session_ids=None if session_ids is None else tuple(dict.fromkeys(session_ids)),
        version_id=version_id,
        metrics=tuple(_distinct(metrics)),
        specification_ids=tuple(dict.fromkeys(specification_ids)),
    )
    return request, faults


def _distinct(metrics: Iterable[Metric]) -> list[Metric]:
    found: dict[tuple[str, str | None], Metric] = {}
    for metric in metrics:
        found.setdefault(metric.key, metric)
    return list(found.values())


async def create_evaluations_from_sessions(call: Call, services: Services) -> Answer:
    """Store the evaluations in one transaction.

    Raises:
        Problem: 400, 403 or 404.
    """
    request, faults = read_batch(call.body)
    if faults:
        raise invalid(Vendor.GALTEA, faults)
    _require_all(call, request, services.catalog)
    selection = await _select(call, request, services)
    sets: dict[tuple[str, ...], list[str]] = {}
    asked = _documents(request.metrics, request.specification_ids, services.catalog)
    for version_id, session_ids in selection.by_version.items():
        metrics = asked
        if not request.says_what:
            metrics = _documents((), _linked_to(version_id, services.catalog), services.catalog)
        if metrics:
            sets.setdefault(metrics, []).extend(session_ids)
    evaluated = sum(len(session_ids) for session_ids in sets.values())
    created = sum(len(metrics) * len(session_ids) for metrics, session_ids in sets.items())
    skipped = sum(len(session_ids) for session_ids in selection.by_version.values()) - evaluated
    document = dump(
        {
            "sessionsEvaluated": evaluated,
            "sessionsFailed": len(selection.failures),
            "evaluationsCreated": created,
            "failures": [{"sessionId": session_id, "error": error} for session_id, error in selection.failures],
            "message": _message(evaluated, created, skipped, selection),
            "totalSessionsAvailable": selection.available,
            "truncated": selection.available is not None and selection.available > MAX_SESSIONS,
        }
    )
    metric_sets = tuple(MetricSet(tuple(session_ids), metrics) for metrics, session_ids in sets.items())
    await services.store.add_batch(BatchRecord(new_id("batch"), document, metric_sets))
    return Answer(200, document)


def _require_all(call: Call, request: BatchRequest, catalog: Catalog) -> None:
    access = []
    if request.version_id is not None:
        access.append(("version", request.version_id, catalog.versions.access(request.version_id, call.caller)))
    access += [
        ("metric", metric.id, catalog.metrics.access(metric.id, call.caller))
        for metric in request.metrics
        if metric.id is not None
    ]
    access += _access(call, request.specification_ids, catalog)
    if request.version_id is not None and not request.says_what:
        access += _access(call, _linked_to(request.version_id, catalog), catalog)
    require(access)


def _linked_to(version_id: str, catalog: Catalog) -> tuple[str, ...]:
    version = catalog.versions.get(version_id)
    return version.specifications if version else ()


def _access(call: Call, specification_ids: Sequence[str], catalog: Catalog) -> list[tuple[str, str, Access]]:
    """Return what the caller may do with the specifications and with the metrics that are linked to them."""
    access = [("specification", name, catalog.specifications.access(name, call.caller)) for name in specification_ids]
    metric_ids = dict.fromkeys(_metrics_of(specification_ids, catalog))
    return access + [("metric", name, catalog.metrics.access(name, call.caller)) for name in metric_ids]


def _metrics_of(specification_ids: Sequence[str], catalog: Catalog) -> Iterator[str]:
    for specification_id in specification_ids:
        specification = catalog.specifications.get(specification_id)
        if specification is not None:
            yield from specification.metrics


async def _select(call: Call, request: BatchRequest, services: Services) -> _Selection:
    if request.session_ids is None:
        version_id = str(request.version_id)
        session_ids, total = await services.store.sessions_of_version(version_id, limit=MAX_SESSIONS)
        return _Selection({version_id: session_ids}, (), total)
    versions = await services.store.versions_of_sessions(request.session_ids)
    by_version: dict[str, list[str]] = {}
    refusals: dict[str, str | None] = {}
    failures: list[tuple[str, str]] = []
    for session_id in request.session_ids:
        known = versions.get(session_id)
        if known is None and not services.catalog.open_world:
            failures.append((session_id, "the session does not exist"))
            continue
        version = known or ""
        if version not in refusals:
            refusals[version] = _refusal(call, request, version, services.catalog)
        refusal = refusals[version]
        if refusal is not None:
            failures.append((session_id, refusal))
            continue
        by_version.setdefault(version, []).append(session_id)
    return _Selection(by_version, failures, None)


def _refusal(call: Call, request: BatchRequest, version_id: str, catalog: Catalog) -> str | None:
    """Return why the caller may not evaluate the sessions of a version, or None."""
    if catalog.versions.access(version_id, call.caller) is Access.FORBIDDEN:
        return "this key has no right to the session's version"
    if not request.says_what:
        for kind, _, access in _access(call, _linked_to(version_id, catalog), catalog):
            if access is Access.FORBIDDEN:
                return f"this key has no right to a {kind} that is linked to the session's version"
    return None


def _documents(metrics: Sequence[Metric], specification_ids: Sequence[str], catalog: Catalog) -> tuple[str, ...]:
    """Return the distinct metrics, those asked for and those linked, as they are stored."""
    linked = (Metric(metric_id, None, None) for metric_id in _metrics_of(specification_ids, catalog))
    return tuple(dump(metric.document) for metric in _distinct([*metrics, *linked]))


def _message(evaluated: int, created: int, skipped: int, selection: _Selection) -> str:
    failed, available = len(selection.failures), selection.available
    parts = [f"{_counted(created, 'evaluation')} created for {_counted(evaluated, 'session')}"]
    if not created:
        parts = ["no evaluation was created"]
    if skipped:
        parts.append(f"{_counted(skipped, 'session')} skipped: no metric was asked for and none is linked")
    if failed:
        parts.append(f"{_counted(failed, 'session')} failed: see failures")
    if available is not None and available > MAX_SESSIONS:
        parts.append(f"truncated: the first {MAX_SESSIONS} of {available} sessions; name the others in sessionIds")
    if not (created or skipped or failed):
        parts.append("there is no session to evaluate")
    return "; ".join(parts)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
