"""What is wrong with a post or an erasure that the types cannot say: one word, and a sentence."""

import re
from datetime import UTC, datetime
from typing import Final, Literal

from processors.records import MAX_TEXT_BYTES, RawErasure, RawPost

DeadReason = Literal[
    "not_json",
    "wrong_type",
    "missing_field",
    "text_too_long",
    "time_out_of_range",
    "invalid_field",
    "message_too_large",
]
Fault = tuple[DeadReason, str]

EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(2200, 1, 1, tzinfo=UTC)
"""For the feed's own clocks. An author's clock may say year 3000, since `observed_at` caps it, but
nothing caps the feed's, and the database ends in 2299."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_TURN: Final = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the direction of writing; names in Arabic and Hebrew come with some."""


def plain_name(name: str) -> str:
    """A name as terminals, logs and tables may show it: on one line, and nothing but its letters.

    Controls, line ends, marks that turn the direction of writing and half characters become "_".

    >>> plain_name("posts\\x1b[2J.csv")
    'posts_[2J.csv'
    """
    return _TURN.sub("_", _CONTROL.sub("_", name))


def is_plain(name: str) -> bool:
    """Whether the name has no controls, line ends and half characters."""
    return _CONTROL.search(name) is None


def fault_of_post(post: RawPost) -> Fault | None:
    """Bytes of text, ranges of times, blanks."""
    text = post.text
    if len(text) * 4 > MAX_TEXT_BYTES and len(text.encode()) > MAX_TEXT_BYTES:
        return "text_too_long", f"more than {MAX_TEXT_BYTES} bytes of UTF-8 - at `$.text`"
    if post.published_at < EARLIEST:
        return "time_out_of_range", "before the year 2000 - at `$.published_at`"
    for name, at in (("observed_at", post.observed_at), ("received_at", post.received_at)):
        if at is not None and (fault := _time_fault(name, at)):
            return fault
    if post.edited_at is not None and (fault := _time_fault("edited_at", post.edited_at)):
        return fault
    if not post.native_id.strip():
        return "invalid_field", "blank - at `$.native_id`"
    # `$` of a pattern also matches before a line end
    if post.source.endswith("\n"):
        return "invalid_field", "a line end - at `$.source`"
    if post.brands and not all(map(str.strip, post.brands)):
        return "invalid_field", "a blank brand - at `$.brands`"
    # Brands are listed as they are, on terminals too.
    if not all(map(is_plain, post.brands)):
        return "invalid_field", "a control character in a brand - at `$.brands`"
    return None


def fault_of_erasure(erasure: RawErasure) -> Fault | None:
    """Whom it is about, the range of its time."""
    name = "native_id" if erasure.kind == "delete" else "author"
    if not getattr(erasure, name).strip(" @" if name == "author" else None):
        return "missing_field", f"{erasure.kind} needs `{name}`"
    if erasure.at is not None and (fault := _time_fault("at", erasure.at)):
        return fault
    if erasure.source.endswith("\n"):
        return "invalid_field", "a line end - at `$.source`"
    return None


def _time_fault(name: str, at: datetime) -> Fault | None:
    if at.tzinfo is None:
        return "invalid_field", f"a time without zone - at `$.{name}`"
    if not EARLIEST <= at < LATEST:
        return "time_out_of_range", f"not in the years 2000 to 2199 - at `$.{name}`"
    return None
