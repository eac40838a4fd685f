"""How a YAML or JSON file becomes values, and where in the file each value stands.

Of YAML one parse gives both: the node graph of the composer carries marks, and the values are built from the same
nodes. JSON is read by Python's own reader, and places are looked up when they are asked for. Keys are always strings (a
response status is `"200"` however it is written), timestamps stay text, and a key written twice is an error, because
the second would silently hide the first.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote

import yaml

from speclock.core.errors import ContractError
from speclock.core.positions import JsonPositions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Document", "JsonValue", "Location", "escape", "join", "load_document", "split", "value_at"]

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

_LIBYAML: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: Values of one document. The largest public ones have some hundred thousand; aliases of aliases can name 10**9.
_MOST = 1_000_000
_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a source file; line and column count from 1, `pointer` is an RFC 6901 JSON pointer."""

    file: str
    line: int
    column: int
    pointer: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Document:
    """The values of one file with the mark of each."""

    file: str
    value: dict[str, JsonValue]
    sha256: str
    _mark: Callable[[str], tuple[int, int] | None] = field(repr=False)
    _resolved: dict[str, tuple[str, JsonValue]] = field(default_factory=dict, repr=False, compare=False)

    def locate(self, pointer: str) -> Location:
        """The place of `pointer`, or of its nearest ancestor that stands in the file."""
        known, found = pointer, self._mark(pointer)
        while found is None and known:
            known = known.rpartition("/")[0]
            found = self._mark(known)
        line, column = found or (1, 1)
        return Location(self.file, line, column, pointer)

    def has(self, pointer: str) -> bool:
        """Whether there is a value at `pointer`."""
        try:
            self.at(pointer)
        except KeyError:
            return False
        return True

    def at(self, pointer: str) -> JsonValue:
        """The value at `pointer`; KeyError when there is none."""
        return value_at(self.value, pointer)

    def resolve(self, pointer: str) -> tuple[str, JsonValue]:
        """Follow references from `pointer`: the pointer of the target, and its value.

        Raises:
            ContractError: the reference leads nowhere, outside of the file, or round in a circle.
        """
        if pointer not in self._resolved:
            self._resolved[pointer] = self._follow(pointer)
        return self._resolved[pointer]

    def _follow(self, pointer: str) -> tuple[str, JsonValue]:
        start, seen = pointer, {pointer}
        while True:
            try:
                value = self.at(pointer)
            except KeyError:
                raise ContractError(
                    f"{self.locate(start)}: the reference to {pointer!r} leads nowhere; correct or remove it"
                ) from None
            if not (isinstance(value, dict) and isinstance(value.get("$ref"), str)):
                return pointer, value
            reference = str(value["$ref"])
            if not reference.startswith("#"):
                raise ContractError(
                    f"{self.locate(pointer)}: the reference {reference!r} points outside of the file; "
                    "expected one that starts with '#/': bundle the document into one file first"
                )
            pointer = join("", *split(reference[1:]))
            if pointer in seen:
                raise ContractError(f"{self.locate(start)}: the reference {reference!r} leads back to itself")
            seen.add(pointer)


def escape(part: str) -> str:
    """One reference token of a JSON pointer (RFC 6901, section 3)."""
    return part.replace("~", "~0").replace("/", "~1")


def join(pointer: str, *parts: str | int) -> str:
    """`pointer` with `parts` below it."""
    return pointer + "".join(f"/{escape(str(part))}" for part in parts)


def split(pointer: str) -> list[str]:
    """The reference tokens of a JSON pointer, percent signs of a URI fragment decoded."""
    return [part.replace("~1", "/").replace("~0", "~") for part in _unquote(pointer).split("/")[1:]]


def value_at(root: JsonValue, pointer: str) -> JsonValue:
    """The value at a JSON pointer; KeyError when there is none."""
    value = root
    for name in split(pointer):
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            raise KeyError(pointer)
    return value


def _unquote(text: str) -> str:
    return unquote(text) if "%" in text else text


def load_document(path: Path) -> Document:
    """Read a YAML or JSON file.

    Raises:
        ContractError: missing, not text, not parsable, a repeated key, or not an object at its top.
    """
    name = str(path)
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise ContractError(f"{name}: no such file; give the path of an OpenAPI document") from None
    except OSError as error:
        raise ContractError(f"{name}: cannot be read ({error.strerror or error})") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ContractError(
            f"{name}: not UTF-8 text (byte {error.start}); expected an OpenAPI document in YAML or JSON"
        ) from None
    try:
        value, mark = _read(text, name)
    except RecursionError:
        raise ContractError(f"{name}: nested too deeply to be read") from None
    if not isinstance(value, dict):
        raise ContractError(f"{name}: expected an OpenAPI document (an object at the top), got {_kind(value)}")
    return Document(name, value, hashlib.sha256(raw).hexdigest(), mark)


_Mark: TypeAlias = "Callable[[str], tuple[int, int] | None]"


def _read(text: str, name: str) -> tuple[JsonValue, _Mark]:
    if text.lstrip()[:1] in {"{", "["}:
        try:
            return _read_json(text, name)
        except json.JSONDecodeError:
            pass  # YAML in flow style starts with a brace too, and YAML's message is as good
    marks: dict[str, tuple[int, int]] = {}
    return _read_yaml(text, name, marks), marks.get


def _read_json(text: str, name: str) -> tuple[JsonValue, _Mark]:
    is_sound = True

    def members(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        nonlocal is_sound
        found = dict(pairs)
        is_sound = is_sound and len(found) == len(pairs)
        return found

    value: JsonValue = json.loads(text, object_pairs_hook=members)
    positions = JsonPositions(text)
    if not is_sound and (repeated := positions.repeated()) is not None:
        key, line, column = repeated
        raise ContractError(f"{name}:{line}:{column}: the key {key!r} stands twice in one object; keep one")
    return value, lambda pointer: positions.find(split(pointer))


def _read_yaml(text: str, name: str, marks: dict[str, tuple[int, int]]) -> JsonValue:
    try:
        loader = _LIBYAML(text)
        try:
            node = loader.get_single_node()
            return None if node is None else _Builder(loader, name, marks).build(node, "", ())
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise ContractError(f"{place}: not parsable as YAML or JSON: {error.problem or error.context}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ContractError(f"{name}: not parsable as YAML or JSON: {' '.join(str(error).split())}") from None


class _Builder:
    """Builds values from nodes and notes the mark of each."""

    def __init__(self, loader: yaml.SafeLoader, name: str, marks: dict[str, tuple[int, int]]) -> None:
        self._loader, self._name, self._marks = loader, name, marks
        self._built = 0

    def build(self, node: yaml.Node, pointer: str, above: tuple[int, ...]) -> JsonValue:
        if id(node) in above:
            raise ContractError(f"{self._place(node)}: an alias that contains itself")
        self._built += 1
        if self._built > _MOST:
            raise ContractError(f"{self._place(node)}: more than {_MOST} values; do aliases multiply them?")
        self._marks.setdefault(pointer, _mark(node))
        if isinstance(node, yaml.MappingNode):
            return dict(self._members(node, pointer, (*above, id(node))))
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, join(pointer, index), (*above, id(node))) for index, item in enumerate(node.value)]
        return self._scalar(node)

    def _members(self, node: yaml.MappingNode, pointer: str, above: tuple[int, ...]) -> Iterator[tuple[str, JsonValue]]:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise ContractError(f"{self._place(key_node)}: a key must be text")
            key = str(key_node.value)
            if key in seen:
                raise ContractError(f"{self._place(key_node)}: the key {key!r} stands twice in one object; keep one")
            seen.add(key)
            yield key, self._member(key_node, value_node, pointer, above)
        for key_node, value_node in self._merged(node):
            if str(key_node.value) not in seen:
                seen.add(str(key_node.value))
                yield str(key_node.value), self._member(key_node, value_node, pointer, above)

    def _member(self, key: yaml.Node, value: yaml.Node, pointer: str, above: tuple[int, ...]) -> JsonValue:
        below = join(pointer, str(key.value))
        self._marks[below] = _mark(key)
        return self.build(value, below, above)

    def _merged(self, node: yaml.MappingNode) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """The members that `<<` (YAML 1.1) brings, unless the object has its own of that name; the first one counts."""
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                for source in value_node.value if isinstance(value_node, yaml.SequenceNode) else [value_node]:
                    if not isinstance(source, yaml.MappingNode):
                        raise ContractError(f"{self._place(source)}: expected an object to merge")
                    yield from ((key, value) for key, value in source.value if key.tag != _MERGE)
                    yield from self._merged(source)

    def _scalar(self, node: yaml.Node) -> JsonValue:
        if node.tag == "tag:yaml.org,2002:timestamp":
            return str(node.value)
        value = self._loader.construct_object(node)
        if isinstance(value, bool | int | float | str) or value is None:
            return value
        return str(node.value)

    def _place(self, node: yaml.Node) -> str:
        line, column = _mark(node)
        return f"{self._name}:{line}:{column}"


def _mark(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _kind(value: JsonValue) -> str:
    return {list: "a list", str: "text", type(None): "nothing"}.get(type(value), "a single value")
