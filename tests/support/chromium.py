"""A real browser for tests: Debian's Chromium, driven by playwright. As root on Debian it is installed when missing.

A page that a test opens here tells what its console said and what it asked the network for.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from tests.support.debian import PackageUnavailableError, install

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page

__all__ = ["DESKTOP", "PHONE", "Watched", "chromium", "chromium_process", "watch"]

#: CSS pixels of a usual window, and of a small telephone.
DESKTOP = (1280, 900)
PHONE = (360, 740)


@dataclass(frozen=True, slots=True)
class Watched:
    """A page, with what it complained of and every address that it asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def chromium_process() -> Iterator[Browser]:
    """The browser of a module. Without one the test is skipped, which CI counts as a failure (conftest.py).

    It is not kept for the session: as long as playwright runs, an event loop runs in the thread of the tests, and what
    else asks for one there, such as `asyncio.run`, fails.
    """
    try:
        install("chromium", lambda: shutil.which("chromium") is not None)
    except PackageUnavailableError as error:
        pytest.skip(f"no Chromium: {error}")
    with sync_playwright() as playwright:
        # Its sandbox does not start for root; what is shown here is our own.
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture
def chromium(chromium_process: Browser) -> Iterator[Browser]:
    """The browser for one test, which need not close what it opens."""
    yield chromium_process
    for context in chromium_process.contexts:
        context.close()


def watch(
    browser: Browser, file: Path, *, size: tuple[int, int] = DESKTOP, dark: bool = False, script: bool = True
) -> Watched:
    """Open a file in a window of its own, which listens from the start; `script` says whether a script could run."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        java_script_enabled=script,
    )
    watched = Watched(context.new_page())

    def hear(message: ConsoleMessage) -> None:
        watched.complaints.append(f"{message.type}: {message.text}")

    def refuse(dialog: Dialog) -> None:
        watched.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    watched.page.on("console", hear)
    watched.page.on("dialog", refuse)
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    watched.page.on("request", lambda request: watched.asked.append(request.url))
    watched.page.goto(file.as_uri())
    return watched
