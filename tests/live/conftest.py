"""Servers to run the line on: real ones where the environment names them, and the embedded ones."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.faults.posts import make_posts
from tests.faults.stage_line import EmbeddedServers, Servers, StageLine
from tests.live.servers import RealServers

KAFKA, CLICKHOUSE = "GROUNDSWELL_TEST_KAFKA", "GROUNDSWELL_TEST_CLICKHOUSE"
PATIENCE = 600.0
"""Seconds: Apache Kafka waits half a minute for a member of a group that was killed."""


@pytest.fixture
def servers(request: pytest.FixtureRequest) -> Iterator[Servers]:
    """`embedded` or `real`; skips where the environment names no real ones."""
    with TemporaryDirectory(prefix="gs-") as folder:
        some = EmbeddedServers(Path(folder)) if request.param == "embedded" else real_servers()
        yield some
        some.close()


def real_servers() -> RealServers:
    kafka, clickhouse = os.environ.get(KAFKA), os.environ.get(CLICKHOUSE)
    if not kafka or not clickhouse:
        pytest.skip(f"{KAFKA} (host:port) and {CLICKHOUSE} (clickhouse://...) name no servers")
    return RealServers(kafka, clickhouse)


@pytest.fixture
def stages(tmp_path: Path, servers: Servers) -> Iterator[Callable[..., StageLine]]:
    """Start stages on `servers` and feed them with seeded posts; all end with the test."""
    lines: list[StageLine] = []

    def start(*, seed: int, count: int = 1_500, seconds: float = 15.0, **more: Any) -> StageLine:
        posts = make_posts(seed, count, lying=True)
        more = {"patience": PATIENCE, **more}
        lines.append(StageLine(tmp_path, servers, posts, seed=seed, seconds=seconds, **more))
        lines[-1].start()
        return lines[-1]

    yield start
    for line in lines:
        line.stop()
