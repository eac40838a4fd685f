"""A small server that keeps `keys.yaml`, and copies of it that take one thing for a good credential that is none."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request

__all__ = ["FAULTS", "GOOD", "LEGACY", "keys_app"]

#: Good credentials, by security scheme; that of `basic` as it stands in the header.
GOOD = {
    "bearer": "gsk_7d1f2a9c4e",
    "basic": base64.b64encode(b"me:Tr0ub4dor+3").decode(),
    "header": "hdr-51e0b7aa9d",
    "query": "qry-0c9d8e7f6a",
    "cookie": "ckie-2b3c4d5e6f",
}
#: A bearer key of the form that the keys had before.
LEGACY = "gsk-000011112222"

#: What a broken server does, the operation where it does so, and the rule of the finding, or how it begins.
FAULTS = {
    "asks for no bearer key": ("byBearer", "credential: none"),
    "asks for no basic credential": ("byBasic", "credential: none"),
    "asks for no key in the header": ("byHeader", "credential: none"),
    "asks for no key in the query": ("byQuery", "credential: none"),
    "asks for no key in the cookie": ("byCookie", "credential: none"),
    "takes any bearer key": ("byBearer", "credential: wrong"),
    "takes any basic credential": ("byBasic", "credential: wrong"),
    "takes any key in the header": ("byHeader", "credential: wrong"),
    "takes any key in the query": ("byQuery", "credential: wrong"),
    "takes any key in the cookie": ("byCookie", "credential: wrong"),
    "takes any key of the old form": ("byBearer", "bearer: wrong 2"),
    "takes the word Bearer alone": ("byBearer", "bearer: scheme alone"),
    "takes a bearer key without its scheme": ("byBearer", "bearer: without scheme"),
    "takes a bearer key under the scheme Basic": ("byBearer", "bearer: good under Basic"),
    "takes any other scheme": ("byBearer", "bearer: another scheme"),
    "takes two keys in one": ("byBearer", "bearer: two"),
    "looks at how a bearer key begins": ("byBearer", "bearer: longer"),
    "looks at how a key in the header begins": ("byHeader", "header: longer"),
    "takes an empty key": ("byHeader", "header: empty"),
    "takes the bearer key in the header": ("byHeader", "header: of bearer"),
    "takes the bearer key where the header's is asked for": ("byHeader", "header: bearer alone"),
    "takes the header's key as a bearer key": ("byBearer", "bearer: of header"),
    "needs but one of two": ("byBoth", "header: missing"),
    "needs but the other of two": ("byBoth", "bearer: missing"),
}
#: What a broken server refuses that is good.
REFUSALS = {
    "refuses the old form": ("byBearer", "bearer: good 2"),
    "refuses the new form": ("byBearer", "bearer: good 1"),
    "wants the scheme in capitals": ("byBearer", "bearer: lower case"),
    "refuses the key in the query": ("byQuery", "query: good 1"),
    "refuses the key in the cookie": ("byCookie", "cookie: good 1"),
    "takes no two credentials at once": ("byBoth", "bearer and header: good"),
}


class Keys:
    """What is a good credential, but for one fault."""

    def __init__(self, fault: str | None) -> None:
        assert fault is None or fault in FAULTS or fault in REFUSALS
        self.fault = fault

    def has(self, name: str) -> bool:
        assert name in FAULTS or name in REFUSALS, name
        return self.fault == name

    def bearer(self, request: Request) -> bool:  # noqa: PLR0911 - one line for each fault
        text = request.headers.get("authorization", "")
        scheme, _, key = text.partition(" ")
        if not text:
            return self.has("asks for no bearer key")
        if not key and scheme == "Bearer":
            return self.has("takes the word Bearer alone")
        if not key:
            return scheme in (GOOD["bearer"], LEGACY) and self.has("takes a bearer key without its scheme")
        if scheme.lower() != "bearer":
            is_good = key == GOOD["bearer"]
            return self.has("takes a bearer key under the scheme Basic" if is_good else "takes any other scheme")
        if " " in key:
            return self.has("takes two keys in one")
        if scheme != "Bearer" and self.has("wants the scheme in capitals"):
            return False
        if key == LEGACY:
            return not self.has("refuses the old form")
        if key == GOOD["bearer"]:
            return not self.has("refuses the new form")
        if key.startswith(GOOD["bearer"]):
            return self.has("looks at how a bearer key begins")
        if key == GOOD["header"]:
            return self.has("takes the header's key as a bearer key")
        if key in GOOD.values():
            return False
        return self.has("takes any key of the old form" if key.startswith("gsk-") else "takes any bearer key")

    def basic(self, request: Request) -> bool:
        text = request.headers.get("authorization", "")
        scheme, _, key = text.partition(" ")
        if not text:
            return self.has("asks for no basic credential")
        if scheme.lower() != "basic":
            return False
        try:
            base64.b64decode(key, validate=True)
        except binascii.Error:
            return self.has("takes any basic credential")
        return key == GOOD["basic"]

    def header(self, request: Request) -> bool:
        key = request.headers.get("x-key")
        if key is None:
            bearer = request.headers.get("authorization") == f"Bearer {GOOD['bearer']}"
            return self.has(
                "takes the bearer key where the header's is asked for" if bearer else "asks for no key in the header"
            )
        if not key:
            return self.has("takes an empty key")
        if key == GOOD["bearer"]:
            return self.has("takes the bearer key in the header")
        if key == GOOD["header"]:
            return True
        if key.startswith(GOOD["header"]):
            return self.has("looks at how a key in the header begins")
        return key not in GOOD.values() and self.has("takes any key in the header")

    def query(self, request: Request) -> bool:
        (key,) = parse_qs(request.url.query).get("key", [""])
        return self._plain(key, "query")

    def cookie(self, request: Request) -> bool:
        return self._plain(request.cookies.get("key", ""), "cookie")

    def _plain(self, key: str, place: str) -> bool:
        if not key:
            return self.has(f"asks for no key in the {place}")
        if key == GOOD[place]:
            return not self.has(f"refuses the key in the {place}")
        return key not in GOOD.values() and self.has(f"takes any key in the {place}")

    def either(self, request: Request) -> bool:
        return self.bearer(request) if "authorization" in request.headers else self.header(request)

    def both(self, request: Request) -> bool:
        bearer, header = self.bearer(request), self.header(request)
        if "x-key" not in request.headers:
            return bearer and self.has("needs but one of two")
        if "authorization" not in request.headers:
            return header and self.has("needs but the other of two")
        return bearer and header and not self.has("takes no two credentials at once")


def keys_app(fault: str | None = None, *, echo: bool = False) -> Starlette:
    """The server with one fault, or none; with `echo` it says in its answers what credential it was given."""
    keys = Keys(fault)

    async def answer(request: Request) -> Response:
        name = request.url.path[1:]
        is_good = name == "open" or bool(getattr(keys, name)(request))
        said = f"{request.url} {sorted(request.headers.items())}" if echo else ""
        return Response(said, 200 if is_good else 401, {"X-Said": said})

    return Starlette(routes=[Route("/{name}", answer, methods=["GET"])])
