"""From the schemas of one place to its shape, and to the rules that tie its properties together.

The schemas that apply together (references, their siblings, the elements of `allOf`) are read as one. A union is a
rule when its branches only speak of properties that are declared outside of it; else its branches are alternative
shapes of the place. A schema that contains itself is followed once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from speclock.core.constraints.model import ANY_NAME, ITEM, Keyword, Part, Place, Shape
from speclock.core.documents import JsonValue, join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["TYPES", "FoundRule", "ShapeReader", "json_type", "json_types", "value_at"]

TYPES = frozenset({"null", "boolean", "object", "array", "number", "integer", "string"})

#: Keywords that tie the values of several places together.
_TYING = (
    "not",
    "if",
    "dependentRequired",
    "dependentSchemas",
    "dependencies",
    "minProperties",
    "maxProperties",
    "contains",
)
_UNIONS = ("oneOf", "anyOf")
#: Keywords that constrain the value of one place.
_VALUE = (
    "type",
    "enum",
    "const",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minItems",
    "maxItems",
    "uniqueItems",
    "additionalProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "patternProperties",
    "propertyNames",
    "prefixItems",
    "contentEncoding",
    "contentMediaType",
)
#: What may stand beside a rule's keyword in a schema that is that rule and nothing else.
_REMARKS = frozenset({"title", "description", "type", "$comment", "examples"})
#: The keywords of union branches that only speak of an object's properties.
_CONDITIONS = frozenset({"required", "properties", "not", "allOf", *_UNIONS, *_TYING}) | _REMARKS
#: Levels of nesting that are looked into; deeper requests are nobody's.
_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class FoundRule:
    """A schema keyword that ties several values."""

    place: Place
    keyword: str
    #: The pointer of the keyword, references resolved.
    pointer: str
    #: The schema that is to hold at the place, as one that says this rule and nothing else.
    schema: JsonValue
    name: str | None
    description: str
    #: For `dependentRequired` and the like, the property that it hangs on.
    trigger: str | None = None
    #: Whether its branches are shapes of the place, each with properties of its own.
    is_union: bool = False
    #: Whether what the trigger needs, needs the trigger in turn.
    is_mutual: bool = False


@dataclass
class _Gathered:
    """What the schemas of one place say, put together."""

    types: frozenset[str] = TYPES
    keywords: dict[str, list[Keyword]] = field(default_factory=dict)
    pointers: list[str] = field(default_factory=list)
    properties: dict[str, list[str]] = field(default_factory=dict)
    required: dict[str, str] = field(default_factory=dict)
    items: list[str] = field(default_factory=list)
    unions: list[tuple[str, str, list[str]]] = field(default_factory=list)
    shown: list[JsonValue] = field(default_factory=list)
    rules: list[FoundRule] = field(default_factory=list)
    recursive: bool = False


@dataclass
class ShapeReader:
    """Reads the shapes of one contract; `root` is the document in JSON Schema 2020-12."""

    root: JsonValue
    #: Told of each part that cannot be read: its pointer, and why.
    refuse: Callable[[str, str], None]
    #: Told of each part that is sound, and not looked into.
    leave: Callable[[str, str], None]
    #: The mark of properties that are not there: requests have none that are `readOnly`, answers none `writeOnly`.
    hidden: str = "readOnly"
    rules: list[FoundRule] = field(default_factory=list)
    #: Where each required property is asked for.
    required_at: dict[Place, str] = field(default_factory=dict)

    def read(self, place: Place, *pointers: str, required: bool = False) -> Shape:
        """The shape of `place`, whose schema is at `pointers`: all of them apply."""
        return self._shape(place, list(pointers), required=required, trail=())

    def _shape(self, place: Place, pointers: list[str], *, required: bool, trail: tuple[str, ...]) -> Shape:
        found = _Gathered()
        for pointer in pointers:
            self._gather(place, pointer, found, trail, inside=())
        self._sort_unions(found)
        self.rules += found.rules
        trail = (*trail, *found.pointers)
        branches = self._branches(place, found, trail)
        properties, items = self._children(place, found, trail)
        types = found.types
        if branches:
            types &= frozenset(name for branch in branches for name in branch.types)
        return Shape(
            place=place,
            types=types,
            keywords={name: tuple(listed) for name, listed in found.keywords.items()},
            pointers=tuple(found.pointers),
            required=required,
            properties=properties,
            items=items,
            branches=branches,
            shown=tuple(found.shown),
            recursive=found.recursive,
        )

    def _children(
        self, place: Place, found: _Gathered, trail: tuple[str, ...]
    ) -> tuple[dict[str, Shape], Shape | None]:
        if len(place.steps) >= _DEEPEST:
            return {}, None
        properties = {
            name: self._shape(place.below(name), listed, required=name in found.required, trail=trail)
            for name, listed in found.properties.items()
            if listed
        }
        for name, pointer in found.required.items():
            self.required_at.setdefault(place.below(name), pointer)
            if name not in properties:
                properties[name] = Shape(place.below(name), TYPES, {}, (), required=True)
        items = self._shape(place.below(ITEM), found.items, required=False, trail=trail) if found.items else None
        return properties, items

    def _branches(self, place: Place, found: _Gathered, trail: tuple[str, ...]) -> tuple[Shape, ...]:
        if not found.unions or len(place.steps) >= _DEEPEST:
            return ()
        keyword, pointer, listed = found.unions[0]
        objects = sum("object" in self._types(branch) for branch in listed)
        for other, where, _ in found.unions[1:]:
            self.leave(where, f"a second union ({other}) at {place}: its branches are judged, but not taken apart")
        shapes = []
        for branch in listed:
            kept, required = self.rules, self.required_at
            if objects > 1:  # what stands in one of several object branches is part of the union's own constraint
                self.rules, self.required_at = [], {}
            shapes.append(self._shape(place, [branch], required=False, trail=trail))
            self.rules, self.required_at = kept, required
        if objects > 1:
            self.rules.append(replace(self._rule(place, keyword, pointer, self._at(pointer), None), is_union=True))
        else:
            found.keywords.setdefault(keyword, []).append(Keyword(keyword, self._at(pointer), pointer))
        return tuple(shapes)

    def _gather(
        self, place: Place, pointer: str, found: _Gathered, trail: tuple[str, ...], inside: tuple[str, ...]
    ) -> None:
        try:
            schema = self._at(pointer)
        except KeyError:
            self.refuse(pointer, f"the reference to {pointer!r} leads nowhere")
            return
        if schema is False:
            found.types = frozenset()
            found.keywords.setdefault("falseSchema", []).append(Keyword("falseSchema", False, pointer))
        if not isinstance(schema, dict):
            return
        if pointer in inside:
            self.refuse(pointer, "a schema that refers to itself without a property or item between")
            return
        if pointer in trail:
            found.recursive = True
            found.types &= self._own_types(schema)
            return
        found.pointers.append(pointer)
        inside = (*inside, pointer)
        if isinstance(schema.get("$ref"), str):
            target = self._target(pointer, str(schema["$ref"]))
            if target is not None:
                self._gather(place, target, found, trail, inside)
        self._values(schema, pointer, found)
        self._members(schema, pointer, found)
        listed = schema.get("allOf")
        for index in range(len(listed) if isinstance(listed, list) else 0):
            self._gather(place, join(pointer, "allOf", index), found, trail, inside)
        self._ties(place, schema, pointer, found)

    def _values(self, schema: Mapping[str, JsonValue], pointer: str, found: _Gathered) -> None:
        found.types &= self._own_types(schema)
        for name in _VALUE:
            if name in schema and not (name == "additionalProperties" and schema[name] is True):
                found.keywords.setdefault(name, []).append(Keyword(name, schema[name], join(pointer, name)))
        for value in self._shown(schema):
            if value not in found.shown:
                found.shown.append(value)

    def _shown(self, schema: Mapping[str, JsonValue]) -> Iterator[JsonValue]:
        examples = schema.get("examples")
        yield from examples if isinstance(examples, list) else ()
        for name in ("example", "default"):
            if name in schema:
                yield schema[name]

    def _members(self, schema: Mapping[str, JsonValue], pointer: str, found: _Gathered) -> None:
        properties = schema.get("properties")
        for name, child in properties.items() if isinstance(properties, dict) else ():
            if isinstance(child, dict) and child.get(self.hidden) is True:
                continue
            found.properties.setdefault(name, []).append(join(pointer, "properties", name))
        required = schema.get("required")
        for wanted in required if isinstance(required, list) else ():
            found.required.setdefault(str(wanted), join(pointer, "required"))
        if isinstance(schema.get("items"), dict):
            found.items.append(join(pointer, "items"))
        if isinstance(schema.get("additionalProperties"), dict):
            found.properties.setdefault(ANY_NAME, []).append(join(pointer, "additionalProperties"))

    def _ties(self, place: Place, schema: Mapping[str, JsonValue], pointer: str, found: _Gathered) -> None:
        title = schema.get("title")
        tying = [name for name in (*_TYING, *_UNIONS) if name in schema]
        alone = len(tying) == 1 and not schema.keys() - {*tying, *_REMARKS, "then", "else"}
        name = str(title) if alone and isinstance(title, str) else None
        for keyword in tying:
            where = join(pointer, keyword)
            value = schema[keyword]
            if keyword in _UNIONS:
                if not isinstance(value, list) or not value:
                    continue
                found.rules.append(replace(self._rule(place, keyword, where, value, name, schema), is_union=True))
            elif keyword in ("dependentRequired", "dependentSchemas", "dependencies") and isinstance(value, dict):
                for trigger in value:
                    rule = self._rule(place, keyword, where, value, name, schema, trigger)
                    found.rules.append(replace(rule, is_mutual=_is_mutual(value, trigger)))
            elif keyword == "not" and not self._speaks_of_properties(where):
                found.keywords.setdefault(keyword, []).append(Keyword(keyword, value, where))
            else:
                found.rules.append(self._rule(place, keyword, where, value, name, schema))

    def _rule(  # noqa: PLR0917
        self,
        place: Place,
        keyword: str,
        pointer: str,
        value: JsonValue,
        name: str | None,
        schema: Mapping[str, JsonValue] | None = None,
        trigger: str | None = None,
    ) -> FoundRule:
        schema = schema or {}
        alone: dict[str, JsonValue] = {keyword: value}
        if keyword == "if":
            alone |= {key: schema[key] for key in ("then", "else") if key in schema}
        elif keyword == "contains":
            alone |= {key: schema[key] for key in ("minContains", "maxContains") if key in schema}
        elif trigger is not None and isinstance(value, dict):
            alone = {keyword: {trigger: value[trigger]}}
        description = schema.get("description") if name else None
        return FoundRule(place, keyword, pointer, alone, name, str(description or ""), trigger)

    def _sort_unions(self, found: _Gathered) -> None:
        """Tell unions that are rules from those whose branches are shapes, now that all properties are known."""
        rules = []
        for rule in found.rules:
            if rule.is_union and isinstance(listed := self._at(rule.pointer), list):
                branches = [join(rule.pointer, index) for index in range(len(listed))]
                if not self._is_rule(branches, found.properties):
                    found.unions.append((rule.keyword, rule.pointer, branches))
                    continue
            rules.append(replace(rule, is_union=False))
        found.rules = rules

    def _is_rule(self, branches: list[str], known: Mapping[str, list[str]]) -> bool:
        return all(self._is_condition(branch, known) for branch in branches) and any(
            map(self._speaks_of_properties, branches)
        )

    def _is_condition(self, pointer: str, known: Mapping[str, list[str]]) -> bool:
        schema = self._at(pointer)
        if not isinstance(schema, dict) or schema.keys() - _CONDITIONS:
            return False
        if schema.get("type", "object") != "object":
            return False
        properties = schema.get("properties")
        return not isinstance(properties, dict) or all(
            name in known or (isinstance(child, dict) and child.keys() <= {"not"})  # "set", of an open object
            for name, child in properties.items()
        )

    def _speaks_of_properties(self, pointer: str) -> bool:
        schema = self._at(pointer)
        if not isinstance(schema, dict):
            return False
        if schema.keys() & {"required", "properties", "dependentRequired", "minProperties", "maxProperties"}:
            return True
        below = [join(pointer, key) for key in ("not", "if", "then", "else") if key in schema]
        for key in ("allOf", *_UNIONS):
            listed = schema.get(key)
            below += [join(pointer, key, index) for index in range(len(listed) if isinstance(listed, list) else 0)]
        return any(map(self._speaks_of_properties, below))

    def _types(self, pointer: str) -> frozenset[str]:
        found = _Gathered()
        quiet = ShapeReader(self.root, lambda _pointer, _why: None, lambda _pointer, _why: None)
        quiet._gather(Place(Part.BODY), pointer, found, (), ())
        if found.types >= TYPES and (found.properties or found.required):
            return frozenset({"object"})
        return found.types

    def _own_types(self, schema: Mapping[str, JsonValue]) -> frozenset[str]:
        types = TYPES
        listed = schema.get("type")
        if isinstance(listed, str):
            listed = [listed]
        if isinstance(listed, list):
            named = frozenset(str(name) for name in listed)
            types &= named | ({"integer"} if "number" in named else frozenset())
        if isinstance(schema.get("enum"), list):
            types &= frozenset(name for value in schema["enum"] for name in json_types(value))  # type: ignore[union-attr]
        if "const" in schema:
            types &= frozenset(json_types(schema["const"]))
        return types

    def _target(self, pointer: str, reference: str) -> str | None:
        if not reference.startswith("#"):
            place = join(pointer, "$ref")
            self.refuse(place, f"the reference {reference!r} points outside of the file: bundle the document into one")
            return None
        target = unquote(reference[1:])
        try:
            self._at(target)
        except KeyError:
            self.refuse(join(pointer, "$ref"), f"the reference {reference!r} leads nowhere; correct or remove it")
            return None
        return target

    def _at(self, pointer: str) -> JsonValue:
        return value_at(self.root, pointer)


def _is_mutual(table: Mapping[str, JsonValue], trigger: str) -> bool:
    needs = table[trigger]
    group = {trigger, *map(str, needs)} if isinstance(needs, list) else set()
    return len(group) > 1 and all(
        isinstance(listed := table.get(name), list) and {name, *map(str, listed)} == group for name in group
    )


def value_at(root: JsonValue, pointer: str) -> JsonValue:
    """The value at a JSON pointer; KeyError when there is none."""
    value = root
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            raise KeyError(pointer)
    return value


def json_type(value: JsonValue) -> str:
    """The JSON type of a value; a number without a fraction is an integer (JSON Schema, section 4.2.3)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return "integer"
    if isinstance(value, float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def json_types(value: JsonValue) -> tuple[str, ...]:
    """The JSON types that a value is of."""
    name = json_type(value)
    return (name, "number") if name == "integer" else (name,)
