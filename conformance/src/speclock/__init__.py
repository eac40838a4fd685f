"""speclock: does a server keep the promises of its OpenAPI document?"""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("speclock")
