"""The table of metrics is what a worker serves, and its page is current."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from infra.bulk_histogram import BulkHistogram
from infra.metric_table import OF_A_STAGE, OF_A_WORKER, OF_OTHERS, STAGES, every_sample
from infra.metrics import Meter, show_disk
from infra.metrics_page import page
from streams.worker import STAGES as RUN

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_current() -> None:
    assert (DOCS / "metrics.md").read_text(encoding="utf-8") == page()


def test_it_knows_every_stage() -> None:
    assert set(STAGES) == set(RUN)


def test_what_a_meter_serves_is_the_table_and_nothing_else() -> None:
    registry = CollectorRegistry()
    Meter("score", registry)
    served = {family.name: family.type for family in registry.collect()}
    assert served == {f"score_{one.name}": one.kind for one in OF_A_STAGE}


def test_each_has_one_row_and_says_its_unit() -> None:
    rows = [*OF_A_STAGE, *OF_A_WORKER, *OF_OTHERS]
    assert len({row.name for row in rows}) == len(rows)
    for row in rows:
        assert row.unit
        assert row.says
        assert row.name.endswith("_seconds") <= (row.unit in {"seconds", "Unix time"})
        assert bool(row.buckets) == (row.kind == "histogram")
        assert list(row.buckets) == sorted(row.buckets)


def test_names_for_expressions() -> None:
    assert {"score_posts_total", "watch_batch_seconds_bucket", "lag_messages"} <= every_sample()
    assert "score_posts" not in every_sample()


def test_what_came_in_time_and_what_did_not() -> None:
    registry = CollectorRegistry()
    meter = Meter("store", registry)
    meter.arrived([0.2, 60.0, 61.0, -5.0], objective=60.0)
    meter.arrived([], objective=60.0)
    assert registry.get_sample_value("store_objective_total") == 4
    assert registry.get_sample_value("store_objective_met_total") == 3
    assert registry.get_sample_value("store_latency_seconds_count") == 4
    assert registry.get_sample_value("store_latency_seconds_sum") == pytest.approx(121.2)
    assert registry.get_sample_value("store_latency_seconds_bucket", {"le": "60.0"}) == 3


def test_batches_and_ages_are_seen() -> None:
    registry = CollectorRegistry()
    meter = Meter("refine", registry)
    with meter.busy():
        pass
    meter.posts(2, oldest=NOW - timedelta(seconds=20), now=NOW)
    meter.posts(2, oldest=None, now=NOW)
    assert registry.get_sample_value("refine_batch_seconds_count") == 1
    assert registry.get_sample_value("refine_age_seconds_count") == 1
    assert registry.get_sample_value("refine_age_seconds_bucket", {"le": "10.0"}) == 0
    assert registry.get_sample_value("refine_age_seconds_bucket", {"le": "30.0"}) == 1


def test_the_free_share_of_a_disk(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    show_disk(tmp_path, registry)
    share = registry.get_sample_value("disk_free_ratio")
    assert share is not None
    assert 0 <= share <= 1


@settings(max_examples=30)
@given(
    st.lists(st.lists(st.floats(0, 1e5))), st.lists(st.floats(0.1, 1e4), min_size=1, unique=True)
)
def test_a_histogram_holds_every_value_in_its_buckets(
    batches: list[list[float]], bounds: list[float]
) -> None:
    registry = CollectorRegistry()
    kept = BulkHistogram("age_seconds", "how old", sorted(bounds), registry)
    for batch in batches:
        kept.observe(batch)
    values = [value for batch in batches for value in batch]
    for bound in bounds:
        found = registry.get_sample_value("age_seconds_bucket", {"le": str(bound)})
        assert found == sum(value <= bound for value in values)
    assert registry.get_sample_value("age_seconds_count") == len(values)
    assert registry.get_sample_value("age_seconds_sum") == pytest.approx(sum(values))
