"""What a load needs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from forecasting.capacity import LEAST_PARTITIONS, Load, Rates, limits, plan

RATES = Rates(
    measured="a test",
    feed=50_000,
    refine=20_000,
    score_english=2_000,
    score_languages=500,
    score_host=60_000,
    store=20_000,
    database_rows=100_000,
    judge_seconds=1e-4,
    forecast_seconds=0.1,
    raw_bytes=400,
    clean_bytes=600,
    scored_bytes=700,
    row_bytes=140,
    gpu=20_000,
    gpu_measured=True,
)
LOADS = st.builds(
    Load,
    posts_per_second=st.floats(0.1, 2e6),
    brands=st.integers(1, 100_000),
    peak=st.floats(1, 20),
    matched=st.floats(0.001, 1),
    distinct=st.floats(0, 1),
    english=st.floats(0, 1),
    utilisation=st.floats(0.1, 0.95),
    gpus=st.booleans(),
)


@given(load=LOADS)
def test_no_stage_is_busier_than_asked_for_and_each_may_lose_a_process(load: Load) -> None:
    made = plan(load, RATES)
    for stage in made.stages:
        assert stage.arriving <= stage.capacity * load.utilisation * (1 + 1e-9)
        assert stage.processes >= 2
        assert stage.processes <= made.partitions / 2
    assert made.partitions >= LEAST_PARTITIONS
    assert made.database_cores >= 4 * made.shards


@given(load=LOADS, times=st.floats(1, 50))
def test_more_posts_need_no_less_of_anything(load: Load, times: float) -> None:
    less, more = (
        plan(one, RATES)
        for one in (load, replace(load, posts_per_second=load.posts_per_second * times))
    )
    assert more.cores >= less.cores
    assert more.gpus >= less.gpus
    assert more.partitions >= less.partitions
    assert more.shards >= less.shards
    assert more.kafka_bytes >= less.kafka_bytes
    assert more.database_bytes >= less.database_bytes


def test_counted_by_hand() -> None:
    load = Load(posts_per_second=100_000, brands=10, peak=1, matched=0.1, distinct=0.5, english=1)
    made = plan(load, RATES)
    found = {stage.name: stage.processes for stage in made.stages}
    assert found["refine"] == 9  # 100,000 / 20,000 / 0.6 = 8.3
    # 10,000 posts a second of 1/60,000 s each and half of them 1/2,000 s; two threads a process
    assert found["score"] == 3  # 2.67 cores / 0.6 = 4.4, two a process
    assert made.database_bytes_a_month == pytest.approx(10_000 * 140 * 2 * 30 * 86_400)
    assert made.kafka_bytes == pytest.approx(100_000 * (400 + 0.1 * 1300) * 3 * 168 * 3600)


def test_a_gpu_is_fed_by_enough_cores() -> None:
    load = Load(posts_per_second=200_000, brands=10, peak=1, distinct=0.05, gpus=True)
    (score,) = (stage for stage in plan(load, RATES).stages if stage.name == "score")
    assert score.gpus == 2
    assert score.cores == 6  # 200,000 / 60,000 / 0.6


def test_what_it_cannot_hold_is_said() -> None:
    load = Load(posts_per_second=1_000_000, brands=50_000, gpus=True)
    rates = replace(RATES, gpu_measured=False)
    told = "\n".join(limits(plan(load, rates), rates))
    assert "watch needs" in told
    assert "a brand is not split" in told
    assert "assumed, not measured" in told
    small = Load(posts_per_second=10, brands=10)
    assert limits(plan(small, RATES), RATES) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"posts_per_second": 0.0},
        {"brands": 0},
        {"peak": 0.5},
        {"matched": 0.0},
        {"distinct": 1.5},
        {"utilisation": 0.0},
    ],
)
def test_a_load_that_is_none(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"positive|share"):
        plan(replace(Load(posts_per_second=1, brands=1), **wrong), RATES)
