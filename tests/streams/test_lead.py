"""Several watchers on one server: one leads, and a frozen one queues up behind the others."""

import pytest

from infra.store import Store, StoreUnavailable
from streams.lead import BEAT, Lead


class Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_where_one_process_owns_the_database_it_leads() -> None:
    assert Lead.alone().leads()


def test_the_first_leads_and_goes_on_leading(store: Store, clock: Clock) -> None:
    first, second = Lead(store, clock=clock), Lead(store, clock=clock)
    assert not first.leads()  # for a beat, in which one that began before it may be heard of
    assert not second.leads()
    for _ in range(3):
        clock.at += BEAT
        assert not second.leads()
        assert first.leads()


def test_another_leads_once_the_first_is_not_heard_of(store: Store, clock: Clock) -> None:
    first, second = Lead(store, clock=clock), Lead(store, clock=clock)
    assert not first.leads()
    assert not second.leads()
    clock.at += BEAT
    assert first.leads()
    store.command("TRUNCATE TABLE watchers")  # its last beat was long ago
    assert second.leads()


def test_one_that_was_frozen_queues_up(store: Store, clock: Clock) -> None:
    first, second = Lead(store, clock=clock), Lead(store, clock=clock)
    assert not first.leads()
    assert not second.leads()
    clock.at += BEAT
    assert first.leads()
    store.command("TRUNCATE TABLE watchers")
    for _ in range(6):
        assert second.leads()
        clock.at += BEAT
    assert not first.leads()
    assert second.leads()
    clock.at += BEAT
    assert not first.leads()


def test_it_does_not_lead_while_the_database_is_away(clock: Clock) -> None:
    class Away:
        def query(self, *_: object) -> list[tuple[object, ...]]:
            raise StoreUnavailable("away")

        insert = command = close = query

    lead = Lead(Away(), clock=clock)  # type: ignore[arg-type]
    with pytest.raises(StoreUnavailable):
        lead.leads()
