"""The subject as the command line names it: `--url URL`, or `--app MODULE:ATTR`, an application that is imported."""

from __future__ import annotations

import importlib
import inspect
import sys
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from speclock.core.errors import SubjectError, UsageError

if TYPE_CHECKING:
    from speclock.core.secrets import Secrets
    from speclock.phases.asgi import AsgiApp

__all__ = ["check_url", "load_app"]


def check_url(url: str, where: str, secrets: Secrets) -> str:
    """The URL without a slash at its end; `where` names it in complaints.

    Raises:
        UsageError: no URL that a subject can be at.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"{where} {secrets.hide(url)}: expected http://HOST[:PORT][/PREFIX] or https://...")
    if parts.username or parts.password:
        raise UsageError(f"{where}: a credential in the URL would show in reports; put it into the profile")
    if parts.query or parts.fragment:
        raise UsageError(f"{where} {secrets.hide(url)}: expected no query and no fragment")
    return url.rstrip("/")


def load_app(name: str) -> AsgiApp:
    """Import the application that `name` names.

    Raises:
        UsageError: not MODULE:ATTR.
        SubjectError: it cannot be imported, or is no ASGI application.
    """
    module, mark, attribute = name.partition(":")
    if not mark or not module or module.startswith(".") or not attribute:
        raise UsageError(f"--app {name}: expected MODULE:ATTR, such as myservice.main:app")
    if "" not in sys.path:
        sys.path.insert(0, "")  # as `python -m` does: an application of the current directory can be named
    try:
        found: object = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise SubjectError(f"--app {name}: there is no module {error.name!r}") from None
    except (Exception, SystemExit) as error:  # noqa: BLE001 - an import runs any code
        raise SubjectError(f"--app {name}: importing it failed with {type(error).__name__}") from None
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise SubjectError(f"--app {name}: the module {module} has no {attribute!r}")
        found = getattr(found, part)
    if not _is_application(found):
        raise SubjectError(
            f"--app {name}: expected an ASGI application (called with scope, receive, send), got a {_kind(found)}"
        )
    return cast("AsgiApp", found)


def _is_application(value: object) -> bool:
    if not callable(value) or inspect.isclass(value):
        return False
    try:
        inspect.signature(value).bind({}, None, None)
    except TypeError:
        return False
    except ValueError:
        return True  # written in C: it does not tell
    return True


def _kind(value: object) -> str:
    if inspect.isclass(value):
        return f"class; name an instance of {value.__name__}"
    if inspect.isroutine(value):
        return "function of other parameters; name the application that it makes"
    return type(value).__name__
