"""What no verdict is found for: callbacks, webhooks, how forms are encoded, where tokens come from.

Where one of these differs, that is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from speclock.core.documents import JsonValue, join
from speclock.core.errors import ContractError
from speclock.diff.changes import Audience
from speclock.diff.values import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from speclock.core.contract import Contract, Operation

__all__ = ["Unjudged", "unjudged", "unjudged_webhooks"]

#: Members that say nothing of what may be sent, wherever they stand.
_TOLD = frozenset(
    {"description", "summary", "title", "example", "examples", "externalDocs", "tags", "deprecated", "$comment"}
)
#: Objects whose members have names of their own.
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas", "headers", "callbacks", "encoding"})


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Something that differs, and that is not looked into."""

    words: str
    old: str
    new: str
    audiences: tuple[Audience, ...] = tuple(Audience)


def unjudged(old: Contract, new: Contract, before: Operation, after: Operation) -> Iterator[Unjudged]:
    """What of one operation."""
    one, other = join(before.pointer, "callbacks"), join(after.pointer, "callbacks")
    if _text(old, one) != _text(new, other):
        yield Unjudged("the callbacks differ, and are not judged", one, other)
    first, second = _token_sources(old, before), _token_sources(new, after)
    if first and second and first.keys() != second.keys():
        words = "tokens come from another address, and nobody can tell whether those of before are taken"
        yield Unjudged(words, min(first.values()), min(second.values()), (Audience.SENDERS,))
    here, there = _encodings(old, before), _encodings(new, after)
    for name in dict.fromkeys((*here, *there)):
        if name in here and name in there:
            one, other = here[name], there[name]
            if _text(old, one) != _text(new, other):
                words = f"body ({name}): the encoding of its fields differs, and is not judged"
                yield Unjudged(words, one, other, (Audience.SENDERS,))


def unjudged_webhooks(old: Contract, new: Contract) -> Iterator[tuple[str, Unjudged]]:
    """What of the webhooks, each with its name."""
    here, there = (_members(contract, "/webhooks") for contract in (old, new))
    for name in dict.fromkeys((*here, *there)):
        place = join("/webhooks", name)
        if _text(old, place) != _text(new, place):
            yield name, Unjudged("the webhook differs, and is not judged", place, place)


def _token_sources(contract: Contract, operation: Operation) -> dict[tuple[str, str], str]:
    """Where the tokens of an operation come from: what the address is for and the address, with its scheme's place."""
    found: dict[tuple[str, str], str] = {}
    for name in {name for alternative in operation.security for name in alternative}:
        place = join("/components/securitySchemes", name)
        scheme = contract.document.resolve(place)[1]
        flows = scheme.get("flows") if isinstance(scheme, dict) else None
        for flow in (scheme, *(flows.values() if isinstance(flows, dict) else ())):
            for key, value in flow.items() if isinstance(flow, dict) else ():
                if key.endswith("Url") and isinstance(value, str):
                    found[key, value] = place
    return found


def _encodings(contract: Contract, operation: Operation) -> dict[str, str]:
    """The places of `encoding` by media type, whether or not anything stands there."""
    try:
        body, _ = contract.document.resolve(join(operation.pointer, "requestBody"))
        return {
            name: join(contract.document.resolve(join(body, "content", name))[0], "encoding")
            for name in _members(contract, join(body, "content"))
        }
    except ContractError:
        return {}


def _members(contract: Contract, pointer: str) -> list[str]:
    value = contract.document.at(pointer) if contract.document.has(pointer) else None
    return [name for name in value if not name.startswith("x-")] if isinstance(value, dict) else []


def _text(contract: Contract, pointer: str) -> str:
    """What stands at a pointer as a text that is the same for the same, references followed; nothing is nothing."""
    if not contract.document.has(pointer):
        return text_of({})
    return text_of(_plain(contract, pointer, contract.document.at(pointer), frozenset(), is_named=True))


def _plain(contract: Contract, pointer: str, value: JsonValue, above: frozenset[str], *, is_named: bool) -> JsonValue:
    if isinstance(value, list):
        listed = [
            _plain(contract, join(pointer, index), item, above, is_named=False) for index, item in enumerate(value)
        ]
        return sorted(listed, key=text_of)
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("$ref"), str):
        try:
            pointer, value = contract.document.resolve(pointer)
        except ContractError:
            return value
        if pointer in above or not isinstance(value, dict):
            return pointer if pointer in above else value
        above |= {pointer}
    return {
        name: _plain(contract, join(pointer, name), item, above, is_named=name in _NAMED and not is_named)
        for name, item in value.items()
        if is_named or not (name in _TOLD or name.startswith("x-"))
    }
