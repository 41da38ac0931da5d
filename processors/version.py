"""Versions of a post's row in the database: which of two rows with the same key counts.

A version orders what is known of a post: a later edit replaces an earlier one, a later scoring of
the same text an earlier one, and erasure everything. It is a function of the content alone, so rows
of one version are the same row, however often and in whatever order they are written.
"""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

ERASED: Final = 2**64 - 1
"""Of the row that takes a post out for good."""
_SCORING_BITS: Final = 11
_RIVAL_BITS: Final = 3
_CONTENT_AT: Final = _SCORING_BITS + _RIVAL_BITS
MAX_SCORING: Final = 2**_SCORING_BITS - 2
MAX_RIVALS: Final = 2**_RIVAL_BITS - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def version_of(*, edited_at: datetime | None = None, text: str = "", scoring: int = 0) -> int:
    """The version of an edit's text (none: as first published) in the given scoring.

    43 bits of milliseconds since 1970, 7 bits that tell apart edits of one millisecond, 3 bits of
    rivals (see `contested`), 11 bits of scoring. Raises ValueError for times before 1970 or after
    2248 and more than MAX_SCORING scorings.

    >>> version_of()
    1
    >>> version_of(scoring=2) < version_of(edited_at=datetime(2026, 1, 1, tzinfo=UTC), text="no")
    True
    """
    if not 0 <= scoring <= MAX_SCORING:
        raise ValueError(f"scoring {scoring} is not in 0 to {MAX_SCORING}")
    if edited_at is None:
        return scoring + 1
    moment = (edited_at - _EPOCH) // _MILLISECOND
    if not 0 < moment < 2**43 - 1:
        raise ValueError(f"an edit of {edited_at.isoformat()}")
    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=1).digest()[0] >> 1
    return moment << 21 | digest << _CONTENT_AT | scoring + 1


def rescored(version: int, scoring: int) -> int:
    """The version of the same text in another scoring. Raises ValueError as `version_of` does.

    >>> rescored(version_of(), 3) == version_of(scoring=3)
    True
    >>> edited = version_of(edited_at=datetime(2026, 1, 1, tzinfo=UTC), text="no")
    >>> content_of(rescored(edited, 3)) == content_of(edited) and rescored(edited, 3) > edited
    True
    """
    if not 0 <= scoring <= MAX_SCORING:
        raise ValueError(f"scoring {scoring} is not in 0 to {MAX_SCORING}")
    return version >> _SCORING_BITS << _SCORING_BITS | scoring + 1


def contested(version: int, rivals: int) -> int:
    """The version of the same text where it is known that others saw the post first as well.

    Above every scoring of what was written by who knew of fewer, and below any later edit. More
    than MAX_RIVALS are as many.

    >>> first = version_of()
    >>> contested(first, 0) == first
    True
    >>> edited = version_of(edited_at=datetime(2026, 1, 1, tzinfo=UTC), text="no")
    >>> version_of(scoring=MAX_SCORING) < contested(first, 1) < contested(first, 2) < edited
    True
    >>> content_of(contested(edited, 9)) == content_of(edited)
    True
    """
    return version | min(rivals, MAX_RIVALS) << _SCORING_BITS


def content_of(version: int) -> int:
    """The part of a version that names the text: equal for all scorings of it; 0 as published."""
    return version >> _CONTENT_AT
