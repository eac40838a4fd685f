"""The catalogue: what exists before the first request, and which keys may use it.

A YAML file with the lists ``versions``, ``tests``, ``metrics``, ``specifications``, ``projects``, ``testCases`` and
``sessions``. Any entry may carry ``keys``: the only keys that it is for, each in plain or as ``sha256:<hex digest>``.
A mistake in the file is one ``CatalogError`` that says where.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum
from importlib import resources
from typing import TYPE_CHECKING, Generic, TypeVar

import yaml

from evalsessions_server.auth import digest_of
from evalsessions_server.strict_json import flaw_of
from evalsessions_server.validation import UUID4, Properties

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from evalsessions_server.auth import Caller
    from evalsessions_server.errors import Fault
    from evalsessions_server.json_types import JsonObject, JsonValue

__all__ = ["Access", "Catalog", "CatalogError", "Entry", "Project", "Shelf", "Specification", "Version"]

# No catalogue needs more; an alias to itself has no end.
_MAX_NESTING = 100

_LISTS = ("versions", "tests", "metrics", "specifications", "projects", "testCases", "sessions")


class CatalogError(ValueError):
    """The catalogue cannot be used; the message is one line for the person who wrote it."""


class Access(Enum):
    """What a caller may do with an id."""

    GRANTED = "granted"
    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something with an id; ``keys`` are digests, and None means any key."""

    id: str
    keys: frozenset[bytes] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version(Entry):
    specifications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification(Entry):
    metrics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Project(Entry):
    name: str = ""


E = TypeVar("E", bound=Entry)


class Shelf(Generic[E]):
    """The entries of one kind by id; an open world grants every id that no entry restricts."""

    def __init__(self, entries: Iterable[E], *, open_world: bool) -> None:
        self._entries = {entry.id: entry for entry in entries}
        self._open_world = open_world

    def get(self, entry_id: str) -> E | None:
        return self._entries.get(entry_id)

    def access(self, entry_id: str, caller: Caller) -> Access:
        """Return what ``caller`` may do with ``entry_id``."""
        entry = self._entries.get(entry_id)
        if entry is None:
            return Access.GRANTED if self._open_world else Access.UNKNOWN
        if entry.keys is None or caller.is_among(entry.keys):
            return Access.GRANTED
        return Access.FORBIDDEN


@dataclass(frozen=True, slots=True)
class Catalog:
    """All that the file says; test cases and sessions are the raw entries, seeded into the database at start.

    ``name`` says which file it was, for messages.
    """

    name: str
    versions: Shelf[Version]
    tests: Shelf[Entry]
    metrics: Shelf[Entry]
    specifications: Shelf[Specification]
    projects: Shelf[Project]
    test_cases: tuple[JsonObject, ...]
    sessions: tuple[JsonObject, ...]
    open_world: bool

    @classmethod
    def load(cls, path: Path | None, *, open_world: bool = False) -> Catalog:
        """Read the catalogue at ``path``, or the default one.

        Raises:
            CatalogError: unreadable, no YAML, or a mistake in it.
        """
        if path is None:
            name = "the default catalogue"
            text = resources.files(__package__).joinpath("default_catalog.yaml").read_text("utf-8")
        else:
            name = f"catalogue {path}"
            try:
                text = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
                raise CatalogError(f"{name} cannot be read: {reason}") from None
        return _build(_parse(text, name), name, open_world=open_world)


class _Loader(yaml.SafeLoader):
    """Refuses a duplicate key, which YAML 1.2 forbids and PyYAML takes, and a key that is no scalar."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be a text", key.start_mark)
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"duplicate key {key.value!r}", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _parse(text: str, name: str) -> JsonObject:
    try:
        tree = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise CatalogError(f"{name} is no YAML{where}: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it cannot be parsed"
        raise CatalogError(f"{name} is no YAML: {reason}") from None
    if not isinstance(tree, dict):
        raise CatalogError(f"{name}: expected a mapping of the lists {', '.join(_LISTS)}")
    return {str(key): _json(value, name, (str(key),)) for key, value in tree.items()}


def _json(value: object, name: str, path: tuple[str | int, ...]) -> JsonValue:
    """Return ``value`` if JSON can hold it: YAML also knows dates, sets and bytes."""
    where = "/".join(str(step) for step in path)
    if len(path) > _MAX_NESTING:
        raise CatalogError(f"{name}, in {path[0]}: nested more than {_MAX_NESTING} deep")
    if value is None or isinstance(value, bool | int | float | str):
        flaw = flaw_of(value)
        if flaw is not None:
            raise CatalogError(f"{name}, at {where}: {flaw}")
        return value
    if isinstance(value, list):
        return [_json(item, name, (*path, index)) for index, item in enumerate(value)]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise CatalogError(f"{name}, at {where}: keys must be text; put quotes around them")
        flaws = [flaw for flaw in map(flaw_of, value) if flaw is not None]
        if flaws:
            raise CatalogError(f"{name}, at {where}: {flaws[0]} in a key")
        return {key: _json(member, name, (*path, key)) for key, member in value.items()}
    raise CatalogError(f"{name}, at {where}: {type(value).__name__} is not a JSON value; put quotes around it")


def _build(tree: JsonObject, name: str, *, open_world: bool) -> Catalog:
    faults: list[Fault] = []
    root = Properties(tree, location=("body",), faults=faults)
    for unknown in root.unknown(_LISTS):
        root.refuse((unknown,), "unknown", f"unknown list; expected one of {', '.join(_LISTS)}")
    versions = [
        Version(
            id=item.required_identifier("id"),
            keys=_keys(item),
            specifications=tuple(item.identifiers("specifications") or ()),
        )
        for item in _items(root, "versions", ("id", "keys", "specifications"))
    ]
    tests = [
        Entry(id=item.required_identifier("id"), keys=_keys(item)) for item in _items(root, "tests", ("id", "keys"))
    ]
    metrics = [
        Entry(id=item.required_identifier("id"), keys=_keys(item))
        for item in _items(root, "metrics", ("id", "keys", "name"))
    ]
    specifications = [
        Specification(
            id=item.required_identifier("id"),
            keys=_keys(item),
            metrics=tuple(item.identifiers("metrics") or ()),
        )
        for item in _items(root, "specifications", ("id", "keys", "metrics"))
    ]
    projects = [
        Project(id=_project_id(item), keys=_keys(item), name=item.text("name") or "")
        for item in _items(root, "projects", ("id", "keys", "name"))
    ]
    test_cases = _rows(root, tree, "testCases")
    sessions = _rows(root, tree, "sessions")
    if not faults:
        _refuse_duplicates(root, "versions", [entry.id for entry in versions])
        _refuse_duplicates(root, "tests", [entry.id for entry in tests])
        _refuse_duplicates(root, "metrics", [entry.id for entry in metrics])
        _refuse_duplicates(root, "specifications", [entry.id for entry in specifications])
        _refuse_duplicates(root, "projects", [entry.id for entry in projects])
        _refuse_duplicates(root, "testCases", [str(row["id"]) for row in test_cases])
        _refuse_duplicates(root, "sessions", [str(row["id"]) for row in sessions])
    if not faults and not open_world:
        known = _ids(specifications)
        for version in versions:
            _refuse_unknown(root, "versions", version.specifications, known)
        for specification in specifications:
            _refuse_unknown(root, "specifications", specification.metrics, _ids(metrics))
        _refuse_unknown(root, "testCases", [str(row.get("testId")) for row in test_cases], _ids(tests))
        _refuse_unknown(root, "sessions", [str(row.get("versionId")) for row in sessions], _ids(versions))
    if faults:
        raise CatalogError(f"{name}, at {faults[0]}")
    return Catalog(
        name=name,
        versions=Shelf(versions, open_world=open_world),
        tests=Shelf(tests, open_world=open_world),
        metrics=Shelf(metrics, open_world=open_world),
        specifications=Shelf(specifications, open_world=open_world),
        projects=Shelf(projects, open_world=open_world),
        test_cases=test_cases,
        sessions=sessions,
        open_world=open_world,
    )


def _items(root: Properties, name: str, known: Iterable[str]) -> list[Properties]:
    items = list(root.objects(name))
    for item in items:
        for unknown in item.unknown(known):
            item.refuse((unknown,), "unknown", f"unknown property; expected one of {', '.join(known)}")
    return items


def _keys(item: Properties) -> frozenset[bytes] | None:
    keys = item.identifiers("keys")
    if keys is None:
        return None
    digests = set()
    for index, key in enumerate(keys):
        if not key.startswith("sha256:"):
            digests.add(digest_of(key))
            continue
        try:
            digest = bytes.fromhex(key.removeprefix("sha256:"))
        except ValueError:
            digest = b""
        if len(digest) != hashlib.sha256().digest_size:
            item.refuse(("keys", index), "digest", "expected sha256: and 64 hexadecimal digits")
        digests.add(digest)
    return frozenset(digests)


def _project_id(item: Properties) -> str:
    project_id = item.required_identifier("id")
    if project_id and not UUID4.fullmatch(project_id):
        item.refuse(("id",), "uuid_parsing", "expected a UUID of version 4")
    return project_id.lower()


def _rows(root: Properties, tree: JsonObject, name: str) -> tuple[JsonObject, ...]:
    for item in root.objects(name):
        item.required_identifier("id")
    rows = tree.get(name)
    return tuple(row for row in rows if isinstance(row, dict)) if isinstance(rows, list) else ()


def _ids(entries: Iterable[Entry]) -> Mapping[str, Entry]:
    return {entry.id: entry for entry in entries}


def _refuse_duplicates(root: Properties, name: str, ids: list[str]) -> None:
    seen: set[str] = set()
    for index, entry_id in enumerate(ids):
        if entry_id in seen:
            root.refuse((name, index, "id"), "duplicate", f"the id {entry_id!r} is used twice")
        seen.add(entry_id)


def _refuse_unknown(root: Properties, name: str, wanted: Iterable[str], known: Mapping[str, Entry]) -> None:
    for entry_id in wanted:
        if entry_id not in known:
            root.refuse((name,), "unknown", f"refers to {entry_id!r}, which the catalogue does not have")
