from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.session_status import SessionStatus
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.json_object import JsonObject


T = TypeVar("T", bound="NewSession")


@_attrs_define
class NewSession:
    """A session to create.

    Attributes:
        version_id (str): The version of the product that the session belongs to.
        custom_id (None | str | Unset): An identifier of the caller's own, used once at most in a version.
        test_case_id (None | str | Unset): The test case that the session plays. It makes the session test-driven and
            gives it its context.
        is_production (bool | None | Unset): Whether the session is real traffic. Not set, it is true without a test
            case and false with one. Say false without a test case to import a session.
        context (JsonObject | None | str | Unset): What else is known about the conversation, as text or as an object. A
            test case brings its own.
        metadata (JsonObject | None | Unset): The caller's own data, kept and returned as they are.
        status (None | SessionStatus | Unset): The status that the session starts in.
    """

    version_id: str
    custom_id: None | str | Unset = UNSET
    test_case_id: None | str | Unset = UNSET
    is_production: bool | None | Unset = UNSET
    context: JsonObject | None | str | Unset = UNSET
    metadata: JsonObject | None | Unset = UNSET
    status: None | SessionStatus | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.json_object import JsonObject  # noqa: PLC0415

        version_id = self.version_id

        custom_id: None | str | Unset
        if isinstance(self.custom_id, Unset):
            custom_id = UNSET
        else:
            custom_id = self.custom_id

        test_case_id: None | str | Unset
        if isinstance(self.test_case_id, Unset):
            test_case_id = UNSET
        else:
            test_case_id = self.test_case_id

        is_production: bool | None | Unset
        if isinstance(self.is_production, Unset):
            is_production = UNSET
        else:
            is_production = self.is_production

        context: dict[str, Any] | None | str | Unset
        if isinstance(self.context, Unset):
            context = UNSET
        elif isinstance(self.context, JsonObject):
            context = self.context.to_dict()
        else:
            context = self.context

        metadata: dict[str, Any] | None | Unset
        if isinstance(self.metadata, Unset):
            metadata = UNSET
        elif isinstance(self.metadata, JsonObject):
            metadata = self.metadata.to_dict()
        else:
            metadata = self.metadata

        status: None | str | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        elif isinstance(self.status, SessionStatus):
            status = self.status.value
        else:
            status = self.status

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "versionId": version_id,
            }
        )
        if custom_id is not UNSET:
            field_dict["customId"] = custom_id
        if test_case_id is not UNSET:
            field_dict["testCaseId"] = test_case_id
        if is_production is not UNSET:
            field_dict["isProduction"] = is_production
        if context is not UNSET:
            field_dict["context"] = context
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if status is not UNSET:
            field_dict["status"] = status

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.json_object import JsonObject  # noqa: PLC0415

        d = dict(src_dict)
        version_id = d.pop("versionId")

        def _parse_custom_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        custom_id = _parse_custom_id(d.pop("customId", UNSET))

        def _parse_test_case_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        test_case_id = _parse_test_case_id(d.pop("testCaseId", UNSET))

        def _parse_is_production(data: object) -> bool | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(bool | None | Unset, data)

        is_production = _parse_is_production(d.pop("isProduction", UNSET))

        def _parse_context(data: object) -> JsonObject | None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                context_type_1 = JsonObject.from_dict(data)

                return context_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(JsonObject | None | str | Unset, data)

        context = _parse_context(d.pop("context", UNSET))

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

        def _parse_status(data: object) -> None | SessionStatus | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                status_type_0 = SessionStatus(data)

                return status_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SessionStatus | Unset, data)

        status = _parse_status(d.pop("status", UNSET))

        new_session = cls(
            version_id=version_id,
            custom_id=custom_id,
            test_case_id=test_case_id,
            is_production=is_production,
            context=context,
            metadata=metadata,
            status=status,
        )

        new_session.additional_properties = d
        return new_session

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
