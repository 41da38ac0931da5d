"""docs/metrics.md, made from the table: `python -m infra.metrics_page > docs/metrics.md`."""

import sys
from collections.abc import Iterable

from infra.metric_table import AGE, BATCH, OF_A_STAGE, OF_A_WORKER, OF_OTHERS, STAGES, Metric

HEAD = """# Metrics

Made by `python -m infra.metrics_page` from [infra/metric_table.py](../infra/metric_table.py).

With `GROUNDSWELL_METRICS_PORT` each `groundswell worker` serves its metrics at `/metrics` for
Prometheus, without a login: keep the port inside. `groundswell run` has several processes: store,
watch and deliver are at that port, refine at the next one, then score, its outbox and feeds. Rules
for an operator are in
[infra/alert_rules/groundswell.yml](../infra/alert_rules/groundswell.yml), and what to do about each
in [runbooks.md](runbooks.md).
"""


def page() -> str:
    """The whole page."""
    stages = ", ".join(f"`{name}`" for name in STAGES)
    return f"""{HEAD}
## Of a stage

`<stage>` is one of {stages}.
Figures are of one process since its start: add up `rate()` over processes.

{_table(OF_A_STAGE, "<stage>_")}

Bounds in seconds of `batch_seconds`: {_bounds(BATCH)}; of the others: {_bounds(AGE)}.

Burn of the objective, if 99 of 100 posts are to be in time (1: just as fast as that allows):

```promql
(1 - sum(rate(store_objective_met_total[1h])) / sum(rate(store_objective_total[1h]))) / 0.01
```

A replay or a simulated day brings posts that are as old as its file says: the objective means
nothing there. What a feed fetches after a pause was published long ago, and counts as late unless
it is marked as backfill: to a reader it was late.

## Of a worker

{_table(OF_A_WORKER)}

## Of others

{_table(OF_OTHERS)}
"""


def _table(metrics: Iterable[Metric], prefix: str = "") -> str:
    lines = ["| name | type | labels | unit | |", "|---|---|---|---|---|"]
    for one in metrics:
        labels = ", ".join(f"`{label}`" for label in one.labels)
        lines.append(f"| `{prefix}{one.shown}` | {one.kind} | {labels} | {one.unit} | {one.says} |")
    return "\n".join(lines)


def _bounds(bounds: Iterable[float]) -> str:
    return ", ".join(f"{bound:g}" for bound in bounds)


if __name__ == "__main__":
    sys.stdout.write(page())
