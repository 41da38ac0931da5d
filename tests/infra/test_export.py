"""Files of what counts: every row once, whatever the pages, and whole or not there."""

import fcntl
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from forecasting.records import IncidentEvent
from infra.export import ExportError, Wanted, export
from infra.export_columns import KINDS, names_of, schema_of
from infra.export_pages import Page
from infra.incidents import write_events
from infra.posts import write_batch
from infra.store import Param, Row, Store, StoreUnavailable
from processors.records import CleanPost, ScoredPost, Sentiment

AT = datetime(2026, 3, 1, 22, 50, tzinfo=UTC)
Write = Callable[..., None]


@pytest.fixture
def write(store: Store, clean_post: Callable[..., CleanPost]) -> Write:
    """Stores posts by number, `gap` apart."""

    def some(
        numbers: Sequence[int],
        *,
        gap: timedelta = timedelta(minutes=1),
        brands: Sequence[str] = ("Acme",),
        text: str = "it's, 火 🎉",
    ) -> None:
        batch = [
            ScoredPost(
                post=clean_post(
                    post_id=f"x:{number}",
                    position=number,
                    text=text,
                    brands=tuple(brands),
                    published_at=AT + number * gap,
                    cluster_id=2**64 - 1 - number,
                    is_duplicate=number % 5 == 1,
                    is_repost=number % 5 == 2,
                ),
                sentiment=Sentiment(
                    ("negative", "neutral", "positive")[number % 3], 0.5, 0.25, 0.25, "m-1"
                ),
                scored_at=AT,
            )
            for number in numbers
        ]
        write_batch(store, batch, AT)

    return some


def test_every_post_is_there_once_with_what_is_known_of_it(
    store: Store, write: Write, tmp_path: Path
) -> None:
    write(range(7), brands=("Acme", "It's"))
    out = tmp_path / "posts.parquet"
    assert export(store, out) == 14
    table = pq.read_table(out)
    assert table.schema.equals(schema_of("posts"), check_metadata=True)
    rows = table.to_pylist()
    assert [(row["brand"], row["post_id"]) for row in rows] == [
        (brand, f"x:{number}") for brand in ("Acme", "It's") for number in range(7)
    ]
    first = rows[1]
    assert first["published_at"] == AT + timedelta(minutes=1)
    assert first["text"] == "it's, 火 🎉"
    assert first["cluster_id"] == 2**64 - 2
    assert (first["is_duplicate"], first["is_repost"]) == (True, False)
    assert (first["sentiment"], first["p_negative"], first["model"]) == ("neutral", 0.5, "m-1")
    assert pq.ParquetFile(out).metadata.row_group(0).column(0).compression == "ZSTD"
    assert [path.name for path in tmp_path.iterdir()] == ["posts.parquet"]


def test_pages_end_anywhere_and_nothing_is_left_out(
    store: Store, write: Write, tmp_path: Path
) -> None:
    write(range(50), gap=timedelta(minutes=7))
    write(range(50, 90), gap=timedelta(0), text="long " * 100)
    for posts in (1, 3, 40, 1000):
        for size in (800, 8 << 20):
            out = tmp_path / f"{posts}-{size}.parquet"
            assert export(store, out, page=Page(posts=posts, bytes=size)) == 90
            ids = pq.read_table(out)["post_id"].to_pylist()
            assert sorted(ids) == sorted(f"x:{number}" for number in range(90))


def test_time_and_brands_choose(store: Store, write: Write, tmp_path: Path) -> None:
    write(range(10), brands=("Acme", "Bolt"))
    out = tmp_path / "some.parquet"
    since, until = AT + timedelta(minutes=3), AT + timedelta(minutes=5)
    assert export(store, out, Wanted(brands=("Bolt",), since=since, until=until)) == 2
    assert pq.read_table(out)["post_id"].to_pylist() == ["x:3", "x:4"]
    assert export(store, out, Wanted(since=until, until=since), force=True) == 0
    assert pq.read_table(out).schema.names == list(names_of("posts"))


def test_what_cannot_be_exported_says_what_to_do(
    store: Store, write: Write, tmp_path: Path
) -> None:
    write(range(2))
    out = tmp_path / "a.parquet"
    out.write_text("mine")
    with pytest.raises(ExportError, match="--force"):
        export(store, out)
    assert out.read_text() == "mine"
    with pytest.raises(ExportError, match=r"about 'Nobody'; brands: Acme"):
        export(store, tmp_path / "b.parquet", Wanted(brands=("Nobody",)))
    with pytest.raises(ExportError, match="cannot write there"):
        export(store, tmp_path / "none" / "b.parquet")
    with pytest.raises(ExportError, match="cannot write there"):
        export(store, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_what_a_killed_export_left_goes_and_one_that_runs_stays(
    store: Store, write: Write, tmp_path: Path
) -> None:
    write(range(2))
    killed, running = tmp_path / ".[a].parquet.1.part", tmp_path / ".[a].parquet.2.part"
    killed.write_bytes(b"PAR1 posts")
    running.write_bytes(b"PAR1 posts")
    with running.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        export(store, tmp_path / "[a].parquet")
    assert {path.name for path in tmp_path.iterdir()} == {running.name, "[a].parquet"}
    assert pq.read_table(tmp_path / "[a].parquet").num_rows == 2


def test_what_a_folder_refuses_names_the_file(store: Store, write: Write) -> None:
    write(range(1))
    with pytest.raises(FileNotFoundError) as refused:  # of root it says that it can be written
        export(store, Path("/proc/a.parquet"), force=True)
    assert "a.parquet" in str(refused.value.filename)


class Failing:
    """The store, until it has been asked so often."""

    def __init__(self, store: Store, queries: int) -> None:
        self.store = store
        self.queries = queries

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self.store.insert(table, columns, rows)

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        if self.queries == 0:
            raise StoreUnavailable("away")
        self.queries -= 1
        return self.store.query(sql, params)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        self.store.command(sql, params)

    def close(self) -> None:
        self.store.close()


def test_a_failure_leaves_no_half_file_and_the_one_before(
    store: Store, write: Write, tmp_path: Path
) -> None:
    write(range(4), brands=("Acme", "Bolt"))
    out = tmp_path / "a.parquet"
    export(store, out, Wanted(brands=("Bolt",)))
    before = out.read_bytes()
    failed = 0
    for queries in range(6):
        try:
            export(Failing(store, queries), out, force=True)
        except StoreUnavailable:
            failed += 1
            assert out.read_bytes() == before
        assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]
    assert failed == 5  # brands, two plans, two pages


def test_progress_ends_at_the_end(store: Store, write: Write, tmp_path: Path) -> None:
    write(range(30), gap=timedelta(hours=3))
    heard: list[tuple[int, int]] = []
    export(store, tmp_path / "a.parquet", progress=lambda done, total: heard.append((done, total)))
    assert heard[-1] == (30, 30)
    assert heard == sorted(heard)


def test_counts_stand_beside_what_was_told(store: Store, write: Write, tmp_path: Path) -> None:
    write(range(10))
    columns = ("brand", "bucket", "number", "volume", "negative", "at", "reason")
    gone = AT + timedelta(hours=1)
    store.insert(
        "bucket_reports",
        columns,
        [
            ("Acme", AT, 0, 4, 1, AT, "judged"),
            ("Acme", AT, 1, 5, 2, AT, "late"),
            ("Acme", gone, 0, 9, 9, AT, "judged"),
        ],
    )
    out = tmp_path / "counts.parquet"
    assert export(store, out, Wanted(what="counts")) == 3
    table = pq.read_table(out)
    assert table.schema.equals(schema_of("counts"), check_metadata=True)
    first, second, third = table.to_pylist()
    assert first == {
        "brand": "Acme",
        "bucket": AT,
        "volume": 5,
        "negative": 2,
        "neutral": 2,
        "positive": 1,
        "voices": 3,
        "negative_voices": 2,
        "backfill": 0,
        "reports": 2,
        "reported_volume": 4,
        "reported_negative": 1,
        "restated_volume": 5,
        "restated_negative": 2,
    }
    assert (second["volume"], second["reports"], second["reported_volume"]) == (5, 0, None)
    assert (third["bucket"], third["volume"], third["reported_negative"]) == (gone, 0, 9)


def test_a_bucket_is_counted_whole(store: Store, write: Write, tmp_path: Path) -> None:
    write(range(10))
    out = tmp_path / "counts.parquet"
    until = AT + timedelta(minutes=7)
    assert (
        export(store, out, Wanted(what="counts", since=AT + timedelta(minutes=2), until=until)) == 2
    )
    assert pq.read_table(out)["volume"].to_pylist() == [5, 5]


def test_incidents_one_row_a_change(
    store: Store, make_event: Callable[..., IncidentEvent], tmp_path: Path
) -> None:
    told = [make_event("inc_1", number) for number in range(1, 251)]
    write_events(store, told, AT)
    out = tmp_path / "incidents.parquet"
    assert export(store, out, Wanted(what="incidents", brands=("Northwind",))) == 250
    table = pq.read_table(out)
    assert table.schema.equals(schema_of("incidents"), check_metadata=True)
    rows = table.to_pylist()
    assert [row["number"] for row in rows] == list(range(1, 251))
    assert rows[0]["terms"] == ["battery fire", "recall"]
    assert rows[0]["at"] == told[0].change.at
    assert rows[0]["message"] == told[0].message
    assert "url" not in rows[0]


@pytest.mark.parametrize("what", KINDS)
def test_an_empty_database_gives_an_empty_file(store: Store, tmp_path: Path, what: Any) -> None:
    out = tmp_path / "a.parquet"
    assert export(store, out, Wanted(what=what)) == 0
    assert pq.read_table(out).num_rows == 0
    assert all(field.metadata[b"description"] for field in schema_of(what))
