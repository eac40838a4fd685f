"""`speclock replay`: the smallest request of a finding, sent again and judged again."""

from __future__ import annotations

import base64
import json
import re
import secrets as randomness
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

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
from speclock.phases.asgi import APP_HOST, AppTransport
from speclock.phases.reach import check_reachable
from speclock.phases.transport import NoAnswer, Transport, UrlTransport
from speclock.reporting.curl import curl_line
from speclock.reporting.merging import read_report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from speclock.core.cases import Answer
    from speclock.core.contract import Operation
    from speclock.core.secrets import Secrets
    from speclock.reporting.report import Report

__all__ = ["run"]

#: Seconds to wait for the answer, and characters of it that are shown.
_PATIENCE = 10.0
_SHOWN = 2000
#: The status that refuses a method, and the rule of the finding about a header that it lacks.
_NO_METHOD = 405
_ALLOW = "Allow beside 405"
_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


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
    own = tuple(item for item in operations if item.id == finding["operation"])
    if reading is not None and _rule_of_the_run(finding, reading):
        raise UsageError(f"the rule {finding['rule']} is about all answers of a run; one request cannot show it")
    values, secrets = _credentials(profile, own, environ)
    named = profile.url_of(own[0]) if own else profile.url
    transport, base = _subject(url or named or _subject_of(report), secrets)
    request = _request(finding, base, values)
    sys.stdout.write(f"{finding['title']}\n{secrets.hide(curl_line(request, secrets))}\n")
    try:
        answer = transport.ask(request.method, request.url, request.headers, request.body, _PATIENCE)
    except NoAnswer as error:
        if finding["check"] == "answer_conformance":
            sys.stdout.write(f"{error}\nthe finding still shows\n")
            return 1
        raise SubjectError(f"{secrets.hide(base)}: {error}") from None
    finally:
        transport.close()
    body = secrets.hide(answer.body.decode("utf-8", "replace"))
    sys.stdout.write(f"answered {answer.status}\n{body[:_SHOWN]}{'...' if len(body) > _SHOWN else ''}\n")
    still, how = _still_shows(finding, own, reading, Answered(request, answer))
    sys.stdout.write(f"the finding {'still shows' if still else 'no longer shows'}{how}\n")
    return 1 if still else 0


@dataclass(frozen=True, slots=True)
class Answered:
    """A request with its answer."""

    request: Request
    answer: Answer


def _finding(path: Path, report: Report, name: str) -> Report:
    found = [finding for finding in report["findings"] if finding["id"].startswith(name)]
    if len(found) != 1:
        known = ", ".join(finding["id"] for finding in report["findings"][:20]) or "none"
        what = "several findings begin" if found else "no finding begins"
        raise UsageError(f"{path}: {what} with {name!r}; there are {known}")
    finding: Report = found[0]
    if finding["case"] is None:
        raise UsageError(f"{path}: the finding {finding['id']} is about a whole run; no single request shows it")
    return finding


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
    profile: Profile, operations: tuple[Operation, ...], environ: Mapping[str, str]
) -> tuple[dict[str, str], Secrets]:
    """The values of the profile's variables; no other variable of the environment goes into a request."""
    _, secrets = credentials_of(profile, operations, environ)
    names = [name for source in profile.credentials for name in (source.env, *source.also)]
    return {name: environ[name] for name in names if environ.get(name)}, secrets


def _subject_of(report: Report) -> str:
    run_ = report["run"]
    if run_ is None:
        raise UsageError("the report is of a contract that was not run; give --url URL")
    return str(run_["subject"])


def _subject(name: str, secrets: Secrets) -> tuple[Transport, str]:
    if urlsplit(name).scheme in ("http", "https"):
        base = check_url(name, "--url", secrets)
        check_reachable(base)
        return UrlTransport(), base
    return AppTransport(load_app(name)), f"http://{APP_HOST}"


def _request(finding: Report, base: str, values: Mapping[str, str]) -> Request:
    case = finding["case"]
    names = sorted(values, key=len, reverse=True)  # KEY_OLD before KEY
    known = re.compile(rf"\$({'|'.join(names) or '(?!)'})")
    for name, text in case["headers"].items():
        lacking = _VARIABLE.search(known.sub("", text))
        if lacking is not None and (name.lower() in ("authorization", "cookie") or text == lacking[0]):
            raise UsageError(
                f"the request needs the credential in {lacking[1]}: give the profile that names it with --profile"
            )
    headers = {name: known.sub(lambda found: values[found[1]], text) for name, text in case["headers"].items()}
    target = known.sub(lambda found: quote(values[found[1]], safe=""), case["path"])
    raw = case.get("raw")
    if raw is not None:
        body = base64.b64decode(raw)
    elif case["body"] is None and not any(name.lower() == "content-type" for name in headers):
        body = b""
    else:
        fresh = _fresh(case["body"], case.get("fresh", []))
        body = json.dumps(fresh, ensure_ascii=False, separators=(",", ":")).encode()
    url = base + target
    return Request(case["method"], url, urlsplit(url).path, target, headers, body, {})


def _fresh(body: object, names: list[str]) -> object:
    """The body with new values where the first ones are used up."""
    for name in names:
        holder, steps = body, name.split(".")
        for step in steps[:-1]:
            holder = holder.get(step) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and isinstance(holder.get(steps[-1]), str):
            value = holder[steps[-1]]
            mark = f"-{randomness.token_hex(4)}"
            holder[steps[-1]] = value[: -len(mark)] + mark if len(value) > 2 * len(mark) else value + mark
    return body


def _still_shows(
    finding: Report, operations: tuple[Operation, ...], reading: Reading | None, answered: Answered
) -> tuple[bool, str]:
    if reading is None or not operations:
        same = finding["response"] is not None and finding["response"]["status"] == answered.answer.status
        return same, " (by its status alone: the contract of the report is not at hand)"
    oracle = Oracle(reading.contract, reading.schemas, reading.rules)
    judge = Judge(reading.contract, reading.schemas, oracle, RuleJudge(reading.rules, Memory()), reading.refusals)
    exchange = Exchange(_case(finding, operations[0]), answered.request, answered.answer)
    failures = judge.judge(exchange).failures
    is_seen = any(item.check == finding["check"] and item.rule == finding["rule"] for item in failures)
    return is_seen or _is_still_taken(finding, answered.answer), ""


def _is_still_taken(finding: Report, answer: Answer) -> bool:
    """What the checks of the generators ask, which judge nothing but the generators' own cases (`checks.adapter`)."""
    case = finding["case"]
    match finding["check"]:
        case "method_rejection" if finding["rule"] == _ALLOW:
            return answer.status == _NO_METHOD and not any(name.lower() == "allow" for name in answer.headers)
        case "method_rejection":
            return answer.status != _NO_METHOD
        case "header_rejection":
            return not 400 <= answer.status < 500
        case "data_rejection" | "rule_rejection":
            return case["kind"] == CaseKind.NEGATIVE and case.get("demand") is None and answer.is_success
    return False


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
            finding["check"], finding["rule"], frozenset(demand), finding["location"]["pointer"], case["description"]
        ),
        known=("replayed",),
    )
