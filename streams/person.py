"""Who does something by hand."""

from typing import NamedTuple


class Person(NamedTuple):
    """Whose word it is, and why they say it."""

    by: str
    note: str = ""


def user_name() -> str:
    """Who is logged in, as far as the system knows; empty if it does not."""
    import getpass
    from contextlib import suppress

    with suppress(OSError, KeyError):  # a user without a name, as in some containers
        return getpass.getuser()
    return ""
