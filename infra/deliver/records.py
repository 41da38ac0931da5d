"""The records of delivery. Times are UTC.

A change of an incident is told to a receiver in a notice: one message of one incident, or a digest
of several. A notice that was decided is owed until an attempt delivered it or gave it up. Whatever
is not told, or not yet, is a hold or a skip with its reason.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from forecasting.records import IncidentChange, IncidentEvent, IncidentKind, Moment

Kind = Literal["opened", "updated", "resolved", "escalated", "acknowledged", "repeated", "test"]
"""What is said of an incident: its own changes, and what delivery adds to them."""

HoldReason = Literal[
    "group_wait",  # others of its group may follow
    "group_interval",  # its group was told of something just before
    "quiet_hours",
    "outside_hours",  # of the working days of its route
    "silenced",
    "inhibited",  # a linked, larger incident is told of instead
    "rate_limit",  # the receiver takes so many messages a minute
    "disabled",  # the receiver said that it is gone for good (410)
    "undelivered",  # it did not take the message before: then it is told the newest at once
]
SkipReason = Literal[
    "superseded",  # a later change was told instead
    "over",  # it ended before it was told
    "untold",  # it ended, and its opening was never told to this receiver
    "not_alerting",  # kinds that the brand's alert_on leaves out
    "not_a_crisis",  # a person said so
    "before_joining",  # the receiver was set up later
    "not_taken",  # this way out has no message of that kind
    "unreadable",  # what is stored is no event
    "not_routed",  # it waited, and routes changed: not final, they may change again
]
Outcome = Literal["delivered", "retry", "gave_up"]


class Match(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which incidents are meant; an empty field means all."""

    brands: tuple[str, ...] = ()
    kinds: tuple[IncidentKind, ...] = ()
    severity: Annotated[int, Meta(ge=1, le=10)] = 1  # at least
    languages: tuple[str, ...] = ()  # most of its posts are in one of these
    sources: tuple[str, ...] = ()  # most of its posts are from one of these
    incidents: tuple[str, ...] = ()  # ids


class Said(Struct, frozen=True, kw_only=True, gc=False):
    """One incident in a notice."""

    kind: Kind
    event_id: str  # the change that is told
    told_id: str = ""  # the change that this receiver was told last; empty: none
    by: str = ""  # who acknowledged it


class Notice(Struct, frozen=True, kw_only=True, gc=False):
    """Decided: this receiver is told this, in one message."""

    notice_id: str  # the webhook-id: the same over all attempts
    receiver: str
    group: str  # what is told together; one message an interval
    said: tuple[Said, ...]  # the most severe first
    decided_at: Moment
    due_at: Moment


class Hold(Struct, frozen=True, kw_only=True, gc=False):
    """Not yet: the reason, and when it is looked at again."""

    receiver: str
    incident_id: str
    event_id: str
    reason: HoldReason
    detail: str  # for a person: which silence, which incident, which hours
    decided_at: Moment
    until: Moment | None  # None: as long as it lasts


class Skip(Struct, frozen=True, kw_only=True, gc=False):
    """Never: the reason."""

    receiver: str
    incident_id: str
    event_id: str
    reason: SkipReason
    detail: str
    decided_at: Moment


class Silence(Struct, frozen=True, kw_only=True):
    """Nothing is sent of what matches, for a time, because a person said so."""

    silence_id: str
    match: Match
    starts: Moment
    ends: Moment
    reason: str
    by: str


class Acknowledgement(Struct, frozen=True, kw_only=True):
    """A person has seen an incident: no repeats, no escalation."""

    incident_id: str
    at: Moment
    by: str
    note: str = ""


class Entry(Struct, frozen=True, kw_only=True):
    """One incident of a letter, with what is needed to write of it."""

    kind: Kind
    event: IncidentEvent  # in the words, language and time zone of its brand
    told: IncidentChange | None = None  # what this receiver was told last; None: nothing
    by: str = ""  # who acknowledged it
    link: str = ""  # of the incident's page; empty: none is set


class Letter(Struct, frozen=True, kw_only=True):
    """What a channel makes a message of: a notice with its events as they are now on disk."""

    notice_id: str
    entries: tuple[Entry, ...]  # one: the whole story; several: a digest, the most severe first
    more: int = 0  # incidents beside those that are told in another message
    language: Literal["en", "zh"] = "en"  # of what frames them: that of the first entry
    timezone: str = "UTC"  # of the first entry
    decided_at: Moment | None = None  # when the notice was; so that each attempt says the same


class Attempt(Struct, frozen=True, kw_only=True):
    """What became of one attempt. `detail` is for an operator and holds no secret."""

    outcome: Outcome
    status: int = 0  # HTTP status, 0 without an answer
    detail: str = ""
    wait_seconds: float = 0.0  # the least the receiver wants us to wait
    gone: bool = False  # for good: nothing more is sent to it until a person says so
    latency_ms: int = 0
