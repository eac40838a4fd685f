"""Parts of a contract that nobody can keep: a place that no value fits, found where it is cheap to find."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speclock.core.constraints.model import Shape
    from speclock.core.documents import JsonValue

__all__ = ["contradiction"]

_PAIRS = (
    ("minimum", "maximum", {"integer", "number"}),
    ("minLength", "maxLength", {"string"}),
    ("minItems", "maxItems", {"array"}),
    ("minProperties", "maxProperties", {"object"}),
)
_BESIDE = {
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
}


def contradiction(shape: Shape, alone: Callable[[JsonValue], Callable[[JsonValue], bool] | None]) -> str | None:
    """Why no value can stand at the place; None when one may. `alone` compiles a schema of its own."""
    if not shape.types:
        if "falseSchema" in shape.keywords:  # `false`: it may not be there, which is no contradiction
            return f"{shape.place} is required and may have no value" if shape.required else None
        return f"{shape.place} is left without a type by the schemas that apply there together"
    for low, high, types in _PAIRS:
        lows, highs = list(_numbers(shape, low)), list(_numbers(shape, high))
        if lows and highs and max(lows) > min(highs) and shape.types <= types:
            return f"{shape.place} has {low} {max(lows)} above {high} {min(highs)}"
    return _values(shape, alone)


def _values(shape: Shape, alone: Callable[[JsonValue], Callable[[JsonValue], bool] | None]) -> str | None:
    enums = [item.value for item in shape.keywords.get("enum", ()) if isinstance(item.value, list)]
    enums += [[item.value] for item in shape.keywords.get("const", ())]
    if not enums or (len(enums) == 1 and not shape.keywords.keys() & {*_BESIDE, "type"}):
        return None
    parts: list[JsonValue] = [
        {item.name: item.value}
        for name in shape.keywords
        for item in shape.keywords[name]
        if "$ref" not in str(item.value)
    ]
    holds = alone({"allOf": parts})
    if holds is None or any(holds(value) for value in enums[0]):
        return None
    return f"{shape.place} allows none of the values that it lists"


def _numbers(shape: Shape, name: str) -> Iterator[float]:
    for keyword in shape.keywords.get(name, ()):
        if isinstance(keyword.value, int | float) and not isinstance(keyword.value, bool):
            yield keyword.value
