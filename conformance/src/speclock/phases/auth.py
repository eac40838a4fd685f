"""The auth phase: the same request with no credential, a wrong, a foreign and a malformed one, and every good one.

Nothing else about the requests is wrong, so that a refusal can only be for the credential. Whatever is to be refused is
asked beside all that may stand in the optional places, because a server may forget its check on one path through its
code.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from speclock.core.cases import Case, CaseKind, Demand
from speclock.core.documents import join
from speclock.phases.base import Desk, Work

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from speclock.core.cases import Draft
    from speclock.core.contract import Operation, SecurityScheme

__all__ = ["Auth", "wrong_credential"]

_NAME = "auth"
_REFUSED = frozenset({401, 403})
_ACCEPTED = frozenset(range(200, 300))
_WRONG = "speclock0wrong0credential"
#: The kind of a key, as many services write it in front; it tells nothing of the key itself.
_KIND = re.compile(r"[A-Za-z]{2,8}[_-]")


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What is given in place of the credential."""

    name: str
    words: str
    #: By security scheme; the scheme's own way to carry it.
    credentials: dict[str, str]
    #: Written by hand, where a scheme would not write it so.
    header: tuple[str, str] | None = None
    is_good: bool = False
    #: Whether it is made beside everything that may stand in the other places.
    is_repeated: bool = True


class Auth:
    """Asks with all sorts of credentials."""

    def works(self, desk: Desk, operations: Sequence[Operation], turn: int) -> Iterator[Work]:  # noqa: ARG002
        """See Phase."""
        for operation in operations:
            if operation.security:
                yield Work(_NAME, operation.id, partial(_send, operation), (operation,), promises=8, cost=30)


def _send(operation: Operation, desk: Desk) -> None:
    drafts = desk.plan(operation).turns()
    for attempt in _attempts(desk, operation) if drafts else ():
        for draft in drafts if attempt.is_repeated else drafts[:1]:
            desk.take(_case(desk, operation, draft, attempt))


def _case(desk: Desk, operation: Operation, draft: Draft, attempt: _Attempt) -> Case:
    if attempt.header is not None:
        draft = replace(draft, headers={**draft.headers, attempt.header[0]: attempt.header[1]})
    demand = Demand(
        check="credential_conformance" if attempt.is_good else "credential_rejection",
        rule=attempt.name,
        statuses=_ACCEPTED if attempt.is_good else _refused(desk, operation),
        pointer=join(operation.pointer, "security"),
        given=attempt.words,
    )
    kind = CaseKind.POSITIVE if attempt.is_good else CaseKind.NEGATIVE
    case = desk.maker.finish(Case(operation, _NAME, kind, attempt.words, draft=draft))
    # A good credential beside an id that may not exist is no demand; the refusal is judged like any other.
    is_sure = not attempt.is_good or (case.kind is CaseKind.POSITIVE and not (case.unbound or case.guessed))
    return replace(case, demand=demand if is_sure else None, credentials=attempt.credentials)


def _refused(desk: Desk, operation: Operation) -> frozenset[int]:
    """401, and 403 unless the contract says when it is which (RFC 9110: 403 is for credentials that are good)."""
    promised = desk.refusals(operation)
    return frozenset({401}) if promised is not None and 401 in promised.order else _REFUSED


def wrong_credential(good: str) -> str:
    """Nobody's credential, in the form of a good one, so that it is not refused for its form alone."""
    kind = _KIND.match(good)
    return (kind.group() if kind else "") + _WRONG


def _attempts(desk: Desk, operation: Operation) -> Iterator[_Attempt]:
    names = dict.fromkeys(name for alternative in operation.security for name in alternative)
    schemes = [scheme for name in names if (scheme := desk.contract.scheme(name)) is not None]
    yield _Attempt("credential: none", "a request without a credential", {})
    if desk.profile.stateless:
        return  # what is a good credential, a mock cannot know
    wrong = {scheme.name: wrong_credential(_good(desk, scheme.name)) for scheme in schemes}
    if wrong:
        yield _Attempt("credential: wrong", "a wrong credential", wrong)
    if any(len(alternative) > 1 for alternative in operation.security):
        yield from _together(desk, operation)
        return  # several are needed at once: which of them a malformed one stands for cannot be said
    for scheme in schemes:
        yield from _malformed(scheme, wrong[scheme.name], _good(desk, scheme.name))
        yield from _foreign(desk, scheme, names)
        yield from _good_forms(desk, scheme)


def _together(desk: Desk, operation: Operation) -> Iterator[_Attempt]:
    """Of credentials that are needed together, all, and all but one."""
    for alternative in operation.security:
        good = {name: _good(desk, name) for name in alternative}
        if len(alternative) < 2 or not all(good.values()):
            continue
        together = " and ".join(alternative)
        yield _Attempt(f"{together}: good", f"good credentials of {together}", good, is_good=True, is_repeated=False)
        for name in alternative:
            rest = {other: value for other, value in good.items() if other != name}
            if not any(set(listed) <= rest.keys() for listed in operation.security):
                yield _Attempt(f"{name}: missing", f"all credentials but that of {name}", rest)


def _foreign(desk: Desk, scheme: SecurityScheme, names: dict[str, None]) -> Iterator[_Attempt]:
    for other in desk.contract.schemes:
        good = _good(desk, other.name)
        if other.name == scheme.name or not good or good in desk.credentials.get(scheme.name, ()):
            continue
        words = f"the credential of {other.name} in the place of {scheme.name}"
        yield _Attempt(f"{scheme.name}: of {other.name}", words, {scheme.name: good})
        if other.name not in names:
            yield _Attempt(
                f"{scheme.name}: {other.name} alone", f"the credential of {other.name} alone", {other.name: good}
            )


def _good_forms(desk: Desk, scheme: SecurityScheme) -> Iterator[_Attempt]:
    for index, good in enumerate(desk.credentials.get(scheme.name, ())):
        words = f"good credential {index + 1} of {scheme.name}"
        name = f"{scheme.name}: good {index + 1}"
        yield _Attempt(name, words, {scheme.name: good}, is_good=True, is_repeated=index > 0)
        if index > 0:
            words = f"a wrong credential in the form of good credential {index + 1} of {scheme.name}"
            yield _Attempt(f"{scheme.name}: wrong {index + 1}", words, {scheme.name: wrong_credential(good)})
        if index == 0 and scheme.prefix == "Bearer ":
            words = "a good credential under the scheme in lower case (RFC 9110, section 11.1)"
            header = (scheme.parameter, f"bearer {good}")
            yield _Attempt(f"{scheme.name}: lower case", words, {}, header, is_good=True, is_repeated=False)


def _malformed(scheme: SecurityScheme, wrong: str, good: str) -> Iterator[_Attempt]:
    if scheme.place != "header":
        if good:
            words = "a good credential with more behind it"
            yield _Attempt(f"{scheme.name}: longer", words, {scheme.name: f"{good}x"})
        return
    forms: list[tuple[str, str, str]] = []
    if scheme.prefix:
        word = scheme.prefix.strip()
        basic = base64.b64encode(f"speclock:{wrong}".encode()).decode()
        other = f"Bearer {wrong}" if word == "Basic" else f"Basic {basic}"
        forms += [
            ("scheme alone", f"`{word}` and no more", word),
            ("without scheme", "a credential without its scheme", good or wrong),
            ("another scheme", "another authentication scheme", other),
            ("two", "two credentials in one", f"{scheme.prefix}{wrong} {wrong}"),
        ]
        if good and word != "Basic":
            forms.append(("good under Basic", "a good credential under the scheme Basic", f"Basic {good}"))
    else:
        forms.append(("empty", "an empty credential", ""))
    if good:
        forms.append(("longer", "a good credential with more behind it", f"{scheme.prefix}{good}x"))
    for name, words, value in forms:
        yield _Attempt(f"{scheme.name}: {name}", words, {}, (scheme.parameter, value))


def _good(desk: Desk, name: str) -> str:
    listed = desk.credentials.get(name, ())
    return listed[0] if listed else ""
