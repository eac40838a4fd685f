"""What a schema means, in one form however it is written: for each JSON type, which values are allowed.

A *meaning* maps each JSON type to alternatives. An *alternative* holds what all schemas that apply together say of a
value of that type. References are followed and `allOf` is joined where the joined schema says the same; `anyOf` adds
alternatives, and so does `oneOf`, whose exclusiveness is kept as a fact of its own. Type lists, `nullable`, a union
with null, `const` and an `enum` of one come out alike; titles, descriptions, examples and the order of things go.
What has no field here (`not`, `if`, `dependentRequired`, ...) is a *fact*: a text that is the same for the same
schema. Facts only ever narrow, so leaving one side's out is safe in one direction, and never in the other.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

from speclock.core.documents import JsonValue, join, split, value_at
from speclock.diff.alternatives import (
    ANY,
    NOTHING,
    TYPES,
    Alternative,
    Bound,
    Meaning,
    anything,
    joined,
    merged,
    tighter,
    whole_bound,
)
from speclock.diff.values import text_of, type_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from speclock.diff.alternatives import Parts, Schema

__all__ = ["ANNOTATIONS", "View"]

#: Keywords that say nothing of which values are allowed.
ANNOTATIONS = frozenset(
    {
        "title",
        "description",
        "default",
        "example",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "xml",
        "externalDocs",
        "discriminator",
        "$comment",
        "$id",
        "$schema",
        "$anchor",
        "$defs",
        "definitions",
        "nullable",
    }
)
#: Formats that only say how a value is shown.
_SHOWN = frozenset({"password", "textarea", "html", "markdown"})
_TEXT_FACTS = ("pattern", "format", "contentEncoding", "contentMediaType", "contentSchema")
_FACTS = {
    "array": ("contains", "unevaluatedItems"),
    "object": ("propertyNames", "unevaluatedProperties"),
}
#: Alternatives of one type beyond which a union stays a fact.
_MOST = 64


class View:
    """The schemas of one document as senders, or as readers, have them."""

    def __init__(self, root: JsonValue) -> None:
        """`root` is the document in JSON Schema 2020-12."""
        self._root = root
        self._meanings: dict[Schema, Meaning] = {}
        self._parts: dict[str, Parts] = {}
        self._texts: dict[str, str] = {}
        self._loose: dict[str, frozenset[str]] = {}

    def meaning(self, schema: Schema) -> Meaning:
        """What `schema` allows."""
        known = self._meanings.get(schema)
        if known is None:
            known = self._meanings[schema] = self._meaning(schema)
        return known

    def at(self, pointer: str) -> JsonValue:
        """The value at a pointer; True where there is none."""
        if pointer == NOTHING[0]:
            return False
        try:
            return value_at(self._root, pointer)
        except KeyError:
            return True

    def target(self, pointer: str) -> str:
        """Where the references from `pointer` lead, as long as nothing stands beside them."""
        seen = {pointer}
        while True:
            schema = self.at(pointer)
            if not isinstance(schema, dict) or not isinstance(schema.get("$ref"), str):
                return pointer
            if schema.keys() - ANNOTATIONS - {"$ref"} or not str(schema["$ref"]).startswith("#"):
                return pointer
            pointer = join("", *split(str(schema["$ref"])[1:]))
            if pointer in seen:
                return pointer
            seen.add(pointer)

    def unread(self, schema: Schema) -> frozenset[str]:
        """References of the schemas themselves that lead nowhere, or out of the document."""
        return frozenset[str]().union(*map(self._lost, schema))

    def _lost(self, pointer: str) -> frozenset[str]:
        known = self._loose.get(pointer)
        if known is not None:
            return known
        self._loose[pointer] = frozenset()  # one that leads back here has nothing more to tell
        value = self.at(pointer)
        below = [
            join(pointer, keyword, index)
            for keyword in ("allOf", "anyOf", "oneOf")
            for index in range(_length(value, keyword))
        ]
        found = frozenset[str]()
        reference = value.get("$ref") if isinstance(value, dict) else None
        if isinstance(reference, str):
            target = join("", *split(reference[1:]))
            if reference[:2] in ("#", "#/") and self._has(target):
                below.append(target)
            else:
                found |= {reference}
        self._loose[pointer] = found.union(*map(self._lost, below))
        return self._loose[pointer]

    def _has(self, pointer: str) -> bool:
        try:
            value_at(self._root, pointer)
        except KeyError:
            return False
        return True

    def tags(self, schema: Schema) -> dict[tuple[str, str], str]:
        """Which schema a `discriminator` leads to from each value of its property: property and value, and the pointer.

        Without those of schemas that list the value themselves: there nothing hangs on the discriminator.
        """
        found: dict[tuple[str, str], str] = {}
        for place in map(self.target, schema):
            value = self.at(place)
            said = value.get("discriminator") if isinstance(value, dict) else None
            name = said.get("propertyName") if isinstance(said, dict) else None
            if not isinstance(value, dict) or not isinstance(said, dict) or not isinstance(name, str):
                continue
            mapping = said.get("mapping")
            table = {key: _named(str(item)) for key, item in mapping.items()} if isinstance(mapping, dict) else {}
            branches = [
                self.target(join(place, keyword, index))
                for keyword in ("oneOf", "anyOf")
                for index in range(_length(value, keyword))
            ]
            listed = {pointer.rpartition("/")[2]: pointer for pointer in branches if pointer not in table.values()}
            for key, pointer in {**listed, **table}.items():
                if not self._tells(pointer, name):
                    found[name, key] = pointer
        return found

    def _tells(self, pointer: str, name: str) -> bool:
        """Whether a schema lists the values of one of its properties."""
        objects = self.meaning((pointer,)).alternatives.get("object", ())
        texts = [self.meaning(item.child(name)).alternatives.get("string", ()) for item in objects]
        return all(item.values is not None for listed in texts for item in listed)

    def texts(self, schema: Schema) -> list[str]:
        """The schemas as texts that are the same for the same schemas."""
        return sorted(map(self._text, schema))

    def _meaning(self, schema: Schema) -> Meaning:
        parts: Parts | None = None
        for pointer in schema:
            found = self._of(pointer, ())
            parts = found if parts is None else joined(parts, found)
        if parts is None:
            parts = {name: [anything(name)] for name in TYPES}
        alternatives = {name: tuple(merged(parts[name])) for name in TYPES if parts.get(name)}
        return Meaning(alternatives, self._default(schema), tuple(self.target(pointer) for pointer in schema))

    def _default(self, schema: Schema) -> tuple[str, str] | None:
        """The first default, outside in; where alternatives have several, all of them."""
        found = self._defaults(schema, frozenset())
        return (" or ".join(sorted(found)), found[min(found)]) if found else None

    def _defaults(self, schema: Schema, above: frozenset[str]) -> dict[str, str]:
        """The defaults as canonical JSON, each with its pointer: one, unless alternatives have their own."""
        for pointer in schema:
            value = self.at(pointer)
            if pointer in above or not isinstance(value, dict):
                continue
            if "default" in value:
                return {text_of(value["default"]): join(pointer, "default")}
            parts = [join("", *split(str(value["$ref"])[1:]))] if isinstance(value.get("$ref"), str) else []
            parts += [join(pointer, "allOf", index) for index in range(_length(value, "allOf"))]
            inside = above | {pointer}
            found = self._defaults(tuple(parts), inside)
            for keyword in ("anyOf", "oneOf"):
                if not found:
                    branches = [join(pointer, keyword, index) for index in range(_length(value, keyword))]
                    for branch in reversed(branches):
                        found = {**found, **self._defaults((branch,), inside)}
            if found:
                return found
        return {}

    def _of(self, pointer: str, inside: tuple[str, ...]) -> Parts:
        if pointer in inside:
            return {name: [anything(name)] for name in TYPES}
        known = self._parts.get(pointer)
        if known is None:
            known = self._read(pointer, (*inside, pointer))
            if not inside:
                self._parts[pointer] = known
        return known

    def _read(self, pointer: str, inside: tuple[str, ...]) -> Parts:
        schema = self.at(pointer)
        if schema is False:
            return {}
        if not isinstance(schema, dict):
            return {name: [replace(anything(name), pointers=(pointer,))] for name in TYPES}
        parts: Parts = {
            name: [alternative]
            for name in _types(schema)
            if (alternative := self._own(name, pointer, schema)) is not None
        }
        if isinstance(schema.get("$ref"), str):
            parts = joined(parts, self._of(join("", *split(str(schema["$ref"])[1:])), inside))
        for index in range(_length(schema, "allOf")):
            parts = joined(parts, self._of(join(pointer, "allOf", index), inside))
        is_union = False
        for keyword in ("anyOf", "oneOf"):
            if _length(schema, keyword):
                parts = self._union(parts, keyword, pointer, inside)
                is_union = True
        return parts if is_union else {name: list(map(_evaluated, listed)) for name, listed in parts.items()}

    def _union(self, parts: Parts, keyword: str, pointer: str, inside: tuple[str, ...]) -> Parts:
        listed = [
            self._of(join(pointer, keyword, index), inside) for index in range(_length(self.at(pointer), keyword))
        ]
        where = join(pointer, keyword)
        either: Parts = {}
        for branch in listed:
            for name, alternatives in branch.items():
                either.setdefault(name, []).extend(alternatives)
        for name, alternatives in either.items():
            kept = list(merged(alternatives))
            one_only = keyword == "oneOf" and not self._are_disjoint(listed, name)
            if len(kept) > _MOST or any(_is_condition(item, parts.get(name, ())) for item in kept):
                # The branches speak of what is declared beside the union, or are too many: kept as it is written.
                either[name] = [replace(anything(name), facts={f"{keyword}:{self._text(where)}": where})]
            elif one_only:
                either[name] = [replace(item, facts={**item.facts, "exclusive": where}) for item in kept]
            else:
                either[name] = kept
        return joined(parts, either)

    def _are_disjoint(self, branches: list[Parts], name: str) -> bool:
        """Whether no value of the type can keep two of the branches, as far as listed values tell."""
        held = [branch[name] for branch in branches if branch.get(name)]
        return all(
            self._are_apart(a, b)
            for index, one in enumerate(held)
            for other in held[index + 1 :]
            for a in one
            for b in other
        )

    def _are_apart(self, a: Alternative, b: Alternative) -> bool:
        if a.values is not None and b.values is not None:
            return not a.values & b.values
        for shared in a.required.keys() & b.required.keys():
            one, other = self._listed(a.child(shared)), self._listed(b.child(shared))
            if one is not None and other is not None and not one & other:
                return True
        return False

    def _listed(self, schema: Schema) -> frozenset[str] | None:
        """The values of a property that its schema lists in so many words."""
        for pointer in schema:
            found = self.at(self.target(pointer))
            if isinstance(found, dict) and found.keys() & {"enum", "const"}:
                listed = found["enum"] if "enum" in found else [found["const"]]
                return frozenset(map(text_of, listed)) if isinstance(listed, list) else None
        return None

    def _own(self, name: str, pointer: str, schema: dict[str, JsonValue]) -> Alternative | None:
        facts = dict(self._facts(name, pointer, schema))
        places = {keyword: join(pointer, keyword) for keyword in schema}
        values = _values(name, schema)
        if values is not None and not values:
            return None
        base = Alternative(name, values, facts=facts, places=places, pointers=(pointer,))
        match name:
            case "number":
                return _number(base, schema)
            case "string":
                return replace(base, shortest=_size(schema, "minLength") or 0, longest=_size(schema, "maxLength"))
            case "array":
                prefix = tuple((join(pointer, "prefixItems", i),) for i in range(_length(schema, "prefixItems")))
                item = replace(
                    base,
                    shortest=_size(schema, "minItems") or 0,
                    longest=_size(schema, "maxItems"),
                    items=_below(pointer, schema, "items"),
                    prefix=prefix,
                    is_unique=schema.get("uniqueItems") is True,
                )
                # No member may stand behind the listed ones: a bound of the size, in other words.
                return _ending(item, "items") if item.items == NOTHING else item
            case "object":
                return self._object(base, pointer, schema)
        return base

    def _object(self, base: Alternative, pointer: str, schema: dict[str, JsonValue]) -> Alternative:
        properties, required = schema.get("properties"), schema.get("required")
        additional = _below(pointer, schema, "additionalProperties")
        facts = dict(base.facts)
        if schema.get("patternProperties"):
            # Which names are additional then depends on the patterns: kept as it is written, beside the rest.
            kept: dict[str, JsonValue] = {"patternProperties": schema["patternProperties"]}
            if additional != ANY:
                kept["additionalProperties"] = schema["additionalProperties"]
            names = sorted(properties) if isinstance(properties, dict) and additional != ANY else []
            text = self._canonical(pointer, kept, frozenset())
            facts[f"patternProperties:{text}:{json.dumps(names)}"] = join(pointer, "patternProperties")
            additional = ANY
        return replace(
            base,
            shortest=_size(schema, "minProperties") or 0,
            longest=_size(schema, "maxProperties"),
            properties={key: (join(pointer, "properties", key),) for key in properties}
            if isinstance(properties, dict)
            else {},
            required={str(key): join(pointer, "required") for key in required} if isinstance(required, list) else {},
            additional=additional,
            is_open="additionalProperties" in schema and schema["additionalProperties"] is not False,
            facts=facts,
        )

    def _facts(self, name: str, pointer: str, schema: dict[str, JsonValue]) -> Iterator[tuple[str, str]]:
        for keyword in _FACTS.get(name, ()):
            if keyword in schema and not (keyword.startswith("unevaluated") and schema[keyword] is True):
                beside = {key: schema[key] for key in (keyword, "minContains", "maxContains") if key in schema}
                if keyword == "contains" and beside.get("minContains") == 0 and "maxContains" not in beside:
                    continue  # none need be there
                if beside.get("minContains") == 1:
                    del beside["minContains"]
                yield f"{keyword}:{self._canonical(pointer, beside, frozenset())}", join(pointer, keyword)
        if name == "string" and schema.get("format") == "byte":
            yield f"contentEncoding:{text_of('base64')}", join(pointer, "format")  # its name in OpenAPI 3.1
        for keyword in _TEXT_FACTS if name == "string" else ("format",) if name == "number" else ():
            if keyword in schema and schema[keyword] not in _SHOWN and not _is_told(schema[keyword]):
                yield f"{keyword}:{text_of(schema[keyword])}", join(pointer, keyword)
        if name == "object":
            yield from self._dependencies(pointer, schema)
        if "not" in schema and not _only_types(schema["not"]):
            yield f"not:{self._text(join(pointer, 'not'))}", join(pointer, "not")
        if "if" in schema and schema.keys() & {"then", "else"}:
            kept: dict[str, JsonValue] = {key: schema[key] for key in ("if", "then", "else") if key in schema}
            yield f"if:{self._canonical(pointer, kept, frozenset())}", join(pointer, "if")

    def _dependencies(self, pointer: str, schema: dict[str, JsonValue]) -> Iterator[tuple[str, str]]:
        for keyword in ("dependentRequired", "dependentSchemas", "dependencies"):
            table = schema.get(keyword)
            for trigger, needs in table.items() if isinstance(table, dict) else ():
                where = join(pointer, keyword, trigger)
                if isinstance(needs, list):
                    for needed in needs:
                        yield f"dependentRequired:{text_of([trigger, needed])}", where
                else:
                    yield f"dependentSchemas:{text_of(trigger)}:{self._text(where)}", where

    def _text(self, pointer: str) -> str:
        """The schema at `pointer` as a text that is the same for the same schema, references followed."""
        known = self._texts.get(pointer)
        if known is None:
            known = self._texts[pointer] = self._canonical(pointer, self.at(pointer), frozenset())
        return known

    def _canonical(self, pointer: str, value: JsonValue, inside: frozenset[str]) -> str:
        return text_of(self._plain(value, inside | {pointer}))

    def _plain(self, value: JsonValue, inside: frozenset[str], *, is_schema: bool = True) -> JsonValue:
        """A schema without annotations, references put in their place, lists without order sorted."""
        if isinstance(value, list):
            return sorted((self._plain(item, inside) for item in value), key=text_of)
        if not isinstance(value, dict):
            return value
        if not is_schema:
            return {key: self._plain(item, inside) for key, item in value.items()}
        result: dict[str, JsonValue] = {}
        for key, item in value.items():
            if key in ANNOTATIONS or key.startswith("x-"):
                continue
            if key == "$ref" and isinstance(item, str):
                target = join("", *split(item[1:]))
                if target in inside:
                    result[key] = item
                    continue
                found = self._plain(self.at(target), inside | {target})
                result |= found if isinstance(found, dict) else {key: item}
            elif key in ("enum", "const"):
                result["enum"] = sorted(item if key == "enum" and isinstance(item, list) else [item], key=text_of)
            elif key == "type":
                result[key] = (
                    sorted(item, key=str)
                    if isinstance(item, list) and len(item) > 1
                    else (item[0] if isinstance(item, list) and item else item)
                )
            else:
                is_map = key in ("properties", "patternProperties", "dependentSchemas", "dependentRequired")
                result[key] = self._plain(item, inside, is_schema=not is_map)
        return result


def _types(schema: Mapping[str, JsonValue]) -> list[str]:
    listed = schema.get("type")
    names = {listed} if isinstance(listed, str) else set(map(str, listed)) if isinstance(listed, list) else set(TYPES)
    if "integer" in names:
        names.add("number")
    without = _only_types(schema.get("not"))
    return [name for name in TYPES if name in names and name not in without]


def _only_types(schema: JsonValue) -> frozenset[str]:
    """The types that a `not` takes away, where it does nothing else."""
    if not isinstance(schema, dict) or schema.keys() - ANNOTATIONS != {"type"}:
        return frozenset()
    listed = schema["type"]
    names = frozenset(map(str, listed)) if isinstance(listed, list) else frozenset({str(listed)})
    return names if "integer" not in names or "number" in names else frozenset()


def _values(name: str, schema: Mapping[str, JsonValue]) -> frozenset[str] | None:
    values: frozenset[str] | None = anything(name).values
    for keyword in ("enum", "const"):
        if keyword in schema:
            listed = schema[keyword] if keyword == "enum" else [schema[keyword]]
            own = frozenset(
                text_of(item) for item in (listed if isinstance(listed, list) else ()) if type_of(item) == name
            )
            values = own if values is None else values & own
    return values


def _number(base: Alternative, schema: Mapping[str, JsonValue]) -> Alternative:
    listed = schema.get("type")
    names = {listed} if isinstance(listed, str) else set(map(str, listed)) if isinstance(listed, list) else {"number"}
    low = high = None
    for keyword, is_exclusive in (("minimum", False), ("exclusiveMinimum", True)):
        if (value := _numeric(schema, keyword)) is not None:
            low = tighter(low, Bound(value, is_exclusive), sign=1)
    for keyword, is_exclusive in (("maximum", False), ("exclusiveMaximum", True)):
        if (value := _numeric(schema, keyword)) is not None:
            high = tighter(high, Bound(value, is_exclusive), sign=-1)
    step = _numeric(schema, "multipleOf")
    is_whole = "number" not in names or (step is not None and float(step).is_integer())
    if is_whole:  # above 3 and at least 4 are the same of whole numbers
        low, high = whole_bound(low, 1), whole_bound(high, -1)
    steps = frozenset() if step is None or (is_whole and step == 1) else frozenset({step})
    return replace(base, low=low, high=high, steps=steps, is_whole=is_whole)


def _numeric(schema: Mapping[str, JsonValue], keyword: str) -> float | None:
    value = schema.get(keyword)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _size(schema: Mapping[str, JsonValue], keyword: str) -> int | None:
    value = _numeric(schema, keyword)
    return None if value is None else int(value)


def _length(schema: JsonValue, keyword: str) -> int:
    listed = schema.get(keyword) if isinstance(schema, dict) else None
    return len(listed) if isinstance(listed, list) else 0


#: Facts by which other names than those in `properties` may count as evaluated.
_EVALUATING = frozenset({"patternProperties", "if", "dependentSchemas", "anyOf", "oneOf", "not", "contains"})


def _evaluated(item: Alternative) -> Alternative:
    """`unevaluatedProperties: false` as what it says where all that is evaluated is known, and so for items."""
    keyword = "unevaluatedProperties" if item.type == "object" else "unevaluatedItems"
    fact = f'{keyword}:{{"{keyword}":false}}'
    if fact not in item.facts or any(other.partition(":")[0] in _EVALUATING for other in item.facts):
        return item
    rest = replace(item, facts={name: place for name, place in item.facts.items() if name != fact})
    if item.type == "array":
        return _ending(rest, keyword) if item.items == ANY else rest
    if item.is_open:
        return rest
    return replace(rest, additional=NOTHING, places={**item.places, "additionalProperties": item.facts[fact]})


def _ending(item: Alternative, keyword: str) -> Alternative:
    """An array that has no more members than those that are listed."""
    size = len(item.prefix)
    if item.longest is not None and item.longest <= size:
        return replace(item, items=ANY)
    return replace(item, items=ANY, longest=size, places={**item.places, "maxItems": item.places[keyword]})


def _named(reference: str) -> str:
    """The pointer of a schema that a discriminator names, by reference or by name (OpenAPI, Discriminator Object)."""
    if reference.startswith("#"):
        return join("", *split(reference[1:]))
    return join("/components/schemas", reference)


def _below(pointer: str, schema: Mapping[str, JsonValue], keyword: str) -> Schema:
    value = schema.get(keyword, True)
    if value is False:
        return NOTHING
    is_any = not isinstance(value, dict) or not (value.keys() - ANNOTATIONS)
    return ANY if is_any else (join(pointer, keyword),)


def _is_told(name: JsonValue) -> bool:
    """Whether a format is said in another way: its range as bounds (`speclock.diff.sides`), or its encoding."""
    return isinstance(name, str) and (name == "byte" or name.lstrip("u") in {"int8", "int16", "int32", "int64"})


def _is_condition(branch: Alternative, beside: Iterable[Alternative]) -> bool:
    """Whether a branch only speaks of properties that are declared beside the union: a rule, and not a shape."""
    if branch.type != "object" or branch.values is not None:
        return False
    if not branch.properties:
        return bool(branch.required or branch.facts)
    known = {name for item in beside for name in item.properties}
    return set(branch.properties) | set(branch.required) <= known
