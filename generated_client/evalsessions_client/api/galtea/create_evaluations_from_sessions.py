from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.batch_evaluation import BatchEvaluation
from ...models.batch_evaluation_request import BatchEvaluationRequest
from ...models.galtea_error import GalteaError
from ...types import Response


def _get_kwargs(
    *,
    body: BatchEvaluationRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/evaluations/fromSessions",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BatchEvaluation | GalteaError | None:
    if response.status_code == 200:
        response_200 = BatchEvaluation.from_dict(response.json())

        return response_200

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
) -> Response[BatchEvaluation | GalteaError]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: BatchEvaluationRequest,
) -> Response[BatchEvaluation | GalteaError]:
    """Evaluate many sessions at once

     Evaluates either the listed sessions or the sessions of a version, at most 1000 of them, with the
    given metrics and with those linked to the given specifications. It creates records and spends the
    caller's credits, so it must never be repeated automatically. A session that cannot be evaluated, an
    unknown one included, is an entry in `failures` of a 200 answer. With no metrics, given or linked,
    nothing is created and `message` says so.

    Args:
        body (BatchEvaluationRequest): Which sessions to evaluate, and with which metrics.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BatchEvaluation | GalteaError]
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
    body: BatchEvaluationRequest,
) -> BatchEvaluation | GalteaError | None:
    """Evaluate many sessions at once

     Evaluates either the listed sessions or the sessions of a version, at most 1000 of them, with the
    given metrics and with those linked to the given specifications. It creates records and spends the
    caller's credits, so it must never be repeated automatically. A session that cannot be evaluated, an
    unknown one included, is an entry in `failures` of a 200 answer. With no metrics, given or linked,
    nothing is created and `message` says so.

    Args:
        body (BatchEvaluationRequest): Which sessions to evaluate, and with which metrics.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BatchEvaluation | GalteaError
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: BatchEvaluationRequest,
) -> Response[BatchEvaluation | GalteaError]:
    """Evaluate many sessions at once

     Evaluates either the listed sessions or the sessions of a version, at most 1000 of them, with the
    given metrics and with those linked to the given specifications. It creates records and spends the
    caller's credits, so it must never be repeated automatically. A session that cannot be evaluated, an
    unknown one included, is an entry in `failures` of a 200 answer. With no metrics, given or linked,
    nothing is created and `message` says so.

    Args:
        body (BatchEvaluationRequest): Which sessions to evaluate, and with which metrics.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BatchEvaluation | GalteaError]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: BatchEvaluationRequest,
) -> BatchEvaluation | GalteaError | None:
    """Evaluate many sessions at once

     Evaluates either the listed sessions or the sessions of a version, at most 1000 of them, with the
    given metrics and with those linked to the given specifications. It creates records and spends the
    caller's credits, so it must never be repeated automatically. A session that cannot be evaluated, an
    unknown one included, is an entry in `failures` of a 200 answer. With no metrics, given or linked,
    nothing is created and `message` says so.

    Args:
        body (BatchEvaluationRequest): Which sessions to evaluate, and with which metrics.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BatchEvaluation | GalteaError
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
