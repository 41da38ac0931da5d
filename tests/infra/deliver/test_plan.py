"""Who is told what, when: one rule at a time."""

import doctest
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any

import pytest

from infra.deliver import durations, holds, pace, plan
from infra.deliver.plan import Decision, Planner
from infra.deliver.records import Match
from tests.infra.deliver.plans import (
    BOT,
    MANY,
    MARKS,
    NOON,
    PAGER,
    Desk,
    acknowledged,
    change,
    limits_of,
    receiver,
    silence,
    tree,
)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def clock(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}").replace(tzinfo=UTC)


ALL = tree(receivers=["team"])
EVERY_FIVE = tree(receivers=["team"], group_interval="5m")
BY_BRAND = tree(receivers=["team"], group_by="brand", group_interval="5m", group_wait="30s")
NIGHT = tree(
    receivers=["team"],
    quiet=[{"from": "22:00", "to": "07:00", "timezone": "UTC"}],
    quiet_unless=8,
)
WEEK = tree(receivers=["team"], working=[{"days": "mon-fri", "from": "09:00", "timezone": "UTC"}])

# ---- without routes


@pytest.mark.parametrize("route", [None, ALL])
def test_each_change_goes_to_every_receiver_by_itself_and_in_order(route: Any) -> None:
    desk = Desk(route, ("team",), team=MANY)
    assert desk.at(NOON, change("a"), change("a", 2), change("b")) == [
        "team: opened a.1",
        "team: opened b.1",
        "team: updated a.2",
    ]
    assert desk.at(after(5), change("a", 3, end=True)) == ["team: resolved a.3"]
    told = [(said.event_id, said.told_id) for one in desk.notices for said in one.said]
    assert told == [("a.1", ""), ("b.1", ""), ("a.2", "a.1"), ("a.3", "a.2")]


def test_what_happened_while_nobody_delivered_is_told_whole() -> None:
    desk = Desk(None, ("boss", "team"))
    assert desk.at(NOON, change("a"), change("a", 2), change("a", 3, end=True)) == [
        "boss: opened a.1",
        "team: opened a.1",
        "boss: updated a.2",
        "team: updated a.2",
        "boss: resolved a.3",
        "team: resolved a.3",
    ]


def test_a_receiver_is_owed_what_fires_after_it_joined() -> None:
    desk = Desk(None, joined={"team": after(10)})
    assert desk.at(NOON, change("old"), change("going")) == []
    assert desk.skipped == ["going.1 before_joining", "old.1 before_joining"]
    # the first change it is told of opens the incident for it
    assert desk.at(after(11), change("going", 2)) == ["team: opened going.2"]
    # of what ended it never heard
    assert desk.at(after(12), change("old", 2, end=True)) == []
    assert desk.skipped == ["old.2 untold"]


def test_an_end_is_owed_even_where_its_watcher_has_a_clock_that_is_behind() -> None:
    desk = Desk(None, joined={"team": NOON})
    assert desk.at(after(1), change("a")) == ["team: opened a.1"]
    desk.planner.learn([(change("a", 2, end=True), after(-5))])
    assert desk.at(after(2)) == ["team: resolved a.2"]


def test_kinds_that_do_not_alert_are_told_to_nobody() -> None:
    desk = Desk(None)
    assert desk.at(NOON, change("a", alerts=False)) == []
    assert desk.skipped == ["a.1 not_alerting"]


def test_a_change_that_comes_after_a_later_one_is_superseded() -> None:
    desk = Desk(None)
    assert desk.at(NOON, change("a", 2)) == ["team: opened a.2"]
    assert desk.at(after(1), change("a"), change("a", 2)) == []
    assert desk.skipped == ["a.1 superseded"]


def test_what_is_known_to_be_over_is_never_opened() -> None:
    desk = Desk(None)
    assert desk.at(NOON, change("a", 2, end=True)) == []
    assert desk.at(after(1), change("a")) == []
    assert desk.skipped == ["a.1 over"]


def test_a_way_out_without_a_word_for_a_change_skips_it() -> None:
    desk = Desk(None, team=MARKS)
    events = [change("a"), change("a", 2), change("a", 3, end=True)]
    assert desk.at(NOON, *events) == ["team: opened a.1", "team: resolved a.3"]
    assert desk.skipped == ["a.2 not_taken"]


# ---- groups


@pytest.mark.parametrize(
    ("events", "limits", "expected"),
    [
        # the newest only, and what it replaces is superseded
        ([change("a"), change("a", 2), change("a", 3)], MANY, ["team: opened a.3"]),
        # webhooks: the opening goes first, under its own id
        ([change("a"), change("a", 2), change("a", 3)], None, ["team: opened a.1"]),
        # it ended before it was told
        ([change("a"), change("a", 2, end=True)], MANY, []),
        # each incident is a group of its own
        ([change("a"), change("b")], MANY, ["team: opened a.1", "team: opened b.1"]),
    ],
)
def test_what_comes_together_is_told_once(
    events: Sequence[Any], limits: Any, expected: list[str]
) -> None:
    desk = Desk(EVERY_FIVE, **({"team": limits} if limits else {}))
    assert desk.at(NOON, *events) == expected


def test_a_group_is_told_once_an_interval_by_its_newest_change() -> None:
    desk = Desk(EVERY_FIVE)
    desk.at(NOON, change("a"))
    assert desk.at(after(1), change("a", 2)) == []
    assert desk.held == ["a.2 group_interval"]
    assert desk.decision.next_at == after(5)
    assert desk.at(after(4), change("a", 3)) == []
    assert desk.at(after(5)) == ["team: updated a.3"]
    assert desk.skipped == ["a.2 superseded"]
    assert desk.at(after(6), change("a", 4, end=True)) == []
    assert desk.at(after(10)) == ["team: resolved a.4"]


def test_openings_wait_for_others_of_their_group() -> None:
    desk = Desk(BY_BRAND, team=MANY)
    assert desk.at(NOON, change("a", severity=4)) == []
    assert desk.held == ["a.1 group_wait"]
    assert desk.at(after(0.25), change("b", severity=7), change("c", brand="Contoso")) == []
    # counted from the first; the most severe stands first; another brand is another group
    assert desk.at(after(0.5)) == ["team: opened b.1 + opened a.1"]
    assert desk.at(after(0.75)) == ["team: opened c.1"]
    # in the next interval whatever is new goes together
    assert desk.at(after(2), change("a", 2, end=True), change("d")) == []
    assert desk.at(after(5.5)) == ["team: opened d.1 + resolved a.2"]


def test_a_wait_for_others_ends_with_the_message_that_takes_them_along() -> None:
    route = tree(receivers=["team"], group_by="brand", group_wait="30s", group_interval="5s")
    desk = Desk(route, team=MANY)
    desk.at(NOON, change("a"))
    desk.at(after(0.5))
    assert desk.at(after(10), change("b")) == []
    # told before its time: who comes next has a wait of its own
    assert desk.at(after(10.1), change("a", 2)) == ["team: updated a.2 + opened b.1"]
    assert desk.at(after(10.3), change("c")) == []
    assert desk.decision.next_at == after(10.8)


def test_a_group_larger_than_a_message_takes_several_intervals() -> None:
    desk = Desk(BY_BRAND, team=MANY)
    desk.at(NOON, *(change(name, severity=9 - at) for at, name in enumerate("abcdefg")))
    first = desk.at(after(0.5))
    assert first == ["team: opened a.1 + opened b.1 + opened c.1 + opened d.1 + opened e.1"]
    assert desk.held == ["f.1 group_interval", "g.1 group_interval"]
    assert desk.at(after(5.5)) == ["team: opened f.1 + opened g.1"]


def test_what_waits_for_others_goes_along_when_its_group_is_told_anyway() -> None:
    desk = Desk(BY_BRAND, team=MANY)
    desk.at(NOON, change("a"))
    desk.at(after(0.5))
    assert desk.at(after(10), change("b")) == []
    assert desk.at(after(10.1), change("a", 2)) == ["team: updated a.2 + opened b.1"]
    assert desk.at(after(11)) == []


def test_ids_of_digests_do_not_depend_on_when_or_by_whom() -> None:
    ids = set()
    for minutes in (0, 3):
        desk = Desk(BY_BRAND, team=MANY)
        desk.at(after(minutes), change("a"), change("b"))
        desk.at(after(minutes + 1))
        ids |= {one.notice_id for one in desk.notices}
    (name,) = ids
    assert name.startswith("dig_")
    assert len(name) == len("dig_") + 24


# ---- holds


@pytest.mark.parametrize(
    ("route", "now", "severity", "held", "told_at"),
    [
        # at night nothing is told; in the morning it is
        (NIGHT, "04 23:00", 7, "quiet_hours", "05 07:00"),
        # unless it is severe
        (NIGHT, "04 23:00", 8, None, "04 23:00"),
        # by day at once
        (NIGHT, "04 21:59", 3, None, "04 21:59"),
        # on a Saturday nothing is told until Monday morning, however severe it is
        (WEEK, "07 12:00", 9, "outside_hours", "09 09:00"),
        (WEEK, "06 09:00", 3, None, "06 09:00"),
    ],
)
def test_hours(route: Any, now: str, severity: int, held: str | None, told_at: str) -> None:
    desk = Desk(route)
    first = desk.at(clock(now), change("a", severity=severity))
    if held is None:
        assert first == ["team: opened a.1"]
        return
    assert first == []
    assert desk.held == [f"a.1 {held}"]
    assert desk.decision.next_at == clock(told_at)
    assert desk.at(clock(told_at) - timedelta(seconds=1)) == []
    assert desk.at(clock(told_at)) == ["team: opened a.1"]


def test_an_end_waits_for_the_morning_even_of_what_rang() -> None:
    desk = Desk(NIGHT)
    assert desk.at(clock("04 23:00"), change("a", severity=9)) == ["team: opened a.1"]
    assert desk.at(clock("04 23:30"), change("a", 2, end=True)) == []
    assert desk.at(clock("05 07:00")) == ["team: resolved a.2"]


def test_what_ended_while_it_was_held_is_over() -> None:
    desk = Desk(NIGHT)
    desk.at(clock("04 23:00"), change("a"), change("a", 2))
    assert desk.at(clock("05 01:00"), change("a", 3, end=True)) == []
    assert desk.skipped == ["a.1 over", "a.2 over", "a.3 over"]
    assert desk.at(clock("05 07:00")) == []


def test_a_silence_holds_what_it_means_until_it_ends_or_is_taken_back() -> None:
    desk = Desk(None, team=MANY)
    desk.people(silences=[silence(Match(brands=("Northwind",)), ends=after(60))])
    assert desk.at(NOON, change("a"), change("b", brand="Contoso")) == ["team: opened b.1"]
    assert desk.held == ["a.1 silenced"]
    assert [one.detail for one in desk.decision.holds] == ["s1: known (ann)"]
    assert desk.at(after(5), change("a", 2)) == []
    assert desk.at(after(60)) == ["team: opened a.2"]
    assert desk.skipped == ["a.1 superseded"]
    desk.people(silences=[silence(Match(), ends=after(120))])
    assert desk.at(after(61), change("a", 3)) == []
    desk.people(silences=[])
    assert desk.at(after(62)) == ["team: updated a.3"]


def test_a_webhook_gets_the_opening_first_after_a_silence() -> None:
    desk = Desk(None)
    desk.people(silences=[silence(Match(), ends=after(60))])
    desk.at(NOON, change("a"), change("a", 2), change("a", 3))
    assert desk.at(after(60)) == ["team: opened a.1", "team: updated a.3"]


def test_an_end_is_told_while_it_is_silenced() -> None:
    desk = Desk(ALL)
    desk.at(NOON, change("a"))
    desk.people(silences=[silence(Match(), ends=after(60))])
    assert desk.at(after(1), change("a", 2)) == []
    assert desk.at(after(2), change("a", 3, end=True)) == ["team: resolved a.3"]


@pytest.mark.parametrize(
    ("small", "large", "told"),
    [
        # the more severe of two that tell one story
        (change("a", severity=5, linked=["b"]), change("b", severity=6), ["b.1"]),
        # whichever of them names the other
        (change("a", severity=5), change("b", severity=6, linked=["a"]), ["b.1"]),
        # of equals the earlier
        (change("a", linked=["b"]), change("b", opened_at=NOON - timedelta(hours=1)), ["b.1"]),
        # two that have nothing to do with each other
        (change("a", severity=5), change("b", severity=6), ["b.1", "a.1"]),
    ],
)
def test_a_larger_incident_of_the_same_story_mutes(small: Any, large: Any, told: list[str]) -> None:
    desk = Desk(ALL)
    desk.at(NOON, small, large)
    assert [one.notice_id for one in desk.notices] == told
    if told == ["b.1"]:
        assert desk.held == ["a.1 inhibited"]
        # once the larger is over the smaller is told
        assert desk.at(after(1), change("b", 2, end=True)) == [
            "team: resolved b.2",
            "team: opened a.1",
        ]


def test_an_end_is_told_while_a_larger_incident_mutes_it() -> None:
    desk = Desk(ALL)
    assert desk.at(NOON, change("a")) == ["team: opened a.1"]
    assert desk.at(after(1), change("b", severity=9, linked=["a"])) == ["team: opened b.1"]
    assert desk.at(after(2), change("a", 2)) == []
    assert desk.held == ["a.2 inhibited"]
    assert desk.at(after(3), change("a", 3, end=True)) == ["team: resolved a.3"]


def test_what_the_receiver_is_not_told_of_mutes_nothing() -> None:
    route = tree(receivers=["team"], routes=[{"match": {"severity": 9}, "receivers": ["boss"]}])
    desk = Desk(route, ("team", "boss"))
    told = desk.at(NOON, change("a", severity=5, linked=["b"]), change("b", severity=9))
    assert told == ["boss: opened b.1", "team: opened a.1"]


def test_what_is_silenced_mutes_nothing() -> None:
    desk = Desk(ALL)
    desk.people(silences=[silence(Match(incidents=("b",)), ends=after(60))])
    told = desk.at(NOON, change("a", linked=["b"]), change("b", severity=9))
    assert told == ["team: opened a.1"]


def test_what_is_no_crisis_mutes_no_more() -> None:
    desk = Desk(ALL)
    told = desk.at(NOON, change("a", linked=["b"]), change("b", severity=9))
    assert told == ["team: opened b.1"]
    desk.people(dismissed={"b"})
    assert desk.at(after(1)) == ["team: opened a.1"]


def test_what_is_silenced_while_it_waits_mutes_no_more() -> None:
    desk = Desk(tree(receivers=["team"], group_wait="1m"))
    desk.at(NOON, change("a", linked=["b"]), change("b", severity=9))
    assert desk.held == ["b.1 group_wait", "a.1 inhibited"]
    desk.people(silences=[silence(Match(incidents=("b",)), ends=after(60))])
    assert desk.at(after(0.5)) == []
    assert desk.held == ["b.1 silenced", "a.1 group_wait"]
    assert desk.at(after(1)) == ["team: opened a.1"]


def test_a_receiver_that_is_gone_is_told_when_it_is_back() -> None:
    desk = Desk(None, ("team", "boss"))
    desk.people(disabled={"team"})
    assert desk.at(NOON, change("a")) == ["boss: opened a.1"]
    assert desk.held == ["a.1 disabled"]
    assert desk.at(after(5)) == []
    desk.people(disabled=set())
    assert desk.at(after(6)) == ["team: opened a.1"]


def test_who_does_not_take_a_message_is_told_the_newest_when_it_does() -> None:
    desk = Desk(tree(receivers=["team"], group_interval="5m", repeat_interval="1h"))
    desk.at(NOON, change("a"))
    desk.planner.stuck({("team", "a"): True})
    assert desk.at(after(5), change("a", 2)) == []
    assert desk.held == ["a.2 undelivered"]
    assert desk.decision.next_at == after(60)
    assert desk.at(after(10), change("a", 3)) == []
    assert desk.at(after(60)) == []
    assert desk.at(after(120)) == []
    assert desk.decision.next_at is None  # it is not asked for in vain
    desk.planner.stuck({("team", "a"): False})
    assert desk.at(after(121)) == ["team: updated a.3"]
    assert desk.at(after(181)) == ["team: repeated a.3.repeated.1"]


def test_who_does_not_take_a_message_is_owed_the_end_and_its_boss_hears_of_it() -> None:
    desk = Desk(ESCALATING, ("team", "boss"))
    desk.at(NOON, change("a"))
    desk.planner.stuck({("team", "a"): True})
    assert desk.at(after(15)) == ["boss: escalated a.1.escalated.1"]
    ends = ["boss: resolved a.2", "team: resolved a.2"]
    assert desk.at(after(20), change("a", 2, end=True)) == ends


def test_without_an_interval_every_change_is_owed_to_who_does_not_take_a_message() -> None:
    desk = Desk(None)
    desk.at(NOON, change("a"))
    desk.planner.stuck({("team", "a"): True})
    assert desk.at(after(1), change("a", 2)) == ["team: updated a.2"]


def test_what_is_no_crisis_is_told_no_more_but_for_its_end() -> None:
    desk = Desk(None)
    desk.at(NOON, change("a"))
    desk.people(dismissed={"a", "b"})
    assert desk.at(after(1), change("a", 2), change("b")) == []
    assert desk.skipped == ["a.2 not_a_crisis", "b.1 not_a_crisis"]
    ends = change("a", 3, end=True), change("b", 2, end=True)
    assert desk.at(after(2), *ends) == ["team: resolved a.3"]


# ---- the rate


def test_a_burst_before_a_narrow_way_becomes_digests_and_nothing_is_lost() -> None:
    desk = Desk(None, team=BOT)
    told = desk.at(NOON, *(change(f"i{at}", severity=3 + at % 7) for at in range(20)))
    assert len(told) == 2
    assert len(desk.held) == 14
    assert desk.decision.next_at == after(1)
    for minute in range(1, 5):
        assert desk.at(after(minute - 0.01)) == []
        desk.at(after(minute))
    said = [one.event_id for notice in desk.notices for one in notice.said]
    assert sorted(said) == sorted(f"i{at}.1" for at in range(20))
    assert {len(notice.said) for notice in desk.notices} == {3, 1}
    assert desk.decision.next_at is None


def test_digests_tell_a_group_once_an_interval_too() -> None:
    desk = Desk(tree(receivers=["team"], group_by="brand", group_interval="5m"), team=BOT)
    told = desk.at(
        NOON,
        *(change(f"{brand}{at}", brand=brand, severity=9 - at) for brand in "xyz" for at in (0, 1)),
    )
    # three groups, two messages
    assert told == [
        "team: opened x0.1 + opened y0.1 + opened z0.1",
    ]
    assert desk.held == [f"{name}.1 group_interval" for name in ("x1", "y1", "z1")]
    assert desk.at(after(5)) == ["team: opened x1.1 + opened y1.1 + opened z1.1"]


def test_what_fits_is_not_put_together() -> None:
    desk = Desk(None, team=BOT)
    assert desk.at(NOON, change("a"), change("b")) == ["team: opened a.1", "team: opened b.1"]
    assert desk.at(after(0.5), change("c")) == []
    assert desk.held == ["c.1 rate_limit"]
    assert desk.decision.holds[0].until == after(1)  # not later: who waits for all to be told knows
    assert desk.at(after(1)) == ["team: opened c.1"]


def test_who_stands_in_line_and_is_silenced_loses_the_place() -> None:
    desk = Desk(None, team=BOT)
    desk.at(NOON, *(change(name) for name in "abcdefgh"))
    desk.people(silences=[silence(Match(incidents=("g",)), ends=after(60))])
    assert desk.at(after(1)) == ["team: opened h.1"]
    assert desk.held == ["g.1 silenced"]


def test_places_of_those_who_are_silenced_are_taken_by_who_is_behind_them() -> None:
    desk = Desk(None, team=BOT)
    desk.at(NOON, *(change(f"i{at:02}") for at in range(13)))
    assert len(desk.held) == 7
    muted = tuple(f"i{at:02}" for at in range(8, 12))
    desk.people(silences=[silence(Match(incidents=muted), ends=after(60))])
    assert desk.at(after(1)) == ["team: opened i06.1 + opened i07.1", "team: opened i12.1"]


# ---- reminders

ESCALATING = tree(
    receivers=["team"],
    repeat_interval="1h",
    escalate=[
        {"after": "15m", "receivers": ["boss"]},
        {"after": "30m", "receivers": ["boss", "team"]},
    ],
)


def test_an_incident_that_nobody_acknowledges_escalates_and_is_repeated() -> None:
    desk = Desk(ESCALATING, ("team", "boss"))
    assert desk.at(NOON, change("a")) == ["team: opened a.1"]
    assert desk.decision.next_at == after(15)
    assert desk.at(after(15)) == ["boss: escalated a.1.escalated.1"]
    # who was told by it is told what follows
    assert desk.at(after(20), change("a", 2)) == ["boss: updated a.2", "team: updated a.2"]
    assert desk.at(after(30)) == [
        "boss: escalated a.2.escalated.2",
        "team: escalated a.2.escalated.1",
    ]
    # counted from the last time it was told, whatever that was
    assert desk.at(after(90)) == ["team: repeated a.2.repeated.1"]
    assert desk.at(after(150)) == ["team: repeated a.2.repeated.2"]
    end = ["boss: resolved a.3", "team: resolved a.3"]
    assert desk.at(after(151), change("a", 3, end=True)) == end
    assert desk.decision.next_at is None


@pytest.mark.parametrize("said", [{"acknowledgements": [acknowledged("a")]}, {"dismissed": {"a"}}])
def test_what_is_acknowledged_or_no_crisis_is_left_alone(said: dict[str, Any]) -> None:
    desk = Desk(ESCALATING, ("team", "boss"))
    desk.at(NOON, change("a"))
    desk.people(**said)
    assert desk.at(after(1)) == []
    assert desk.at(after(300)) == []
    # taken back, the time runs from the first telling
    desk.people(acknowledgements=[], dismissed=set())
    assert "boss: escalated a.1.escalated.1" in desk.at(after(301))


def test_who_has_a_word_for_it_hears_that_it_is_acknowledged() -> None:
    desk = Desk(None, ("pager", "team", "later"), joined={"later": after(9)}, pager=PAGER)
    desk.at(NOON, change("a"))
    desk.people(acknowledgements=[acknowledged("a")])
    assert desk.at(after(1)) == ["pager: acknowledged a.acknowledged"]
    assert desk.notices[-1].said[0].by == "ann"
    assert desk.skipped == ["a.acknowledged not_taken"]
    desk.people(acknowledgements=[])
    desk.people(acknowledgements=[acknowledged("a", after(2))])
    assert desk.at(after(2)) == []


def test_what_is_over_is_neither_escalated_nor_repeated() -> None:
    route = tree(
        receivers=["team"],
        repeat_interval="4h",
        escalate=[{"after": "15m", "receivers": ["boss"]}],
    )
    desk = Desk(route, ("team", "boss"))
    desk.at(NOON, change("a"))
    assert desk.at(after(10), change("a", 2, end=True)) == ["team: resolved a.2"]
    assert desk.decision.next_at is None
    assert desk.at(after(600)) == []


def test_a_silenced_escalation_waits_and_lapses_when_it_is_over() -> None:
    desk = Desk(ESCALATING, ("team", "boss"))
    desk.at(NOON, change("a"))
    desk.people(silences=[silence(Match(), ends=after(60))])
    assert desk.at(after(15)) == []
    assert desk.held == ["a.1.escalated.1 silenced"]
    assert desk.at(after(20), change("a", 2, end=True)) == ["team: resolved a.2"]
    assert desk.skipped == ["a.1.escalated.1 superseded"]


# ---- other settings, while it runs


def reload(desk: Desk, route: Any) -> None:
    desk.planner.configure(route=route, receivers=desk.receivers)


def test_who_was_told_of_an_incident_hears_its_end_whatever_the_routes_are() -> None:
    desk = Desk(ALL, ("team", "boss"))
    assert desk.at(NOON, change("a")) == ["team: opened a.1"]
    reload(desk, tree(receivers=["boss"]))
    assert desk.at(after(1)) == ["boss: opened a.1"]
    assert desk.at(after(2), change("a", 2, end=True)) == [
        "boss: resolved a.2",
        "team: resolved a.2",
    ]


def test_what_waited_is_told_by_the_new_routes() -> None:
    desk = Desk(NIGHT, ("team", "boss"))
    assert desk.at(clock("04 23:00"), change("a")) == []
    reload(desk, tree(receivers=["boss"]))
    assert desk.at(clock("04 23:01")) == ["boss: opened a.1"]
    assert desk.skipped == ["a.1 not_routed"]
    assert desk.planner.holds("a") == ()
    # which is not final
    reload(desk, ALL)
    assert desk.at(clock("04 23:02")) == ["team: opened a.1"]


def test_what_is_over_is_not_told_to_those_whom_new_routes_name() -> None:
    desk = Desk(ALL, ("team", "boss"))
    desk.at(NOON, change("a"), change("a", 2, end=True))
    reload(desk, tree(receivers=["team", "boss"]))
    assert desk.at(after(1)) == []
    assert desk.skipped == ["a.1 over", "a.2 over"]


def test_an_incident_that_grows_reaches_those_who_are_told_of_large_ones() -> None:
    route = tree(receivers=["team"], routes=[{"match": {"severity": 8}, "receivers": ["boss"]}])
    desk = Desk(route, ("team", "boss"))
    assert desk.at(NOON, change("a", severity=6)) == ["team: opened a.1"]
    # who was told of it goes on to hear of it
    grown = ["boss: opened a.1", "boss: updated a.2", "team: updated a.2"]
    assert sorted(desk.at(after(1), change("a", 2, severity=8))) == grown
    # routes go by its worst
    shrunk = ["boss: updated a.3", "team: updated a.3"]
    assert desk.at(after(2), change("a", 3, severity=5)) == shrunk


# ---- another process


def test_another_process_goes_on_where_the_first_stopped() -> None:
    desk = Desk(ESCALATING, ("team", "boss"))
    events = [change("a"), change("b")]
    desk.at(NOON, *events)
    desk.at(after(15))
    again = Planner(route=ESCALATING, receivers=desk.receivers, limits=limits_of({}), joined={})
    again.remember(desk.notices, desk.skips)
    again.remember(desk.notices, desk.skips)
    again.learn((event, NOON) for event in events)
    assert again.decide(after(16)) == Decision(next_at=after(30))
    assert [one.notice_id for one in again.decide(after(30)).notices] == [
        one.notice_id for one in desk.planner.decide(after(30)).notices
    ]


def test_a_decision_is_made_once() -> None:
    desk = Desk(None)
    assert len(desk.at(NOON, change("a"))) == 1
    assert desk.at(NOON, change("a")) == []
    assert desk.decision == Decision()


DAY = 24 * 60


def test_what_is_over_is_let_go_of_and_not_told_again() -> None:
    desk = Desk(None, ("team", "boss"))
    events = [change("a"), change("a", 2, end=True)]
    desk.at(NOON, *events, change("b"))
    desk.people(disabled={"boss"})
    desk.at(after(1), change("b", 2, end=True))
    desk.planner.forget(after(DAY + 5))
    assert desk.planner.incidents == 1
    assert desk.planner.knows("a.2")
    assert desk.at(after(DAY + 6), *events) == []
    # but for what still waits
    desk.people(disabled=set())
    assert desk.at(after(DAY + 7)) == ["boss: resolved b.2"]
    desk.planner.forget(after(DAY + 8))
    assert desk.planner.incidents == 0


def test_what_is_open_or_ended_just_now_is_kept() -> None:
    desk = Desk(None)
    desk.at(NOON, change("a"), change("b"), change("b", 2, end=True))
    desk.planner.forget(after(DAY - 1))
    assert desk.planner.incidents == 2
    desk.planner.forget(after(400 * DAY))
    assert desk.planner.incidents == 1
    assert desk.at(after(400 * DAY), change("a", 2, end=True)) == ["team: resolved a.2"]


def test_what_nobody_has_decided_on_yet_is_kept() -> None:
    desk = Desk(None)
    desk.planner.learn([(change("a"), NOON), (change("a", 2, end=True), NOON)])
    desk.planner.forget(after(2 * DAY))
    assert desk.at(after(2 * DAY)) == ["team: opened a.1", "team: resolved a.2"]


def test_an_end_is_owed_to_who_is_out_of_the_settings_for_a_while() -> None:
    desk = Desk(None, ("team", "boss"))
    desk.at(NOON, change("a"))
    desk.planner.configure(route=None, receivers=[receiver("boss")])
    assert desk.at(after(1), change("a", 2, end=True)) == ["boss: resolved a.2"]
    desk.planner.forget(after(2 * DAY))
    desk.planner.configure(route=None, receivers=desk.receivers)
    assert desk.at(after(2 * DAY)) == ["team: resolved a.2"]


def test_a_group_is_told_once_an_interval_however_long_that_is() -> None:
    desk = Desk(tree(receivers=["team"], group_by="brand", group_interval="3d"), team=MANY)
    desk.at(NOON, change("a"))
    desk.at(after(1), change("a", 2, end=True))
    desk.planner.forget(after(2 * DAY))
    assert desk.at(after(2 * DAY), change("b")) == []
    assert desk.at(after(3 * DAY)) == ["team: opened b.1 + resolved a.2"]
    desk.planner.forget(after(9 * DAY))
    assert desk.at(after(9 * DAY), change("b", 2, end=True)) == ["team: resolved b.2"]


def test_memory_is_that_of_what_is_open_and_of_a_day() -> None:
    route = tree(
        receivers=["team", "bot"],
        group_wait="30s",
        group_interval="5m",
        repeat_interval="4h",
        escalate=[{"after": "15m", "receivers": ["boss"]}],
        routes=[{"match": {"severity": 9}, "receivers": ["boss"]}],
    )

    def live(days: int) -> int:
        """Bytes after so many days of ten incidents a day, two of which tell one story."""
        desk = Desk(route, ("team", "bot", "boss"), team=MANY, bot=BOT)
        tracemalloc.start()
        for day in range(days):
            for number in range(10):
                at, name = after(day * DAY + number * 60), f"i{day}.{number}"
                severity = 3 + number % 7
                desk.at(at, change(name, severity=severity, linked=[f"i{day}.{number - 1}"]))
                desk.at(at + timedelta(minutes=1), change(name, 2, severity=severity))
                desk.at(at + timedelta(minutes=20), change(name, 3, severity=severity, end=True))
                for wait in (26, 32, 40):
                    desk.at(at + timedelta(minutes=wait))
                desk.planner.forget(at + timedelta(minutes=41))
            desk.notices, desk.skips = [], []
            assert desk.planner.incidents <= 20
        snapshot = tracemalloc.take_snapshot()
        tracemalloc.stop()
        ours = snapshot.filter_traces(
            [tracemalloc.Filter(True, plan.__file__.replace("plan", "*"))]
        )
        return sum(trace.size for trace in ours.traces)

    # of an incident that is over only its name stays, and not 5 kB
    assert (live(40) - live(10)) / 300 < 1_000


def test_an_unknown_receiver_is_told_nothing_until_it_is_there_again() -> None:
    desk = Desk(None, ("team", "boss"))
    desk.at(NOON, change("a"))
    desk.planner.configure(route=None, receivers=[receiver("boss")])
    assert desk.at(after(1), change("a", 2)) == ["boss: updated a.2"]
    desk.planner.configure(route=None, receivers=desk.receivers)
    assert desk.at(after(2)) == ["team: updated a.2"]


@pytest.mark.parametrize("module", [durations, holds, pace])
def test_the_examples_in_docstrings_hold(module: ModuleType) -> None:
    found = doctest.testmod(module)
    assert found.attempted
    assert not found.failed
