"""Processes of a role that are alive, as the database sees them. The first role was watch."""

from datetime import datetime, timedelta
from typing import Literal

from infra.sql import load
from infra.store import Store

Role = Literal["watch", "deliver"]


def server_time(store: Store) -> datetime:
    """The clock of the server, which all processes share."""
    moment: datetime = store.query(load("server_time"))[0][0]
    return moment


def beat(store: Store, process: str, began: datetime, *, role: Role = "watch") -> None:
    """This process is alive. Raises StoreError."""
    store.insert("watchers", ("id", "began", "role"), [(process, began, role)])


def leading(store: Store, *, within: timedelta, role: Role = "watch") -> str | None:
    """Who began first of those in the role that beat within so long; None without any."""
    asked = {"within": within // timedelta(milliseconds=1), "role": role}
    rows = store.query(load("leading_watcher"), asked)
    return str(rows[0][0]) if rows else None
