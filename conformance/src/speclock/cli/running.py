"""What both commands that ask a subject do around their run: see that it is there, and let nothing out but errors."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from speclock.cli.preparing import Options, prepare
from speclock.core.errors import SpeclockError
from speclock.phases.reach import check_reachable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from speclock.cli.preparing import Prepared
    from speclock.core.secrets import Secrets

__all__ = ["guarded", "ready"]


def ready(options: Options, environ: Mapping[str, str]) -> Prepared:
    """Prepare a run whose subject answers; what a person should know is told on standard error.

    Raises:
        SpeclockError: something is wrong or missing, or nobody answers.
    """
    prepared = prepare(options, environ)
    for url in dict.fromkeys((prepared.plan.url, *prepared.plan.urls.values())):
        if url is not None:
            check_reachable(url)
    for warning in prepared.warnings:
        sys.stderr.write(f"speclock: warning: {prepared.secrets.hide(warning)}\n")
    return prepared


@contextmanager
def guarded(secrets: Secrets) -> Iterator[None]:
    """A run of which only a SpeclockError gets out, and no credential.

    Raises:
        SpeclockError: it was interrupted, failed, or the harness has a fault.
    """
    try:
        yield
    except SpeclockError as error:
        raise type(error)(secrets.hide(str(error))) from None
    except KeyboardInterrupt:
        raise SpeclockError("interrupted; no report was written") from None
    except Exception as error:  # noqa: BLE001
        # A fault of the harness itself: named, without the values that a traceback would show.
        raise SpeclockError(
            f"internal error: {type(error).__name__} in {_innermost(error)}; please report it"
        ) from None


def _innermost(error: BaseException) -> str:
    place = "speclock"
    trace = error.__traceback__
    while trace is not None:
        module = str(trace.tb_frame.f_globals.get("__name__", ""))
        if module.startswith("speclock"):
            place = f"{module}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
