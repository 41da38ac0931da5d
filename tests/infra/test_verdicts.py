"""Verdicts on disk: the newest word counts, whatever a clock says."""

from datetime import UTC, datetime, timedelta

from forecasting.verdicts import CrisisVerdict, Word
from infra.store import Store
from infra.verdicts import read_verdicts, write_verdict

AT = datetime(2026, 3, 1, tzinfo=UTC)


def said(
    word: Word, *, at: datetime = AT, brand: str = "Acme", incident: str = ""
) -> CrisisVerdict:
    until = AT + timedelta(hours=1)
    return CrisisVerdict(
        brand=brand, since=AT, until=until, word=word, at=at, incident_id=incident, by="ann"
    )


def test_what_is_written_is_read(store: Store) -> None:
    verdicts = [said("crisis", incident="inc_1"), said("crisis")]
    for one in verdicts:
        write_verdict(store, one)
    found = read_verdicts(store)
    assert sorted(found, key=lambda one: one.incident_id) == verdicts[::-1]


def test_the_newest_word_counts_also_from_a_clock_that_is_behind(store: Store) -> None:
    write_verdict(store, said("crisis", incident="inc_1"))
    write_verdict(store, said("withdrawn", incident="inc_1", at=AT - timedelta(hours=1)))
    assert [one.word for one in read_verdicts(store)] == ["withdrawn"]


def test_brands_are_told_apart(store: Store) -> None:
    write_verdict(store, said("crisis"))
    write_verdict(store, said("crisis", brand="Other"))
    assert [one.brand for one in read_verdicts(store, "Other")] == ["Other"]
