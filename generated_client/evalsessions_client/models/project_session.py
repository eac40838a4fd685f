from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ProjectSession")


@_attrs_define
class ProjectSession:
    """A stored session of a project.

    Attributes:
        id (UUID): A UUID of version 4 (RFC 9562, section 5.4), in upper or lower case.
        name (None | str): The session's name, chosen by the caller or by the server.
        project_id (UUID): A UUID of version 4 (RFC 9562, section 5.4), in upper or lower case.
        project_name (str): The name of that project.
        previous_session_id (None | Unset | UUID): The session that this one continues.
        external_id (None | str | Unset): The caller's own identifier of the session.
    """

    id: UUID
    name: None | str
    project_id: UUID
    project_name: str
    previous_session_id: None | Unset | UUID = UNSET
    external_id: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        name: None | str
        name = self.name

        project_id = str(self.project_id)

        project_name = self.project_name

        previous_session_id: None | str | Unset
        if isinstance(self.previous_session_id, Unset):
            previous_session_id = UNSET
        elif isinstance(self.previous_session_id, UUID):
            previous_session_id = str(self.previous_session_id)
        else:
            previous_session_id = self.previous_session_id

        external_id: None | str | Unset
        if isinstance(self.external_id, Unset):
            external_id = UNSET
        else:
            external_id = self.external_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "name": name,
                "project_id": project_id,
                "project_name": project_name,
            }
        )
        if previous_session_id is not UNSET:
            field_dict["previous_session_id"] = previous_session_id
        if external_id is not UNSET:
            field_dict["external_id"] = external_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        def _parse_name(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        name = _parse_name(d.pop("name"))

        project_id = UUID(d.pop("project_id"))

        project_name = d.pop("project_name")

        def _parse_previous_session_id(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                previous_session_id_type_0 = UUID(data)

                return previous_session_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        previous_session_id = _parse_previous_session_id(d.pop("previous_session_id", UNSET))

        def _parse_external_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        external_id = _parse_external_id(d.pop("external_id", UNSET))

        project_session = cls(
            id=id,
            name=name,
            project_id=project_id,
            project_name=project_name,
            previous_session_id=previous_session_id,
            external_id=external_id,
        )

        project_session.additional_properties = d
        return project_session

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
