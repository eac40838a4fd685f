"""A small SDK that keeps the contract `parcels.yaml`, and copies of it with exactly one fault each.

What it writes is written by hand, and what it judges is judged by jsonschema_rs, so that one mistake of speclock cannot
hide on both sides. Two rules tie properties; they are Python here.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast
from urllib.parse import quote

import httpx
import jsonschema_rs
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["CONTRACT", "FAULTS", "Fault", "ParcelError", "ParcelsSdk", "correct"]

CONTRACT = Path(__file__).parent / "parcels.yaml"
Plain = dict[str, Any]
T = TypeVar("T")

_DOCUMENT: Plain = json.loads(json.dumps(YAML(typ="safe").load(CONTRACT)))
_OPERATIONS: dict[str, Plain] = {
    operation["operationId"]: operation for item in _DOCUMENT["paths"].values() for operation in item.values()
}


@dataclass(frozen=True)
class Fault:
    """What a broken SDK does wrong, and the check, rule and operation of every finding that there ought to be."""

    name: str
    check: str
    #: How it begins; of several, either.
    rule: str | tuple[str, ...]
    operation: str = "createParcel"


#: What a query value is not to be left with.
_LEFT = {
    f"leaves {name} in a query value": mark
    for name, mark in (("a plus", "+"), ("a hash", "#"), ("a percent sign", "%"), ("an ampersand", "&"))
}
_WIRE, _READ = "wire_conformance", "reading_conformance"
FAULTS = {
    fault.name: fault
    for fault in (
        Fault("adds a header", _WIRE, "the request on the wire: header x-extra"),
        Fault("leaves a plus in a query value", _WIRE, "the request on the wire: query ", "printLabel"),
        Fault("leaves a hash in a query value", _WIRE, "the request on the wire: query ", "printLabel"),
        Fault("leaves a percent sign in a query value", _WIRE, "the request on the wire: query ", "printLabel"),
        Fault("leaves an ampersand in a query value", _WIRE, "the request on the wire: query ", "printLabel"),
        Fault("leaves a question mark in a path value", _WIRE, "the request on the wire: "),
        Fault("leaves dots in a path value", _WIRE, "the request on the wire: path"),
        Fault("writes a path value in Latin-1", _WIRE, "the request on the wire: path"),
        Fault("writes a path value in lower case", _WIRE, "the request on the wire: path"),
        Fault("cuts a path value", _WIRE, "the request on the wire: path"),
        Fault("sends to another address", _WIRE, "the request on the wire: address"),
        Fault("sends the last of a cookie's values", _WIRE, "the request on the wire: cookies", "printLabel"),
        Fault("adds a query parameter", _WIRE, "the request on the wire: query lang", "searchParcels"),
        Fault("loses a query parameter", _WIRE, "the request on the wire: query notify"),
        Fault("loses a header", _WIRE, "the request on the wire: header x-trace-id"),
        Fault("loses a cookie", _WIRE, "the request on the wire: cookies"),
        Fault("leaves a slash in a path value", _WIRE, "the request on the wire: path"),
        Fault("encodes a path value twice", _WIRE, "the request on the wire: path"),
        Fault("swaps two path values", _WIRE, "the request on the wire: path", "deleteMarks"),
        Fault("forgets the dot of a label", _WIRE, "the request on the wire: path", "deleteMarks"),
        Fault("forgets the name of a matrix", _WIRE, "the request on the wire: path", "deleteMarks"),
        Fault("repeats what is joined by commas", _WIRE, "the request on the wire: query ids", "searchParcels"),
        Fault("joins by commas what pipes join", _WIRE, "the request on the wire: query sizes", "searchParcels"),
        Fault("joins by commas what spaces join", _WIRE, "the request on the wire: query labels", "searchParcels"),
        Fault("flattens a deep object", _WIRE, "the request on the wire: query ", "searchParcels"),
        Fault("sends the last of a header's values", _WIRE, "the request on the wire: header x-areas", "searchParcels"),
        Fault("writes True", _WIRE, "the request on the wire: query notify"),
        Fault("sends null for what is absent", _WIRE, "the request on the wire: body/note"),
        Fault("drops a null", _WIRE, "the request on the wire: body/note"),
        Fault(
            "drops a null inside",
            _WIRE,
            ("the request on the wire: body/extras/*/gift", "the request on the wire: body/extras/*/*"),
        ),
        Fault("drops a null from what it was given", _WIRE, "the request on the wire: body/note"),
        Fault("drops an empty text", _WIRE, "the request on the wire: body/note"),
        Fault("drops an empty list", _WIRE, "the request on the wire: body/extras"),
        Fault("drops what the contract does not name", _WIRE, "the request on the wire: body/*"),
        Fault("writes a number as text", _WIRE, "the request on the wire: body/pieces"),
        Fault("makes a whole number of 1.0", _WIRE, "the request on the wire: body/weight"),
        Fault("renames a property", _WIRE, "the request on the wire: body/"),
        Fault("sends what looks like a time as one", _WIRE, "the request on the wire: body/note"),
        Fault("sends twice", _WIRE, ("the request on the wire: count", "sent again after 201")),
        Fault("uses another method", _WIRE, "the request on the wire: method"),
        Fault("says another media type", _WIRE, "the request on the wire: header content-type"),
        Fault("sends a body that nobody asked for", _WIRE, "the request on the wire: ", "searchParcels"),
        Fault("says no credential", _WIRE, "the request on the wire: credential"),
        Fault("says the credential in another header", _WIRE, "the request on the wire: "),
        Fault("says the credential where none is needed", _WIRE, "the request on the wire: ", "deleteMarks"),
        Fault("sends nothing after its first refusal", "acceptance_conformance", "a legal request"),
        Fault("refuses a null", "acceptance_conformance", ("body.note", "a legal request")),
        Fault("sends a heavy fragile parcel", "rule_rejection", "fragile-parcel-is-light"),
        Fault("sends a name that is too long", "data_rejection", "body.name"),
        Fault("sends a page below the first", "data_rejection", "query.page", "searchParcels"),
        Fault("neither sends nor says why", "data_rejection", "body.name"),
        Fault("refuses by a bare error", "refusal_conformance", "body.name: by a bare error"),
        Fault("names a rule that is not broken", "refusal_conformance", "body.name: for another rule"),
        Fault("names another rule", "refusal_conformance", "fragile-parcel-is-light: for another rule"),
        Fault("changes a value on reading", _READ, "legal 201: ChangedValue, /note"),
        Fault("reads another moment", _READ, "legal 201: ChangedValue, /sentAt"),
        Fault("reads what looks like a time as one", _READ, "legal 201: ChangedValue, /note"),
        Fault(
            "makes a moment of any text", _READ, ("legal 201: ChangedValue, /*", "legal 201: ChangedValue, /stops/*/*")
        ),
        Fault("writes the same name twice", _WIRE, "the request on the wire: body"),
        Fault("writes UTF-16", _WIRE, "the request on the wire: body"),
        Fault("drops what it does not know", _READ, "legal 201: ChangedValue, /*"),
        Fault("reads numbers as doubles", _READ, "legal 201: ChangedValue, /weight"),
        Fault("reads null as absent", _READ, "legal 201: ChangedValue, /note"),
        Fault("refuses a legal answer", _READ, "legal 201: LegalAnswerRefused"),
        Fault("raises KeyError on a legal answer", _READ, "legal 201: BareError, KeyError"),
        Fault("reads a text in other case", _READ, "legal 200: ChangedValue, /", "printLabel"),
        Fault("reads a text without its white space", _READ, "legal 200: ChangedValue, /", "printLabel"),
        Fault("knows one status of a range", _READ, "legal 418: BareError, KeyError", "printLabel"),
        Fault("knows no other status than those listed", _READ, "legal 500: BareError, KeyError", "printLabel"),
        Fault("returns a moment as an object", _READ, "legal 201: NoPlainData, a datetime"),
        Fault("names members by numbers", _READ, "legal 201: NoPlainData, a name that is a int"),
        Fault(
            "tells a body that cannot be read",
            _READ,
            ("legal 503: UnreadableError, its body", "legal 400: UnreadableError, its body"),
        ),
        Fault("raises KeyError on a broken answer", "answer_rejection", "broken 201: BareError, KeyError"),
        Fault("takes a broken answer", "answer_rejection", "broken 201: Silence"),
        Fault("takes any status", "answer_rejection", "broken 2"),
        Fault("takes a server's error", "answer_rejection", "broken 500: Silence"),
        Fault("takes any status where no body is documented", "answer_rejection", "broken 2", "deleteMarks"),
        Fault("ends the process", "answer_rejection", "broken 201: BareError, RuntimeError"),
        Fault("tells another status", _READ, "legal 503: WrongStatus"),
        Fault("tells another status of a broken answer", "answer_rejection", "broken 201: WrongStatus"),
        Fault("tells another body", _READ, "legal 503: ChangedValue"),
        Fault("tries again by itself", _WIRE, "sent again after 503"),
    )
}


class ParcelError(Exception):
    """The SDK's own error."""

    def __init__(
        self, text: str, *, rule: str | None = None, status_code: int | None = None, body: object = None
    ) -> None:
        super().__init__(text)
        self.rule, self.status_code, self.body = rule, status_code, body


class SealedError(ParcelError):
    """One whose body cannot be read."""

    @property
    def body(self) -> object:
        raise KeyError("body")

    @body.setter
    def body(self, _body: object) -> None:
        pass


@dataclass(frozen=True)
class ParcelsSdk:
    """The subject; with a fault, that of `FAULTS`."""

    fault: str | None = None
    name: str = "parcels 1"
    refuses: bool = True
    errors: tuple[type[Exception], ...] = (ParcelError,)
    transport: Literal["httpx"] | None = "httpx"

    def connect(self, base_url: str, credential: str, transport: object) -> ParcelsConnection:
        assert transport is None or isinstance(transport, httpx.BaseTransport)
        return ParcelsConnection(self.fault, httpx.Client(base_url=base_url, transport=transport), credential)


@dataclass
class ParcelsConnection:
    fault: str | None
    client: httpx.Client
    credential: str
    is_refused: bool = False

    def close(self) -> None:
        self.client.close()

    def has(self, name: str) -> bool:
        assert name in FAULTS, name
        return self.fault == name

    def call(self, request: Mapping[str, Any]) -> object:
        operation = str(request["operation"])
        if self.has("neither sends nor says why") and _has_long_name(request):
            return None
        if self.has("drops a null from what it was given") and isinstance(request.get("body"), dict):
            _drop_null_note(request["body"])
        self._refuse(operation, request)
        if self.is_refused and self.has("sends nothing after its first refusal"):
            raise ParcelError("no more")
        body = self._body(request.get("body")) if "body" in request else None
        method, content = str(request["method"]), None if body is None else self._written(body)
        headers = list(self._headers(operation, request))
        if self.has("uses another method") and method == "POST":
            method = "PUT"
        if self.has("sends a body that nobody asked for") and operation == "searchParcels":
            content = b"{}"
        query = "&".join(self._query(operation, request.get("query", {})))
        target = self._path(operation, request["path"]) if "path" in request else request["template"]
        sent = self.client.build_request(method, "/", headers=headers, content=content)
        base_url = str(self.client.base_url).rstrip("/")
        if self.has("sends to another address") and operation == "createParcel":
            base_url = "https://parcels.invalid:8443"
        sent.url = httpx.URL(base_url + target + (f"?{query}" if query else ""))
        response = self.client.send(sent)
        if (self.has("sends twice") and operation == "createParcel" and response.status_code == 201) or (
            self.has("tries again by itself") and response.status_code == 503
        ):
            response = self.client.send(sent)
        return self._read(operation, response)

    # Requests

    def _refuse(self, operation: str, request: Mapping[str, Any]) -> None:
        body = request.get("body")
        for where, validator in _validators(operation).items():
            part, _, name = where.partition(" ")
            holder = request.get(part, {}) if name else request
            value = holder.get(name or part, _ABSENT)
            if value is _ABSENT:
                if where in _required(operation):
                    raise ParcelError(f"{where} is missing")
            elif not validator.is_valid(value):
                self._tell(where, value)
        # A URL cannot say it: it is the depot above.
        if request.get("path", {}).get("depot") == ".." and not self.has("leaves dots in a path value"):
            raise ParcelError("no depot has this name")
        if isinstance(body, dict):
            self._refuse_pairs(body)
        if self.has("refuses a null") and isinstance(body, dict) and body.get("note", "") is None:
            raise ParcelError("no nulls here")

    def _tell(self, where: str, value: object) -> None:
        if self.has("sends a page below the first") and where == "query page" and isinstance(value, int):
            return
        if where == "body" and isinstance(value, dict) and isinstance(value.get("name"), str):
            if self.has("sends a name that is too long") and len(value["name"]) > 20:
                return
            if self.has("names a rule that is not broken") and len(value["name"]) > 20:
                raise ParcelError("a name is wrong", rule="fragile-parcel-is-light")
            if self.has("refuses by a bare error") and not 1 <= len(value["name"]) <= 20:
                raise ValueError("a name is wrong")
        raise ParcelError(f"{where} is wrong")

    def _refuse_pairs(self, body: Plain) -> None:
        if body.get("fragile") is True and body["weight"] > 10 and not self.has("sends a heavy fragile parcel"):
            other = self.has("names another rule")
            raise ParcelError("too heavy", rule=f"{'parcel' if other else 'fragile-parcel'}-is-light")
        if "returns" in body and body["returns"] == body["name"]:
            raise ParcelError("its own return", rule="parcel-is-not-its-own-return")

    def _path(self, operation: str, values: Mapping[str, Any]) -> str:
        if operation == "createParcel":
            left = {"leaves a slash in a path value": "/", "leaves a question mark in a path value": "?"}
            value = str(values["depot"])
            if self.has("writes a path value in lower case"):
                value = value.lower()
            if self.has("cuts a path value"):
                value = value[:50]
            encoding = "latin-1" if self.has("writes a path value in Latin-1") else "utf-8"
            depot = quote(value, safe=left.get(self.fault or "", ""), encoding=encoding, errors="replace")
            return f"/depots/{quote(depot) if self.has('encodes a path value twice') else depot}/parcels"
        plain, dotted = ",".join(values["plain"]), ".".join(values["dotted"])
        if self.has("swaps two path values"):
            plain, dotted = ",".join(values["dotted"]), ".".join(values["plain"])
        dot = "" if self.has("forgets the dot of a label") else "."
        name = "" if self.has("forgets the name of a matrix") else ";named="
        pairs = ",".join(f"{key}={value}" for key, value in values["pairs"].items())
        return f"/marks/{plain}/{dot}{dotted}/{name}{','.join(values['named'])}/{pairs}"

    def _query(self, operation: str, values: Mapping[str, Any]) -> Iterator[str]:
        if self.has("adds a query parameter") and operation == "searchParcels":
            yield "lang=de"
        for name, value in values.items():
            yield from self._pairs(name, value)

    def _pairs(self, name: str, value: Any) -> Iterator[str]:
        match name:
            case "ids" if not self.has("repeats what is joined by commas"):
                yield f"ids={','.join(value)}"
            case "sizes":
                yield f"sizes={(',' if self.has('joins by commas what pipes join') else '|').join(value)}"
            case "labels":
                yield f"labels={(',' if self.has('joins by commas what spaces join') else '%20').join(value)}"
            case "where":
                flat = self.has("flattens a deep object")
                yield from (f"{key if flat else f'where[{key}]'}={item}" for key, item in value.items())
            case "near":
                yield f"near={','.join(f'{key},{item}' for key, item in value.items())}"
            case "raw":
                yield f"raw={quote(json.dumps(value), safe='')}"
            case "notify":
                if not self.has("loses a query parameter"):
                    yield f"notify={value if self.has('writes True') else json.dumps(value)}"
            case _:
                listed = value if isinstance(value, list) else [value]
                safe = _LEFT.get(self.fault or "", "") if name == "text" else ""
                yield from (f"{name}={quote(str(item), safe=safe)}" for item in listed)

    def _headers(self, operation: str, request: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        is_creation = operation == "createParcel"
        for name, value in request.get("headers", {}).items():
            if isinstance(value, list):
                yield name, value[-1] if self.has("sends the last of a header's values") else ",".join(value)
            elif not self.has("loses a header"):
                yield name, value
        for name, value in request.get("cookies", {}).items():
            if self.has("loses a cookie"):
                continue
            listed = value if isinstance(value, list) else [value]
            if self.has("sends the last of a cookie's values"):
                listed = listed[-1:]
            yield "Cookie", "; ".join(f"{name}={item}" for item in listed)
        if self.has("adds a header") and is_creation:
            yield "X-Extra", "1"
        if is_creation and self.has("says no credential"):
            pass
        elif request["credentials"] or self.has("says the credential where none is needed"):
            other = is_creation and self.has("says the credential in another header")
            yield "X-Key" if other else "X-Depot-Key", self.credential
        if "body" in request:
            yield "Content-Type", "text/json" if self.has("says another media type") else "application/json"

    def _body(self, body: Any) -> object:
        said = dict(body)
        if self.has("sends null for what is absent"):
            said.setdefault("note", None)
        if self.has("drops a null") and said.get("note", "") is None:
            del said["note"]
        if self.has("drops an empty text") and said.get("note") == "":
            del said["note"]
        if self.has("drops an empty list") and said.get("extras") == []:
            del said["extras"]
        if self.has("drops a null inside") and "extras" in said:
            said["extras"] = [{key: item[key] for key in item if item[key] is not None} for item in said["extras"]]
        if self.has("drops what the contract does not name"):
            said = {name: said[name] for name in _schema("NewParcel")["properties"] if name in said}
        if self.has("writes a number as text") and "pieces" in said:
            said["pieces"] = str(said["pieces"])
        if self.has("makes a whole number of 1.0") and isinstance(said["weight"], float) and said["weight"] % 1 == 0:
            said["weight"] = int(said["weight"])
        if self.has("sends what looks like a time as one") and "note" in said:
            said["note"] = _revived(said["note"])
        if self.has("renames a property") and "pieces" in said:
            said["count"] = said.pop("pieces")
        return said

    def _written(self, body: object) -> bytes:
        text = json.dumps(body)
        if self.has("writes the same name twice"):
            text = text.replace("{", '{"name": "other", ', 1)
        return text.encode("utf-16" if self.has("writes UTF-16") else "utf-8")

    # Answers

    def _read(self, operation: str, response: httpx.Response) -> object:
        status, documented = self._status(operation, response.status_code), _OPERATIONS[operation]["responses"]
        described = _resolved(documented[self._key(status, documented)])
        if "content" not in described:
            return None
        if "text/*" in described["content"]:
            return self._text(response)
        if response.headers.get("content-type", "").partition(";")[0] != "application/json":
            raise ParcelError("no JSON", status_code=status)
        try:
            body: Any = json.loads(response.content)
        except ValueError:
            raise ParcelError("broken JSON", status_code=status) from None
        is_parcel = status == 201 and isinstance(body, dict)
        if is_parcel and self.has("raises KeyError on a legal answer") and body.get("note", "") is None:
            raise KeyError("note")
        if not _validator(described["content"]["application/json"]["schema"]).is_valid(body):
            if is_parcel and self.has("ends the process") and "sentAt" not in body:
                sys.exit(0)
            if is_parcel and self.has("raises KeyError on a broken answer") and "sentAt" not in body:
                raise KeyError("sentAt")
            if not (is_parcel and self.has("takes a broken answer") and body.get("weight", 1) is None):
                other = is_parcel and "sentAt" not in body and self.has("tells another status of a broken answer")
                raise ParcelError("a broken answer", status_code=200 if other else status, body=body)
        if status >= 400:
            self.is_refused = True
            if (self.has("knows one status of a range") and status == 418) or (
                self.has("knows no other status than those listed") and status == 500
            ):
                raise KeyError(status)
            if self.has("tells a body that cannot be read"):
                raise SealedError("refused", status_code=status)
            code = 500 if self.has("tells another status") and status == 503 else status
            raise ParcelError(
                "refused", status_code=code, body={} if self.has("tells another body") and status == 503 else body
            )
        return self._odd(self._changed(self._dated(body))) if status == 201 else body

    def _key(self, status: int, documented: Plain) -> str:
        key = next((key for key in (str(status), f"{status // 100}XX", "default") if key in documented), None)
        if key is None:
            raise ParcelError(f"status {status}", status_code=status)
        return key

    def _text(self, response: httpx.Response) -> str:
        parts, draft = (dict(response.headers.raw).get(name, b"") for name in (b"X-Parts", b"X-Draft"))
        is_text = response.headers.get("content-type", "").startswith("text/")
        if not is_text or b"h\xf6he" not in parts.split(b",") or draft not in {b"true", b"false"}:
            raise ParcelError("no label", status_code=response.status_code)
        text = response.text.strip() if self.has("reads a text without its white space") else response.text
        return text.upper() if self.has("reads a text in other case") else text

    def _status(self, operation: str, status: int) -> int:
        is_creation = operation == "createParcel"
        if self.has("takes any status") and is_creation and 200 <= status < 300:
            return 201
        if self.has("takes a server's error") and is_creation and status == 500:
            return 201
        if self.has("takes any status where no body is documented") and not is_creation and status < 300:
            return 204 if operation == "deleteMarks" else status
        return status

    def _dated(self, body: Plain) -> Plain:
        if not self.has("makes a moment of any text"):
            return body
        return cast("Plain", json.loads(json.dumps(body).replace("t09:15:00.10z", "T09:15:00.1Z")))

    def _odd(self, body: Plain) -> object:
        if self.has("returns a moment as an object"):
            return body | {"sentAt": datetime.now().astimezone()}
        return dict(enumerate(body.values())) if self.has("names members by numbers") else body

    def _changed(self, body: Plain) -> Plain:
        if self.has("changes a value on reading") and body.get("note"):
            return body | {"note": body["note"].strip().lower()}
        if self.has("reads what looks like a time as one") and "note" in body:
            body = body | {"note": _revived(body["note"])}
        if self.has("reads another moment"):
            return body | {"sentAt": body["sentAt"].replace("+02:00", "Z")}
        if self.has("drops what it does not know"):
            return {name: value for name, value in body.items() if name in _schema("Parcel")["properties"]}
        if self.has("reads numbers as doubles"):
            return body | {"weight": float(body["weight"])}
        if self.has("reads null as absent"):
            return {name: value for name, value in body.items() if value is not None}
        if self.has("refuses a legal answer") and body.get("note", "") is None:
            raise ParcelError("no note")
        return body


def _has_long_name(request: Mapping[str, Any]) -> bool:
    body = request.get("body")
    return isinstance(body, dict) and isinstance(body.get("name"), str) and len(body["name"]) > 20


def _drop_null_note(body: Plain) -> None:
    if body.get("note", "") is None:
        del body["note"]


_ABSENT = object()
_known: dict[str, Any] = {}


def _resolved(value: Plain) -> Plain:
    return _DOCUMENT["components"]["responses"][value["$ref"].rpartition("/")[2]] if "$ref" in value else value


def _schema(name: str) -> Plain:
    schema: Plain = _DOCUMENT["components"]["schemas"][name]
    return schema


def _once(key: str, make: Callable[[], T]) -> T:
    if key not in _known:
        _known[key] = make()
    return cast("T", _known[key])


def _validator(schema: Plain) -> jsonschema_rs.Draft202012Validator:
    def make() -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(
            {**schema, "components": _DOCUMENT["components"]}, validate_formats=True
        )

    return _once(json.dumps(schema), make)


def _validators(operation: str) -> dict[str, jsonschema_rs.Draft202012Validator]:
    """By `query page` and its like, and `body`."""

    def make() -> dict[str, jsonschema_rs.Draft202012Validator]:
        found = {
            f"{_PARTS[item['in']]} {item['name']}": _validator(
                item.get("schema") or item["content"]["application/json"]["schema"]
            )
            for item in _OPERATIONS[operation].get("parameters", [])
        }
        if "requestBody" in _OPERATIONS[operation]:
            found["body"] = _validator(_OPERATIONS[operation]["requestBody"]["content"]["application/json"]["schema"])
        return found

    return _once(operation, make)


_PARTS = {"path": "path", "query": "query", "header": "headers", "cookie": "cookies"}


def _required(operation: str) -> set[str]:
    parameters = _OPERATIONS[operation].get("parameters", [])
    found = {f"{_PARTS[item['in']]} {item['name']}" for item in parameters if item.get("required")}
    return found | ({"body"} if "requestBody" in _OPERATIONS[operation] else set())


correct = ParcelsSdk()


def _revived(value: object) -> object:
    """A time as an object and back, where it looks like one: what readers of JSON do that guess."""
    try:
        return datetime.fromisoformat(str(value)).isoformat()
    except ValueError:
        return value
