"""``POST /evaluations/fromSessions``: one request, many evaluations, all of them or none.

A session is evaluated by the metrics asked for plus those linked to the specifications asked for; when neither was
asked for, by those linked to its version's specifications. A session for which nothing is left to evaluate is neither
evaluated nor failed: it is skipped, and the message says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalsessions_server.catalog import Access
from evalsessions_server.errors import Fault, Vendor, invalid
from evalsessions_server.operations.common import Answer, Call, Services, new_id, require
from evalsessions_server.storage import BatchRecord, MetricSet
from evalsessions_server.strict_json import dump
from evalsessions_server.validation import Properties

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
    """``session_ids`` are distinct; exactly one of it and ``version_id`` is not None."""

    session_ids: tuple[str, ...] | None
    version_id: str | None
    metrics: tuple[Metric, ...]
    specification_ids: tuple[str, ...]


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
    request = BatchRequest(
        session_ids=None if session_ids is None else tuple(dict.fromkeys(session_ids)),
        version_id=properties.identifier("versionId"),
        metrics=(),
        specification_ids=tuple(properties.identifiers("specificationIds") or ()),
    )
    items = properties.objects("metrics") or []
    metrics = [
        Metric(item.identifier("id"), item.text("name"), item.number("score", lowest=0, highest=1)) for item in items
    ]
    if not faults:
        if properties.is_set("sessionIds") == properties.is_set("versionId"):
            properties.refuse(
                (), "one_of", "send exactly one of sessionIds and versionId", rule="exactly-one-selection"
            )
        for item, metric in zip(items, metrics, strict=True):
            if metric.id is None and metric.name is None:
                item.refuse((), "missing", "a metric needs an id or a name", rule="metric-has-id-or-name")
    return BatchRequest(
        request.session_ids, request.version_id, tuple(_distinct(metrics)), request.specification_ids
    ), faults


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
    for version_id, session_ids in selection.by_version.items():
        metrics = tuple(dump(metric.document) for metric in _metrics_for(request, version_id, services.catalog))
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
            "message": _message(evaluated, created, skipped, len(selection.failures)),
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
    access += [
        ("specification", name, catalog.specifications.access(name, call.caller)) for name in request.specification_ids
    ]
    require(access)


async def _select(call: Call, request: BatchRequest, services: Services) -> _Selection:
    if request.session_ids is None:
        version_id = str(request.version_id)
        session_ids, total = await services.store.sessions_of_version(version_id, limit=MAX_SESSIONS)
        return _Selection({version_id: session_ids}, (), total)
    versions = await services.store.versions_of_sessions(request.session_ids)
    by_version: dict[str, list[str]] = {}
    failures: list[tuple[str, str]] = []
    for session_id in request.session_ids:
        known = versions.get(session_id)
        if known is None and not services.catalog.open_world:
            failures.append((session_id, "the session does not exist"))
            continue
        version = known or ""
        if services.catalog.versions.access(version, call.caller) is Access.FORBIDDEN:
            failures.append((session_id, "this key has no right to the session's version"))
            continue
        by_version.setdefault(version, []).append(session_id)
    return _Selection(by_version, failures, None)


def _metrics_for(request: BatchRequest, version_id: str, catalog: Catalog) -> list[Metric]:
    specification_ids: Sequence[str] = request.specification_ids
    if not request.metrics and not specification_ids:
        version = catalog.versions.get(version_id)
        specification_ids = version.specifications if version else ()
    linked = []
    for specification_id in specification_ids:
        specification = catalog.specifications.get(specification_id)
        linked += [Metric(metric_id, None, None) for metric_id in (specification.metrics if specification else ())]
    return _distinct([*request.metrics, *linked])


def _message(evaluated: int, created: int, skipped: int, failed: int) -> str:
    parts = [f"{created} evaluations created for {evaluated} sessions"]
    if not created:
        parts = ["no evaluation was created"]
    if skipped:
        parts.append(f"{skipped} sessions skipped: no metric was asked for and none is linked")
    if failed:
        parts.append(f"{failed} sessions failed: see failures")
    if not (created or skipped or failed):
        parts.append("there is no session to evaluate")
    return "; ".join(parts)
