"""From the command to the first post on disk, and from a kill to no lag."""

import os
import signal
import time

from benchmarks.figures import Effort, spread
from benchmarks.line import plan_of, run_line
from streams.session import Session

RATE = 200
NAMES = ("feed", "refine", "score", "keep", "broker")
SETTLED = 2 * RATE
"""Rows in flight at most when nothing lags: those of the last two seconds."""
SETTLING = 8.0
PATIENCE = 90.0


def measure(effort: Effort) -> dict[str, object]:
    """Each process is killed once a round, at an even rate of posts."""
    starts: list[float] = []
    drained: dict[str, list[float]] = {name: [] for name in NAMES}
    for _ in range(effort.rounds):
        watch = _Kills(drained)
        plan = plan_of(RATE * round(len(NAMES) * (SETTLING + 15)), rate=float(RATE))
        run = run_line(plan, speed=1.0, published_now=True, look=watch.look)
        starts.append(run.start_seconds)
    return {
        "start_to_first_stored_s": spread(starts),
        "kill_to_no_lag_s": {name: spread(some) for name, some in drained.items() if some},
        "not_reached": [name for name, some in drained.items() if len(some) < effort.rounds],
    }


class _Kills:
    """Kills one process after the other, each once the line has been without lag for a while."""

    def __init__(self, drained: dict[str, list[float]]) -> None:
        self._drained = drained
        self._left = list(NAMES)
        self._killed: tuple[str, float] | None = None
        self._calm_since = time.monotonic()

    def look(self, session: Session) -> None:
        now = time.monotonic()
        supervisor = session.supervisor
        feed = supervisor.readings().get("feed")
        calm = supervisor.ready and feed is not None and feed.posts > 0 and feed.waiting <= SETTLED
        if not calm:
            self._calm_since = now
        elif self._killed and now - self._killed[1] > 1.0 and now - self._calm_since > 1.0:
            name, at = self._killed
            self._drained[name].append(self._calm_since - at)
            print(f"  {name}: {self._calm_since - at:.1f} s", flush=True)
            self._killed, self._calm_since = None, now
        elif not self._killed and self._left and now - self._calm_since > SETTLING:
            name = self._left.pop(0)
            os.kill(supervisor.pids[name], signal.SIGKILL)
            self._killed = name, now
