"""Random sequences of faults on stages by themselves, and posts from a careless feed."""

from collections.abc import Callable

import pytest

from tests.faults.deliver import carelessly
from tests.faults.stage_line import EmbeddedServers, StageLine
from tests.faults.violence import do, sequence, stage_faults, uncertain

QUICK = range(100, 101)
MORE = range(101, 111)


@pytest.mark.timeout(400)
def test_a_sequence_of_faults_changes_no_count(
    seed: int, stages: Callable[..., StageLine], servers: EmbeddedServers
) -> None:
    line = stages(seed=seed, plan=carelessly)
    faults = stage_faults(tuple(servers.stages), 6, servers)
    for name, moment in sequence(seed, faults, rows=len(line.posts)):
        do(name, faults[name], line, once=moment)
    line.check(but=uncertain(line.told))
    assert line.told
