from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.galileo_error import GalileoError
from ...models.galileo_validation_error import GalileoValidationError
from ...models.new_project_session import NewProjectSession
from ...models.project_session import ProjectSession
from ...types import Response


def _get_kwargs(
    project_id: UUID,
    *,
    body: NewProjectSession,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/v2/projects/{project_id}/sessions".format(
            project_id=quote(str(project_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> GalileoError | GalileoValidationError | ProjectSession | None:
    if response.status_code == 200:
        response_200 = ProjectSession.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = GalileoError.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = GalileoError.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = GalileoError.from_dict(response.json())

        return response_404

    if response.status_code == 413:
        response_413 = GalileoError.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = GalileoError.from_dict(response.json())

        return response_415

    if response.status_code == 422:
        response_422 = GalileoValidationError.from_dict(response.json())

        return response_422

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[GalileoError | GalileoValidationError | ProjectSession]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    project_id: UUID,
    *,
    client: AuthenticatedClient,
    body: NewProjectSession,
) -> Response[GalileoError | GalileoValidationError | ProjectSession]:
    """Create a session in a project

     Opens a session that groups the traces of one conversation in a Galileo project. Everything in the
    body is optional, the body itself is not: an empty object asks for a session of defaults.

    Args:
        project_id (UUID): A UUID of version 4 (RFC 9562, section 5.4), in upper or lower case.
        body (NewProjectSession): A session to create in a project.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[GalileoError | GalileoValidationError | ProjectSession]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    project_id: UUID,
    *,
    client: AuthenticatedClient,
    body: NewProjectSession,
) -> GalileoError | GalileoValidationError | ProjectSession | None:
    """Create a session in a project

     Opens a session that groups the traces of one conversation in a Galileo project. Everything in the
    body is optional, the body itself is not: an empty object asks for a session of defaults.

    Args:
        project_id (UUID): A UUID of version 4 (RFC 9562, section 5.4), in upper or lower case.
        body (NewProjectSession): A session to create in a project.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        GalileoError | GalileoValidationError | ProjectSession
    """

    return sync_detailed(
        project_id=project_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    project_id: UUID,
    *,
    client: AuthenticatedClient,
    body: NewProjectSession,
) -> Response[GalileoError | GalileoValidationError | ProjectSession]:
    """Create a session in a project

     Opens a session that groups the traces of one conversation in a Galileo project. Everything in the
    body is optional, the body itself is not: an empty object asks for a session of defaults.

    Args:
        project_id (UUID): A UUID of version 4 (RFC 9562, section 5.4), in upper or lower case.
        body (NewProjectSession): A session to create in a project.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[GalileoError | GalileoValidationError | ProjectSession]
    """

    kwargs = _get_kwargs(
        project_id=project_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    project_id: UUID,
    *,
    client: AuthenticatedClient,
    body: NewProjectSession,
) -> GalileoError | GalileoValidationError | ProjectSession | None:
    """Create a session in a project

     Opens a session that groups the traces of one conversation in a Galileo project. Everything in the
    body is optional, the body itself is not: an empty object asks for a session of defaults.

    Args:
        project_id (UUID): A UUID of version 4 (RFC 9562, section 5.4), in upper or lower case.
        body (NewProjectSession): A session to create in a project.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        GalileoError | GalileoValidationError | ProjectSession
    """

    return (
        await asyncio_detailed(
            project_id=project_id,
            client=client,
            body=body,
        )
    ).parsed
