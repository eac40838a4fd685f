"""The credential in a request: which one was given, whether it is good, and the same request with a good one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from speclock.mutants.reading import header

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from speclock.core.cases import Request
    from speclock.core.contract import Contract, Operation, SecurityScheme

__all__ = ["Keys", "with_text"]


@dataclass(frozen=True, slots=True)
class Keys:
    """The good credentials of one subject."""

    contract: Contract
    #: By security scheme.
    good: Mapping[str, Sequence[str]] = field(repr=False)

    def schemes(self, operation: Operation) -> list[SecurityScheme]:
        """The schemes that an operation names."""
        names = dict.fromkeys(name for alternative in operation.security for name in alternative)
        return [scheme for name in names if (scheme := self.contract.scheme(name)) is not None]

    def given(self, request: Request, scheme: SecurityScheme) -> str | None:
        """The whole text that stands where the scheme's credential does; None when nothing does."""
        if scheme.place == "header":
            return header(request, scheme.parameter)
        if scheme.place == "query":
            return dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True)).get(scheme.parameter)
        pairs = [part.strip().partition("=") for part in (header(request, "cookie") or "").split(";")]
        return next((value for name, _, value in pairs if name == scheme.parameter), None)

    def has(self, operation: Operation) -> bool:
        """Whether good credentials are at hand."""
        return any(
            alternative and all(self.good.get(name) and self.contract.scheme(name) for name in alternative)
            for alternative in operation.security
        )

    def authorised(self, operation: Operation, request: Request) -> Request | None:
        """The request with good credentials in place of its own; None when none are at hand."""
        for alternative in operation.security:
            schemes = [scheme for name in alternative if (scheme := self.contract.scheme(name)) is not None]
            if len(schemes) == len(alternative) and all(self.good.get(scheme.name) for scheme in schemes):
                for scheme in schemes:
                    request = with_text(request, scheme, scheme.prefix + self.good[scheme.name][0])
                return request
        return None


def with_text(request: Request, scheme: SecurityScheme, value: str) -> Request:
    """The request with this text where the scheme's credential stands."""
    if scheme.place == "query":
        path, _, query = request.target.partition("?")
        pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != scheme.parameter]
        target = f"{path}?{urlencode([*pairs, (scheme.parameter, value)])}"
        return replace(request, target=target, url=request.url.removesuffix(request.target) + target)
    headers = dict(request.headers)
    name = scheme.parameter if scheme.place == "header" else "Cookie"
    before = next((key for key in headers if key.lower() == name.lower()), None)
    old = headers.pop(before) if before is not None else ""
    if scheme.place == "cookie":
        kept = [part for part in old.split(";") if part.strip() and part.strip().partition("=")[0] != scheme.parameter]
        value = "; ".join([*(part.strip() for part in kept), f"{scheme.parameter}={value}"])
    headers[name] = value
    return replace(request, headers=headers)
