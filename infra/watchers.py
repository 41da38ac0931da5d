"""Watchers that are alive, as the database sees them."""

from datetime import datetime, timedelta

from infra.sql import load
from infra.store import Store


def server_time(store: Store) -> datetime:
    """The clock of the server, which all watchers share."""
    moment: datetime = store.query(load("server_time"))[0][0]
    return moment


def beat(store: Store, watcher: str, began: datetime) -> None:
    """This watcher is alive. Raises StoreError."""
    store.insert("watchers", ("id", "began"), [(watcher, began)])


def leading(store: Store, *, within: timedelta) -> str | None:
    """The watcher that began first of those that beat within so long; None without any."""
    rows = store.query(load("leading_watcher"), {"within": within // timedelta(milliseconds=1)})
    return str(rows[0][0]) if rows else None
