"""Whether the database can be reached, and whether it is one that the line can rely on."""

import re
from collections.abc import Callable, Iterator

from infra.doctor.finding import NotLooked, Said, fail, ok, warn
from infra.migrate import MigrationRefused, missing_migrations
from infra.sql import load
from infra.store import FolderInUse, Row, Store, StoreError, StoreRejected, StoreUnavailable

OpenStore = Callable[[], Store]
OLDEST = (25, 8)
"""The engine of the tests is of 2026; of servers a year older nothing is known."""
LITTLE, TOO_LITTLE = 0.15, 0.05
"""Share of a disk that is free."""
MANY_PARTS = 1_000
"""Of the 3,000 at which a server refuses inserts."""


def server(open_store: OpenStore) -> Iterator[Said]:
    """Whether it answers, which it is, and whether we may write."""
    try:
        ((version, user, database),) = open_store().query(load("doctor_server"))
    except StoreUnavailable as error:
        yield fail(str(error), "start the server, or correct GROUNDSWELL_CLICKHOUSE")
        return
    except FolderInUse as error:
        yield fail(str(error), "stop that process, or let the doctor look while the line runs")
        return
    except StoreRejected as error:
        yield _refused(error)
        return
    said = f"ClickHouse {version}, as {user} in {database}"
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < OLDEST:
        newest = ".".join(map(str, OLDEST))
        yield warn(said, f"use {newest} or newer: nothing older was looked at", version=version)
    else:
        yield ok(said, version=version)


def settings(open_store: OpenStore) -> Iterator[Said]:
    """What a profile of the user could forbid."""
    value, locked = (_rows(open_store, "doctor_async_insert") or [("0", 0)])[0]
    if value == "1" and locked:
        yield fail(
            "async_insert is on for our user and may not be changed: what is acknowledged may be "
            "lost",
            "set async_insert = 0 in its profile, or allow it to be changed",
        )
    else:
        yield ok("inserts are acknowledged once they are written")


def storage(open_store: OpenStore) -> Iterator[Said]:
    """Disks, files, changes that hang, replicas that take nothing."""
    well = True
    for said in _storage_troubles(open_store):
        well = False
        yield said
    if well:
        disks = _rows(open_store, "doctor_disks")
        free = ", ".join(f"{name} {free / total:.0%}" for name, free, total in disks)
        yield ok(f"free on its disks: {free}" if free else "its storage tells no limit")


def _storage_troubles(open_store: OpenStore) -> Iterator[Said]:
    for name, free, total in _rows(open_store, "doctor_disks"):
        if free < LITTLE * total:
            told = fail if free < TOO_LITTLE * total else warn
            yield told(
                f"disk {name}: {free / total:.0%} free, {free / 1e9:.1f} GB",
                "make it larger, or keep posts for a shorter time (retention_days of the brands)",
            )
    for table, mutation, reason in _rows(open_store, "doctor_mutations"):
        why = " ".join(reason.split())[:200] or "not done after an hour"
        yield warn(
            f"{table}: a change of its files hangs: {why}",
            f"mend that, or give it up: KILL MUTATION WHERE mutation_id = '{mutation}'",
        )
    for table, partition, parts in _rows(open_store, "doctor_parts"):
        if parts >= MANY_PARTS:
            yield warn(
                f"{table}, partition {partition}: {parts:,} files",
                "its merges do not keep up: look at the load of the server and its disks",
            )
    for (table,) in _rows(open_store, "doctor_replicas"):
        yield fail(
            f"{table}: its replica takes no inserts",
            "look at ClickHouse Keeper, then SYSTEM RESTORE REPLICA",
        )


def schema(open_store: OpenStore, *, line_migrates: bool) -> Iterator[Said]:
    """Tables beside those of this program. `line_migrates`: it does so itself when it starts."""
    try:
        missing = missing_migrations(open_store())
    except MigrationRefused as error:
        yield fail(str(error), "install the version of groundswell that belongs to it")
        return
    except StoreUnavailable as error:
        raise NotLooked("the database cannot be reached") from error
    except StoreError as error:
        raise NotLooked(f"the database refuses: {error}") from error
    if not missing:
        yield ok("its tables are those of this version")
    elif line_migrates:
        yield ok(f"the line brings {len(missing)} migrations when it starts")
    else:
        yield fail(f"{len(missing)} migrations are missing", "run `groundswell migrate`")


def _rows(open_store: OpenStore, query: str) -> list[Row]:
    try:
        return open_store().query(load(query))
    except StoreUnavailable as error:
        raise NotLooked("the database cannot be reached") from error
    except StoreError as error:
        raise NotLooked(f"the database refuses: {error}") from error


def _refused(error: StoreRejected) -> Said:
    words = str(error)
    if "readonly" in words.lower() or "read-only" in words.lower():
        return fail(
            "our user may only read",
            "give it a profile without readonly: the line writes. Grafana has a user of its own",
        )
    if "authentication" in words.lower() or "password" in words.lower():
        fix = "correct user and password in GROUNDSWELL_CLICKHOUSE"
    else:
        fix = "look at GROUNDSWELL_CLICKHOUSE and at the grants of its user"
    return fail(" ".join(words.split())[:300], fix)
