from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.session_status import SessionStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.json_object import JsonObject


T = TypeVar("T", bound="Session")


@_attrs_define
class Session:
    """A stored session.

    Attributes:
        id (str): The session's identifier, given by the server.
        version_id (str): The version that the session belongs to.
        status (SessionStatus): How far a session has come.
        is_production (bool): Whether the session is real traffic.
        created_at (datetime.datetime): When the session was created.
        custom_id (None | str | Unset): The identifier that the caller gave.
        user_id (None | str | Unset): The user whose key created the session.
        test_case_id (None | str | Unset): The test case that the session plays.
        context (JsonObject | None | Unset): The context as an object. A context that was sent as text is its `value`.
        stopping_reason (None | str | Unset): Why a simulated conversation ended.
        error (None | str | Unset): What went wrong while the session ran.
        metadata (JsonObject | None | Unset): The caller's own data.
        deleted_at (datetime.datetime | None | Unset): When the session was deleted.
    """

    id: str
    version_id: str
    status: SessionStatus
    is_production: bool
    created_at: datetime.datetime
    custom_id: None | str | Unset = UNSET
    user_id: None | str | Unset = UNSET
    test_case_id: None | str | Unset = UNSET
    context: JsonObject | None | Unset = UNSET
    stopping_reason: None | str | Unset = UNSET
    error: None | str | Unset = UNSET
    metadata: JsonObject | None | Unset = UNSET
    deleted_at: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.json_object import JsonObject  # noqa: PLC0415

        id = self.id

        version_id = self.version_id

        status = self.status.value

        is_production = self.is_production

        created_at = self.created_at.isoformat()

        custom_id: None | str | Unset
        if isinstance(self.custom_id, Unset):
            custom_id = UNSET
        else:
            custom_id = self.custom_id

        user_id: None | str | Unset
        if isinstance(self.user_id, Unset):
            user_id = UNSET
        else:
            user_id = self.user_id

        test_case_id: None | str | Unset
        if isinstance(self.test_case_id, Unset):
            test_case_id = UNSET
        else:
            test_case_id = self.test_case_id

        context: dict[str, Any] | None | Unset
        if isinstance(self.context, Unset):
            context = UNSET
        elif isinstance(self.context, JsonObject):
            context = self.context.to_dict()
        else:
            context = self.context

        stopping_reason: None | str | Unset
        if isinstance(self.stopping_reason, Unset):
            stopping_reason = UNSET
        else:
            stopping_reason = self.stopping_reason

        error: None | str | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        else:
            error = self.error

        metadata: dict[str, Any] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, JsonObject):
            metadata = self.metadata.to_dict()
        else:
            metadata = self.metadata

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
                "versionId": version_id,
                "status": status,
                "isProduction": is_production,
                "createdAt": created_at,
            }
        )
        if custom_id is not UNSET:
            field_dict["customId"] = custom_id
        if user_id is not UNSET:
            field_dict["userId"] = user_id
        if test_case_id is not UNSET:
            field_dict["testCaseId"] = test_case_id
        if context is not UNSET:
            field_dict["context"] = context
        if stopping_reason is not UNSET:
            field_dict["stoppingReason"] = stopping_reason
        if error is not UNSET:
            field_dict["error"] = error
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if deleted_at is not UNSET:
            field_dict["deletedAt"] = deleted_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.json_object import JsonObject  # noqa: PLC0415

        d = dict(src_dict)
        id = d.pop("id")

        version_id = d.pop("versionId")

        status = SessionStatus(d.pop("status"))

        is_production = d.pop("isProduction")

        created_at = datetime.datetime.fromisoformat(d.pop("createdAt"))

        def _parse_custom_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        custom_id = _parse_custom_id(d.pop("customId", UNSET))

        def _parse_user_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        user_id = _parse_user_id(d.pop("userId", UNSET))

        def _parse_test_case_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        test_case_id = _parse_test_case_id(d.pop("testCaseId", UNSET))

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

        def _parse_stopping_reason(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        stopping_reason = _parse_stopping_reason(d.pop("stoppingReason", UNSET))

        def _parse_error(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        error = _parse_error(d.pop("error", UNSET))

        def _parse_metadata(data: object) -> JsonObject | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                metadata_type_0 = JsonObject.from_dict(data)

                return metadata_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JsonObject | None | Unset, data)

        metadata = _parse_metadata(d.pop("metadata", UNSET))

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

        session = cls(
            id=id,
            version_id=version_id,
            status=status,
            is_production=is_production,
            created_at=created_at,
            custom_id=custom_id,
            user_id=user_id,
            test_case_id=test_case_id,
            context=context,
            stopping_reason=stopping_reason,
            error=error,
            metadata=metadata,
            deleted_at=deleted_at,
        )

        session.additional_properties = d
        return session

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
