"""The four operations: what each takes, in words, and how the SDK is asked for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evalsessions.cli.arguments import Json, Metrics, Operation, Plain, SessionIds, TextOrObject, Texts
from evalsessions.cli.calling import galileo, galtea

if TYPE_CHECKING:
    from evalsessions import BatchEvaluation, ProjectSession, Session, TestCase
    from evalsessions.cli.calling import Calling

__all__ = [
    "CREATE_EVALUATIONS",
    "CREATE_PROJECT_SESSION",
    "CREATE_SESSION",
    "CREATE_TEST_CASE",
    "create_evaluations",
    "create_project_session",
    "create_session",
    "create_test_case",
]

Arguments = dict[str, Any]


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


CREATE_SESSION = Operation(
    "createSession",
    (
        Plain("version_id", "The version of the product that the session belongs to.", "ID", required=True),
        Plain("custom_id", "An identifier of your own, used once at most in a version.", "ID"),
        Plain("test_case_id", "The test case that the session plays, which gives it its context.", "ID"),
        Plain("is_production", "Whether it is real traffic; not set, it is so without a test case.", kind=bool),
        TextOrObject("context", "What else is known about the conversation."),
        Json("metadata", "An object of your own, kept and returned as it is."),
        Plain(
            "status",
            "The status that it starts in: PENDING, COMPLETED (not set, it is this) or FAILED.",
            "STATUS",
            choices=("PENDING", "COMPLETED", "FAILED"),
        ),
    ),
    _camel_case,
)

CREATE_TEST_CASE = Operation(
    "createTestCase",
    (
        Plain("test_id", "The test that the test case belongs to.", "ID", required=True),
        TextOrObject("input", "What the user says."),
        Plain("expected_output", "The answer that a good reply comes close to."),
        Texts("expected_tools", "A tool that a good reply calls, in order."),
        TextOrObject("context", "What else is known about the question."),
        Plain("source", "Where the test case comes from."),
        Plain("source_file", "The file that it was taken from (its name only: nothing is read)."),
        Plain("confidence", "How sure its author is of it.", kind=float),
        Plain("confidence_reason", "Why its author is as sure as that."),
        Plain("variant", "Which variant of a generated test case it is."),
        Plain("strategy", "The strategy that it was generated with."),
        Plain("language_code", "The language of the conversation, as a tag of BCP 47."),
        Plain("user_persona", "Who the simulated user is."),
        Plain("scenario", "The situation that the conversation takes place in."),
        Plain("goal", "What the simulated user wants to reach."),
        Texts("stopping_criterias", "What ends a simulated conversation, in order."),
        Plain("max_iterations", "After how many turns a simulated conversation ends at the latest.", kind=int),
        Plain("is_augmented", "Whether it was derived from another by machine.", kind=bool),
        Plain("reviewed_by_id", "The user who reviewed it.", "ID"),
        Plain("user_score", "The score that a user gave it.", kind=int),
        Plain("user_score_reason", "Why the user gave that score."),
    ),
    _camel_case,
)

CREATE_EVALUATIONS = Operation(
    "createEvaluationsFromSessions",
    (
        SessionIds("session_ids", "A session to evaluate.", "ID"),
        Plain("version_id", "The version whose sessions to evaluate, 1000 at most. Not together with sessions.", "ID"),
        Metrics("metrics", "A metric to evaluate with; without any, those linked to the specifications."),
        Texts("specification_ids", "A specification whose linked metrics are used as well.", "ID"),
    ),
    _camel_case,
)

CREATE_PROJECT_SESSION = Operation(
    "createProjectSession",
    (
        Plain("project_id", "The project to log to.", "UUID", required=True),
        Plain("log_stream_id", "The log stream that the traces go to.", "UUID"),
        Plain("experiment_id", "The experiment that the traces belong to.", "UUID"),
        Plain("metrics_testing_id", "The trial of metrics that the traces belong to.", "UUID"),
        Plain("previous_session_id", "The session that this one continues.", "UUID"),
        Plain(
            "logging_method",
            "What logs: playground, python_client, typescript_client or api_direct (not set, it is this).",
            "METHOD",
            choices=("playground", "python_client", "typescript_client", "api_direct"),
        ),
        Plain("client_version", "The version of the program that logs the traces."),
        Plain("reliable", "Whether the answer waits until the traces are stored; not set, it does.", kind=bool),
        Plain("name", "A name to show for the session."),
        Plain("external_id", "An identifier of your own.", "ID"),
    ),
    str,
)


def create_session(calling: Calling, arguments: Arguments) -> Session:
    """Ask for what `CREATE_SESSION` says."""
    with galtea(calling) as face:
        return face.sessions.create(**arguments)


def create_test_case(calling: Calling, arguments: Arguments) -> TestCase:
    """Ask for what `CREATE_TEST_CASE` says."""
    with galtea(calling) as face:
        return face.test_cases.create(**arguments)


def create_evaluations(calling: Calling, arguments: Arguments) -> BatchEvaluation:
    """Ask for what `CREATE_EVALUATIONS` says."""
    with galtea(calling) as face:
        return face.evaluations.create_from_sessions(**arguments)


def create_project_session(calling: Calling, arguments: Arguments) -> ProjectSession:
    """Ask for what `CREATE_PROJECT_SESSION` says."""
    with galileo(calling) as face:
        return face.project_sessions.create(**arguments)
