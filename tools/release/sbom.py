"""What each distribution brings along when it is installed alone: one bill of materials each, in CycloneDX."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.release.commands import finished
from tools.release.environments import fresh
from tools.release.errors import ReleaseError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tools.release.bumps import Version

__all__ = ["bill_of_materials"]

CYCLONEDX = Path(sys.executable).with_name("cyclonedx-py")


def bill_of_materials(
    root: Path, scratch: Path, name: str, wheels: Sequence[Path], version: Version, *, epoch: int, target: Path
) -> None:
    """Write the bill of the distribution `name`, whose wheel may need the others of `wheels`, to `target`.

    It lists what this Python gets from the pins; on other platforms there may be other packages.

    Raises:
        ReleaseError: it cannot be made, or the distribution is not what it is about.
    """
    # Late: their import takes longer than all checks of the commit before they are needed.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    (own,) = [wheel for wheel in wheels if wheel.name.startswith(f"{name.replace('-', '_')}-{version}-")]
    folder = scratch / f"sbom-{name}"
    links = ["--find-links", str(own.parent)]
    environment = fresh(folder, Path(sys.executable), [own], root=root, options=links)
    said = scratch / f"{name}.json"
    options = ["--output-reproducible", "--short-PURLs", "--spec-version=1.6", "--output-format=JSON", "--output-file"]
    finished(
        [CYCLONEDX, "environment", *options, said, environment.python],
        folder=scratch,
        environment={"SOURCE_DATE_EPOCH": str(epoch)},
    )
    bill: dict[str, Any] = json.loads(said.read_text(encoding="utf-8"))
    text = json.dumps(_about(bill, name, version, own), indent=2) + "\n"
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ReleaseError(f"the bill of materials of {name} is no CycloneDX 1.6: {wrong}")
    target.write_text(text, encoding="utf-8")


def _about(bill: dict[str, Any], name: str, version: Version, wheel: Path) -> dict[str, Any]:
    """The bill with the distribution as its subject instead of one component among others."""
    subjects = [part for part in bill.get("components", ()) if part["name"] == name]
    if [part.get("version") for part in subjects] != [str(version)]:
        raise ReleaseError(f"the bill of materials of {name} {version} does not list it once: {subjects}")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    bill["metadata"]["component"] = {**_portable(subjects[0]), "hashes": [{"alg": "SHA-256", "content": digest}]}
    bill["components"] = [_portable(part) for part in bill["components"] if part["name"] != name]
    return bill


def _portable(part: dict[str, Any]) -> dict[str, Any]:
    """A component without where its file lay on this machine."""
    kept = [said for said in part.get("externalReferences", ()) if not said["url"].startswith("file:")]
    return (
        {**part, "externalReferences": kept} if kept else {k: v for k, v in part.items() if k != "externalReferences"}
    )
