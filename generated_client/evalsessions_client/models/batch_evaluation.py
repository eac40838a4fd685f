from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.session_failure import SessionFailure


T = TypeVar("T", bound="BatchEvaluation")


@_attrs_define
class BatchEvaluation:
    """The outcome of a batch evaluation.

    Attributes:
        sessions_evaluated (int): How many sessions were handed to evaluation.
        sessions_failed (int): How many sessions could not be evaluated.
        evaluations_created (int): How many evaluations were created over all sessions.
        failures (list[SessionFailure]): Each session that could not be evaluated, with the reason.
        message (str): A summary for people. It tells of skipped sessions and of a batch that had nothing to do.
        total_sessions_available (int | None): How many sessions the version has. Null when the sessions were listed.
        truncated (bool): Whether the version has more sessions than the 1000 that one request handles.
    """

    sessions_evaluated: int
    sessions_failed: int
    evaluations_created: int
    failures: list[SessionFailure]
    message: str
    total_sessions_available: int | None
    truncated: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        sessions_evaluated = self.sessions_evaluated

        sessions_failed = self.sessions_failed

        evaluations_created = self.evaluations_created

        failures = []
        for failures_item_data in self.failures:
            failures_item = failures_item_data.to_dict()
            failures.append(failures_item)

        message = self.message

        total_sessions_available: int | None
        total_sessions_available = self.total_sessions_available

        truncated = self.truncated

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "sessionsEvaluated": sessions_evaluated,
                "sessionsFailed": sessions_failed,
                "evaluationsCreated": evaluations_created,
                "failures": failures,
                "message": message,
                "totalSessionsAvailable": total_sessions_available,
                "truncated": truncated,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.session_failure import SessionFailure  # noqa: PLC0415

        d = dict(src_dict)
        sessions_evaluated = d.pop("sessionsEvaluated")

        sessions_failed = d.pop("sessionsFailed")

        evaluations_created = d.pop("evaluationsCreated")

        failures = []
        _failures = d.pop("failures")
        for failures_item_data in _failures:
            failures_item = SessionFailure.from_dict(failures_item_data)

            failures.append(failures_item)

        message = d.pop("message")

        def _parse_total_sessions_available(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        total_sessions_available = _parse_total_sessions_available(d.pop("totalSessionsAvailable"))

        truncated = d.pop("truncated")

        batch_evaluation = cls(
            sessions_evaluated=sessions_evaluated,
            sessions_failed=sessions_failed,
            evaluations_created=evaluations_created,
            failures=failures,
            message=message,
            total_sessions_available=total_sessions_available,
            truncated=truncated,
        )

        batch_evaluation.additional_properties = d
        return batch_evaluation

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
