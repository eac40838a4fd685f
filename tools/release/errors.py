"""The one error of the release: something could not be judged or made, which is not the same as a check that fails."""

__all__ = ["ReleaseError"]


class ReleaseError(Exception):
    """The release could not be judged or built; the message says what, where, why and what to do."""
