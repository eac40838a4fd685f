"""The id that follows a request through the log: the client's own, when nothing else can hide in it, else a new one."""

from __future__ import annotations

import random
import re

__all__ = ["is_request_id", "new_request_id"]

# Seeded once by the operating system: request ids need to be new, not secret.
_RANDOM = random.Random()  # noqa: S311

# A UUID, or the hexadecimal ids that tracing tools make. Anything freer can carry a key, with or without a prefix.
_REQUEST_ID = re.compile(r"[0-9a-fA-F]{16,64}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)


def is_request_id(text: str) -> bool:
    """Return whether ``text`` has a form that is taken over."""
    return _REQUEST_ID.fullmatch(text) is not None


def new_request_id() -> str:
    """Return a fresh id of 32 hexadecimal digits."""
    return f"{_RANDOM.getrandbits(128):032x}"
