from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.deliver.schedule import DELAYS, JITTER, next_attempt

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
made = st.integers(1, len(DELAYS) - 1)
waits = st.timedeltas(timedelta(0), timedelta(hours=24))


def test_delays_are_those_of_standard_webhooks() -> None:
    seconds = [round(delay.total_seconds()) for delay in DELAYS]
    hour = 3600
    assert seconds == [
        0, 5, 300, 1800, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour
    ]  # fmt: skip


@given(attempts=made, seed=st.integers(), at_least=waits)
def test_a_retry_is_never_early_and_at_most_a_tenth_late(
    attempts: int, seed: int, at_least: timedelta
) -> None:
    then = next_attempt(attempts, NOON, random=Random(seed), at_least=at_least)
    assert then is not None
    wait = max(DELAYS[attempts], at_least)
    assert wait <= then - NOON <= wait * (1 + JITTER)


@given(attempts=st.integers(len(DELAYS), 1000), at_least=waits)
def test_after_the_last_attempt_it_gives_up_whatever_was_asked(
    attempts: int, at_least: timedelta
) -> None:
    assert next_attempt(attempts, NOON, random=Random(0), at_least=at_least) is None


@given(attempts=made, seed=st.integers())
def test_the_same_seed_gives_the_same_time(attempts: int, seed: int) -> None:
    first = next_attempt(attempts, NOON, random=Random(seed))
    assert first == next_attempt(attempts, NOON, random=Random(seed))


def test_what_failed_together_does_not_return_together() -> None:
    random = Random(7)
    assert len({next_attempt(3, NOON, random=random) for _ in range(50)}) > 40


def test_an_attempt_that_was_not_made_can_not_be_retried() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        next_attempt(0, NOON, random=Random(0))
