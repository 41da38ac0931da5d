"""Pieces of a message: names, numbers and times as they are written in it."""

import html
import math
import re
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Final, Literal

from msgspec.structs import replace

from forecasting.evidence import Cluster, Evidence, Example, Part, Term, Voice
from forecasting.records import IncidentChange
from forecasting.wording import Wording
from forecasting.wording_chinese import CHINESE
from forecasting.wording_english import ENGLISH

Language = Literal["en", "zh"]

NAME: Final = 80  # characters of a brand, an author or a source
NAMED_PARTS: Final = 3
ONE_TERM: Final = 0.1  # of the posts: a term that may be called what they are about
LEAST_POSTS: Final = 5  # that share a word by no chance
ONE_TEXT: Final = 0.2  # of the posts: a text that may
SHORT: Final = 5  # characters of a pseudonym: enough to see who speaks twice
WORDINGS: Final[dict[Language, Wording]] = {"en": ENGLISH, "zh": CHINESE}
JOINERS: Final = "\u200c\u200d"  # without them Persian words and families of emoji fall apart
_PSEUDONYM = re.compile(r"~[0-9a-f]{16}")  # as processors.pseudonym makes them


def author(post: Example | Voice, words: Wording) -> str:
    """Who wrote it, with their reach; a pseudonym in short, one that is erased as erased."""
    if post.is_erased:
        return words.erased
    if not post.author.strip(" @"):
        name = words.unnamed
    elif _PSEUDONYM.fullmatch(post.author):
        name = words.pseudonym.format(short=f"{post.author[:SHORT]}…")
    else:
        name = "@" + line(post.author, NAME).lstrip("@")
    return words.reach.format(name=name, n=words.count(post.followers)) if post.followers else name


def reason(found: Evidence) -> Term | Cluster | None:
    """What the posts are about: the top term, else the most repeated text, if in enough of them."""
    top = found.terms[0] if found.terms else None
    # Incidents of an earlier version do not say how many posts they were made from.
    many = not found.posts or (top and top.share * found.posts > LEAST_POSTS - 0.5)
    if top and top.share >= ONE_TERM and many:
        return top
    if found.clusters and found.clusters[0].count >= ONE_TEXT * found.posts > 0:
        return found.clusters[0]
    return None


def expected(change: IncidentChange, words: Wording) -> dict[str, int | str]:
    """What was observed and expected, whole, and in what window, by the names in sentences."""
    return {
        "n": change.observed,
        "expected": round(change.expected),
        "lower": round(change.expected_lower),
        "upper": round(change.expected_upper),
        "window": words.span(timedelta(minutes=change.minutes)).strip(),
    }


def named(parts: Sequence[Part], words: Wording) -> str:
    """The largest parts, those that grew with what is usual, if there are several."""
    if len(parts) == 1:
        parts = [replace(parts[0], grew=False)]  # said of the whole already
    return ", ".join(_part(part, words) for part in parts[:NAMED_PARTS])


def _part(part: Part, words: Wording) -> str:
    name = line(part.name, NAME)
    if part.expected is None or not part.grew:
        return f"{name} {part.count}"
    usual = math.ceil(part.expected)
    form = words.part if usual else words.part_new
    return form.format(name=name, n=part.count, usual=usual)


def percent(share: float) -> str:
    """A share, whole."""
    return f"{round(100 * share)} %"


def time_of(moment: datetime, at: datetime, zone: tzinfo) -> str:
    """Hours and minutes, with the date when that is another day than `at`."""
    local = moment.astimezone(zone)
    same_day = local.date() == at.astimezone(zone).date()
    return local.strftime("%H:%M" if same_day else "%m-%d %H:%M")


def line(text: str, most: int) -> str:
    """A stranger's words as one line of bounded length."""
    one = one_line(html.unescape(text))
    return one if len(one) <= most else one[: most - 1].rstrip() + "…"


def one_line(text: str) -> str:
    """Without line breaks, control characters and marks that turn the direction of writing."""
    plain = "".join(c if c.isprintable() or c in JOINERS else " " for c in text)
    return " ".join(word for word in plain.split() if word.strip(JOINERS))
