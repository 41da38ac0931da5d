"""Two shards in a process of their own."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from infra.migrate import migrate
from infra.store import Param, Row, Store
from infra.store_cluster import ClusterStore
from infra.store_socket import SocketStore
from tests.cluster_process import cluster


class InOneProcess:
    """A store on a cluster without replicas, where a statement is said once for all servers."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.said: list[str] = []

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        self._store.insert(table, columns, rows)

    def query(self, sql: str, params: Mapping[str, Param] | None = None) -> list[Row]:
        return self._store.query(sql, params)

    def command(self, sql: str, params: Mapping[str, Param] | None = None) -> None:
        self.said.append(sql)
        sql = re.sub(r" ON CLUSTER `two`", "", sql)
        sql = re.sub(
            r"ReplicatedReplacingMergeTree\('[^']*', '\{replica\}'(, )?",
            "ReplacingMergeTree(",
            sql,
        ).replace(", replicated_deduplication_window = 0", "")
        self._store.command(sql, params)

    def close(self) -> None:
        """The process is closed by who opened it."""


@pytest.fixture(scope="session")
def one_process() -> Iterator[Store]:
    """The process that is both shards."""
    with TemporaryDirectory(prefix="gs-") as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.cluster_process", folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        with process:
            assert process.stdout.readline() == "ready\n"
            store = SocketStore(Path(folder) / "socket")
            try:
                yield store
            finally:
                store.close()
                process.stdin.close()


@pytest.fixture(scope="session")
def two_shards(one_process: Store) -> ClusterStore:
    """Migrated."""
    one_process.command(f"CREATE DATABASE {cluster().local}")
    store = ClusterStore(lambda _: InOneProcess(one_process), cluster())
    migrate(store)
    return store


@pytest.fixture
def unmerged_shards(two_shards: ClusterStore, one_process: Store) -> Iterator[ClusterStore]:
    """With merges held: when rows are merged is a matter of time."""
    one_process.command("SYSTEM STOP MERGES")
    yield two_shards
    one_process.command("SYSTEM START MERGES")
