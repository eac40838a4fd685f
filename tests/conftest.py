"""What all tests share: where a part is missing a test skips and says why, and in CI that is a failure."""

import os
import signal
from collections.abc import Generator, Iterator

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
def _tracing(request: pytest.FixtureRequest) -> Iterator[None]:
    """No coverage of a module that is marked `untraced`: tracing makes it take three times as long."""
    measured = coverage.Coverage.current() if request.node.get_closest_marker("untraced") else None
    if measured is not None:
        measured.stop()
    yield
    if measured is not None:
        measured.start()
