"""Forecasts and their scores in the database: written again they are the same rows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from forecasting.accuracy import score
from forecasting.forecast import forecast
from infra.forecasts import (
    Kept,
    accuracy,
    due_forecasts,
    forecast_rows,
    keep,
    newest_score,
    remembered,
    score_row,
    write_forecasts,
    write_scores,
)
from infra.store import Store

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def emptied(store: Store) -> Iterator[None]:
    yield
    for table in ("forecasts", "forecast_memory", "forecast_scores"):
        store.command(f"TRUNCATE TABLE {table}")


def test_of_each_band_the_one_made_longest_before_is_due(store: Store) -> None:
    for ago in (1, 2, 5, 6, 7, 20, 30):
        at = NOON - (ago - 1) * HOUR
        made = forecast([ago] * 48, at - 48 * HOUR, HOUR, 40)
        rows = forecast_rows("Acme", series="volume", step=HOUR, made=made, at=at)
        for _ in range(2):
            write_forecasts(store, rows)
    due = due_forecasts(store, "Acme", since=NOON, until=NOON + HOUR)
    assert [(each.band, round(each.own)) for each in due] == [(1, 1), (6, 6), (24, 20), (72, 30)]
    assert all(len(each.quantiles) == 9 for each in due)
    assert due_forecasts(store, "Other", since=NOON, until=NOON + HOUR) == []


def test_accuracy_is_a_mean_over_truths(store: Store) -> None:
    quantiles = np.array([[1.0, 2, 3, 4, 5, 6, 7, 8, 9]])
    for hour, truth in enumerate((5.0, 9.0, 100.0)):
        found = score(
            np.array([truth]), quantiles, own=np.array([5.0]), naive=np.array([1.0]), scale=2.0
        )
        assert found is not None
        row = score_row("Acme", series="volume", step="60m", band=1, bucket=NOON + hour * HOUR,
                        score=found, model="profile")  # fmt: skip
        for _ in range(2):
            write_scores(store, [row])
    (one,) = accuracy(store, since=NOON, brand="Acme")
    assert one.count == 3
    assert one.mase == pytest.approx((0 + 4 + 95) / 3 / 2)
    assert one.naive_mase == pytest.approx((4 + 8 + 99) / 3 / 2)
    assert (one.inside80, one.inside95) == pytest.approx((1 / 3, 2 / 3))
    assert one.model == "profile"
    assert accuracy(store, since=NOON + 3 * HOUR) == []
    assert newest_score(store, "Acme") == newest_score(store) == NOON + 2 * HOUR
    assert newest_score(store, "Other") is None


def test_what_is_later_is_remembered(store: Store) -> None:
    keep(store, [Kept("Acme", "fit", NOON, "old"), Kept("Acme", "trust", NOON, "t")])
    keep(store, [Kept("Acme", "fit", NOON + HOUR, "new")])
    assert remembered(store) == [
        Kept("Acme", "fit", NOON + HOUR, "new"),
        Kept("Acme", "trust", NOON, "t"),
    ]
