"""What people write stays text, whatever it is."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from infra.feeds.state import FeedState, Stretch, write_state, write_stretches
from infra.page.highlights import highlights
from infra.store import Store
from processors.watched import WatchedBrand, expression

NOW = datetime(2026, 3, 1, 23, 20, tzinfo=UTC)
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "</script><svg/onload=alert(1)>",
    "\u202e\u2066bidi\x00\x07 control",
    '=HYPERLINK("https://evil.example")',
    "{{7*7}} ${7*7} javascript:alert(1)",
)
KINDS = ("csv", "parquet")
DAY = timedelta(days=1)
Serve = Callable[..., Any]
Write = Callable[..., None]


def test_hostile_text_comes_as_json_text(serve: Serve, write: Write) -> None:
    for number, text in enumerate(HOSTILE):
        write(0.9, text=text, author=text, url="javascript:alert(1)", first=number)
    answer = serve().entered().get("/api/v1/brands/Acme/posts")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    posts = answer.json()["posts"]
    assert {(one["text"], one["author"]) for one in posts} == {(text, text) for text in HOSTILE}


def test_a_refusal_is_json_whatever_was_asked(serve: Serve) -> None:
    client = serve().entered()
    for path in ("/incidents/<script>", "/brands/<script>/series?step=<b>", "/<script>"):
        answer = client.get(f"/api/v1{path}")
        assert answer.status_code in (404, 422)
        assert answer.headers["content-type"] == "application/json"


def test_a_spreadsheet_runs_nothing_of_an_export(serve: Serve, write: Write) -> None:
    for number, text in enumerate(HOSTILE):
        write(0.9, text=text, first=number)
    client = serve().entered()
    answer = client.get("/api/v1/export/posts.csv?brand=Acme")
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == len(HOSTILE)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]
    whole = client.get("/api/v1/export/posts.parquet?brand=Acme")
    assert sorted(pq.read_table(io.BytesIO(whole.content))["text"].to_pylist()) == sorted(HOSTILE)


def test_the_overview_is_exported_as_it_is_shown(serve: Serve, write: Write) -> None:
    write(0.9, 0.1, 0.2)
    write(0.9, brand="=1+1", first=10)
    client = serve().entered()
    shown = client.get("/api/v1/overview").json()["brands"]
    answer = client.get("/api/v1/export/overview.csv")
    assert (
        'filename="groundswell-overview-20260301-2320.csv"'
        in (answer.headers["content-disposition"])
    )
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["brand"] for row in rows] == ["Acme", "'=1+1", "Northwind"]
    assert [(int(row["posts"]), int(row["negative"])) for row in rows] == [(3, 1), (1, 1), (0, 0)]
    assert float(rows[0]["share"]) == pytest.approx(shown[0]["share"]["value"])
    whole = pq.read_table(
        io.BytesIO(client.get("/api/v1/export/overview.parquet", params={"hours": 6}).content)
    ).to_pylist()
    assert [row["brand"] for row in whole] == [row["name"] for row in shown]
    assert whole[0]["at"] == NOW
    assert whole[2]["share"] is None


def rows_of(client: Any, name: str) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """A file of both kinds."""
    found, whole = (client.get(f"/api/v1/export/{name.format(kind)}") for kind in KINDS)
    rows = csv.DictReader(io.StringIO(found.content.decode("utf-8-sig")))
    return list(rows), pq.read_table(io.BytesIO(whole.content)).to_pylist()


def test_the_health_is_exported_as_it_is_shown(serve: Serve, write: Write, store: Store) -> None:
    write(0.9, 0.1, 0.2)
    state = {"source": "forum", "version": 1, "errors": 2, "state": "retrying", "rate": 1.5}
    seen = {"last_post": NOW - DAY, "live_until": NOW - DAY, "updated_at": NOW}
    write_state(store, FeedState(feed="forum", error="=1+1", **state, **seen))
    ends = {"since": NOW - DAY / 2, "until": NOW - DAY / 4}
    gap = Stretch(feed="forum", source="forum", kind="gap", reason="was not connected", **ends)
    write_stretches(store, [gap], NOW)
    client = serve().entered()
    shown = client.get("/api/v1/health").json()
    quoted, rows = rows_of(client, "health.{}")
    assert {row["at"] for row in rows} == {NOW}
    told = {
        (row["part"], row["name"], row["figure"]): (row["value"], row["text"], row["time"])
        for row in rows
    }
    assert len(told) == len(rows) == len(quoted)
    assert told["line", "", "posts_last_hour"] == (3, None, None)
    assert told["platforms", "forum", "rate"] == (1.5, None, None)
    assert told["platforms", "forum", "last_post"] == (None, None, NOW - DAY)
    assert told["platforms", "forum", "error"] == (None, "=1+1", None)
    assert told["gaps", "forum", "gap"] == (6 * 3600, "was not connected", NOW - DAY / 2)
    assert told["latency", "store", "p95"][0] == shown["latency"][2]["p95"]
    assert told["models", "m / en", "posts"] == (3, None, None)
    assert "'=1+1" in [row["text"] for row in quoted]
    assert {row["unit"] for row in rows if row["figure"] == "p95"} == {"seconds"}


def test_what_would_have_been_is_exported_as_the_slider_shows_it(serve: Serve) -> None:
    served = serve()
    past = {"kind": "volume_surge", "opened_at": NOW - DAY, "since": NOW - DAY, "closed_at": NOW}
    past |= {"severity": 7, "peak": 50, "total_negative": 90, "alerts": True}
    served.actions.past = [past, {**past, "kind": "mood_shift", "closed_at": None}]
    name = "backtest.{}?brand=Acme&days=30&sensitivity=keen"
    quoted, rows = rows_of(served.entered(), name)
    assert served.actions.done == [("backtest", "Acme", 30, "keen")]
    own = {"brand": "Acme", "sensitivity": "keen"}
    assert rows == [{**own, **one} for one in served.actions.past]
    assert [row["closed_at"] for row in quoted] == [NOW.isoformat(), ""]
    served.actions.past = []
    assert rows_of(served.entered(), "backtest.{}?brand=Acme&days=31") == ([], [])


def test_exports_hold_what_is_asked_for(serve: Serve, write: Write) -> None:
    write(0.9, 0.1, 0.1)
    client = serve().entered()
    rows = client.get("/api/v1/export/counts.csv?brand=Acme").text.splitlines()
    assert sum(int(row.split(",")[2]) for row in rows[1:]) == 3
    assert client.get("/api/v1/export/incidents.csv?brand=Acme").text.count("\n") == 1
    later = {
        "brand": "Acme",
        "since": NOW.isoformat(),
        "until": (NOW + timedelta(days=1)).isoformat(),
    }
    assert client.get("/api/v1/export/posts.csv", params=later).text.count("\n") == 1
    for _ in range(3):  # a slot that is used is given back
        assert client.get("/api/v1/export/posts.parquet?brand=Acme").status_code == 200


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("Acme acmes ACME-1 xacme", ["acme"], [(0, 4), (11, 15)]),
        ("🔥 Acme Motors", ["Acme", "Acme  Motors"], [(3, 14)]),
        ("买北风汽车了", ["北风汽车"], [(1, 5)]),
        ("达美delta航空", ["delta"], [(2, 7)]),
        ("c++ (a+)+$", ["c++", "(a+)+$"], [(0, 3), (4, 10)]),
    ],
)
def test_brands_are_marked(text: str, words: list[str], found: list[tuple[int, int]]) -> None:
    name, *aliases = words
    assert highlights(text, expression(WatchedBrand(name, tuple(aliases)))) == found


def test_nothing_is_marked_without_a_query() -> None:
    assert highlights("nothing", None) == []
