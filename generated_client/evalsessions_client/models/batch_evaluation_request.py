from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.metric_selection import MetricSelection


T = TypeVar("T", bound="BatchEvaluationRequest")


@_attrs_define
class BatchEvaluationRequest:
    """Which sessions to evaluate, and with which metrics.

    Attributes:
        session_ids (list[str] | None | Unset): The sessions to evaluate, one by one. Not together with `versionId`.
        version_id (None | str | Unset): The version whose sessions to evaluate, at most 1000. Not together with
            `sessionIds`.
        metrics (list[MetricSelection] | None | Unset): The metrics to evaluate each session with. Mentioning one twice
            is the same as once.
        specification_ids (list[str] | None | Unset): The specifications whose linked metrics are used as well.
    """

    session_ids: list[str] | None | Unset = UNSET
    version_id: None | str | Unset = UNSET
    metrics: list[MetricSelection] | None | Unset = UNSET
    specification_ids: list[str] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        session_ids: list[str] | None | Unset
        if isinstance(self.session_ids, Unset):
            session_ids = UNSET
        elif isinstance(self.session_ids, list):
            session_ids = self.session_ids

        else:
            session_ids = self.session_ids

        version_id: None | str | Unset
        if isinstance(self.version_id, Unset):
            version_id = UNSET
        else:
            version_id = self.version_id

        metrics: list[dict[str, Any]] | None | Unset
        if isinstance(self.metrics, Unset):
            metrics = UNSET
        elif isinstance(self.metrics, list):
            metrics = []
            for metrics_type_0_item_data in self.metrics:
                metrics_type_0_item = metrics_type_0_item_data.to_dict()
                metrics.append(metrics_type_0_item)

        else:
            metrics = self.metrics

        specification_ids: list[str] | None | Unset
        if isinstance(self.specification_ids, Unset):
            specification_ids = UNSET
        elif isinstance(self.specification_ids, list):
            specification_ids = self.specification_ids

        else:
            specification_ids = self.specification_ids

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if session_ids is not UNSET:
            field_dict["sessionIds"] = session_ids
        if version_id is not UNSET:
            field_dict["versionId"] = version_id
        if metrics is not UNSET:
            field_dict["metrics"] = metrics
        if specification_ids is not UNSET:
            field_dict["specificationIds"] = specification_ids

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.metric_selection import MetricSelection  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_session_ids(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                session_ids_type_0 = cast(list[str], data)

                return session_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        session_ids = _parse_session_ids(d.pop("sessionIds", UNSET))

        def _parse_version_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        version_id = _parse_version_id(d.pop("versionId", UNSET))

        def _parse_metrics(data: object) -> list[MetricSelection] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                metrics_type_0 = []
                _metrics_type_0 = data
                for metrics_type_0_item_data in _metrics_type_0:
                    metrics_type_0_item = MetricSelection.from_dict(metrics_type_0_item_data)

                    metrics_type_0.append(metrics_type_0_item)

                return metrics_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[MetricSelection] | None | Unset, data)

        metrics = _parse_metrics(d.pop("metrics", UNSET))

        def _parse_specification_ids(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                specification_ids_type_0 = cast(list[str], data)

                return specification_ids_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        specification_ids = _parse_specification_ids(d.pop("specificationIds", UNSET))

        batch_evaluation_request = cls(
            session_ids=session_ids,
            version_id=version_id,
            metrics=metrics,
            specification_ids=specification_ids,
        )

        batch_evaluation_request.additional_properties = d
        return batch_evaluation_request

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
