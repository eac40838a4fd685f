"""What speclock raises when it cannot do its work.

    SpeclockError
    ├── ContractError    the contract cannot be read, or is no OpenAPI document that can be judged
    ├── ProfileError     the profile cannot be read, or asks for what the contract does not have
    ├── SubjectError     the server or application under judgement cannot be reached
    └── UsageError       the command line asks for something that does not exist

None of these is a verdict on the subject: verdicts are `speclock.core.findings.Failure`, a family of its own. The
text of each is one line for a person: what, where, expected, got, what to do.
"""

__all__ = ["ContractError", "ProfileError", "SpeclockError", "SubjectError", "UsageError"]


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
