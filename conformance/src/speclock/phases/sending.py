"""Sending cases: the pace, the clock, and the credentials that go with a request."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from speclock.core.cases import Case, CaseKind, Exchange, Request
from speclock.phases.transport import NoAnswer, Unwritable
from speclock.phases.writing import Written, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from speclock.core.cases import Answer
    from speclock.core.constraints.parameters import Parameter
    from speclock.core.contract import Contract, Operation, SecurityScheme
    from speclock.phases.transport import Transport

__all__ = ["BudgetSpent", "Courier", "retry_after"]

#: Seconds to wait for an answer before the case counts as one without.
TIMEOUT = 10.0
#: The same for hostile input to an operation that is known to answer none of it; and how much more than the slowest
#: answer so far.
_SHORT_TIMEOUT, _MARGIN = 0.5, 2
#: Seconds in which a server that is there says anything at all.
_ALIVE = 5.0
#: Seconds of a pause that a server may ask for, and how often in a row.
_LONGEST_PAUSE = 60.0
_PATIENT = 5
_TOO_MANY = 429


class BudgetSpent(BaseException):
    """The run's time is over. Not an Exception, so that hypothesis lets it through at once."""


@dataclass
class Courier:
    """Sends cases to one subject."""

    contract: Contract
    transport: Transport
    #: The parameters of an operation, as drafts are written by them.
    parameters: Callable[[Operation], Sequence[Parameter]]
    #: What stands before the path of an operation.
    url: Callable[[Operation], str]
    #: Credential by security scheme.
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Requests a second at most.
    rate: float | None = None
    #: `time.monotonic()` at which to stop.
    deadline: float | None = None
    #: The operations that have left hostile input without an answer.
    hurried: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next: float = 0.0
    _slowest: float = 0.0

    def send(self, case: Case) -> Exchange:
        """Send one case. A server that asks for patience (429 with Retry-After) gets it.

        Raises:
            BudgetSpent: the time is over; nothing was sent.
            NoAnswer: no answer came.
        """
        request, native = self._request(case)
        exchange = self._send(case, request, native)
        for _ in range(_PATIENT):
            pause = retry_after(exchange.answer)
            if pause is None:
                break
            if self.deadline is not None and time.monotonic() + pause >= self.deadline:
                raise BudgetSpent
            time.sleep(pause)
            exchange = self._send(case, request, native)
        return exchange

    def is_alive(self, operation: Operation) -> bool:
        """Whether the server of an operation answers anything."""
        try:
            self.transport.ask("GET", f"{self.url(operation)}/", {"User-Agent": "speclock"}, b"", _ALIVE)
        except NoAnswer:
            return False
        return True

    def is_over(self) -> bool:
        """Whether the time is over."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def stop(self) -> None:
        """Send nothing more, from whatever thread."""
        self.deadline = 0.0

    def reaches(self, exchange: Exchange) -> bool:
        """Whether the request went to its operation: odd values in a path can make it another path."""
        prefix = urlsplit(self.url(exchange.case.operation)).path.rstrip("/")
        template = re.sub(r"\\\{[^{}/]+\\\}", "[^/]+", re.escape(exchange.case.operation.path))
        return re.fullmatch(re.escape(prefix) + template, exchange.request.path) is not None

    def _send(self, case: Case, request: Request, native: Any) -> Exchange:  # noqa: ANN401 - schemathesis's own
        self._wait()
        if self.is_over():
            raise BudgetSpent
        try:
            patience = self._patience(case)
            answer = self.transport.ask(request.method, request.url, request.headers, request.body, patience)
        except NoAnswer as error:
            if self.is_over():
                raise BudgetSpent from None
            error.request = request
            raise
        self._slowest = max(self._slowest, answer.seconds)
        if native is not None:
            from speclock.phases.library import native_answer  # noqa: PLC0415

            answer = replace(answer, native=native_answer(answer, native))
        return Exchange(case, request, answer)

    def _request(self, case: Case) -> tuple[Request, Any]:
        """The request on the wire, and what schemathesis keeps of it when the case is one of its own."""
        native: Any = None
        try:
            if case.draft is not None:
                written = write(case.operation, case.draft, self.parameters(case.operation))
                values: Mapping[str, object] = case.draft.path
            else:
                # Late: see phases.library.
                from speclock.phases.library import prepared  # noqa: PLC0415

                generated: Any = case.native
                base = self.url(case.operation)
                native = prepared(generated, base)
                parts = urlsplit(str(native.url)[len(base) :])
                body = native.body or b""
                target = parts.path + (f"?{parts.query}" if parts.query else "")
                raw = body.encode() if isinstance(body, str) else bytes(body)
                headers = {name: _text(value) for name, value in native.headers.items()}
                written = Written(str(native.method), target, headers, raw)
                values = generated.path_parameters or {}
            return self._with_credentials(case, written, {name: str(value) for name, value in values.items()}), native
        except (ValueError, OverflowError, TypeError, LookupError) as error:
            # Text that no HTTP client can put on the wire, such as a lone surrogate in a path.
            raise Unwritable(f"the request could not be written ({type(error).__name__})") from None

    def _with_credentials(self, case: Case, written: Written, path_parameters: dict[str, str]) -> Request:
        headers = {"User-Agent": "speclock", **written.headers}
        target, cookies = written.target, headers.pop("Cookie", "")
        for scheme, credential in self._credentials(case):
            value = scheme.prefix + credential
            if scheme.place == "header":
                headers[scheme.parameter] = value
            elif scheme.place == "query":
                target += ("&" if "?" in target else "?") + urlencode({scheme.parameter: value})
            else:
                cookies += ("; " if cookies else "") + f"{scheme.parameter}={value}"
        if cookies:
            headers["Cookie"] = cookies
        url = self.url(case.operation) + target
        return Request(
            method=written.method,
            url=url,
            path=urlsplit(url).path,
            target=target,
            headers=headers,
            body=written.body,
            path_parameters=path_parameters,
        )

    def _credentials(self, case: Case) -> list[tuple[SecurityScheme, str]]:
        """Those that the case brings; else those of the first alternative of which every credential is at hand."""
        if case.credentials is not None:
            return [(s, value) for name, value in case.credentials.items() if (s := self.contract.scheme(name))]
        for alternative in case.operation.security:
            schemes = [scheme for name in alternative if (scheme := self.contract.scheme(name))]
            if len(schemes) == len(alternative) and all(scheme.name in self.credentials for scheme in schemes):
                return [(scheme, self.credentials[scheme.name]) for scheme in schemes]
        return []

    def _patience(self, case: Case) -> float:
        longest = TIMEOUT
        if case.kind is not CaseKind.POSITIVE and case.operation.id in self.hurried:
            longest = min(TIMEOUT, max(_SHORT_TIMEOUT, _MARGIN * self._slowest))
        left = longest if self.deadline is None else self.deadline - time.monotonic()
        return min(longest, max(left, 0.01))

    def _wait(self) -> None:
        if self.rate is None:
            return
        with self._lock:
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + 1 / self.rate
        if self.deadline is not None and start >= self.deadline:
            raise BudgetSpent
        if start > now:
            time.sleep(start - now)


def retry_after(answer: Answer) -> float | None:
    """Seconds that a 429 asks to wait (RFC 6585, section 4; RFC 9110, section 10.2.3); None when it does not."""
    if answer.status != _TOO_MANY:
        return None
    text = next((value for name, value in answer.headers.items() if name.lower() == "retry-after"), "").strip()
    if text.isdigit():
        seconds = float(text)
    else:
        try:
            seconds = (parsedate_to_datetime(text) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return None
    return max(seconds, 0.0) if seconds <= _LONGEST_PAUSE else None


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
