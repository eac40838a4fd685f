"""A small server that keeps `hostile.yaml`, and copies of it that hostile input, or odd legal input, upsets."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.requests import Request

__all__ = ["CHOICES", "FAULTS", "NO_ALLOW", "hostile_app", "strict_json"]

#: A fault of every path, not of one operation.
NO_ALLOW = "does not say which methods it allows"
LIMIT = 300 * 1024
_NOTHING = b'{"text": ""}'

#: "takes ...": what a broken server takes for JSON, and how it reads it.
READINGS: dict[str, Callable[[bytes], bytes]] = {
    "a body cut short": lambda raw: raw if raw.rstrip().endswith(b"}") else raw + b"}",
    "a brace and no more": lambda raw: _NOTHING if raw == b"{" else raw,
    "a comment": lambda raw: re.sub(rb"//.*", b"", raw),
    "two values": lambda raw: re.sub(rb"\} \{.*", b"}", raw),
    "a NUL behind the value": lambda raw: raw.rstrip(b"\0"),
    "white space alone": lambda raw: raw if raw.strip() else _NOTHING,
    "no JSON at all": lambda raw: _NOTHING if raw == b"hello" else raw,
    "a form": lambda raw: _NOTHING if re.fullmatch(rb"\w+=\w+(&\w+=\w+)*", raw) else raw,
    "NUL bytes": lambda raw: raw if raw.strip(b"\0") else _NOTHING,
    "a comma too many": lambda raw: re.sub(rb",\s*\}", b"}", raw),
    "single quotes": lambda raw: re.sub(rb"'([\w-]+)'", rb'"\1"', raw),
    "a name without quotes": lambda raw: re.sub(rb"([{,])\s*([\w-]+):", rb'\1"\2":', raw),
    "a leading zero": lambda raw: re.sub(rb": 0+(\d)", rb": \1", raw),
    "a number that ends with its point": lambda raw: re.sub(rb"(\d)\.\}", rb"\1}", raw),
    "a line end inside a text": lambda raw: raw.replace(b'"\n"', b'""'),
    "an escape that is none": lambda raw: raw.replace(b"\\x41", b"A"),
    "bytes that are no UTF-8": lambda raw: raw.replace(b"\xff", b"?"),
    "a surrogate written as UTF-8": lambda raw: raw.replace(b"\xed\xa0\x80", b"?"),
    "NaN": lambda raw: raw.replace(b"NaN", b"null"),
    "Infinity": lambda raw: raw.replace(b"-Infinity", b"null"),
    "another word than true": lambda raw: raw.replace(b"True", b"true"),
    "brackets without end": lambda raw: re.sub(rb"\[{9,}\}", b"[]}", raw),
}
#: "crashes on ...", "refuses ...": legal texts, and by what they are known.
TEXTS = {
    "NUL": "\0",
    "control characters": "\x01",
    "characters beyond the basic plane": "\U0001f600",
    "combining characters": "\u0300\u0327\u0300\u0327",
    "text that runs to the left": "\u202e",
    "a byte order mark and a noncharacter": "\ufffe",
    "what databases and shells read": "'; --",
    "a long text": "long " * 4000,
}
#: "crashes on ...": what a server may take and may refuse, and by what it is known.
CHOICES = {
    "a byte order mark": b"\xef\xbb\xbf{",
    "UTF-16": b"\xff\xfe{",
    "a name twice": b'"speclock-extra": 2',
    "a lone surrogate": b"\\ud800",
    "a number beyond a double": b"1e400",
    "an integer of ten thousand digits": b"9" * 10_000,
    "deep nesting": b"[]" + b"]" * 10_000,
    "a very long name": b"n" * 10_000,
    "ten thousand names": b'"n9999"',
}
#: "crashes on ...": odd values, and the place of the address where they stand.
ADDRESSES = {
    "an odd value in the path at shelf": "shelf",
    "an odd value in the query at text": "text",
    "an odd value in the query at limit": "limit",
    "an odd value in the header at X-Trace": "X-Trace",
    "an odd value in the cookie at theme": "theme",
    "a query parameter that nobody documents": "speclock-extra",
}
#: How a broken server keeps texts, and the one that shows it.
KEPT: dict[str, tuple[str, Callable[[str], str]]] = {
    "cuts texts at a NUL": ("NUL", lambda text: text.partition("\0")[0]),
    "drops control characters": ("control characters", lambda text: re.sub("[\x01-\x1f]", "", text)),
    "replaces what is beyond the basic plane": (
        "characters beyond the basic plane",
        lambda text: re.sub("[\U00010000-\U0010ffff]", "?", text),
    ),
    "composes characters": ("combining characters", lambda text: unicodedata.normalize("NFC", text)),
    "drops byte order marks": ("a byte order mark and a noncharacter", lambda text: text.replace("\ufeff", "")),
    "cuts long texts": ("a long text", lambda text: text[:10_000]),
}
#: "takes ...": media types that are not JSON's, or not the documented one.
OTHER_MEDIA_TYPES = (
    "text/plain",
    "text/json",
    "application/xml",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "application/vnd.speclock+json",
)


class Fault(NamedTuple):
    """What a broken server does wrong: what the finding of it must be, and the case that shows it."""

    check: str
    rule: str
    shown: str
    operation: str = "createNote"


def _shown(words: str) -> str:
    """The case with the smallest request that shows it: a long text is the shorter where it stands but once."""
    return f"{words} beside other values" if words == "a long text" else f"{words} in every text"


#: By what a broken server does.
FAULTS = {
    **{f"takes {words}": Fault("malformed_body_rejection", words, words) for words in READINGS},
    **{f"crashes on {words}": Fault("status_conformance", "status 500", words) for words in CHOICES},
    **{f"crashes on {words}": Fault("status_conformance", "status 500", _shown(words)) for words in TEXTS},
    **{f"refuses {words}": Fault("acceptance_conformance", "status 400", _shown(words)) for words in TEXTS},
    **{f"crashes on {words}": Fault("status_conformance", "status 500", words, "findNotes") for words in ADDRESSES},
    **{name: Fault("rule_conformance", "text-comes-back", _shown(text)) for name, (text, _) in KEPT.items()},
    **{
        f"takes {media_type}": Fault("media_type_rejection", f"JSON sent as {media_type}", f"JSON sent as {media_type}")
        for media_type in OTHER_MEDIA_TYPES
    },
    "answers a wrong media type with 400": Fault(
        "media_type_rejection", "JSON sent as text/plain", "JSON sent as text/plain"
    ),
    "answers what is no JSON with 413": Fault("malformed_body_rejection", "two values", "two values"),
    "answers a lone surrogate with 422": Fault("status_conformance", "status 422", "a lone surrogate"),
    "answers odd values with 422": Fault(
        "status_conformance", "status 422", "an odd value in the cookie at theme", "findNotes"
    ),
    "takes bodies of any size": Fault("size_rejection", f"a body of {LIMIT + 1} bytes", f"a body of {LIMIT + 1} bytes"),
    "takes a byte too few": Fault("acceptance_conformance", f"a body of {LIMIT} bytes", f"a body of {LIMIT} bytes"),
    "wants the media type alone": Fault(
        "acceptance_conformance", "status 415", "the media type as application/json; charset=utf-8"
    ),
    "wants the media type in small letters": Fault(
        "acceptance_conformance", "status 415", "the media type as Application/JSON"
    ),
    "wants no white space": Fault("acceptance_conformance", "status 400", "white space and escapes in the JSON"),
    "refuses in HTML": Fault("media_type_conformance", "400 media type", "a brace and no more"),
    "refuses without a message": Fault(
        "schema_conformance",
        "400 /paths/~1notes/post/responses/400/content/application~1json/schema/required",
        "a brace and no more",
    ),
    "crashes on what is no JSON": Fault("status_conformance", "status 500", "a brace and no more"),
    "crashes on another charset": Fault("status_conformance", "status 500", "another charset"),
    "crashes on no media type": Fault("status_conformance", "status 500", "JSON without a media type"),
}


class _Notes:
    """The operations of one server: with one fault, or none; of what it may take, some is `refused`."""

    def __init__(self, fault: str | None, refused: str | None) -> None:
        self.fault, self.refused = fault, refused

    def has(self, name: str) -> bool:
        return self.fault == name

    async def create(self, request: Request) -> Response:
        self.check_media_type(request.headers.get("content-type", ""))
        raw = await request.body()
        limit = LIMIT - 1 if self.has("takes a byte too few") else LIMIT
        if len(raw) > limit and not self.has("takes bodies of any size"):
            raise HTTPException(413, "too long")
        note = self.read(raw)
        if not isinstance(note, dict) or not isinstance(note.get("text"), str):
            raise HTTPException(400, "a note has a text")
        if not isinstance(note.get("title"), str | None):
            raise HTTPException(400, "a title is text")
        for words, part in TEXTS.items():
            if part in note["text"]:
                self.stumble(words)
        kept = KEPT[self.fault][1] if self.fault in KEPT else str
        return JSONResponse({"text": kept(note["text"])}, 201)

    def check_media_type(self, sent: str) -> None:
        essence, _, charset = (part.strip() for part in sent.partition(";"))
        if not sent:
            self.stumble("no media type")
        if charset.endswith("utf-16"):
            self.stumble("another charset")
            raise HTTPException(415, "UTF-8, please")
        if self.has(f"takes {essence}"):
            return
        if self.has("wants the media type in small letters") and essence != essence.lower():
            raise HTTPException(415, "JSON, please, in small letters")
        if self.has("wants the media type alone") and charset:
            raise HTTPException(415, "JSON, please, and no more")
        if essence.lower() != "application/json":
            raise HTTPException(400 if self.has("answers a wrong media type with 400") else 415, "JSON, please")

    def read(self, raw: bytes) -> Any:
        for words, part in CHOICES.items():
            if part in raw:
                self.stumble(words)
                if words == "a lone surrogate" and self.has("answers a lone surrogate with 422"):
                    raise HTTPException(422, words)
                if words == self.refused:
                    raise HTTPException(400, f"{words} is too much")
        if self.has("wants no white space") and raw.startswith(b" \n\t"):
            raise HTTPException(400, "no white space, please")
        reading = READINGS.get((self.fault or "").removeprefix("takes "))
        try:
            return strict_json(raw if reading is None else reading(raw))
        except (ValueError, RecursionError):
            self.stumble("what is no JSON")
            raise HTTPException(413 if self.has("answers what is no JSON with 413") else 400, "not JSON") from None

    async def find(self, request: Request) -> Response:
        values = dict(values_of(request))
        for words, name in ADDRESSES.items():
            value = values.get(name, "")
            if "OR 1=1" in value or "a%&=" in value:
                self.stumble(words)
                if self.has("answers odd values with 422"):
                    raise HTTPException(422, words)
        limit = values.get("limit", "1")
        if "text" not in values or not re.fullmatch("[0-9]{1,2}", limit, re.ASCII) or not 1 <= int(limit) <= 50:
            raise HTTPException(400, "a text and a limit of 1 to 50, please")
        if values.get("theme", "dark") not in ("dark", "light"):
            raise HTTPException(400, "no such theme")
        if values["shelf"] != "top":
            raise HTTPException(404, "no such shelf")
        return JSONResponse([values["text"]])

    def stumble(self, words: str) -> None:
        """Fail, when this is what upsets the server."""
        if self.has(f"crashes on {words}"):
            raise RuntimeError(words)
        if self.has(f"refuses {words}"):
            raise HTTPException(400, f"no {words}")

    async def refuse(self, _request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if self.has("refuses in HTML"):
            return HTMLResponse(f"<h1>{error.detail}</h1>", error.status_code, error.headers)
        message = {} if self.has("refuses without a message") else {"message": error.detail}
        return JSONResponse(message, error.status_code, None if self.has(NO_ALLOW) else error.headers)


def values_of(request: Request) -> Iterator[tuple[str, str]]:
    yield from request.path_params.items()
    yield from request.query_params.items()
    yield from ((name, unquote(value)) for name, value in request.cookies.items())
    if "x-trace" in request.headers:
        yield "X-Trace", request.headers["x-trace"]


def strict_json(raw: bytes) -> Any:
    """JSON as RFC 8259 has it, in whichever Unicode encoding."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    text = raw.decode("utf-16") if raw.startswith(b"\xff\xfe") else raw.decode("utf-8-sig")
    return json.loads(text, parse_constant=refuse, parse_int=float)


def hostile_app(fault: str | None = None, *, refused: str | None = None) -> Starlette:
    """A server with one fault, or none, that refuses one of CHOICES, or none."""
    assert fault in {None, NO_ALLOW, *FAULTS}
    assert refused in {None, *CHOICES}
    notes = _Notes(fault, refused)
    return Starlette(
        routes=[
            Route("/notes", notes.create, methods=["POST"]),
            Route("/shelves/{shelf}/notes", notes.find, methods=["GET"]),
        ],
        exception_handlers={HTTPException: notes.refuse},
    )
