"""The operations of the evalsessions contract, served for real, with a database.

The server is an independent reading of the contract: its rules are written by hand in Python, and it never
looks into openapi.yaml except to hand it out at ``GET /openapi.yaml``.
"""

from evalsessions_server.app import create_app
from evalsessions_server.settings import Settings, SettingsError

__all__ = ["Settings", "SettingsError", "__version__", "create_app"]

__version__ = "0.1.0"
