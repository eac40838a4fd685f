"""What constraints say, in words for a person; the patterns of rules have their own in `tying`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from speclock.core.constraints.model import Keyword, Place, Shape
    from speclock.core.constraints.shapes import FoundRule
    from speclock.core.documents import JsonValue

__all__ = ["required_words", "rule_words", "value_words"]

#: Values that are listed before the rest becomes dots.
_LISTED = 8
_BOUNDS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "above {}",
    "exclusiveMaximum": "below {}",
    "multipleOf": "a multiple of {}",
    "minLength": "at least {} long",
    "maxLength": "at most {} long",
    "minItems": "at least {} members",
    "maxItems": "at most {} members",
    "pattern": "matching {}",
    "format": "in the format {}",
    "contentEncoding": "encoded as {}",
    "contentMediaType": "of the media type {}",
}


def required_words(place: Place) -> str:
    """That a place must be there."""
    return f"`{place.steps[-1]}` must be there" if place.steps else "the request must have a body"


def value_words(shape: Shape) -> str:
    """What the value of a place may be: "`name` is a string or null, at least 1 long"."""
    subject = f"`{shape.place.steps[-1]}`" if shape.place.steps else "the body"
    if shape.place.steps[-1:] == ("[]",):
        subject = f"each member of `{str(shape.place)[:-2]}`"
    if "falseSchema" in shape.keywords:
        return f"{subject} may not be there"
    said = [f"of type {' or '.join(_types(shape))}"] if "type" in shape.keywords or shape.branches else []
    for listed in shape.keywords.values():
        said += [text for keyword in listed if (text := _keyword_words(keyword))]
    return f"{subject} is {', '.join(dict.fromkeys(said)) or 'any value'}"


def rule_words(found: FoundRule, branches: Sequence[Shape]) -> str:  # noqa: PLR0911 - one line for each keyword
    """What a rule says whose pattern does not."""
    holder = f"`{found.place}`"
    schema = found.schema if isinstance(found.schema, dict) else {}
    match found.keyword:
        case "minProperties" if schema["minProperties"] == 1:
            return f"{holder} must have at least one property"
        case "minProperties":
            return f"{holder} must have at least {schema['minProperties']} properties"
        case "maxProperties":
            return f"{holder} may have at most {schema['maxProperties']} properties"
        case "contains":
            return f"{holder} must have {_how_many(schema)} that the schema under `contains` allows"
        case "oneOf" | "anyOf" if branches:
            how = "exactly one" if found.keyword == "oneOf" else "at least one"
            return f"{holder} must have {how} of {len(branches)} shapes: {'; '.join(map(_shape_words, branches))}"
        case "dependentRequired" | "dependentSchemas" | "dependencies":
            return f"{holder} must keep what `{found.trigger}` entails ({found.keyword})"
        case "not":
            return f"{holder} may not be what the schema under `not` allows"
        case "if":
            return f"{holder} must keep the schema under `then`, or else under `else`, depending on `if`"
    return f"{holder} must keep its `{found.keyword}`"


def _types(shape: Shape) -> list[str]:
    return sorted(shape.types - {"integer"} if "number" in shape.types else shape.types) or ["nothing"]


def _keyword_words(keyword: Keyword) -> str:  # noqa: PLR0911 - one line for each kind of keyword
    value = keyword.value
    match keyword.name:
        case "type" | "oneOf" | "anyOf":
            return ""
        case "enum" if isinstance(value, list):
            return f"one of {', '.join(map(_value, value[:_LISTED]))}{', ...' if len(value) > _LISTED else ''}"
        case "const":
            return _value(value)
        case "uniqueItems":
            return "without repeated members" if value is True else ""
        case "additionalProperties" if value is False:
            return "without undocumented properties"
        case "not":
            return "not what the schema under `not` allows"
    if keyword.name in _BOUNDS:
        return _BOUNDS[keyword.name].format(value)
    return f"as its `{keyword.name}` says"


def _how_many(schema: dict[str, JsonValue]) -> str:
    least, most = schema.get("minContains", 1), schema.get("maxContains")
    between = f"{least} to {most}" if most is not None else f"at least {least}"
    return f"{between} member{'' if (most or least) == 1 else 's'}"


def _shape_words(shape: Shape) -> str:
    wanted = [name for name, child in shape.properties.items() if child.required]
    told = []
    for name, child in shape.properties.items():
        for keyword in (*child.keywords.get("const", ()), *child.keywords.get("enum", ())):
            if keyword.name == "const" or (isinstance(keyword.value, list) and len(keyword.value) == 1):
                value = keyword.value[0] if isinstance(keyword.value, list) else keyword.value
                told.append(f"{name} {_value(value)}")
    if told:
        return ", ".join(told)
    if wanted:
        return f"with {', '.join(wanted)}"
    return " or ".join(_types(shape))


def _value(value: JsonValue) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f'"{value}"' if isinstance(value, str) else str(value)
