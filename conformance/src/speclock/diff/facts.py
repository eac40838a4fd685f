"""What has no field of an alternative, as a text: the keyword, and what it says."""

from __future__ import annotations

__all__ = ["keyword_of", "rest_of"]


def keyword_of(fact: str) -> str:
    """The keyword of a fact."""
    return fact.partition(":")[0]


def rest_of(fact: str) -> str:
    """What the keyword says, as canonical JSON."""
    return fact.partition(":")[2]
