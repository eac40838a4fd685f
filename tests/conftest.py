"""What all tests share: where a part is missing a test skips and says why, and in CI that is a failure."""

import os
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import coverage
import pytest

#: For the tests of a plugin of pytest, which run suites of their own.
pytest_plugins = ["pytester"]


def pytest_configure() -> None:
    """Take interrupts, which a shell has its background jobs ignore: commands that tests start would inherit that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where CI is set: there, everything that a test needs has to be installed."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where nothing may be missing: {report.longrepr}"
    return report


@pytest.fixture(scope="module", autouse=True)
def _tracing_of_module(request: pytest.FixtureRequest) -> Iterator[None]:
    with _traced_unless(request.node):
        yield


@pytest.fixture(autouse=True)
def _tracing(request: pytest.FixtureRequest, _tracing_of_module: None) -> Iterator[None]:
    with _traced_unless(request.node):
        yield


@contextmanager
def _traced_unless(node: pytest.Item | pytest.Module) -> Iterator[None]:
    """No coverage of what is itself marked `untraced`: tracing makes it take two or three times as long."""
    is_marked = any(mark.name == "untraced" for mark in node.own_markers)
    measured = coverage.Coverage.current() if is_marked else None
    if measured is not None:
        measured.stop()
    yield
    if measured is not None:
        measured.start()
