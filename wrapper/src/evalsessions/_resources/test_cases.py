"""Test cases at Galtea."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from evalsessions._core.calls import Call, perform, perform_raw
from evalsessions._core.contract import Operation
from evalsessions.models import TestCase

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Unpack

    from evalsessions._core.engines import AsyncEngine, Engine
    from evalsessions._core.settings import CallOptions
    from evalsessions._values.messages import RawResponse

__all__ = ["CREATE_TEST_CASE", "AsyncTestCases", "TestCaseCreator", "TestCases"]

CREATE_TEST_CASE = Operation("createTestCase")

ResultT = TypeVar("ResultT")


class TestCaseCreator(Generic[ResultT]):
    """What creates test cases, and returns each as `ResultT`: itself, its raw response, or a coroutine of either."""

    __test__ = False  # pytest collects what is called Test...

    def __init__(self, engine: Engine | AsyncEngine, perform_call: Callable[[Call[TestCase]], Any] = perform) -> None:
        self._engine = engine
        self._perform = perform_call

    def create(
        self,
        *,
        test_id: str,
        input: str | Mapping[str, object] | None = None,  # noqa: A002 - the contract's name
        expected_output: str | None = None,
        expected_tools: Sequence[str] | None = None,
        context: str | Mapping[str, object] | None = None,
        source: str | None = None,
        source_file: str | None = None,
        confidence: float | None = None,
        confidence_reason: str | None = None,
        variant: str | None = None,
        strategy: str | None = None,
        language_code: str | None = None,
        user_persona: str | None = None,
        scenario: str | None = None,
        goal: str | None = None,
        stopping_criterias: Sequence[str] | None = None,
        max_iterations: int | None = None,
        is_augmented: bool | None = None,
        reviewed_by_id: str | None = None,
        user_score: int | None = None,
        user_score_reason: str | None = None,
        **options: Unpack[CallOptions],
    ) -> ResultT:
        """Create a test case (operation `createTestCase`, POST /testCases). None means not set.

        Example:
            >>> case = galtea.test_cases.create(
            ...     test_id="test_123", input="What is the capital of France?", expected_output="Paris"
            ... )
            >>> case.input
            {'user_message': 'What is the capital of France?'}

        Args:
            test_id: The test that the test case belongs to.
            input: What the user says, as text or as an object. A text comes back as the `user_message` of an object.
            expected_output: The answer that a good reply comes close to.
            expected_tools: The tools that a good reply calls, in order.
            context: What else is known about the question, as text or as an object. A text comes back as the `value`
                of an object.
            source: Where the test case comes from.
            source_file: The file that the test case was taken from.
            confidence: How sure its author is of the test case.
            confidence_reason: Why its author is as sure as that.
            variant: Which variant of a generated test case this is.
            strategy: The strategy that the test case was generated with.
            language_code: The language of the conversation, as a tag of BCP 47.
            user_persona: Who the simulated user is.
            scenario: The situation that the conversation takes place in.
            goal: What the simulated user wants to reach.
            stopping_criterias: What ends a simulated conversation, in order.
            max_iterations: After how many turns a simulated conversation ends at the latest; at least 1.
            is_augmented: Whether the test case was derived from another by machine.
            reviewed_by_id: The user who reviewed the test case.
            user_score: The score that a user gave the test case.
            user_score_reason: Why the user gave that score.
            **options: `timeout`, `max_retries`, `extra_headers`, `extra_body`, `validate`, `strict`; see `CallOptions`.

        Returns:
            The test case as it was stored.

        Raises:
            ContractError: a value that the API must refuse; nothing was sent.
            NotFoundError: no such test.
            AmbiguousOutcomeError: the test case may have been created or not.
            APIError: anything else; see `evalsessions.errors`.
        """
        arguments = {
            "test_id": test_id,
            "input_": input,
            "expected_output": expected_output,
            "expected_tools": expected_tools,
            "context": context,
            "source": source,
            "source_file": source_file,
            "confidence": confidence,
            "confidence_reason": confidence_reason,
            "variant": variant,
            "strategy": strategy,
            "language_code": language_code,
            "user_persona": user_persona,
            "scenario": scenario,
            "goal": goal,
            "stopping_criterias": stopping_criterias,
            "max_iterations": max_iterations,
            "is_augmented": is_augmented,
            "reviewed_by_id": reviewed_by_id,
            "user_score": user_score,
            "user_score_reason": user_score_reason,
        }
        made = self._engine.run(
            lambda settings: self._perform(Call(CREATE_TEST_CASE, TestCase, arguments, settings)), options
        )
        return cast("ResultT", made)


class TestCases(TestCaseCreator[TestCase]):
    """The test cases of Galtea."""

    @property
    def with_raw_response(self) -> TestCaseCreator[RawResponse[TestCase]]:
        """The same operation, returning the response before it is read."""
        return TestCaseCreator(self._engine, perform_raw)


class AsyncTestCases(TestCaseCreator[Coroutine[Any, Any, TestCase]]):
    """The test cases of Galtea, by coroutines."""

    @property
    def with_raw_response(self) -> TestCaseCreator[Coroutine[Any, Any, RawResponse[TestCase]]]:
        """The same operation, returning the response before it is read."""
        return TestCaseCreator(self._engine, perform_raw)
