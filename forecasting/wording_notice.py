"""What delivery adds to an incident's own words: why a message comes, and what to do about it."""

from msgspec import Struct

from forecasting.records import IncidentKind


class NoticeWording(Struct, frozen=True, kw_only=True):
    """One language. Sentences end with their stop; no exclamation marks."""

    unacknowledged: str  # length: of an escalation
    acknowledged: str  # by
    seen: str  # the same without a name
    repeated: str  # length
    changed: str  # time, changes: since the last message
    unchanged: str  # time
    severity: str  # before, now
    observed: dict[IncidentKind, str]  # before, now
    share: str  # before, now
    open: str  # n: incidents of a digest
    over: str  # n: beside those
    all_over: str  # n: where none is open
    worst: str  # brand, severity
    more: str  # n
    test_mark: str
    test: str
    example: str  # n: the label of a link
    open_incident: str  # labels of buttons, from here on
    acknowledge: str
    not_a_crisis: str
    silence: str
