# ruff: noqa: INP001 - hatchling loads it by path
"""Puts openapi.yaml into the distributions: from the root of the repository, or from the sdist that carries it."""

from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CarryContract(BuildHookInterface[BuilderConfig]):
    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # An editable install reads the file of the repository, which may change under it.
        if version == "editable":
            return
        root = Path(self.root)
        carried = root / "openapi.yaml"
        source = carried if carried.is_file() else root.parent / "openapi.yaml"
        if not source.is_file():
            raise FileNotFoundError("openapi.yaml is neither in this folder nor in the one above")
        target = "openapi.yaml" if self.target_name == "sdist" else "evalsessions_server/openapi.yaml"
        if self.target_name != "sdist" or source != carried:
            build_data["force_include"][str(source)] = target
