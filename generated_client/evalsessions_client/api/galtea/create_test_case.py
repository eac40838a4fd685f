from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.galtea_error import GalteaError
from ...models.new_test_case import NewTestCase
from ...models.test_case import TestCase
from ...types import Response


def _get_kwargs(
    *,
    body: NewTestCase,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/testCases",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> GalteaError | TestCase | None:
    if response.status_code == 201:
        response_201 = TestCase.from_dict(response.json())

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
) -> Response[GalteaError | TestCase]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: NewTestCase,
) -> Response[GalteaError | TestCase]:
    """Create a test case

     Adds a test case to a test: what to ask, what to expect, and for simulated conversations who asks
    and when to stop. The properties that the server gives (`id`, `userId`, `creditsUsed`,
    `sourceTestCaseId`, `createdAt`, `deletedAt`) are ignored in a request.

    Args:
        body (NewTestCase): A test case to create.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[GalteaError | TestCase]
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
    body: NewTestCase,
) -> GalteaError | TestCase | None:
    """Create a test case

     Adds a test case to a test: what to ask, what to expect, and for simulated conversations who asks
    and when to stop. The properties that the server gives (`id`, `userId`, `creditsUsed`,
    `sourceTestCaseId`, `createdAt`, `deletedAt`) are ignored in a request.

    Args:
        body (NewTestCase): A test case to create.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        GalteaError | TestCase
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: NewTestCase,
) -> Response[GalteaError | TestCase]:
    """Create a test case

     Adds a test case to a test: what to ask, what to expect, and for simulated conversations who asks
    and when to stop. The properties that the server gives (`id`, `userId`, `creditsUsed`,
    `sourceTestCaseId`, `createdAt`, `deletedAt`) are ignored in a request.

    Args:
        body (NewTestCase): A test case to create.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[GalteaError | TestCase]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: NewTestCase,
) -> GalteaError | TestCase | None:
    """Create a test case

     Adds a test case to a test: what to ask, what to expect, and for simulated conversations who asks
    and when to stop. The properties that the server gives (`id`, `userId`, `creditsUsed`,
    `sourceTestCaseId`, `createdAt`, `deletedAt`) are ignored in a request.

    Args:
        body (NewTestCase): A test case to create.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        GalteaError | TestCase
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
