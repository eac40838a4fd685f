"""Which credentials an operation takes: whoever had enough of them, and now has not."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from speclock.core.documents import JsonValue, join
from speclock.core.errors import ContractError

if TYPE_CHECKING:
    from speclock.core.contract import Contract, Operation

__all__ = ["Credentials", "credentials_of", "enough", "said"]

#: What is needed together: how each credential is sent, and the scopes that it must have.
Credentials: TypeAlias = "frozenset[tuple[str, str]]"


def credentials_of(contract: Contract, operation: Operation) -> list[Credentials]:
    """The alternatives, each as what is sent (the name of a scheme never is); an empty one: nothing is needed."""
    raw = contract.document.at(operation.pointer)
    own = isinstance(raw, dict) and "security" in raw
    value = raw["security"] if isinstance(raw, dict) and own else contract.document.value.get("security", [])
    alternatives = [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
    found = [
        frozenset(part for name, scopes in entry.items() for part in _parts(contract, name, scopes))
        for entry in alternatives
    ]
    return list(dict.fromkeys(found)) or [frozenset()]


def enough(have: Credentials, alternatives: list[Credentials]) -> bool:
    """Whether these credentials satisfy one of the alternatives."""
    return any(needed <= have for needed in alternatives)


def said(credentials: Credentials) -> str:
    """In words."""
    if not credentials:
        return "no credential"
    return " and ".join(f"{how}{f' ({scope})' if scope else ''}" for how, scope in sorted(credentials))


def _parts(contract: Contract, name: str, scopes: JsonValue) -> list[tuple[str, str]]:
    try:
        scheme = contract.document.resolve(join("/components/securitySchemes", name))[1]
    except ContractError:
        scheme = {}
    how = _how(scheme if isinstance(scheme, dict) else {})
    listed = [str(scope) for scope in scopes] if isinstance(scopes, list) else []
    return [(how, ""), *((how, scope) for scope in listed)]


def _how(scheme: dict[str, JsonValue]) -> str:
    kind = str(scheme.get("type", ""))
    if kind == "apiKey":
        name, place = str(scheme.get("name")), str(scheme.get("in"))
        return f"{place} {name.lower() if place == 'header' else name}"
    if kind == "http":
        return f"Authorization: {str(scheme.get('scheme', '')).capitalize()}"
    if kind in ("oauth2", "openIdConnect"):
        return "Authorization: Bearer"
    return kind
