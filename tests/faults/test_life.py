"""Posts that are edited and erased while processes die: what counts is what is left of them."""

from collections.abc import Callable

import pytest

from tests.faults.deliver import carelessly
from tests.faults.life import OF_CLUSTERS, with_life
from tests.faults.posts import make_posts
from tests.faults.stage_line import EmbeddedServers, StageLine
from tests.faults.violence import do, sequence, stage_faults

QUICK = range(50, 51)
MORE = range(51, 54)


@pytest.mark.timeout(400)
def test_edits_and_erasures_in_a_sequence_of_faults(
    seed: int, stages: Callable[..., StageLine], servers: EmbeddedServers
) -> None:
    posts = with_life(seed, make_posts(seed, 1_200, lying=True))
    line = stages(seed=seed, posts=posts, plan=carelessly)
    faults = stage_faults(tuple(servers.stages), 6, servers)
    for name, moment in sequence(seed, faults, rows=len(line.posts)):
        do(name, faults[name], line, once=moment)
    line.check(but=OF_CLUSTERS)
