"""What a comparison of two contracts is shown as."""

from speclock.reporting.changes.formats import FORMATS
from speclock.reporting.changes.report import changes_report

__all__ = ["FORMATS", "changes_report"]
