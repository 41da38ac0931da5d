"""erase, export and stats as a person meets them, beside a running line and on a folder."""

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from forecasting.records import IncidentEvent
from infra.audit import read_audit
from infra.author_key import author_key
from infra.export_columns import KINDS, names_of
from infra.incidents import events, write_events
from infra.posts import write_batch
from infra.settings import Settings
from infra.stats import read_stats
from infra.store import Store
from infra.store_socket import serve_store
from processors.pseudonym import pseudonym
from processors.records import CleanPost, ScoredPost, Sentiment
from streams import cli_keep
from streams.cli import app
from streams.erase import Asked, asked_for, carry_out, plan
from streams.failures import UsageError
from streams.stats import print_stats
from tests.incidents import change_of, evidence_of, example_of

AT = datetime(2026, 3, 1, 22, 50, tzinfo=UTC)
NOW = datetime(2026, 3, 2, tzinfo=UTC)
Post = Callable[..., ScoredPost]
Run = Callable[..., Result]


@pytest.fixture
def post(clean_post: Callable[..., CleanPost]) -> Post:
    def make(number: int, author: str = "ann", brands: tuple[str, ...] = ("Acme",)) -> ScoredPost:
        clean = clean_post(
            post_id=f"x:{number}",
            position=number,
            cluster_id=number,
            author=author,
            text=f"Words {number}",
            url=f"https://example.com/{number}",
            brands=brands,
            published_at=AT + timedelta(minutes=number),
        )
        sentiment = Sentiment(("negative", "neutral", "positive")[number % 3], 0.8, 0.1, 0.1, "m-1")
        return ScoredPost(post=clean, sentiment=sentiment, scored_at=AT)

    return make


@pytest.fixture
def run(store: Store, tmp_path: Path) -> Iterator[Run]:
    """The command in this process, beside a line that has the database open."""
    socket, data = tmp_path / "db.sock", tmp_path / "data"
    data.mkdir()
    server = serve_store(store, socket)
    places = {"GROUNDSWELL_SOCKET": str(socket), "GROUNDSWELL_DATA": str(data)}

    def call(*words: object, code: int = 0, **settings: str) -> Result:
        ran = CliRunner().invoke(app, [*map(str, words)], env=places | settings)
        assert ran.exit_code == code, ran.output
        return ran

    yield call
    server.close()


def shows(*posts: ScoredPost, number: int = 1) -> IncidentEvent:
    """An incident's change with these posts as examples."""
    change = change_of(number=number, opened_at=AT, since=AT, at=AT)
    evidence = evidence_of(*map(example_of, posts))
    return IncidentEvent(change=change, evidence=evidence, message="as told")


def ids(store: Store) -> list[str]:
    return [row[0] for row in store.query("SELECT DISTINCT post_id FROM counted_posts ORDER BY 1")]


@pytest.mark.parametrize("command", ["erase", "export", "stats"])
def test_the_help_of_every_command_has_an_example(command: str) -> None:
    shown = CliRunner().invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert f"Example: groundswell {command}" in " ".join(shown.output.split())


def test_a_post_goes_from_counts_incidents_and_disk(store: Store, post: Post, run: Run) -> None:
    some = [post(1, brands=("Acme", "Bolt")), post(2), post(3, "bea")]
    write_batch(store, some, NOW)
    write_events(store, [shows(*some)], NOW)
    ran = run("erase", "--post", "x:1", "--by", "kim", "--yes")
    (line,) = ran.stdout.splitlines()
    assert line.startswith(
        "erased 1 post about 2 brands; 1 incident told without them, 2 rows taken off the disk; "
    )
    assert ids(store) == ["x:2", "x:3"]
    (event,) = events(store)
    assert [one.text for one in event.evidence.examples] == ["", "Words 2", "Words 3"]
    assert store.query("SELECT countIf(text = 'Words 1') FROM posts") == [(0,)]
    (row,) = read_audit(store)
    assert (row.action, row.by) == ("erase", "kim")
    assert row.id == line.rpartition(" ")[2]
    detail = json.loads(row.detail)
    assert detail["erased"] == ["post x:1"]
    assert (detail["posts"], detail["incidents"], detail["rows"]) == (1, 1, 2)
    assert detail["done"] is True
    assert "Words" not in row.detail


def test_an_author_is_found_under_the_pseudonym_and_under_the_name(
    store: Store, post: Post, run: Run, tmp_path: Path
) -> None:
    """Posts from before and after authors were stored under a hash."""
    key = author_key(Settings(data=tmp_path / "data"))
    hidden = pseudonym("x", "kai_r", key)
    some = [post(1, "@kai_r"), post(2, hidden), post(3, "kai_r"), post(4, "other")]
    write_batch(store, some, NOW)
    done = json.loads(run("erase", "--author", "x:@Kai_R", "--yes", "--json").stdout)
    assert (done["posts"], done["without_posts"]) == (1, [])  # names as given are as given
    done = json.loads(run("erase", "--author", "x:kai_r", "--yes", "--json").stdout)
    assert done["posts"] == 2
    assert ids(store) == ["x:4"]
    kept_out = store.query("SELECT id FROM erasures FINAL WHERE scope = 'author' ORDER BY id")
    assert kept_out == [("x:@kai_r",), ("x:kai_r",), (f"x:{hidden}",)]


def test_a_pseudonym_from_an_export_names_its_author(store: Store, post: Post, run: Run) -> None:
    write_batch(store, [post(1, "~0123456789abcdef"), post(2)], NOW)
    run("erase", "--author", "x:~0123456789abcdef", "--yes")
    assert ids(store) == ["x:2"]


def test_only_what_the_author_published_until_then(store: Store, post: Post, run: Run) -> None:
    write_batch(store, [post(n) for n in range(1, 6)], NOW)
    run("erase", "--author", "x:ann", "--at", "2026-03-01T22:53", "--yes")
    assert ids(store) == ["x:4", "x:5"]
    assert "cannot read the time 'soon'; write it as 2026-03-01" in str(
        run("erase", "--author", "x:ann", "--at", "soon", "--yes", code=1).exception
    )


def test_an_author_of_nothing_is_kept_out_all_the_same(store: Store, post: Post, run: Run) -> None:
    write_batch(store, [post(1)], NOW)
    ran = run("erase", "--author", "x:bea", "--yes", GROUNDSWELL_AUTHORS="plain")
    first, last = ran.stdout.splitlines()
    assert first == "x:bea: nothing stored; what it published until then is kept out"
    assert last.startswith("erased 0 posts about 0 brands; 0 incidents")
    write_batch(store, [post(2, "bea"), post(3)], NOW)
    assert ids(store) == ["x:1", "x:3"]


def test_a_post_that_only_an_incident_still_shows(store: Store, post: Post, run: Run) -> None:
    write_events(store, [shows(post(1), post(2, "bea"))], NOW)
    ran = run("erase", "--author", "x:bea", "--yes", "--json", GROUNDSWELL_AUTHORS="plain")
    done = json.loads(ran.stdout)
    assert (done["posts"], done["incidents"], done["without_posts"]) == (0, 1, [])
    (event,) = events(store)
    assert [one.author for one in event.evidence.examples] == ["ann", ""]


@pytest.mark.parametrize(
    ("posts", "authors", "says"),
    [
        ((), (), "say what"),
        (("nothing",), (), "ids are SOURCE:NATIVE_ID"),
        ((":1",), (), "ids are SOURCE:NATIVE_ID"),
        ((), ("ann",), "write SOURCE:HANDLE"),
        ((), ("x:@",), "write SOURCE:HANDLE"),
    ],
)
def test_what_names_nothing_is_refused(
    posts: tuple[str, ...], authors: tuple[str, ...], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        asked_for(posts, authors, NOW)


def test_nothing_is_erased_unasked(store: Store, post: Post, run: Run) -> None:
    write_batch(store, [post(1)], NOW)
    ran = run("erase", "--post", "x:1", code=1)
    assert isinstance(ran.exception, UsageError)
    assert "1 post about 1 brand (Acme), shown in 0 incidents" in str(ran.exception)
    assert "give --yes" in str(ran.exception)
    assert ids(store) == ["x:1"]
    assert read_audit(store) == []


def test_a_person_on_a_terminal_is_asked(store: Store, post: Post, tmp_path: Path) -> None:
    write_batch(store, [post(1)], NOW)
    server = serve_store(store, tmp_path / "db.sock")
    for answer, code, left in ((b"n\n", 1, ["x:1"]), (b"y\n", 0, [])):
        ours, theirs = pty.openpty()
        os.write(ours, answer)
        ended = subprocess.run(
            [sys.executable, "-m", "streams.cli", "erase", "--post", "x:1"],
            stdin=theirs,
            capture_output=True,
            text=True,
            check=False,
            env={
                **os.environ,
                "GROUNDSWELL_SOCKET": str(tmp_path / "db.sock"),
                "GROUNDSWELL_DATA": str(tmp_path),
            },
        )
        os.close(ours)
        os.close(theirs)
        assert ended.returncode == code, ended.stderr
        assert "1 post about 1 brand (Acme), shown in 0 incidents: erase for good?" in ended.stderr
        assert ids(store) == left
    server.close()


def test_an_erasure_cut_short_is_in_the_audit_and_done_by_the_next(
    store: Store, post: Post
) -> None:
    write_batch(store, [post(1), post(2)], NOW)
    write_events(store, [shows(post(1))], NOW)
    asked = Asked(posts=("x:1",), authors=(), at=NOW)

    class Stops(Exception):
        pass

    class Stopping:
        """The store until the incidents are rewritten."""

        insert = staticmethod(store.insert)
        command = staticmethod(store.command)
        close = staticmethod(store.close)

        def query(self, sql: str, params: Any = None) -> Any:
            if "incident_events" in sql:
                raise Stops
            return store.query(sql, params)

    planned = plan(store, asked, lambda source, author: author)
    with pytest.raises(Stops):
        carry_out(Stopping(), planned, (), by="kim", now=NOW)
    assert json.loads(read_audit(store)[0].detail)["done"] is False
    assert ids(store) == ["x:2"]
    again = plan(store, asked, lambda source, author: author)
    done = carry_out(store, again, (), by="kim", now=NOW)
    assert (done.posts, done.events, done.rows) == (0, 1, 1)
    assert "Words" not in events(store)[0].message


@pytest.mark.parametrize("what", KINDS)
def test_an_export_beside_a_line(
    store: Store, post: Post, run: Run, tmp_path: Path, what: Any
) -> None:
    some = [post(n) for n in range(1, 4)]
    write_batch(store, some, NOW)
    write_events(store, [shows(*some)], NOW)
    out = tmp_path / "out.parquet"
    ran = run("export", "--what", what, "--out", out, "--brand", "Acme")
    rows = pq.read_table(out).num_rows
    assert rows == {"posts": 3, "counts": 1, "incidents": 1}[what]
    assert ran.stdout == f"wrote {rows} row{'s' * (rows != 1)} of {what} to {out}\n"
    again = run("export", "--what", what, "--out", out, code=1)
    assert "--force" in str(again.exception)
    run("export", "--what", what, "--out", out, "--force", "--until", "2026-03-01")
    assert pq.read_table(out).num_rows == 0


def test_what_export_does_not_know_is_named(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "a.parquet"
    for words, says in (
        (("--what", "words"), "there are posts, counts, incidents"),
        (("--since", "soon"), "--since: cannot read the time 'soon'"),
        (("--brand", "Nobody"), "nothing is stored about 'Nobody'"),
    ):
        ran = run("export", "--out", out, *words, code=1)
        assert says in str(ran.exception)
    assert not out.exists()


@pytest.mark.parametrize("what", KINDS)
def test_the_help_names_every_column(what: Any) -> None:
    section = str(cli_keep.export.__doc__).split(f"{what}: ")[1].split("\n\n")[0]
    named = section.replace(",", " ").replace(".", " ").replace(":", " ").split()
    columns = [name for name in named if name in names_of(what)]
    assert list(dict.fromkeys(columns)) == list(names_of(what))


def test_stats_say_what_is_stored(store: Store, post: Post, run: Run) -> None:
    write_batch(store, [post(n) for n in range(1, 5)], NOW)
    run("erase", "--post", "x:4", "--by", "kim", "--yes")
    figures = json.loads(run("stats", "--json").stdout)
    (brand,) = figures["brands"]
    assert (brand["posts"], brand["negative"], brand["neutral"], brand["positive"]) == (3, 1, 1, 1)
    assert figures["erasures"] == {"post": 1}
    assert figures["audit"][0]["by"] == "kim"
    lines = run("stats").stdout.splitlines()
    assert lines[0] == (
        "brands Acme: posts 3, negative 1, neutral 1, positive 1, "
        "first 2026-03-01, last 2026-03-01, kept 400 d"
    )
    assert "models m-1: posts 3" in lines
    assert any(line.startswith("disk a post: bytes ") for line in lines)


def test_stats_of_nothing_is_one_line(run: Run) -> None:
    assert run("stats").stdout.splitlines()[-1] == "no posts"


def test_on_a_terminal_stats_are_tables(store: Store, post: Post) -> None:
    write_batch(store, [post(1, brands=("[bold]Acme[/bold]",))], NOW)
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=90, color_system=None, markup=False)
    print_stats(console, read_stats(store))
    text = shown.getvalue()
    assert "BRANDS" in text
    assert "[bold]Acme[/bold]" in text
    assert "RECEIPTS" in text
    assert "DEAD LETTERS" not in text


def test_the_commands_on_a_folder(groundswell: Callable[..., Any], tmp_path: Path) -> None:
    def end(*words: object, code: int = 0) -> Any:
        ran = groundswell(*words, GROUNDSWELL_DATA=str(tmp_path / "data"))
        assert ran.wait() == code, ran.err
        return ran

    for words in (
        ("stats",),
        ("export", "--out", "a.parquet"),
        ("erase", "--post", "x:1", "--yes"),
    ):
        ran = end(*words, code=1)
        (line,) = ran.err.splitlines()
        assert "no database yet" in line
    end("migrate")
    assert end("stats").out.splitlines()[-1] == "no posts"
    assert end("export", "--out", "a.parquet").out == "wrote 0 rows of posts to a.parquet\n"
    ran = end("erase", "--author", "x:kai", "--yes")
    assert ran.out.startswith("x:kai: nothing stored")
    assert (tmp_path / "data" / "author.key").is_file()
