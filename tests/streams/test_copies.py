"""`groundswell backup` and `restore`: on a folder of its own, beside a line and after it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from infra.clickhouse.copy_note import CopyNote, write_note
from infra.clickhouse.counts import Compared
from infra.settings import Settings
from streams.cli_copies import as_table
from streams.copies import note_path, put_back, try_out
from streams.failures import UsageError
from tests.conftest import Command

FILL = """
from datetime import UTC, datetime, timedelta
from pathlib import Path
from infra.migrate import migrate
from infra.open_store import open_folder
store = open_folder(Path("data/database"), Path("data/backups"))
migrate(store)
at = datetime(2026, 3, 1, 10, tzinfo=UTC)
rows = [(b, at + timedelta(days=n % 3), f"x:{n}", 1) for b in ("Acme", "Bolt") for n in range(30)]
for _ in range(2):
    store.insert("posts", ("brand", "published_at", "post_id", "version"), rows)
store.close()
"""


@pytest.mark.parametrize("place", ["disk:backups/monday", "file:monday", "s3:https://b/x/monday"])
def test_what_is_counted_of_a_servers_copy_is_in_the_folder_for_copies(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(clickhouse=SecretStr("clickhouse://db:9000/groundswell"))
    assert note_path(settings, place) == Path("monday.counts.json")
    there = settings.model_copy(update={"backups": tmp_path})
    assert note_path(there, place) == tmp_path / "monday.counts.json"
    Path("monday.counts.json").touch()  # of a copy that was made before notes went there
    assert note_path(there, place) == Path("monday.counts.json")


@pytest.mark.parametrize("drill", [False, True])
def test_a_copy_that_is_not_there_makes_no_database(drill: bool, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", backups=tmp_path)
    note = tmp_path / "monday.counts.json"
    made_at = datetime(2026, 3, 1, tzinfo=UTC)
    write_note(
        note,
        CopyNote(
            made_at=made_at, place="monday", database="groundswell", bytes=1, before=(), after=()
        ),
    )
    restore = try_out if drill else put_back
    with pytest.raises(UsageError, match=f"no copy monday in {tmp_path}"):
        restore(settings, "monday", note, identity="1")
    assert not settings.data.exists()


@pytest.mark.wire
def test_a_copy_is_made_tried_out_and_put_back(
    groundswell: Callable[..., Command], tmp_path: Path
) -> None:
    import subprocess
    import sys

    subprocess.run([sys.executable, "-c", FILL], cwd=tmp_path, check=True)
    here = {"GROUNDSWELL_DATA": str(tmp_path / "data")}
    made = groundswell("backup", "--to", "monday", **here)
    assert made.wait() == 0, made.err
    assert "copied groundswell to monday: " in made.out

    drill = groundswell("restore", "--from", "monday", "--drill", **here)
    assert drill.wait() == 0, drill.err
    assert "posts              Acme                     3           30           30" in drill.out
    assert drill.out.endswith("groups: all as it was\n")

    note = tmp_path / "data" / "backups" / "monday.counts.json"
    told = json.loads(note.read_text())
    told["before"] = told["after"] = [
        [*row[:3], row[3] + 1] if row[0] == "posts" and row[2] == "2026-03-02" else row
        for row in told["after"]
    ]
    other = tmp_path / "other.json"
    other.write_text(json.dumps(told))
    failed = groundswell("restore", "--from", "monday", "--drill", "--counts", other, **here)
    assert failed.wait() == 1
    assert "posts Acme 2026-03-02: 11 then, 10 restored" in failed.out
    assert "2 of " in failed.out

    there = {"GROUNDSWELL_DATA": str(tmp_path / "new"), "GROUNDSWELL_BACKUPS": str(note.parent)}
    back = groundswell("restore", "--from", "monday", "--json", **there)
    assert back.wait() == 0, back.err
    assert {"table": "posts", "restored": 10}.items() <= next(
        one for one in json.loads(back.out) if one["table"] == "posts"
    ).items()
    again = groundswell("restore", "--from", "monday", **there)
    assert again.wait() == 1
    assert "has tables: a copy is put back into an empty one only" in again.err


def test_what_differs_is_listed() -> None:
    shown = as_table(
        [
            Compared("posts", "Acme", "2026-03-01", 1_000, 1_200, 1_100),
            Compared("posts", "Acme", "2026-03-02", 5, 5, 4),
            Compared("audit", "", "", 2, 2, 2),
        ]
    )
    assert "1,005-1,205" in shown
    assert "DIFFERENT" in shown.splitlines()[1]
    assert "DIFFERENT" not in shown.splitlines()[2]
    assert "  posts Acme 2026-03-02: 5 then, 4 restored" in shown
    assert shown.endswith("1,106 rows in 3 groups: 1 of 3 groups differ")


def test_roles_are_shown_for_a_server(groundswell: Callable[..., Command], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("correct horse battery\n")
    server = {"GROUNDSWELL_CLICKHOUSE": "clickhouse://u:hidden@db:9000/groundswell"}
    shown = groundswell("clickhouse", "roles", "--password", f"grafana={tmp_path}/secret", **server)
    assert shown.wait() == 0, shown.err
    assert "CREATE ROLE IF NOT EXISTS groundswell_writer;\n" in shown.out
    assert "CREATE USER IF NOT EXISTS groundswell_grafana IDENTIFIED WITH sha256_hash" in shown.out
    assert "correct horse" not in shown.out
    assert "hidden" not in shown.out
    nobody = groundswell("clickhouse", "roles")
    assert nobody.wait() == 1
    assert "name the server" in nobody.err
