"""Viewers hear what is new; the database is asked once, however many they are."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest

from forecasting.records import IncidentEvent
from infra.incidents import write_events
from infra.page.events import Hub, News, Poller, Viewer
from infra.page.secret_words import hash_password
from infra.page.settings import PageSettings
from infra.page.traffic import OVER, Traffic
from infra.sql import load
from infra.store import Param, Row, Store, StoreUnavailable
from tests.waiting import wait_until

NOW = datetime(2026, 3, 1, 23, 20, tzinfo=UTC)
Write = Callable[..., None]


class Counting:
    """A store that counts how often it is asked for what is new."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked = 0
        self.is_away = False

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        if self.is_away:
            raise StoreUnavailable("away")
        self.asked += sql == load("new_rows")
        return self._store.query(sql, params)

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self._store.insert(table, columns, rows)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        self._store.command(sql, params)

    def close(self) -> None:
        self._store.close()


def news_of(lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if line.startswith('data: {"brand'):
            told = msgspec.json.decode(line.removeprefix("data: "))
            yield told["brand"], told["what"]


def listening(stack: ExitStack, client: httpx.Client) -> Iterator[str]:
    answer = stack.enter_context(client.stream("GET", "/api/v1/events"))
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = answer.iter_lines()
    assert next(lines) == "event: hello"  # from here on nothing is missed
    return lines


def test_a_poller_tells_what_came(
    store: Store, write: Write, make_event: Callable[..., IncidentEvent]
) -> None:
    write(0.9)
    traffic = Traffic(lambda: 1.0)
    poller = Poller(store, traffic)
    assert poller.look() == []
    assert poller.look() == []
    write(0.9, 0.1, first=5)
    write(0.1, first=9, brand="Northwind")
    assert set(poller.look()) == {News("Acme", "posts"), News("Northwind", "posts")}
    assert traffic.pace().posts_per_second == 3
    event = make_event("inc_1")
    write_events(store, [event], event.change.at)
    assert poller.look() == [News("Northwind", "incident")]
    assert poller.look() == []


def test_a_rate_of_the_last_half_minute_takes_the_place_of_what_was_seen() -> None:
    now = 100.0
    traffic = Traffic(lambda: now)
    for posts in (600, 660):  # a second later most of them are the same
        now += 1
        traffic.add(posts, 2.0, within=OVER)
    assert traffic.pace().posts_per_second == 22
    assert traffic.pace().stored_after_seconds == 2
    now += OVER
    assert traffic.pace().posts_per_second == 0


def test_one_look_serves_all_viewers(serve: Callable[..., Any], store: Store, write: Write) -> None:
    counting = Counting(store)
    page = serve(over=counting)
    with ExitStack() as stack:
        client = page.entered()
        heard = [listening(stack, client) for _ in range(12)]
        assert page.app.state.hub.viewers == 12
        write(0.9)
        for lines in heard:
            assert next(news_of(lines)) == ("Acme", "posts")
    assert counting.asked == 1


def test_a_database_that_was_away_is_waited_for(
    serve: Callable[..., Any], store: Store, write: Write
) -> None:
    counting = Counting(store)
    page = serve(over=counting)
    with ExitStack() as stack:
        client = page.entered()
        lines = listening(stack, client)
        counting.is_away = True
        answer = client.get("/api/v1/overview")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        write(0.9)
        counting.is_away = False
        # What came meanwhile is in there, and all else that may have.
        assert next(news_of(lines)) in {("Acme", "posts"), ("", "posts")}


def test_viewers_hear_of_their_brands_alone(
    serve: Callable[..., Any], store: Store, write: Write
) -> None:
    people = PageSettings.model_validate(
        {
            "users": [
                {"name": "anna", "brands": ["Acme"], "password_hash": hash_password("long enough")}
            ]
        }
    )
    page = serve(people, start_token="")
    with ExitStack() as stack:
        lines = listening(stack, page.logged_in("anna", "long enough"))
        write(0.9, brand="Northwind")
        write(0.9, first=5)
        assert next(news_of(lines)) == ("Acme", "posts")


def test_a_slow_viewer_is_told_each_thing_once() -> None:
    async def run() -> None:
        viewer = Viewer(lambda brand: brand == "Acme")
        for _ in range(1_000):
            viewer.tell([News("Acme", "posts"), News("", "judged"), News("B", "posts")], NOW)
        assert set(await viewer.next()) == {News("Acme", "posts"), News("", "judged")}

    asyncio.run(run())


def test_everybody_is_let_go_at_the_end() -> None:
    async def run() -> None:
        hub = Hub()
        with hub.viewing(lambda _: True) as viewer:
            hub.tell([News("", "judged")], NOW)
            assert await viewer.next() == {News("", "judged"): NOW}
            hub.close()
            assert await viewer.next() == {}
            assert viewer.closed
        assert hub.viewers == 0
        assert hub.is_full
        with hub.viewing(lambda _: True) as late:
            assert late.closed

    asyncio.run(run())


def test_who_leaves_is_nobodys_error(
    serve: Callable[..., Any], write: Write, caplog: pytest.LogCaptureFixture
) -> None:
    page = serve()
    client = page.entered()
    with ExitStack() as stack:
        stays = listening(stack, client)
        for number in range(3):
            with ExitStack() as leaving:
                listening(leaving, client)
                write(0.9, first=number)
            assert next(news_of(stays)) == ("Acme", "posts")
        wait_until(lambda: page.app.state.hub.viewers == 1)
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_pace_is_of_the_last_half_minute() -> None:
    now = [0.0]
    traffic = Traffic(lambda: now[0])
    assert traffic.pace().stored_after_seconds is None
    now[0] = 10.0
    traffic.add(20, 2.0)
    traffic.add(20, 4.0)
    assert traffic.pace().posts_per_second == 4
    assert traffic.pace().stored_after_seconds == pytest.approx(3.0)
    now[0] = 11.0 + OVER
    assert traffic.pace().posts_per_second == 0


def test_who_reads_at_the_news_gets_what_is_new(serve: Callable[..., Any], write: Write) -> None:
    page = serve()
    with ExitStack() as stack:
        client = page.entered()
        lines = listening(stack, client)

        def volume() -> int:
            brands = client.get("/api/v1/overview").json()["brands"]
            return next(one["volume"] for one in brands if one["name"] == "Acme")

        for number in range(3):
            assert volume() == number
            write(0.9, first=number)
            assert next(news_of(lines)) == ("Acme", "posts")
        assert volume() == 3
