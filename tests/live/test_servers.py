"""What holds on the embedded servers holds on real ones: the same line, the same violence, counted
the same way. `make test-live` with GROUNDSWELL_TEST_KAFKA and GROUNDSWELL_TEST_CLICKHOUSE."""

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.broker import EmbeddedBroker
from infra.kafka import make_topics
from streams.topics import partition_counts
from tests.faults.deliver import an_hour_again, carelessly
from tests.faults.stage_line import Servers, StageLine
from tests.faults.violence import do, join_and_leave, kill, uncertain, wake_a_zombie
from tests.live.servers import OwnTopics

Stages = Callable[..., StageLine]
MIDDLE = 300
REAL = pytest.param("real", marks=[pytest.mark.live, pytest.mark.timeout(1_200)])
on_all = pytest.mark.parametrize("servers", ["embedded", REAL], indirect=True)
on_real_ones = pytest.mark.parametrize("servers", [REAL], indirect=True)


@on_all
def test_each_stage_is_killed_while_a_careless_feed_sends(servers: Servers, stages: Stages) -> None:
    line = stages(seed=31, plan=carelessly)
    for number, name in enumerate(servers.stages):
        do(f"kill {name}", lambda line, name=name: kill(name, line), line, once=MIDDLE * number)
    line.check(but=uncertain(line.told))
    assert all(line.starts_of(name) > 1 for name in servers.stages)


@on_real_ones
def test_an_hour_comes_again_a_day_later(servers: Servers, stages: Stages) -> None:
    stages(seed=32, plan=an_hour_again).check()


@on_real_ones
def test_workers_come_and_go(servers: Servers, stages: Stages) -> None:
    line = stages(seed=33, seconds=60.0)
    do("join and leave", lambda line: join_and_leave(5, 6, line), line, once=MIDDLE)
    line.check(but=uncertain(line.told))


@on_real_ones
def test_a_zombie_wakes(servers: Servers, stages: Stages) -> None:
    line = stages(seed=34, seconds=60.0)
    do("a zombie", lambda line: wake_a_zombie(1.5 * servers.session, line), line, once=MIDDLE)
    line.check()


def test_a_kafka_with_a_line_on_it_is_refused(tmp_path: Path) -> None:
    broker = EmbeddedBroker(log=tmp_path / "broker.log")
    broker.start()
    try:
        mine = OwnTopics(broker.address)
        make_topics(broker.address, partition_counts(1), replication=1)
        with pytest.raises(ValueError, match=r"has alerts, .*posts\.raw, posts\.scored: name a"):
            OwnTopics(broker.address)
        mine.close()
        OwnTopics(broker.address).close()
    finally:
        broker.stop()
