"""Who did what by hand, on disk: never with the words of a post."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec
from msgspec import Struct

from infra.sql import load
from infra.store import Store

COLUMNS = ("id", "at", "action", "by", "detail")


class AuditRow(Struct, frozen=True, kw_only=True):
    """Something done by hand; `detail` is a JSON object."""

    id: str
    at: datetime
    action: str
    by: str
    detail: str


def audit_row(action: str, at: datetime, by: str, detail: Mapping[str, Any]) -> AuditRow:
    """A row whose id is a function of who did what when: told again, it is the same row."""
    key = "\x1f".join((action, at.isoformat(), by))
    return AuditRow(
        id=blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest(),
        at=at,
        action=action,
        by=by,
        detail=msgspec.json.encode(detail).decode(),
    )


def write_audit(store: Store, row: AuditRow) -> None:
    """Keep it; one with the same id is replaced. On return it is on disk. Raises StoreError."""
    store.insert("audit", COLUMNS, [tuple(getattr(row, column) for column in COLUMNS)])


def read_audit(store: Store, *, limit: int = 20) -> list[AuditRow]:
    """The newest first. Raises StoreError."""
    return [
        AuditRow(**dict(zip(COLUMNS, row, strict=True)))
        for row in store.query(load("audit"), {"limit": limit})
    ]
