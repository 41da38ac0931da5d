from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from forecasting.records import IncidentEvent
from infra.brands import Brand
from infra.deliver.letters import letters
from infra.deliver.records import Notice, Said
from infra.incidents import COLUMNS, write_events
from infra.store import Store

NOW = datetime(2026, 3, 1, 23, tzinfo=UTC)
MakeEvent = Callable[..., IncidentEvent]


def notice(*said: Said, notice_id: str = "dig_1") -> Notice:
    return Notice(
        notice_id=notice_id, receiver="team", group="", said=said, decided_at=NOW, due_at=NOW
    )


def said(event_id: str, told_id: str = "", by: str = "") -> Said:
    return Said(kind="updated", event_id=event_id, told_id=told_id, by=by)


@pytest.fixture
def broken(store: Store) -> Store:
    """With a change that is none."""
    row = ("x.1.1", "x.1", "X", 1, "opened", NOW, NOW, '{"change": 1}')
    store.insert("incident_events", COLUMNS, [row])
    return store


def test_a_letter_has_what_is_on_disk_and_what_was_told_before(
    store: Store, make_event: MakeEvent
) -> None:
    first, second = make_event(), make_event(number=2)
    write_events(store, [first, second], NOW)
    asked = notice(said("northwind.1.2", "northwind.1.1", by="kai"), notice_id="northwind.1.2")
    brands = [Brand(name="Northwind", language="zh", timezone="Asia/Shanghai")]
    (letter,) = letters(store, [asked], brands, "https://gs.example.com/")
    assert letter is not None
    assert (letter.notice_id, letter.language) == ("northwind.1.2", "zh")
    assert letter.timezone == "Asia/Shanghai"
    (entry,) = letter.entries
    assert (entry.kind, entry.by) == ("updated", "kai")
    assert (entry.event, entry.told) == (second, first.change)
    assert entry.link == "https://gs.example.com/incidents/northwind.1"


def test_without_a_page_or_a_brand_there_is_no_link_and_the_words_are_plain(
    store: Store, make_event: MakeEvent
) -> None:
    write_events(store, [make_event()], NOW)
    (letter,) = letters(store, [notice(said("northwind.1.1"))], [], "")
    assert letter is not None
    assert (letter.language, letter.timezone) == ("en", "UTC")
    assert (letter.entries[0].link, letter.entries[0].told) == ("", None)


def test_an_id_cannot_leave_its_place_in_a_link(store: Store, make_event: MakeEvent) -> None:
    write_events(store, [make_event("../../x?y")], NOW)
    (letter,) = letters(store, [notice(said("../../x?y.1"))], [], "https://gs.example.com")
    assert letter is not None
    assert letter.entries[0].link == "https://gs.example.com/incidents/..%2F..%2Fx%3Fy"


def test_what_cannot_be_read_costs_its_entry_only(broken: Store, make_event: MakeEvent) -> None:
    write_events(broken, [make_event()], NOW)
    asked = [
        notice(said("x.1.1"), said("northwind.1.1"), said("nowhere.1")),
        notice(said("northwind.1.1", told_id="x.1.1")),
        notice(said("x.1.1")),
    ]
    digest, single, nothing = letters(broken, asked, [], "")
    assert digest is not None
    assert [entry.event.change.incident_id for entry in digest.entries] == ["northwind.1"]
    assert single is not None
    assert single.entries[0].told is None
    assert nothing is None


def test_the_first_entry_says_the_language(store: Store, make_event: MakeEvent) -> None:
    other = make_event("contoso.1")
    other = replace(other, change=replace(other.change, brand="Contoso"))
    write_events(store, [make_event(), other], NOW)
    brands = [Brand(name="Northwind"), Brand(name="Contoso", language="zh")]
    asked = [notice(said("contoso.1.1"), said("northwind.1.1")), notice(said("northwind.1.1"))]
    languages = [letter.language for letter in letters(store, asked, brands, "") if letter]
    assert languages == ["zh", "en"]
