"""Strangers' words and links in the room that a platform gives them."""

import re
from collections.abc import Iterable

LONGEST_URL = 1_000
"""Characters of a link to a post."""


def web_link(url: str) -> str:
    """The url of a post as it may be shown as a link; empty if it may not.

    As javascript:, spaces, or a name before the host that hides where it leads.
    """
    usable = url.startswith(("https://", "http://")) and len(url) <= LONGEST_URL
    if not usable or any(c in ' <>"`' or not c.isprintable() for c in url):
        return ""
    if "@" in re.split("[/?#]", url.partition("://")[2])[0]:
        return ""
    # What ends a link in some platform's markup.
    return "".join(f"%{ord(c):02X}" if c in "()[]{}'|\\^*" else c for c in url)


def cut(text: str, most: int) -> str:
    """At most `most` characters, the last an ellipsis where it was longer."""
    return text if len(text) <= most else text[: most - 1] + "…"


def fits(said: Iterable[str], most: int) -> list[str]:
    """The first lines that together, with their breaks, have at most `most` characters."""
    kept: list[str] = []
    for one in said:
        if len(one) + 1 > most:
            return [*kept, cut(one, most)] if most > 1 else kept
        kept.append(one)
        most -= len(one) + 1
    return kept
