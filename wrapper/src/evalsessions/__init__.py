"""The Python SDK for the evaluation sessions of Galtea and Galileo.

For now this distribution only brings the regenerated client, `evalsessions_client`, at the version it belongs to; the
idiomatic layer (`Galtea`, `AsyncGaltea`, `Galileo`, `AsyncGalileo`) is built on it in this package.
"""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("evalsessions")
