"""What people say to delivery, on disk: silences, acknowledgements, resends, receivers enabled.

The newest word on each thing counts, also from a clock that is behind: it gets a later time.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

import msgspec
from pydantic import SecretStr

from infra.deliver.records import Acknowledgement, Match, Silence
from infra.receivers import Receiver
from infra.sql import load
from infra.store import Param, Store
from infra.times import to_ms

SILENCES = ("silence_id", "matches", "starts", "ends", "reason", "by", "at")
ACKNOWLEDGEMENTS = ("incident_id", "by", "note", "withdrawn", "at")
RESENDS = ("receiver", "notice_id", "number", "at", "by")
ENDPOINTS = ("receiver", "endpoint", "enabled", "reason", "at")
MARKED = ("silences", "acknowledgements", "resends", "endpoints", "verdicts")
"""The tables that `people_mark` is of."""
EPOCH = datetime.fromtimestamp(0, UTC)

# Where a receiver is. Secrets that only sign or let in are no part of it: they may be replaced.
ADDRESS = ("url", "routing_key", "host", "port", "to")


class Resend(NamedTuple):
    """Somebody wants a notice sent again; `number` counts how often they asked."""

    receiver: str
    notice_id: str
    number: int
    by: str


def silences(store: Store, *, ending_after: datetime = EPOCH) -> list[Silence]:
    """Silences that end after that time, those that end last first. Raises StoreError."""
    return [
        Silence(
            silence_id=silence_id,
            match=msgspec.json.decode(matches, type=Match),
            starts=starts,
            ends=ends,
            reason=reason,
            by=by,
        )
        for silence_id, matches, starts, ends, reason, by in store.query(
            load("silences"), {"ending_after": to_ms(ending_after)}
        )
    ]


def write_silence(store: Store, silence: Silence, now: datetime) -> None:
    """Keep it in place of what was said of its id before. Raises StoreError."""
    row = (
        silence.silence_id,
        msgspec.json.encode(silence.match).decode(),
        silence.starts,
        silence.ends,
        silence.reason,
        silence.by,
        _after(store, "silence_at", now, {"silence_id": silence.silence_id}),
    )
    store.insert("silences", SILENCES, [row])


def acknowledgements(store: Store) -> list[Acknowledgement]:
    """Who has seen what, the newest word on each incident, oldest first. Raises StoreError."""
    return [
        Acknowledgement(incident_id=incident_id, at=at, by=by, note=note)
        for incident_id, at, by, note in store.query(load("acknowledgements"))
    ]


def acknowledge(store: Store, ack: Acknowledgement) -> None:
    """Keep it in place of what was said of the incident before. Raises StoreError."""
    _acknowledge(store, ack, withdrawn=False)


def withdraw(store: Store, ack: Acknowledgement) -> None:
    """Take back that anybody has seen the incident; who, when and why as in `ack`.

    Raises StoreError.
    """
    _acknowledge(store, ack, withdrawn=True)


def resends(store: Store) -> list[Resend]:
    """Every time that a notice was asked for again, oldest first. Raises StoreError."""
    return [Resend(*row) for row in store.query(load("resends"))]


def ask_resend(store: Store, receiver: str, notice_id: str, by: str, now: datetime) -> int:
    """Ask for a notice to be sent again; the number of the request. Raises StoreError."""
    asked = store.query(load("resend_number"), {"receiver": receiver, "notice_id": notice_id})
    number = int(asked[0][0]) + 1
    store.insert("resends", RESENDS, [(receiver, notice_id, number, now, by)])
    return number


def endpoints(store: Store) -> dict[tuple[str, str], bool]:
    """Whether something may be sent there, by receiver and endpoint; unknown ones may be used.

    Raises StoreError.
    """
    rows = store.query(load("endpoints"))
    return {(receiver, endpoint): bool(enabled) for receiver, endpoint, enabled, _, _ in rows}


def set_endpoint(
    store: Store, receiver: str, endpoint: str, enabled: bool, reason: str, now: datetime
) -> None:
    """Say that an address is gone for good, or may be used again. Raises StoreError."""
    key = {"receiver": receiver, "endpoint": endpoint}
    at = _after(store, "endpoint_at", now, key)
    store.insert("endpoints", ENDPOINTS, [(receiver, endpoint, enabled, reason, at)])


def endpoint_of(receiver: Receiver) -> str:
    """Where a receiver is, as a hash: at another address it is another one. 16 hex digits."""
    parts: list[str] = [receiver.type]
    for name in ADDRESS:
        value = getattr(receiver, name, None)
        if value is not None:
            parts.append(_without_password(_plain(value)))
    key = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(key, digest_size=8).hexdigest()


def people_mark(store: Store) -> tuple[int, ...]:
    """One cheap query: equal as long as nothing that people said has changed.

    Of silences, acknowledgements, resends, endpoints and verdicts. Raises StoreError.
    """
    return tuple(int(mark or 0) for _, mark in sorted(store.query(load("people_mark"))))


def _acknowledge(store: Store, ack: Acknowledgement, *, withdrawn: bool) -> None:
    at = _after(store, "acknowledged_at", ack.at, {"incident_id": ack.incident_id})
    row = (ack.incident_id, ack.by, ack.note, withdrawn, at)
    store.insert("acknowledgements", ACKNOWLEDGEMENTS, [row])


def _after(store: Store, query: str, now: datetime, key: Mapping[str, Param]) -> datetime:
    """Return `now`, or a time just after the newest word on `key`, whatever clocks of hosts say."""
    last = EPOCH + timedelta(milliseconds=int(store.query(load(query), key)[0][0]))
    return max(now, last + timedelta(milliseconds=1))


def _plain(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return "\x1f".join(value) if isinstance(value, tuple) else str(value)


def _without_password(address: str) -> str:
    """An address without the password in it: a short one could be guessed from the hash."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    user, at, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}{at}{host}"))
