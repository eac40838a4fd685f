"""What speclock raises when it cannot do its work.

    SpeclockError
    ├── ContractError    the contract cannot be read, or is no OpenAPI document that can be judged
    ├── ProfileError     the profile cannot be read, or asks for what the contract does not have
    ├── SubjectError     the server or application under judgement cannot be reached
    └── UsageError       the command line asks for something that does not exist

None of these is a verdict on the subject: verdicts are `speclock.core.findings.Failure`, a family of its own. The
text of each is one line for a person: what, where, expected, got, what to do.
"""

import traceback

__all__ = ["ContractError", "ProfileError", "SpeclockError", "SubjectError", "UsageError", "where_raised"]


class SpeclockError(Exception):
    """The harness could not do its work; the text is one clear line."""


class ContractError(SpeclockError):
    """The contract cannot be read or judged."""


class ProfileError(SpeclockError):
    """The profile cannot be read or does not fit the contract."""


class SubjectError(SpeclockError):
    """The subject cannot be reached."""


class UsageError(SpeclockError):
    """The command line is wrong."""


def where_raised(error: BaseException) -> str:
    """What the code of others raised, and where: `ValueError (client.py, line 7)`.

    Without its text, which may tell anything, a credential included.
    """
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith("<")]
    file, line = (frames[-1].filename, frames[-1].lineno) if frames else ("", None)
    if isinstance(error, SyntaxError) and error.filename:
        file, line = error.filename, error.lineno
    return f"{type(error).__name__} ({file}, line {line})" if file else type(error).__name__
