"""The subject as the command line names it: a URL, an application that is imported, or an SDK."""

from __future__ import annotations

import importlib
import inspect
import sys
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from speclock.core.errors import SubjectError, UsageError, where_raised

if TYPE_CHECKING:
    from speclock.core.secrets import Secrets
    from speclock.phases.asgi import AsgiApp
    from speclock.sdk.subject import Subject

__all__ = ["check_url", "load_app", "load_subject"]


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
    found = _imported("--app", name, "myservice.main:app")
    if not _is_application(found):
        got = _kind(found, "application")
        raise SubjectError(
            f"--app {name}: expected an ASGI application (called with scope, receive, send), got a {got}"
        )
    return cast("AsgiApp", found)


def load_subject(name: str) -> Subject:
    """The SDK that `name` names: a generated package, or a subject that is imported.

    Raises:
        UsageError: neither client:PACKAGE nor MODULE:ATTR.
        SubjectError: it cannot be imported, or is no subject.
    """
    if name.startswith("client:") and name.partition(":")[2]:
        from speclock.sdk.client import client_subject  # noqa: PLC0415 - only where one is named

        _import_from_here()
        return client_subject(name.partition(":")[2])
    found = _imported("--subject", name, "mysdk.conformance:subject, or client:PACKAGE")
    where = f"--subject {name}: expected a subject (see docs/reference/sdk-subjects.md)"
    try:
        lacks = [part for part in ("name", "refuses", "errors", "transport", "connect") if not hasattr(found, part)]
        wrong = None if lacks else _wrong_part(found)
    except Exception as error:  # noqa: BLE001 - a property runs any code
        raise SubjectError(f"{where}, but reading it failed with {type(error).__name__}") from None
    if inspect.isclass(found) or lacks:
        is_named = inspect.isclass(found) or inspect.isroutine(found)
        kind = _kind(found, "subject")
        told = kind if is_named else f"{kind} without {', '.join(lacks)}"
        raise SubjectError(f"{where}, got a {told}")
    if wrong is not None:
        raise SubjectError(f"{where}, but its {wrong}")
    return cast("Subject", found)


def _wrong_part(subject: Any) -> str | None:  # noqa: ANN401 - what somebody named
    """What part of a subject is not of the type that it must be, in words that follow "its"."""
    if not isinstance(subject.name, str) or not subject.name or not subject.name.isprintable():
        return f"name is {subject.name!r}, not a text that can be printed"
    errors = subject.errors
    if not isinstance(errors, tuple) or not all(
        inspect.isclass(item) and issubclass(item, Exception) for item in errors
    ):
        return "errors are no tuple of classes of exceptions"
    if subject.transport not in ("httpx", None):
        return f"transport is {subject.transport!r}, neither 'httpx' nor None"
    if not isinstance(subject.refuses, bool):
        return f"refuses is a {type(subject.refuses).__name__}, not True or False"
    return None if callable(subject.connect) else "connect cannot be called"


def _imported(option: str, name: str, example: str) -> object:
    """What MODULE:ATTR names; `option` names it in complaints.

    Raises:
        UsageError: not MODULE:ATTR.
        SubjectError: it cannot be imported.
    """
    module, mark, attribute = name.partition(":")
    if not mark or not module or module.startswith(".") or not attribute:
        raise UsageError(f"{option} {name}: expected MODULE:ATTR, such as {example}")
    _import_from_here()
    try:
        found: object = importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise SubjectError(f"{option} {name}: there is no module {error.name!r}") from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - an import runs any code
        raise SubjectError(f"{option} {name}: importing it failed with {where_raised(error)}") from None
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise SubjectError(f"{option} {name}: the module {module} has no {attribute!r}")
        found = getattr(found, part)
    return found


def _import_from_here() -> None:
    """Let modules of the current directory be named, as `python -m` does."""
    if "" not in sys.path:
        sys.path.insert(0, "")


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


def _kind(value: object, wanted: str) -> str:
    if inspect.isclass(value):
        return f"class; name an instance of {value.__name__}"
    if inspect.isroutine(value):
        return f"function; name the {wanted} that it makes"
    return type(value).__name__
