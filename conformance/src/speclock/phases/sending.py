"""Sending cases: the transport, the pace, the clock, and the credentials that go with a request."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import requests

from speclock.core.cases import Answer, Case, Exchange, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from schemathesis.core.transport import Response
    from schemathesis.generation.case import Case as NativeCase

    from speclock.core.contract import Contract, Operation, SecurityScheme

__all__ = ["BudgetSpent", "Courier", "NoAnswer", "Unwritable"]

#: Seconds to wait for an answer before the case counts as one without.
TIMEOUT = 10.0
_ADDED_BY_TRANSPORT = frozenset({"x-schemathesis-testcaseid"})


class BudgetSpent(BaseException):
    """The run's time is over. Not an Exception, so that hypothesis lets it through at once."""


class NoAnswer(Exception):  # noqa: N818 - said of the subject, caught by the engine
    """The request was not answered; the text says why, without the request."""


class Unwritable(NoAnswer):
    """The request was never sent: no HTTP client can put it on the wire."""


@dataclass
class Courier:
    """Sends cases to one subject."""

    contract: Contract
    #: What stands before every path of the contract.
    url: str
    #: Credential by security scheme.
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    #: Requests a second at most.
    rate: float | None = None
    #: `time.monotonic()` at which to stop.
    deadline: float | None = None
    _local: threading.local = field(default_factory=threading.local)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next: float = 0.0

    def send(self, case: Case, *, credentials: Mapping[str, str] | None = None) -> Exchange:
        """Send one case; `credentials` stand in for the run's own.

        Raises:
            BudgetSpent: the time is over; nothing was sent.
            NoAnswer: no answer came.
        """
        self._wait()
        if self.is_over():
            raise BudgetSpent
        native = cast("NativeCase[Any]", case.native)
        parts = self._parts(case.operation, self.credentials if credentials is None else credentials)
        parts["headers"]["User-Agent"] = "speclock"
        try:
            response = native.call(
                base_url=self.url,
                session=self._session(),
                timeout=self._patience(),
                allow_redirects=False,  # a redirect is the answer; following it would carry credentials elsewhere
                **parts,
            )
        except requests.RequestException as error:
            if self.is_over():
                raise BudgetSpent from None
            raise NoAnswer(_reason(error)) from None
        except (ValueError, OverflowError, TypeError, LookupError) as error:
            # Generated text that no HTTP client can put on the wire, such as a lone surrogate in a path.
            raise Unwritable(f"the request could not be written ({type(error).__name__})") from None
        except Exception as error:
            if native.operation.app is None:
                raise
            raise NoAnswer(f"the application failed outside of a request ({type(error).__name__})") from None
        return self._exchange(case, native, response)

    def is_over(self) -> bool:
        """Whether the time is over."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def stop(self) -> None:
        """Send nothing more, from whatever thread."""
        self.deadline = 0.0

    def _patience(self) -> float:
        left = TIMEOUT if self.deadline is None else self.deadline - time.monotonic()
        return min(TIMEOUT, max(left, 0.01))

    def _exchange(self, case: Case, native: NativeCase[Any], response: Response) -> Exchange:
        sent = response.request
        body = sent.body or b""
        url = sent.url or ""
        request = Request(
            method=str(sent.method),
            url=url,
            path=urlsplit(url).path,
            headers={k: _text(v) for k, v in sent.headers.items() if k.lower() not in _ADDED_BY_TRANSPORT},
            body=body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else b"",
            path_parameters={name: str(value) for name, value in (native.path_parameters or {}).items()},
        )
        headers = {name: ", ".join(values) for name, values in response.headers.items()}
        answer = Answer(response.status_code, headers, response.content, response.elapsed, response)
        return Exchange(case, request, answer)

    def _parts(self, operation: Operation, credentials: Mapping[str, str]) -> dict[str, dict[str, str]]:
        parts: dict[str, dict[str, str]] = {"headers": {}}
        for scheme in self._schemes(operation, credentials):
            place = {"header": "headers", "query": "params", "cookie": "cookies"}[scheme.place]
            parts.setdefault(place, {})[scheme.parameter] = scheme.prefix + credentials[scheme.name]
        return parts

    def _schemes(self, operation: Operation, credentials: Mapping[str, str]) -> list[SecurityScheme]:
        """The first alternative of which every credential is at hand."""
        for alternative in operation.security:
            schemes = [scheme for name in alternative if (scheme := self.contract.scheme(name))]
            if len(schemes) == len(alternative) and all(scheme.name in credentials for scheme in schemes):
                return schemes
        return []

    def _session(self) -> requests.Session:
        session = getattr(self._local, "session", None)
        if not isinstance(session, requests.Session):
            session = requests.Session()
            session.trust_env = False  # a .netrc or a proxy of this machine is none of the contract's business
            session.headers = cast("Any", {})
            self._local.session = session
        session.cookies.clear()
        return session

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

    def reaches(self, exchange: Exchange) -> bool:
        """Whether the request went to its operation: odd values in a path can make it another path."""
        prefix = urlsplit(self.url).path.rstrip("/")
        template = re.sub(r"\\\{[^{}/]+\\\}", "[^/]+", re.escape(exchange.case.operation.path))
        return re.fullmatch(re.escape(prefix) + template, exchange.request.path) is not None


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return f"no answer within {TIMEOUT:.0f} s"
    if isinstance(error, requests.exceptions.SSLError):
        return "TLS failed: the certificate is not trusted, or the port does not speak TLS"
    if "BadStatusLine" in repr(error):
        return "what came back is not HTTP"
    return f"the connection failed ({type(error).__name__})"


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
