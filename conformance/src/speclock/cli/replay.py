"""`speclock replay`: the smallest request of a finding, sent again and judged again."""

from __future__ import annotations

import base64
import json
import re
import secrets as randomness
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from speclock.checks.judge import Judge
from speclock.checks.response_rules import Memory, RuleJudge
from speclock.cli.preparing import credentials_of
from speclock.cli.subjects import check_url, load_app
from speclock.core.cases import Case, CaseKind, Demand, Draft, Exchange, Request
from speclock.core.constraints import Oracle
from speclock.core.errors import ContractError, SubjectError, UsageError
from speclock.core.profiles import Profile, load_profile
from speclock.core.reading import Reading
from speclock.core.rules import RuleKind
from speclock.generation.bindings import fresh_text
from speclock.phases.asgi import AppTransport
from speclock.phases.reach import check_reachable
from speclock.phases.transport import NoAnswer, Transport, Unwritable, UrlTransport
from speclock.reporting.curl import curl_line
from speclock.reporting.merging import read_report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speclock.checks.judge import Judgement
    from speclock.core.cases import Answer
    from speclock.core.contract import Operation
    from speclock.core.documents import JsonValue
    from speclock.core.secrets import Secrets
    from speclock.reporting.report import Report

__all__ = ["run"]

#: Seconds to wait for the answer, and characters of it that are shown.
_PATIENCE = 10.0
_SHOWN = 2000
_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_CONTROL = re.compile(r"[\0-\x08\x0b-\x1f\x7f-\x9f]")
#: In a text that must be new: what made it new in the run.
_NONCE = re.compile(r"(?<=-)[0-9a-f]{8}(?=-\d+$)")


def run(report_path: Path, name: str, url: str | None, profile_path: Path | None, environ: Mapping[str, str]) -> int:
    """Send the request again; 1 when the finding still shows, 0 when it does not.

    Raises:
        SpeclockError: it cannot be sent, or nothing follows from one request.
    """
    report = read_report(report_path)
    finding = _finding(report_path, report, name)
    profile = load_profile(profile_path) if profile_path is not None else Profile()
    reading = _contract(report)
    operations = () if reading is None else reading.contract.operations
    own = next((item for item in operations if item.id == finding["operation"]), None)
    if reading is not None and _rule_of_the_run(finding, reading):
        raise UsageError(f"the rule {finding['rule']} is about all answers of a run; one request cannot show it")
    values, secrets = _credentials(profile, own, environ)
    with _subject(url, report, finding, secrets) as (transport, base):
        request = _request(finding, own, base, values)
        _say(f"{_told(finding)}\n{curl_line(request, secrets)}", secrets)
        try:
            answer = transport.ask(request.method, request.url, request.headers, request.body, _PATIENCE)
        except NoAnswer as error:
            if finding["check"] == "answer_conformance" and not isinstance(error, Unwritable):
                _say(f"{error}\nthe finding still shows", secrets)
                return 1
            raise SubjectError(f"{secrets.hide(base)}: {error}") from None
    body = secrets.hide(answer.body.decode("utf-8", "replace"))
    _say(f"answered {answer.status}\n{body[:_SHOWN]}{'...' if len(body) > _SHOWN else ''}", secrets)
    still, how = _still_shows(finding, own, reading, Answered(request, answer))
    _say(f"the finding {'still shows' if still else 'no longer shows'}{how}", secrets)
    return 1 if still else 0


def _say(text: str, secrets: Secrets) -> None:
    """Print without credentials, and without what a terminal would obey or cannot show."""
    shown = _CONTROL.sub("\ufffd", secrets.hide(text))
    sys.stdout.write(shown.encode("utf-8", "replace").decode() + "\n")


@dataclass(frozen=True, slots=True)
class Answered:
    """A request with its answer."""

    request: Request
    answer: Answer


def _finding(path: Path, report: Report, name: str) -> Report:
    found = [finding for finding in report["findings"] if finding["id"].startswith(name)]
    if len(found) != 1:
        known = ", ".join(finding["id"] for finding in (found or report["findings"])[:20]) or "none"
        what = "several findings begin" if found else "no finding begins"
        raise UsageError(f"{path}: {what} with {name!r}; there are {known}")
    finding: Report = found[0]
    if finding["case"] is None:
        raise UsageError(f"{path}: the finding {finding['id']} is about a whole run; no single request shows it")
    return finding


def _told(finding: Report) -> str:
    place = finding["location"]
    promised = f"promised at {place['file']}:{place['line']}:{place['column']}"
    return f"{finding['title']}\n{finding['message']}\n{promised}"


def _rule_of_the_run(finding: Report, reading: Reading) -> bool:
    return any(
        item.kind is RuleKind.RUN and (item.operation, item.id) == (finding["operation"], finding["rule"])
        for item in reading.rules
    )


def _contract(report: Report) -> Reading | None:
    """The contract of the report; None when it is not where it was, or another by now."""
    path = Path(report["contract"].get("file", ""))
    try:
        reading = Reading.of(path)
    except ContractError:
        return None
    return reading if reading.contract.document.sha256 == report["contract"]["sha256"] else None


def _credentials(
    profile: Profile, operation: Operation | None, environ: Mapping[str, str]
) -> tuple[dict[str, str], Secrets]:
    """The values of the profile's variables; no other variable of the environment goes into a request."""
    _, secrets = credentials_of(profile, () if operation is None else (operation,), environ)
    names = [name for source in profile.credentials for name in (source.env, *source.also)]
    return {name: environ[name] for name in names if environ.get(name)}, secrets


@contextmanager
def _subject(url: str | None, report: Report, finding: Report, secrets: Secrets) -> Iterator[tuple[Transport, str]]:
    """What is asked, and what stands before the path: the URL given, or what the report is of.

    The profile has no say: its URL may be that of another server, even one that other people use.
    """
    if report["run"] is None:
        raise UsageError("the report is of a contract that was not run")
    subject, base = str(report["run"]["subject"]), str(finding["case"]["server"])
    is_app = url is None and urlsplit(subject).scheme not in ("http", "https")
    transport: Transport
    if is_app:
        if ":" not in subject:
            raise UsageError(f"the report is of {subject}, which has no name to find it by; give --url URL")
        transport = AppTransport(load_app(subject))
    else:
        base = check_url(url or base, "--url" if url else "the server of the report", secrets)
        check_reachable(base)
        transport = UrlTransport()
    try:
        yield transport, base
    finally:
        transport.close()


def _request(finding: Report, operation: Operation | None, base: str, values: Mapping[str, str]) -> Request:
    case = finding["case"]
    names = sorted(values, key=len, reverse=True)  # KEY_OLD before KEY
    known = re.compile(rf"\$({'|'.join(names) or '(?!)'})")
    for text in _places_of_credentials(case):
        lacking = _VARIABLE.search(known.sub("", text))
        if lacking is not None:
            raise UsageError(
                f"the request needs the credential in {lacking[1]}: set it, and give the profile that names it "
                "with --profile"
            )
    headers = {name: known.sub(lambda found: values[found[1]], text) for name, text in case["headers"].items()}
    target = known.sub(lambda found: quote(values[found[1]], safe=""), case["path"])
    url = base + target
    parameters = {} if operation is None else _path_parameters(operation, target)
    return Request(case["method"], url, urlsplit(url).path, target, headers, _body(case), parameters)


def _places_of_credentials(case: Report) -> Iterator[str]:
    """Where the name of a variable stands for its value; elsewhere what looks like one may be a text of the request."""
    for name, text in case["headers"].items():
        if name.lower() in ("authorization", "cookie") or _VARIABLE.fullmatch(text):
            yield text
    for pair in urlsplit(case["path"]).query.split("&"):
        value = pair.partition("=")[2]
        if _VARIABLE.fullmatch(value):
            yield value


def _path_parameters(operation: Operation, target: str) -> dict[str, str]:
    names = re.findall(r"\{([^{}/]+)\}", operation.path)
    template = re.sub(r"\\\{[^{}/]+\\\}", "([^/]*)", re.escape(operation.path))
    found = re.fullmatch(template, urlsplit(target).path)
    return {} if found is None else dict(zip(names, map(unquote, found.groups()), strict=True))


def _body(case: Report) -> bytes:
    if case.get("raw") is not None:
        return base64.b64decode(case["raw"])
    if case["body"] is None and not any(name.lower() == "content-type" for name in case["headers"]):
        return b""
    body = _renewed(case["body"], frozenset(case.get("fresh", ())))
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _renewed(value: JsonValue, names: frozenset[str], path: str = "") -> JsonValue:
    """`value` with new texts where the first ones are used up."""
    if isinstance(value, dict):
        return {name: _renewed(item, names, f"{path}.{name}" if path else name) for name, item in value.items()}
    if isinstance(value, list):
        return [_renewed(item, names, path) for item in value]
    if path not in names or not isinstance(value, str):
        return value
    nonce = randomness.token_hex(4)
    marked, count = _NONCE.subn(nonce, value)
    return marked if count else fresh_text(value, nonce, 1)


def _still_shows(
    finding: Report, operation: Operation | None, reading: Reading | None, answered: Answered
) -> tuple[bool, str]:
    if reading is None or operation is None:
        same = finding["response"] is not None and finding["response"]["status"] == answered.answer.status
        return same, " (by its status alone: the contract of the report is not at hand)"
    oracle = Oracle(reading.contract, reading.schemas, reading.rules)
    judge = Judge(reading.contract, reading.schemas, oracle, RuleJudge(reading.rules, Memory()), reading.refusals)
    exchange = Exchange(_case(finding, operation), answered.request, answered.answer)
    judgement = judge.judge(exchange)
    if any((item.check, item.rule) == (finding["check"], finding["rule"]) for item in judgement.failures):
        return True, ""
    still = _is_still_taken(finding, answered.answer)
    if not still and _is_beside_the_point(finding, exchange, judgement):
        was, status = finding["response"]["status"], answered.answer.status
        raise SubjectError(f"answered {status}, where the report has {was}: that says nothing of the finding")
    return still, ""


def _is_beside_the_point(finding: Report, exchange: Exchange, judgement: Judgement) -> bool:
    """Whether the request was refused for a reason that has nothing to do with it, such as an id that is gone."""
    case, status = exchange.case, exchange.answer.status
    if finding["response"] is None or finding["response"]["status"] == status or case.demand is not None:
        return False
    if case.kind is CaseKind.POSITIVE:
        return 400 <= status < 500
    return judgement.unjudged is not None and case.breaks is not None


def _is_still_taken(finding: Report, answer: Answer) -> bool:
    """What the check of the generators asks, which judges nothing but the generators' own cases (`checks.adapter`)."""
    case = finding["case"]
    is_of_data = finding["check"] in {"data_rejection", "rule_rejection"} and case.get("demand") is None
    return is_of_data and case["kind"] == CaseKind.NEGATIVE and answer.is_success


def _case(finding: Report, operation: Operation) -> Case:
    case = finding["case"]
    demand = case.get("demand")
    return Case(
        operation,
        finding["phase"],
        CaseKind(case["kind"]),
        case.get("description", "the request of the report"),
        case.get("breaks"),
        names=tuple(case.get("together", ())),
        borders=case.get("borders"),
        draft=Draft(),
        demand=None
        if demand is None
        else Demand(
            finding["check"],
            finding["rule"],
            frozenset(demand),
            finding["location"]["pointer"],
            case["description"],
            tuple(case.get("echoes", ())),
        ),
        known=("replayed",),
    )
