"""docs/reference/bare-client.md is what a run on the bare generated client says, with a cause for each finding."""

from __future__ import annotations

import pytest

from tools.bare_client import PAGE, page

pytestmark = pytest.mark.untraced


def test_the_page_is_what_a_run_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "run `python -m tools.bare_client`"
