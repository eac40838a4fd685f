from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.json_object import JsonObject


T = TypeVar("T", bound="TestCase")


@_attrs_define
class TestCase:
    """A stored test case.

    Attributes:
        id (str): The test case's identifier, given by the server.
        test_id (str): The test that the test case belongs to.
        created_at (datetime.datetime): When the test case was created.
        user_id (None | str | Unset): The user whose key created the test case.
        input_ (JsonObject | None | Unset): The input as an object. An input that was sent as text is its
            `user_message`.
        context (JsonObject | None | Unset): The context as an object. A context that was sent as text is its `value`.
        expected_output (None | str | Unset): The answer that a good reply comes close to.
        expected_tools (list[str] | None | Unset): The tools that a good reply calls, in order.
        source (None | str | Unset): Where the test case comes from.
        source_file (None | str | Unset): The file that the test case was taken from.
        confidence (float | None | Unset): How sure its author is of the test case.
        confidence_reason (None | str | Unset): Why its author is as sure as that.
        variant (None | str | Unset): Which variant of a generated test case this is.
        strategy (None | str | Unset): The strategy that the test case was generated with.
        language_code (None | str | Unset): The language of the conversation, as a tag of BCP 47.
        user_persona (None | str | Unset): Who the simulated user is.
        scenario (None | str | Unset): The situation that the conversation takes place in.
        goal (None | str | Unset): What the simulated user wants to reach.
        stopping_criterias (list[str] | None | Unset): What ends a simulated conversation, in order.
        max_iterations (int | None | Unset): After how many turns a simulated conversation ends at the latest.
        is_augmented (bool | None | Unset): Whether the test case was derived from another by machine.
        reviewed_by_id (None | str | Unset): The user who reviewed the test case.
        user_score (int | None | Unset): The score that a user gave the test case.
        user_score_reason (None | str | Unset): Why the user gave that score.
        credits_used (int | None | Unset): How many credits it took to make the test case.
        source_test_case_id (None | str | Unset): The test case that this one was derived from.
        deleted_at (datetime.datetime | None | Unset): When the test case was deleted.
    """

    id: str
    test_id: str
    created_at: datetime.datetime
    user_id: None | str | Unset = UNSET
    input_: JsonObject | None | Unset = UNSET
    context: JsonObject | None | Unset = UNSET
    expected_output: None | str | Unset = UNSET
    expected_tools: list[str] | None | Unset = UNSET
    source: None | str | Unset = UNSET
    source_file: None | str | Unset = UNSET
    confidence: float | None | Unset = UNSET
    confidence_reason: None | str | Unset = UNSET
    variant: None | str | Unset = UNSET
    strategy: None | str | Unset = UNSET
    language_code: None | str | Unset = UNSET
    user_persona: None | str | Unset = UNSET
    scenario: None | str | Unset = UNSET
    goal: None | str | Unset = UNSET
    stopping_criterias: list[str] | None | Unset = UNSET
    max_iterations: int | None | Unset = UNSET
    is_augmented: bool | None | Unset = UNSET
    reviewed_by_id: None | str | Unset = UNSET
    user_score: int | None | Unset = UNSET
    user_score_reason: None | str | Unset = UNSET
    credits_used: int | None | Unset = UNSET
    source_test_case_id: None | str | Unset = UNSET
    deleted_at: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.json_object import JsonObject  # noqa: PLC0415

        id = self.id

        test_id = self.test_id

        created_at = self.created_at.isoformat()

        user_id: None | str | Unset
        if isinstance(self.user_id, Unset):
            user_id = UNSET
        else:
            user_id = self.user_id

        input_: dict[str, Any] | None | Unset
        if isinstance(self.input_, Unset):
            input_ = UNSET
        elif isinstance(self.input_, JsonObject):
            input_ = self.input_.to_dict()
        else:
            input_ = self.input_

        context: dict[str, Any] | None | Unset
        if isinstance(self.context, Unset):
            context = UNSET
        elif isinstance(self.context, JsonObject):
            context = self.context.to_dict()
        else:
            context = self.context

        expected_output: None | str | Unset
        if isinstance(self.expected_output, Unset):
            expected_output = UNSET
        else:
            expected_output = self.expected_output

        expected_tools: list[str] | None | Unset
        if isinstance(self.expected_tools, Unset):
            expected_tools = UNSET
        elif isinstance(self.expected_tools, list):
            expected_tools = self.expected_tools

        else:
            expected_tools = self.expected_tools

        source: None | str | Unset
        if isinstance(self.source, Unset):
            source = UNSET
        else:
            source = self.source

        source_file: None | str | Unset
        if isinstance(self.source_file, Unset):
            source_file = UNSET
        else:
            source_file = self.source_file

        confidence: float | None | Unset
        if isinstance(self.confidence, Unset):
            confidence = UNSET
        else:
            confidence = self.confidence

        confidence_reason: None | str | Unset
        if isinstance(self.confidence_reason, Unset):
            confidence_reason = UNSET
        else:
            confidence_reason = self.confidence_reason

        variant: None | str | Unset
        if isinstance(self.variant, Unset):
            variant = UNSET
        else:
            variant = self.variant

        strategy: None | str | Unset
        if isinstance(self.strategy, Unset):
            strategy = UNSET
        else:
            strategy = self.strategy

        language_code: None | str | Unset
        if isinstance(self.language_code, Unset):
            language_code = UNSET
        else:
            language_code = self.language_code

        user_persona: None | str | Unset
        if isinstance(self.user_persona, Unset):
            user_persona = UNSET
        else:
            user_persona = self.user_persona

        scenario: None | str | Unset
        if isinstance(self.scenario, Unset):
            scenario = UNSET
        else:
            scenario = self.scenario

        goal: None | str | Unset
        if isinstance(self.goal, Unset):
            goal = UNSET
        else:
            goal = self.goal

        stopping_criterias: list[str] | None | Unset
        if isinstance(self.stopping_criterias, Unset):
            stopping_criterias = UNSET
        elif isinstance(self.stopping_criterias, list):
            stopping_criterias = self.stopping_criterias

        else:
            stopping_criterias = self.stopping_criterias

        max_iterations: int | None | Unset
        if isinstance(self.max_iterations, Unset):
            max_iterations = UNSET
        else:
            max_iterations = self.max_iterations

        is_augmented: bool | None | Unset
        if isinstance(self.is_augmented, Unset):
            is_augmented = UNSET
        else:
            is_augmented = self.is_augmented

        reviewed_by_id: None | str | Unset
        if isinstance(self.reviewed_by_id, Unset):
            reviewed_by_id = UNSET
        else:
            reviewed_by_id = self.reviewed_by_id

        user_score: int | None | Unset
        if isinstance(self.user_score, Unset):
            user_score = UNSET
        else:
            user_score = self.user_score

        user_score_reason: None | str | Unset
        if isinstance(self.user_score_reason, Unset):
            user_score_reason = UNSET
        else:
            user_score_reason = self.user_score_reason

        credits_used: int | None | Unset
        if isinstance(self.credits_used, Unset):
            credits_used = UNSET
        else:
            credits_used = self.credits_used

        source_test_case_id: None | str | Unset
        if isinstance(self.source_test_case_id, Unset):
            source_test_case_id = UNSET
        else:
            source_test_case_id = self.source_test_case_id

        deleted_at: None | str | Unset
        if isinstance(self.deleted_at, Unset):
            deleted_at = UNSET
        elif isinstance(self.deleted_at, datetime.datetime):
            deleted_at = self.deleted_at.isoformat()
        else:
            deleted_at = self.deleted_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "testId": test_id,
                "createdAt": created_at,
            }
        )
        if user_id is not UNSET:
            field_dict["userId"] = user_id
        if input_ is not UNSET:
            field_dict["input"] = input_
        if context is not UNSET:
            field_dict["context"] = context
        if expected_output is not UNSET:
            field_dict["expectedOutput"] = expected_output
        if expected_tools is not UNSET:
            field_dict["expectedTools"] = expected_tools
        if source is not UNSET:
            field_dict["source"] = source
        if source_file is not UNSET:
            field_dict["sourceFile"] = source_file
        if confidence is not UNSET:
            field_dict["confidence"] = confidence
        if confidence_reason is not UNSET:
            field_dict["confidenceReason"] = confidence_reason
        if variant is not UNSET:
            field_dict["variant"] = variant
        if strategy is not UNSET:
            field_dict["strategy"] = strategy
        if language_code is not UNSET:
            field_dict["languageCode"] = language_code
        if user_persona is not UNSET:
            field_dict["userPersona"] = user_persona
        if scenario is not UNSET:
            field_dict["scenario"] = scenario
        if goal is not UNSET:
            field_dict["goal"] = goal
        if stopping_criterias is not UNSET:
            field_dict["stoppingCriterias"] = stopping_criterias
        if max_iterations is not UNSET:
            field_dict["maxIterations"] = max_iterations
        if is_augmented is not UNSET:
            field_dict["isAugmented"] = is_augmented
        if reviewed_by_id is not UNSET:
            field_dict["reviewedById"] = reviewed_by_id
        if user_score is not UNSET:
            field_dict["userScore"] = user_score
        if user_score_reason is not UNSET:
            field_dict["userScoreReason"] = user_score_reason
        if credits_used is not UNSET:
            field_dict["creditsUsed"] = credits_used
        if source_test_case_id is not UNSET:
            field_dict["sourceTestCaseId"] = source_test_case_id
        if deleted_at is not UNSET:
            field_dict["deletedAt"] = deleted_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.json_object import JsonObject  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        test_id = d.pop("testId")

        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))

        def _parse_user_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        user_id = _parse_user_id(d.pop("userId", UNSET))

        def _parse_input_(data: object) -> JsonObject | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                input_type_0 = JsonObject.from_dict(data)

                return input_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JsonObject | None | Unset, data)

        input_ = _parse_input_(d.pop("input", UNSET))

        def _parse_context(data: object) -> JsonObject | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                context_type_0 = JsonObject.from_dict(data)

                return context_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JsonObject | None | Unset, data)

        context = _parse_context(d.pop("context", UNSET))

        def _parse_expected_output(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        expected_output = _parse_expected_output(d.pop("expectedOutput", UNSET))

        def _parse_expected_tools(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                expected_tools_type_0 = cast(list[str], data)

                return expected_tools_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        expected_tools = _parse_expected_tools(d.pop("expectedTools", UNSET))

        def _parse_source(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        source = _parse_source(d.pop("source", UNSET))

        def _parse_source_file(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        source_file = _parse_source_file(d.pop("sourceFile", UNSET))

        def _parse_confidence(data: object) -> float | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(float | None | Unset, data)

        confidence = _parse_confidence(d.pop("confidence", UNSET))

        def _parse_confidence_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        confidence_reason = _parse_confidence_reason(d.pop("confidenceReason", UNSET))

        def _parse_variant(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        variant = _parse_variant(d.pop("variant", UNSET))

        def _parse_strategy(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        strategy = _parse_strategy(d.pop("strategy", UNSET))

        def _parse_language_code(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        language_code = _parse_language_code(d.pop("languageCode", UNSET))

        def _parse_user_persona(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        user_persona = _parse_user_persona(d.pop("userPersona", UNSET))

        def _parse_scenario(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        scenario = _parse_scenario(d.pop("scenario", UNSET))

        def _parse_goal(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        goal = _parse_goal(d.pop("goal", UNSET))

        def _parse_stopping_criterias(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                stopping_criterias_type_0 = cast(list[str], data)

                return stopping_criterias_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        stopping_criterias = _parse_stopping_criterias(d.pop("stoppingCriterias", UNSET))

        def _parse_max_iterations(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_iterations = _parse_max_iterations(d.pop("maxIterations", UNSET))

        def _parse_is_augmented(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_augmented = _parse_is_augmented(d.pop("isAugmented", UNSET))

        def _parse_reviewed_by_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        reviewed_by_id = _parse_reviewed_by_id(d.pop("reviewedById", UNSET))

        def _parse_user_score(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        user_score = _parse_user_score(d.pop("userScore", UNSET))

        def _parse_user_score_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        user_score_reason = _parse_user_score_reason(d.pop("userScoreReason", UNSET))

        def _parse_credits_used(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        credits_used = _parse_credits_used(d.pop("creditsUsed", UNSET))

        def _parse_source_test_case_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        source_test_case_id = _parse_source_test_case_id(d.pop("sourceTestCaseId", UNSET))

        def _parse_deleted_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                deleted_at_type_0 = datetime.datetime.fromisoformat(data)

                return deleted_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        deleted_at = _parse_deleted_at(d.pop("deletedAt", UNSET))

        test_case = cls(
            id=id,
            test_id=test_id,
            created_at=created_at,
            user_id=user_id,
            input_=input_,
            context=context,
            expected_output=expected_output,
            expected_tools=expected_tools,
            source=source,
            source_file=source_file,
            confidence=confidence,
            confidence_reason=confidence_reason,
            variant=variant,
            strategy=strategy,
            language_code=language_code,
            user_persona=user_persona,
            scenario=scenario,
            goal=goal,
            stopping_criterias=stopping_criterias,
            max_iterations=max_iterations,
            is_augmented=is_augmented,
            reviewed_by_id=reviewed_by_id,
            user_score=user_score,
            user_score_reason=user_score_reason,
            credits_used=credits_used,
            source_test_case_id=source_test_case_id,
            deleted_at=deleted_at,
        )

        test_case.additional_properties = d
        return test_case

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
