"""Changes of files that are already written: begun here, done by the database in its own time.

Not awaited by the statement itself (`mutations_sync`): the embedded engine has one handle for
writing, and the line's inserts would wait as long.
"""

import time
from collections.abc import Callable, Mapping

from infra.sql import load
from infra.store import Param, Store, StoreUnavailable

EVERY = 0.05
"""Seconds between two looks at what is not done."""


class MutationFailed(StoreUnavailable):
    """The database cannot do it now, such as for want of disk; its reason is the message."""


def mutate(
    store: Store,
    sql: str,
    table: str,
    params: Mapping[str, Param] | None = None,
    *,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Run an ALTER of `table` and return when no change of it is unfinished.

    Raises MutationFailed for one that cannot be done, which is then given up; otherwise as `Store`
    does, and then the database goes on by itself.
    """
    store.command(sql, params)
    while unfinished := store.query(load("mutations"), {"table": table}):
        for mutation, reason in unfinished:
            if reason:
                store.command(load("kill_mutation"), {"table": table, "mutation": mutation})
                raise MutationFailed(f"{table}: {' '.join(reason.split())}")
        pause(EVERY)
