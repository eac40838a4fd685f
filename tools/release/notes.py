"""The release notes: what changed for users, what the contract and the Python interface owe, with the witnesses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools.release.bumps import owed_by

if TYPE_CHECKING:
    from tools.release.bumps import Debt, Version
    from tools.release.history import Released

__all__ = ["release_notes"]


def release_notes(
    version: Version,
    last: Released | None,
    *,
    changes: str,
    contract: str | None,
    interface: list[Debt],
    debts: list[Debt],
) -> str:
    """The notes in Markdown.

    Args:
        version: What is released.
        last: What it is compared with.
        changes: The section of the changelog.
        contract: The table of `speclock diff`; None where there is nothing to compare with.
        interface: What changed in the Python interface.
        debts: Everything that owes a part of the version.
    """
    parts = [changes.strip()]
    if last is not None:
        parts.append(f"Compared with {last.ref} ({last.version}), {version} owes its users a {owed_by(debts)} step.")
    if contract is not None:
        parts.append(f"### The contract\n\n{contract.strip()}")
    if interface:
        lines = "\n".join(f"- {debt.bump}: {debt.why.removeprefix('Python: ')}" for debt in interface)
        parts.append(f"### The Python interface\n\n{lines}")
    return "\n\n".join(parts) + "\n"
