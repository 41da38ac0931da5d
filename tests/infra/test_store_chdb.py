"""What only the embedded database can meet: its folder, its disk, its owner."""

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.store import Store
from infra.store_chdb import DATABASE, ChdbStore

ROOT = Path(__file__).parents[2]


def in_process(folder: Path, code: str) -> str:
    """Run `code` with ChdbStore and `folder` at hand; what it printed."""
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from infra.store import *\nfrom infra.store_chdb import DATABASE, ChdbStore\n"
        f"folder = Path({str(folder)!r})\n" + textwrap.dedent(code)
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


OPEN = """
try:
    store = ChdbStore(folder)
except StoreError as error:
    print(type(error).__name__, error)
else:
    print("opened", store.query("SELECT 1"))
    store.close()
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("may not mount a small file system here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_second_process_is_told_who_has_the_folder(embedded: ChdbStore) -> None:
    folder = embedded.folder
    said = in_process(folder, OPEN)
    assert said.startswith(f"FolderInUse {folder} is in use by process {os.getpid()}: ")
    assert "GROUNDSWELL_DATA" in said
    assert said.count("\n") == 1
    assert embedded.query("SELECT 1") == [(1,)]


def test_a_folder_opens_again_after_its_owner_is_gone(tmp_path: Path) -> None:
    written = """
        import os
        store = ChdbStore(folder)
        store.command("CREATE TABLE t (a UInt8) ENGINE = MergeTree ORDER BY a")
        store.insert("t", ["a"], [(1,), (2,)])
        os._exit(0)  # no farewell
    """
    in_process(tmp_path / "db", written)
    assert "2" in in_process(
        tmp_path / "db", 'print(ChdbStore(folder).query("SELECT count() FROM t"))'
    )


def test_a_folder_that_cannot_be_written_is_said_so() -> None:
    if os.getuid() != 0:
        pytest.skip("needs root, to become a user without rights")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        for place in (folder, folder / "database"):
            said = in_process(place, "import os\nos.setuid(65534)\n" + OPEN)
            assert said.startswith(f"StoreUnavailable {place} can't be ")


def test_a_file_in_place_of_the_folder_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "StoreUnavailable" in in_process(tmp_path / "file", OPEN)


def test_a_full_disk_acknowledges_nothing_and_recovers(small_disk: Path) -> None:
    said = in_process(
        small_disk / "db",
        """
        import os
        filler = folder.parent / "filler"
        filler.write_bytes(bytes(3_000_000))
        store = ChdbStore(folder)
        store.command("CREATE TABLE t (a String CODEC(NONE)) ENGINE = MergeTree ORDER BY a")
        told = 0
        for _ in range(40):
            try:
                store.insert("t", ["a"], [(os.urandom(1000),) for _ in range(500)])
            except StoreUnavailable:
                break
            told += 500
        [(stored,)] = store.query("SELECT count() FROM t")
        filler.unlink()
        store.insert("t", ["a"], [("x",)])
        [(after,)] = store.query("SELECT count() FROM t")
        print(0 < told < 20_000, stored == told, after == told + 1)
        """,
    )
    assert said.split() == ["True", "True", "True"]


def test_a_disk_that_was_full_before_the_first_table_leaves_a_folder_that_opens(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "db"
    assert in_process(folder, OPEN).startswith("opened")
    (folder / "metadata" / f"{DATABASE}.sql").write_bytes(b"")  # as a full disk left it
    assert in_process(folder, OPEN).startswith("opened")
    in_process(
        folder,
        """
        store = ChdbStore(folder)
        store.command("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
        store.close()
        """,
    )
    (folder / "metadata" / f"{DATABASE}.sql").write_bytes(b"")
    assert in_process(folder, OPEN).startswith("StoreUnavailable")  # there are tables: for a person


def test_rows_lost_in_a_power_cut_are_said_so(tmp_path: Path) -> None:
    folder = tmp_path / "db"
    in_process(
        folder,
        """
        store = ChdbStore(folder)
        store.command("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a")
        store.insert("t", ["a"], [(n,) for n in range(1000)])
        store.close()
        """,
    )
    [data] = [path for path in folder.glob("store/*/*/all_*/data.bin") if path.stat().st_size]
    data.write_bytes(data.read_bytes()[:10])
    for _ in range(2):  # not only at the start that set the part aside
        said = in_process(folder, OPEN)
        assert said.startswith(f"StoreDamaged {folder} lost rows")
        assert "1 of t" in said
    for part in folder.glob("store/*/*/detached/broken-on-start_*"):
        shutil.rmtree(part)
    assert in_process(folder, OPEN).startswith("opened")


def test_another_folder_can_follow_in_the_same_process(tmp_path: Path) -> None:
    said = in_process(
        tmp_path,
        """
        first = ChdbStore(folder / "a")
        first.close()
        first.close()
        try:
            first.query("SELECT 1")
        except StoreUnavailable as error:
            print("closed" in str(error))
        second = ChdbStore(folder / "b")
        print(second.query("SELECT 1"))
        second.close()
        """,
    )
    assert said.split("\n")[:2] == ["True", "[(1,)]"]


def test_a_column_that_becomes_a_time_is_read_as_one(store: Store) -> None:
    asked = "SELECT at, toUInt32(7) FROM test_moments"
    store.command("CREATE TABLE test_moments (at UInt32) ENGINE = MergeTree ORDER BY tuple()")
    store.insert("test_moments", ("at",), [(86_400,)])
    assert store.query(asked) == store.query(asked) == [(86_400, 7)]
    store.command("ALTER TABLE test_moments MODIFY COLUMN at DateTime('UTC')")
    assert store.query(asked) == [(datetime(1970, 1, 2, tzinfo=UTC), 7)]


def test_every_cache_has_a_bound_that_a_small_machine_can_hold(embedded: ChdbStore) -> None:
    bounds = dict(
        embedded.query(
            "SELECT name, toUInt64(value) FROM system.server_settings WHERE name IN"
            " ('mark_cache_size', 'primary_index_cache_size', 'index_mark_cache_size',"
            " 'query_condition_cache_size',"
            " 'compiled_expression_cache_size', 'uncompressed_cache_size', 'page_cache_max_size',"
            " 'index_uncompressed_cache_size')"
        )
    )
    assert len(bounds) == 8
    assert sum(bounds.values()) <= 128 << 20


def test_it_keeps_no_log_of_its_own_queries(embedded: ChdbStore) -> None:
    names = "SELECT name FROM system.tables WHERE database = 'system' AND name LIKE '%\\_log'"
    assert {row[0] for row in embedded.query(names)} <= {"user_query_log"}
    for _ in range(20):
        embedded.query("SELECT 1")
    kept = "SELECT count() FROM system.session_query_ids"
    assert embedded.query(kept)[0][0] <= 1_000
