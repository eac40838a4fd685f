"""Where the server keeps what it answered: one port, two databases behind it."""

from evalsessions_server.storage.opening import DatabaseUrlError, open_store
from evalsessions_server.storage.port import (
    BatchRecord,
    DuplicateCustomIdError,
    MetricSet,
    ProjectSessionRecord,
    SessionRecord,
    Store,
    StoreUnavailableError,
    TestCaseRecord,
)

__all__ = [
    "BatchRecord",
    "DatabaseUrlError",
    "DuplicateCustomIdError",
    "MetricSet",
    "ProjectSessionRecord",
    "SessionRecord",
    "Store",
    "StoreUnavailableError",
    "TestCaseRecord",
    "open_store",
]
