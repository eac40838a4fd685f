"""Mutants whose check of credentials is wrong: it takes too many, refuses a good one, or answers otherwise than 401."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from speclock.core.documents import join
from speclock.mutants.deviations import Instead, Resent
from speclock.mutants.model import Mutant, MutantKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from speclock.core.cases import Answer
    from speclock.core.contract import Operation, SecurityScheme
    from speclock.mutants.credentials import Keys
    from speclock.mutants.kit import Kit
    from speclock.mutants.model import Deviation, Seen

__all__ = ["authenticating"]

_REFUSED = frozenset({401, 403})
#: What 401 is told as, where the contract documents it.
_OTHERS = ("403", "400", "404", "422")


def authenticating(kit: Kit, operation: Operation) -> Iterator[Mutant]:
    """Those of one operation that wants a credential."""
    if not operation.security:
        return
    location = kit.contract.locate(join(operation.pointer, "security"))

    def mutant(name: str, deviation: Deviation) -> Mutant:
        words = f"{operation.id} {name}"
        return Mutant(words, MutantKind.AUTHENTICATION, operation, words, location, deviation)

    if kit.keys.has(operation):
        for name, is_such in _kinds(kit, operation).items():
            yield mutant(f"takes {name} for a good one", _unchecked(kit.keys, operation, is_such))
    refused = next((status for status in ("401", "403") if status in operation.statuses), None)
    if refused is None:
        return
    refusal = kit.refuser.refusal(operation, refused)
    for scheme in kit.keys.schemes(operation):
        for index, good in enumerate(kit.keys.good.get(scheme.name, ())):
            text = scheme.prefix + good
            yield mutant(
                f"refuses good credential {index + 1} of {scheme.name}",
                Instead(partial(_is_given, kit.keys, scheme, text), partial(_always, refusal)),
            )
        if scheme.prefix:
            yield mutant(
                f"refuses {scheme.name} when the name of its scheme is not written {scheme.prefix.strip()}",
                Instead(partial(_is_written_otherwise, kit.keys, scheme), partial(_always, refusal)),
            )
    for status in _OTHERS:
        if status in operation.statuses and "401" in operation.statuses:
            other = kit.refuser.refusal(operation, status)
            deviation = Instead(lambda seen: seen.answer.status == 401, partial(_always, other))
            yield mutant(f"tells 401 as {status}", deviation)


def _unchecked(keys: Keys, operation: Operation, is_such: Callable[[Seen], bool]) -> Resent:
    """Does not refuse some sort of credential."""
    return Resent(
        lambda seen: seen.answer.status in _REFUSED and is_such(seen),
        lambda seen: keys.authorised(operation, seen.request),
        lambda answer: answer.status not in _REFUSED,
    )


def _is_given(keys: Keys, scheme: SecurityScheme, text: str, seen: Seen) -> bool:
    return seen.answer.is_success and keys.given(seen.request, scheme) == text


def _is_written_otherwise(keys: Keys, scheme: SecurityScheme, seen: Seen) -> bool:
    """Whether the scheme's name stands in front of the credential in another case."""
    given = keys.given(seen.request, scheme)
    return seen.answer.is_success and given is not None and not given.startswith(scheme.prefix)


def _always(answer: Answer, _seen: Seen) -> Answer:
    return answer


def _kinds(kit: Kit, operation: Operation) -> dict[str, Callable[[Seen], bool]]:
    """What may stand in the place of a good credential, in words."""
    schemes, keys = kit.keys.schemes(operation), kit.keys
    others = [
        good for name, listed in keys.good.items() for good in listed if name not in {item.name for item in schemes}
    ]

    def texts(seen: Seen) -> list[tuple[str, str, list[str]]]:
        found = [(scheme, keys.given(seen.request, scheme)) for scheme in schemes]
        return [
            (text, scheme.prefix, list(keys.good.get(scheme.name, ()))) for scheme, text in found if text is not None
        ]

    kinds: dict[str, Callable[[Seen], bool]] = {
        "any credential, and none,": lambda _seen: True,
        "no credential": lambda seen: not texts(seen),
        "a wrong credential": lambda seen: any(
            text.startswith(prefix) and not any(good in text for good in (*goods, *others)) and len(text) > len(prefix)
            for text, prefix, goods in texts(seen)
        ),
        "a good credential with more behind it": lambda seen: any(
            text != prefix + good and text.startswith(prefix + good)
            for text, prefix, goods in texts(seen)
            for good in goods
        ),
    }
    if any(scheme.prefix for scheme in schemes):
        kinds["a credential of another scheme than the documented one"] = lambda seen: any(
            prefix and not text.lower().startswith(prefix.lower()) and " " in text for text, prefix, _ in texts(seen)
        )
        kinds["a credential without its scheme"] = lambda seen: any(
            prefix and text and " " not in text and text.lower() != prefix.strip().lower()
            for text, prefix, _ in texts(seen)
        )
    if others:
        kinds["the credential of other operations"] = lambda seen: any(
            text == prefix + other for text, prefix, _ in texts(seen) for other in others
        )
    return kinds
