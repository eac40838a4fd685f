"""Small SDKs with one fault each: speclock finds it, names it, and finds nothing else to blame the SDK for."""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import httpx
import pytest

from speclock.core.reading import Reading
from speclock.engine.events import Outcome
from speclock.sdk.making import SdkCases
from speclock.sdk.run import SdkRun
from tests.conformance.parcels_sdk import CONTRACT, FAULTS, ParcelError, ParcelsSdk, correct

pytestmark = pytest.mark.untraced


#: How the names of faults begin that a single case may show.
RARE = ("leaves ", "writes a path value", "cuts ", "reads a text")


@cache
def cases() -> SdkCases:
    return SdkCases(Reading.of(CONTRACT))


def judged(subject: ParcelsSdk, operation: str | None = None, every: int = 1) -> Outcome:
    """What a run says; of one operation, on request, and on every so many-th case."""
    made = cases()
    asked = [item for item in made.reading.contract.operations if operation in (None, item.id)]
    return SdkRun(subject, made, asked, every=every).run()


def test_a_correct_sdk_has_no_findings_and_every_rule_is_held() -> None:
    outcome = judged(correct)

    assert [(finding.rule, finding.message) for finding in outcome.findings] == []
    assert outcome.errors == ()
    assert outcome.status(strict=True) == 0
    assert outcome.judged > 2000
    assert [tally.id for tally in outcome.rules if tally.verdict == "broken"] == []
    assert sum(tally.verdict == "held" for tally in outcome.rules) > 20


def test_a_correct_sdk_has_no_findings_over_the_loopback_either() -> None:
    outcome = judged(replace(correct, transport=None))

    assert [(finding.rule, finding.message) for finding in outcome.findings] == []
    assert outcome.judged > 2000


@pytest.mark.parametrize("name", FAULTS)
def test_one_fault_is_found_and_named(name: str) -> None:
    fault = FAULTS[name]

    is_rare = fault.check == "answer_rejection" or name.startswith(RARE)
    every = 1 if is_rare else 2
    outcome = judged(ParcelsSdk(name), fault.operation, every=every)

    assert outcome.status() == 1
    found = {(finding.check, finding.operation, finding.rule) for finding in outcome.findings}
    assert found
    assert {item for item in found if item[:2] != (fault.check, fault.operation)} == set()
    assert {rule for _, _, rule in found if not rule.startswith(fault.rule)} == set()


def test_one_that_claims_to_refuse_nothing_is_not_blamed_for_what_it_sends() -> None:
    assert judged(ParcelsSdk("sends a name that is too long", refuses=False)).findings == ()


class Spacious(ParcelsSdk):
    """One that writes a space after each comma of a header, which means the same (RFC 9110, section 5.6.1)."""

    def connect(self, base_url: str, credential: str, transport: object) -> Any:
        connection = super().connect(base_url, credential, transport)

        def spread(request: httpx.Request) -> None:
            if "X-Areas" in request.headers:
                request.headers["X-Areas"] = request.headers["X-Areas"].replace(",", ", ")

        connection.client.event_hooks = {"request": [spread]}
        return connection


class Reviving(ParcelsSdk):
    """One whose errors have the moments of a body in another form."""

    def connect(self, base_url: str, credential: str, transport: object) -> Any:
        connection: Any = super().connect(base_url, credential, transport)

        def call(request: Mapping[str, Any]) -> object:
            try:
                return type(connection).call(connection, request)
            except ParcelError as error:
                if isinstance(error.body, dict) and isinstance(since := error.body.get("since"), str):
                    error.body["since"] = since.upper().replace("Z", "+00:00")
                raise

        connection.call = call
        return connection


def test_a_moment_in_another_form_is_no_difference_in_an_error_either() -> None:
    assert [finding.message for finding in judged(Reviving(), "createParcel").findings] == []


def test_white_space_in_a_list_of_a_header_is_no_difference() -> None:
    assert judged(Spacious(), "searchParcels").findings == ()


class Stubborn(ParcelsSdk):
    """One that sends a request again until the answer is another than that the service is not available."""

    def connect(self, base_url: str, credential: str, transport: object) -> Any:
        connection: Any = super().connect(base_url, credential, transport)

        def call(request: Mapping[str, Any]) -> object:
            while True:
                try:
                    return type(connection).call(connection, request)
                except ParcelError as error:
                    if error.status_code != 503:
                        raise
                    time.sleep(0.05)

        connection.call = call
        return connection


@pytest.mark.parametrize("transport", ["httpx", None])
def test_one_that_does_not_come_back_ends_the_run_and_keeps_what_was_judged(transport: Any) -> None:
    asked = [item for item in cases().reading.contract.operations if item.id == "createParcel"]
    outcome = SdkRun(Stubborn(transport=transport), cases(), asked, every=2, patience=0.4).run()

    assert outcome.fatal is not None
    assert "parcels 1 has not come back from createParcel within 0.4 s" in outcome.fatal
    assert "an answer of status 503; requests that it has sent: " in outcome.fatal
    assert outcome.status() == 2
    assert outcome.judged > 200


class Climbing(ParcelsSdk):
    """One that sends the depot `..` in a form of its own."""

    written = b"%2E%2E"

    def connect(self, base_url: str, credential: str, transport: object) -> Any:
        connection: Any = super().connect(base_url, credential, transport)

        def call(request: Mapping[str, Any]) -> object:
            if request.get("path", {}).get("depot") != "..":
                return type(connection).call(connection, request)
            target = b"/depots/%s/parcels" % self.written
            sent = connection.client.build_request(
                "POST",
                "/depots/%2E%2E/parcels",
                headers={"X-Depot-Key": credential},
                json=request["body"],
                extensions={"target": target},
            )
            return connection._read("createParcel", connection.client.send(sent))

        connection.call = call
        return connection


class Raw(Climbing):
    written = b".."


def test_dots_in_a_path_value_may_be_sent_encoded() -> None:
    assert [finding.message for finding in judged(Climbing(), "createParcel").findings] == []


def test_dots_that_stand_alone_in_a_path_as_it_is_sent_are_a_finding() -> None:
    outcome = judged(Raw(transport=None), "createParcel")

    assert [finding.rule for finding in outcome.findings] == ["the request on the wire: path"]
    assert "got /depots/../parcels" in outcome.findings[0].message


class Wordless(ParcelsSdk):
    """One with no way to say a fragile parcel that is heavy."""

    def connect(self, base_url: str, credential: str, transport: object) -> object:  # type: ignore[override]
        connection = super().connect(base_url, credential, transport)

        def call(request: Mapping[str, Any]) -> object:
            body = request.get("body")
            if isinstance(body, dict) and body.get("fragile") is True and body.get("weight", 0) > 10:
                raise NotImplementedError("fragile parcels have no weight")
            return type(connection).call(connection, request)

        connection.call = call  # type: ignore[method-assign]
        return connection


def test_what_it_has_no_way_to_say_is_neither_refused_nor_accepted() -> None:
    (tally,) = (item for item in judged(Wordless(), "createParcel").rules if item.id == "fragile-parcel-is-light")
    assert (tally.verdict, tally.isolated.sent, tally.isolated.right) == ("unjudged", 0, 0)


def test_a_drawn_body_stands_beside_the_parameters_of_the_plan() -> None:
    (creation,) = (item for item in cases().reading.contract.operations if item.id == "createParcel")
    drawn = [case.draft for case in cases().requests(creation) if case.description == "a drawn body"]

    assert len({repr(draft.body) for draft in drawn if draft is not None}) > 20
    assert {str(draft.path) for draft in drawn if draft is not None} == {"{'depot': 'north'}"}
