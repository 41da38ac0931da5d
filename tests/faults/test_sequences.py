"""Random sequences of faults: whatever happens to a line, it counts what there was, once."""

from collections.abc import Callable

import pytest

from tests.faults.replay_line import ReplayLine
from tests.faults.violence import all_faults, do, sequence, uncertain

QUICK = range(2)
MORE = range(2, 17)
FAULTS = all_faults(6)


@pytest.mark.timeout(400)
def test_a_sequence_of_faults_changes_no_count(
    seed: int, replay: Callable[..., ReplayLine]
) -> None:
    line = replay(seed=seed)
    for name, moment in sequence(seed, FAULTS, rows=len(line.posts)):
        do(name, FAULTS[name], line, once=moment)
    line.check(but=uncertain(line.told))
    assert line.told
