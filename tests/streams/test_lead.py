"""Several watchers on one server: one leads, and a frozen one queues up behind the others."""

import pytest

from infra.store import Store, StoreUnavailable
from streams.lead import BEAT, SILENT, STALE, Lead


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


def test_roles_have_leaders_of_their_own(store: Store, clock: Clock) -> None:
    watcher, sender = Lead(store, clock=clock), Lead(store, role="deliver", clock=clock)
    assert not watcher.leads()
    assert not sender.leads()
    clock.at += BEAT
    assert watcher.leads()
    assert sender.leads()


def test_what_it_may_do_it_knows_without_asking(store: Store, clock: Clock) -> None:
    lead = Lead(store, role="deliver", clock=clock)
    assert not lead.holds()
    assert not lead.leads()
    assert not lead.holds()
    clock.at += BEAT
    assert lead.leads()
    clock.at += STALE
    assert lead.holds()
    clock.at += 0.1  # frozen, or the database is away: before anybody else can lead
    assert not lead.holds()
    assert not lead.leads()
    assert not lead.holds()
    assert SILENT.total_seconds() > STALE


def test_it_may_act_on_while_it_asks_in_vain(store: Store, clock: Clock) -> None:
    class Flaky:
        away = False

        def query(self, *args: object) -> object:
            if self.away:
                raise StoreUnavailable("away")
            return store.query(*args)  # type: ignore[arg-type]

        insert = store.insert

    flaky = Flaky()
    lead = Lead(flaky, role="deliver", clock=clock)  # type: ignore[arg-type]
    assert not lead.leads()
    clock.at += BEAT
    assert lead.leads()
    flaky.away = True
    clock.at += BEAT
    with pytest.raises(StoreUnavailable):
        lead.leads()
    assert lead.holds()


def test_alone_it_may_always_act() -> None:
    assert Lead.alone().holds()
