"""A profile: what the harness must know of one server beside its contract, as data.

    url = "http://127.0.0.1:8000"
    urls = { Billing = "http://127.0.0.1:8001" }   # operations, by tag or id, that another server has
    writes = false                           # only operations that --include names may change anything
    stateless = true                         # a mock: what needs a memory (bindings, rules about answers) is off

    [credentials.bearerKey]                  # the name of a security scheme of the contract
    env = "API_KEY"                          # the variable that holds the credential
    also = ["LEGACY_API_KEY"]                # other good forms, used when they are set

    [bindings]                               # for a property or path parameter of any operation
    versionId = "ver_123"                    # one known id (text or a whole number), or a list of them
    customId = { unique = true }             # must be new each time: carries a nonce of the run

    [bindings.createThing]                   # for one operation; a dotted name is a nested property
    "parts.id" = ["p1", "p2"]
    parentId = { created = "createThing" }   # an id that this run has created, or null where that is allowed

    [rules.off]                              # rule, or operation.rule = why it is not judged
    "createThing.status-as-asked" = "known, ticket 12"

    [[expected]]                             # findings that are known; one that no longer occurs is reported
    operation = "createThing"                # or "*"
    check = "schema_conformance"
    rule = "..."                             # optional
    reason = "fixed in the next release"

    [mutants.accepted]                       # ids of mutants (* and ? stand for any text) = why they may live
    "createThing answers 201 with owner *" = "the server's own choice"

    [budgets]
    seconds = 60                             # of the whole run
    fuzzing = 50                             # cases of each operation
    stateful = 25                            # scenarios

Bindings only ever replace what a case has; they never add a property.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING

from speclock.core.errors import ProfileError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from speclock.core.contract import Contract, Operation
    from speclock.core.findings import Finding
    from speclock.core.rules import Rule

__all__ = ["Binding", "Budgets", "CredentialSource", "Expectation", "Profile", "check_profile", "load_profile"]

#: Every operation, in an expectation.
ANY = "*"
#: The tables and keys of a profile.
_KEYS = {
    "bindings",
    "budgets",
    "credentials",
    "expected",
    "mutants",
    "rules",
    "stateless",
    "url",
    "urls",
    "writes",
}
#: Names that a complaint lists; of more, those that are alike.
_LISTED = 20


@dataclass(frozen=True, slots=True)
class CredentialSource:
    """Where the credential of one security scheme comes from."""

    scheme: str
    env: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binding:
    """What stands in for a generated value: known ids, one that the run created, or a fresh one."""

    values: tuple[str | int, ...] = ()
    created: str | None = None
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Expectation:
    """A finding that is known."""

    operation: str
    check: str
    rule: str | None
    reason: str

    def covers(self, finding: Finding) -> bool:
        """Whether `finding` is the expected one."""
        return (
            self.operation in (ANY, finding.operation)
            and self.check == finding.check
            and self.rule in (None, finding.rule)
        )


@dataclass(frozen=True, slots=True)
class Budgets:
    """How much a run may do; None leaves it to the command line or the default."""

    seconds: float | None = None
    fuzzing: int | None = None
    stateful: int | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One server, as its tester knows it."""

    name: str = "none"
    url: str | None = None
    #: Of the operations that another server has, by tag or operation id.
    urls: Mapping[str, str] = field(default_factory=dict)
    #: Whether operations that may change something are run without being named.
    writes: bool = True
    #: Whether the subject remembers nothing, so that no answer can be held against what was sent before.
    stateless: bool = False
    credentials: tuple[CredentialSource, ...] = ()
    #: By operation id; the empty id holds for every operation.
    bindings: Mapping[str, Mapping[str, Binding]] = field(default_factory=dict)
    rules_off: Mapping[str, str] = field(default_factory=dict)
    #: By pattern of ids (`*`, `?`), why mutants may live.
    mutants_accepted: Mapping[str, str] = field(default_factory=dict)
    expected: tuple[Expectation, ...] = ()
    budgets: Budgets = Budgets()

    def binding(self, operation: Operation, path: str) -> Binding | None:
        """The binding for the dotted property `path`, the most particular one first."""
        if self.stateless:
            return None
        name = path.rpartition(".")[2]
        for table in (self.bindings.get(operation.id, {}), self.bindings.get("", {})):
            for key in (path, name):
                if key in table:
                    return table[key]
        return None

    def url_of(self, operation: Operation) -> str | None:
        """Where an operation is."""
        return next((self.urls[name] for name in (operation.id, *operation.tags) if name in self.urls), self.url)

    def binds(self, operation: Operation) -> bool:
        """Whether the profile says anything of this operation's ids or credentials."""
        if self.stateless:
            return False
        schemes = {name for alternative in operation.security for name in alternative}
        return (
            operation.id in self.bindings
            or any(self.binding(operation, name) for name in operation.path_parameters)
            or any(source.scheme in schemes for source in self.credentials)
        )

    def why_off(self, rule: Rule) -> str | None:
        """The reason why `rule` is not judged; None when it is."""
        if self.stateless and not rule.kind.is_constraint:
            return "the subject is stateless: its answers need not fit the requests"
        return self.reason_off(rule.operation, rule.id)

    def is_off(self, operation: str, rule: str) -> bool:
        """Whether the rule or constraint of that name is not judged."""
        return self.reason_off(operation, rule) is not None

    def reason_off(self, operation: str, rule: str) -> str | None:
        """What the profile says why the rule or constraint of that name is not judged."""
        return self.rules_off.get(f"{operation}.{rule}") or self.rules_off.get(rule)


def load_profile(path: Path) -> Profile:
    """Read a profile.

    Raises:
        ProfileError: missing, not TOML, an unknown key, or a value of another type than expected.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProfileError(f"{path}: no such file; give the path of a profile (TOML)") from None
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read ({error.strerror or error})") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path}: not parsable as TOML: {error}") from None
    return _Reader(str(path)).profile(raw)


def check_profile(profile: Profile, contract: Contract, names: Callable[[], AbstractSet[str]]) -> None:
    """See that all a profile names exists in the contract; `names` are those of its rules and constraints.

    Raises:
        ProfileError: an unknown security scheme, operation or rule.
    """
    where = profile.name
    operations = {operation.id for operation in contract.operations}
    schemes = {scheme.name for scheme in contract.schemes}
    for source in profile.credentials:
        _known(where, f"credentials.{source.scheme}", "security scheme", source.scheme, schemes)
    for name in profile.urls:
        tags = {tag for operation in contract.operations for tag in operation.tags}
        _known(where, f"urls.{name}", "operation or tag", name, operations | tags)
    for operation, table in profile.bindings.items():
        if operation:
            _known(where, f"bindings.{operation}", "operation", operation, operations)
        for name, binding in table.items():
            if binding.created is not None:
                _known(where, f"bindings.{name}.created", "operation", binding.created, operations)
    ruled = names() if profile.rules_off else frozenset[str]()
    for rule in profile.rules_off:
        _known(where, "rules.off", "rule or constraint", rule, ruled)
    for expectation in profile.expected:
        _known(where, "expected.operation", "operation", expectation.operation, operations | {ANY})


def _known(where: str, key: str, kind: str, name: str, known: AbstractSet[str]) -> None:
    if name not in known:
        alike = get_close_matches(name, known, 5, 0.5) if len(known) > _LISTED else []
        listed = ", ".join(alike or sorted(known)[:_LISTED]) or "none"
        raise ProfileError(f"{where}: {key}: the contract has no {kind} {name!r}; it has {listed}")


class _Reader:
    """Turns TOML tables into a profile; every complaint names file and key."""

    def __init__(self, name: str) -> None:
        self._name = name

    def profile(self, raw: dict[str, object]) -> Profile:
        self._keys("", raw, _KEYS)
        rules = self._table("rules", raw.get("rules", {}))
        self._keys("rules", rules, {"off"})
        off = self._table("rules.off", rules.get("off", {}))
        mutants = self._table("mutants", raw.get("mutants", {}))
        self._keys("mutants", mutants, {"accepted"})
        accepted = self._table("mutants.accepted", mutants.get("accepted", {}))
        return Profile(
            name=self._name,
            url=None if "url" not in raw else self._text("url", raw["url"]),
            urls={
                name: self._text(f"urls.{name}", value)
                for name, value in self._table("urls", raw.get("urls", {})).items()
            },
            writes=self._truth("writes", raw.get("writes", True)),
            stateless=self._truth("stateless", raw.get("stateless", False)),
            credentials=tuple(
                self._credential(scheme, value)
                for scheme, value in self._table("credentials", raw.get("credentials", {})).items()
            ),
            bindings=self._bindings(self._table("bindings", raw.get("bindings", {}))),
            rules_off={rule: self._reason(f"rules.off.{rule}", reason) for rule, reason in off.items()},
            mutants_accepted={
                name: self._reason(f"mutants.accepted.{name}", reason) for name, reason in accepted.items()
            },
            expected=tuple(self._expected(raw.get("expected", []))),
            budgets=self._budgets(self._table("budgets", raw.get("budgets", {}))),
        )

    def _credential(self, scheme: str, value: object) -> CredentialSource:
        key = f"credentials.{scheme}"
        table = self._table(key, value)
        self._keys(key, table, {"env", "also"})
        if "env" not in table:
            raise self._error(key, "expected `env`, the variable that holds the credential")
        also = table.get("also", [])
        if not isinstance(also, list):
            raise self._error(f"{key}.also", "expected a list of variables")
        return CredentialSource(
            scheme, self._text(f"{key}.env", table["env"]), tuple(self._text(f"{key}.also", item) for item in also)
        )

    def _bindings(self, table: dict[str, object]) -> dict[str, dict[str, Binding]]:
        found: dict[str, dict[str, Binding]] = {"": {}}
        for name, value in table.items():
            if isinstance(value, dict) and not value.keys() & {"created", "unique"}:
                found[name] = {key: self._binding(f"bindings.{name}.{key}", item) for key, item in value.items()}
            else:
                found[""][name] = self._binding(f"bindings.{name}", value)
        return found

    def _binding(self, key: str, value: object) -> Binding:
        items = value if isinstance(value, list) else [value]
        ids = tuple(item for item in items if isinstance(item, str | int) and not isinstance(item, bool))
        if ids and len(ids) == len(items):
            return Binding(values=ids)
        if isinstance(value, dict):
            self._keys(key, value, {"created", "unique"})
            if isinstance(value.get("created"), str) and len(value) == 1:
                return Binding(created=str(value["created"]))
            if value.get("unique") is True and len(value) == 1:
                return Binding(unique=True)
        raise self._error(key, "expected an id, a list of ids, {created = OPERATION} or {unique = true}")

    def _expected(self, value: object) -> list[Expectation]:
        if not isinstance(value, list):
            raise self._error("expected", "expected a list of tables ([[expected]])")
        found = []
        for item in value:
            table = self._table("expected", item)
            self._keys("expected", table, {"operation", "check", "rule", "reason"})
            for key in ("operation", "check", "reason"):
                if key not in table:
                    raise self._error("expected", f"expected {key!r} in each entry")
            found.append(
                Expectation(
                    self._text("expected.operation", table["operation"]),
                    self._text("expected.check", table["check"]),
                    None if "rule" not in table else self._text("expected.rule", table["rule"]),
                    self._reason("expected.reason", table["reason"]),
                )
            )
        return found

    def _budgets(self, table: dict[str, object]) -> Budgets:
        self._keys("budgets", table, {"seconds", "fuzzing", "stateful"})
        for key, value in table.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < math.inf:
                raise self._error(f"budgets.{key}", "expected a number above 0")
            if key != "seconds" and not isinstance(value, int):
                raise self._error(f"budgets.{key}", "expected a whole number")
        seconds, fuzzing, stateful = (table.get(key) for key in ("seconds", "fuzzing", "stateful"))
        return Budgets(
            seconds=float(seconds) if isinstance(seconds, int | float) else None,
            fuzzing=fuzzing if isinstance(fuzzing, int) else None,
            stateful=stateful if isinstance(stateful, int) else None,
        )

    def _keys(self, key: str, table: dict[str, object], known: set[str]) -> None:
        for name in table:
            if name not in known:
                place = f"{key}.{name}" if key else name
                raise self._error(place, f"unknown key; expected {', '.join(sorted(known))}")

    def _table(self, key: str, value: object) -> dict[str, object]:
        if not isinstance(value, dict):
            raise self._error(key, "expected a table")
        return value

    def _text(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not value:
            raise self._error(key, "expected text")
        return value

    def _truth(self, key: str, value: object) -> bool:
        if not isinstance(value, bool):
            raise self._error(key, "expected true or false")
        return value

    def _reason(self, key: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self._error(key, "expected the reason, in words")
        return value

    def _error(self, key: str, text: str) -> ProfileError:
        return ProfileError(f"{self._name}: {key}: {text}")
