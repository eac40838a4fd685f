"""Where openapi.yaml is: beside this module in an installed wheel, at the root of the repository in an editable one."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

__all__ = ["read_document"]


def read_document() -> bytes | None:
    """Return the contract document as it is, unparsed; None when neither place has it."""
    packaged = resources.files(__package__).joinpath("openapi.yaml")
    if packaged.is_file():
        return packaged.read_bytes()
    # <root>/reference_server/src/evalsessions_server/document.py
    in_repository = Path(__file__).resolve().parents[3] / "openapi.yaml"
    return in_repository.read_bytes() if in_repository.is_file() else None
