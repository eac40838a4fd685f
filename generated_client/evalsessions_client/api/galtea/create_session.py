from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.galtea_error import GalteaError
from ...models.new_session import NewSession
from ...models.session import Session
from ...types import Response


def _get_kwargs(
    *,
    body: NewSession,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/sessions",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> GalteaError | Session | None:
    if response.status_code == 201:
        response_201 = Session.from_dict(response.json())

        return response_201

    if response.status_code == 400:
        response_400 = GalteaError.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = GalteaError.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = GalteaError.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = GalteaError.from_dict(response.json())

        return response_404

    if response.status_code == 409:
        response_409 = GalteaError.from_dict(response.json())

        return response_409

    if response.status_code == 413:
        response_413 = GalteaError.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = GalteaError.from_dict(response.json())

        return response_415

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[GalteaError | Session]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: NewSession,
) -> Response[GalteaError | Session]:
    """Create a session

     Opens a session for a version of a product. There are three kinds: a *production* session records
    real traffic (no test case); a *test-driven* session plays a test case and is never production; an
    *imported* session comes from elsewhere (no test case, `isProduction` false).

    Args:
        body (NewSession): A session to create.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[GalteaError | Session]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: NewSession,
) -> GalteaError | Session | None:
    """Create a session

     Opens a session for a version of a product. There are three kinds: a *production* session records
    real traffic (no test case); a *test-driven* session plays a test case and is never production; an
    *imported* session comes from elsewhere (no test case, `isProduction` false).

    Args:
        body (NewSession): A session to create.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        GalteaError | Session
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: NewSession,
) -> Response[GalteaError | Session]:
    """Create a session

     Opens a session for a version of a product. There are three kinds: a *production* session records
    real traffic (no test case); a *test-driven* session plays a test case and is never production; an
    *imported* session comes from elsewhere (no test case, `isProduction` false).

    Args:
        body (NewSession): A session to create.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[GalteaError | Session]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: NewSession,
) -> GalteaError | Session | None:
    """Create a session

     Opens a session for a version of a product. There are three kinds: a *production* session records
    real traffic (no test case); a *test-driven* session plays a test case and is never production; an
    *imported* session comes from elsewhere (no test case, `isProduction` false).

    Args:
        body (NewSession): A session to create.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        GalteaError | Session
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
