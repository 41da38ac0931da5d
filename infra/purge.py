"""What was erased leaves the disk as well."""

import time
from collections.abc import Callable
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from infra.erased_letters import changes_for, erased_letters
from infra.mutation import EVERY, mutate
from infra.sql import load
from infra.store import Store

PATIENCE = 60.0
"""Seconds to wait for a query that still reads replaced files. They go when it ends."""
OLDEST = "190001"
"""A month without posts: nothing published before 2000 is taken."""


class Leftovers(Struct, frozen=True):
    """Rows whose words are still on the disk: what a purge has to do."""

    posts: int  # rows, one a brand and version
    corrections: int
    incidents: int  # changes that were rewritten since
    letters: int = 0  # dead letters whose bytes name what was erased


def leftovers(store: Store) -> Leftovers:
    """Count what a purge would take, but for dead letters. Raises StoreError."""
    return Leftovers(*store.query(load("erased_leftovers"))[0])


def purge(
    store: Store, *, key: bytes = b"", pause: Callable[[float], None] = time.sleep
) -> Leftovers:
    """Rewrite the files that hold erased words, and wait until the old ones are gone.

    Rows that say that a post was erased stay, and so do dead letters, without their bytes; `key` is
    that of authors' pseudonyms, by which letters are found. Returns what was taken; with nothing
    to take it touches nothing. Cut short, the next one does the rest. Raises StoreError.
    """
    letters = erased_letters(store, key)
    found = replace(leftovers(store), letters=len(letters))
    change = partial(mutate, store, pause=pause)
    if found.posts:
        change(load("purge_posts"), "posts")
    if found.corrections:
        change(load("purge_corrections"), "corrections")
    if found.incidents:
        store.command("OPTIMIZE TABLE incident_events FINAL")
    for asked in changes_for(letters):
        change(load("purge_letters"), "dead_letters", asked)
    for table, rows in zip(
        ("posts", "corrections", "incident_events", "dead_letters"), _counts(found), strict=True
    ):
        if rows:
            _sweep(store, table, pause)
    return found


def _counts(found: Leftovers) -> tuple[int, ...]:
    return found.posts, found.corrections, found.incidents, found.letters


def _sweep(store: Store, table: str, pause: Callable[[float], None]) -> None:
    """Delete replaced files now; the database by itself does it after eight minutes or more.

    They are kept that long for engines that do not sync what they merge; these tables do.
    """
    store.command(f"ALTER TABLE {table} MODIFY SETTING old_parts_lifetime = 1")
    try:
        waited = 0.0
        while waited < PATIENCE and store.query(load("old_parts"), {"table": table})[0][0]:
            # It drops nothing; like every change of partitions, it begins with a sweep.
            store.command(f"ALTER TABLE {table} DROP PARTITION ID '{OLDEST}'")
            pause(EVERY)
            waited += EVERY
    finally:
        store.command(f"ALTER TABLE {table} RESET SETTING old_parts_lifetime")
