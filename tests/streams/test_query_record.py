"""What finds the brands is kept with its file, also where the database was away meanwhile."""

import asyncio
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import pytest
import structlog
from prometheus_client import CollectorRegistry

from infra.brands import Brand
from infra.config_watch import EVERY
from infra.config_watch import following as followed
from infra.metrics import Meter
from infra.query_versions import read_versions
from infra.settings import FileSettings, Settings
from infra.store import Param, Row, Store, StoreUnavailable
from streams.follow import following
from streams.query_record import QueryRecord
from streams.stage import Place
from streams.store import store_stage


class Away:
    """The store, which does not answer while it is away."""

    def __init__(self, store: Store) -> None:
        self.away = True
        self.insert = store.insert
        self.command = store.command
        self.close = store.close
        self._store = store

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        if self.away:
            raise StoreUnavailable("ClickHouse does not answer")
        return self._store.query(sql, params)


def place_of(settings: Settings, store: Store) -> Place:
    return Place(settings, store, Meter("store", CollectorRegistry()))


def test_a_brand_that_is_found_by_other_words_is_told_with_its_file(store: Store) -> None:
    path = Path("/etc/groundswell.yaml")
    before = FileSettings(brands=(Brand(name="Acme"), Brand(name="Northwind")))
    after = FileSettings(brands=(Brand(name="Acme", aliases=("acme air",)),), config_path=path)
    queries = QueryRecord(place_of(before, store))
    queries.take(before)
    queries.take(after)
    QueryRecord(place_of(after, store)).take(after)  # as another process of the stage does
    found = read_versions(store)
    assert {name: one.by for name, one in found.items()} == {
        "Acme": "groundswell.yaml",
        "Northwind": "environment",
    }
    assert found["Acme"].said == after.brands[0].watched
    assert found["Acme"].before == before.brands[0].watched


def test_changes_wait_for_a_database_that_is_away(store: Store) -> None:
    away = Away(store)
    before = FileSettings(brands=(Brand(name="Acme"),))
    after = FileSettings(brands=(Brand(name="Acme", aliases=("acme air",)),))
    place = place_of(before, away)
    queries = QueryRecord(place)
    with structlog.testing.capture_logs() as logs:
        queries.take(before)
        queries.take(after)
        queries.write()
    assert [(one["event"], one["stage"]) for one in logs] == [("waiting", "store")]
    back = place.now()
    away.away = False
    queries.write()
    found = read_versions(store)["Acme"]
    assert (found.said, found.before) == (after.brands[0].watched, before.brands[0].watched)
    assert found.at <= back  # since when it is found so, not since when that could be written
    away.away = True
    queries.write()  # nothing is left


def test_a_stage_is_built_while_the_database_is_away(store: Store) -> None:
    store_stage(place_of(FileSettings(brands=(Brand(name="Acme"),)), Away(store)))


def test_what_changes_while_the_database_is_away_is_kept_when_it_is_back(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "groundswell.yaml"
    config.write_text("brands:\n- name: Acme\n")
    monkeypatch.setenv("GROUNDSWELL_CONFIG", str(config))
    settings = followed(Settings())
    away = Away(store)
    queries = QueryRecord(place_of(settings, away))
    steps = count()

    async def run() -> None:
        done = asyncio.Event()

        def clock() -> float:
            step = next(steps)
            if step == 10:
                config.write_text("brands:\n- {name: Acme, query: 'acme AND bikes'}\n")
            if step == 40:
                away.away = False
            if step == 60:
                loop.call_soon_threadsafe(done.set)
            return EVERY * step

        loop = asyncio.get_running_loop()
        work = following(
            settings, "store", queries.take, look=queries.write, every=0.0, clock=clock
        )
        work.start()
        await done.wait()
        await work.stop()

    asyncio.run(run())
    assert read_versions(store)["Acme"].said.query == "acme AND bikes"
