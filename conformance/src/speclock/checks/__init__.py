"""Judging answers. Each check looks at one exchange and yields failures; none of them talks to the subject."""
