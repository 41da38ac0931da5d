"""Verdicts of people on incidents, on disk."""

from hashlib import blake2b

from forecasting.verdicts import CrisisVerdict
from infra.sql import load
from infra.store import Store
from infra.times import to_ms

COLUMNS = (
    "id",
    "version",
    "brand",
    "incident_id",
    "since",
    "until",
    "verdict",
    "at",
    "by",
    "note",
)


def write_verdict(store: Store, said: CrisisVerdict) -> None:
    """Keep it; it replaces what was said before of the same incident. Raises StoreError."""
    name = said.incident_id or _name(said)
    last = store.query(load("verdict_version"), {"id": name})[0][0]
    row = (
        name,
        max(to_ms(said.at), last + 1),  # whatever the clocks of hosts say
        said.brand,
        said.incident_id,
        said.since,
        said.until,
        said.word,
        said.at,
        said.by,
        said.note,
    )
    store.insert("verdicts", COLUMNS, [row])


def read_verdicts(store: Store, brand: str = "") -> list[CrisisVerdict]:
    """What was said last of each incident, of one brand or of all. Raises StoreError."""
    return [
        CrisisVerdict(
            brand=of_brand,
            incident_id=incident_id,
            since=since,
            until=until,
            word=word,
            at=at,
            by=by,
            note=note,
        )
        for of_brand, incident_id, since, until, word, at, by, note in store.query(
            load("verdicts"), {"brand": brand}
        )
    ]


def _name(said: CrisisVerdict) -> str:
    """Of a crisis without an incident: a function of whose and when it was."""
    key = "\x1f".join((said.brand, said.since.isoformat(), said.until.isoformat()))
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
    return f"crisis_{digest}"
