"""Whatever happens in whatever order: what must hold of what is told."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from forecasting.records import IncidentEvent
from infra.deliver.match import View, matches, view
from infra.deliver.plan import Decision, Planner
from infra.deliver.records import Acknowledgement, Hold, Match, Notice, Silence, Skip
from infra.deliver.routes import Route
from infra.deliver.tree import routed
from tests.infra.deliver.plans import (
    BOT,
    MANY,
    MARKS,
    NOON,
    ONE,
    PAGER,
    change,
    limits_of,
    receiver,
    tree,
)

LIMITS = {"hook": ONE, "desk": MANY, "bot": BOT, "pager": PAGER, "marks": MARKS}
NAMES = tuple(LIMITS)
NIGHT = {"from": "22:00", "to": "07:00", "timezone": "Europe/Berlin"}
ROUTES: tuple[Route | None, ...] = (
    None,
    tree(receivers=NAMES),
    tree(
        receivers=["hook", "desk", "bot"],
        group_by="brand",
        group_wait="30s",
        group_interval="5m",
        quiet=[NIGHT],
        quiet_unless=8,
        repeat_interval="1h",
        escalate=[{"after": "15m", "receivers": ["pager", "desk"]}],
    ),
    tree(
        receivers=["desk", "marks"],
        group_interval="1m",
        routes=[
            {"match": {"severity": 7}, "receivers": ["pager", "bot"], "repeat_interval": "2h"},
            {
                "match": {"brands": ["Contoso"]},
                "receivers": ["bot", "hook"],
                "group_by": "kind",
                "group_wait": "1m",
                "working": [{"days": "mon-fri", "timezone": "Asia/Shanghai"}],
            },
        ],
    ),
)
INCIDENTS = ("a", "b.1", "c", "d", "e")
BRANDS = {"a": "Northwind", "b.1": "Contoso", "c": "Northwind", "d": "Contoso", "e": "Contoso"}
LINKED = {"a": ("b.1",), "d": ("a",)}
ALARMS = ("opened", "updated", "escalated", "repeated")
STEPS = [timedelta(seconds=s) for s in (1, 30, 61, 300, 1_000, 7_201, 28_800)]


class Story:
    """What a receiver has heard of an incident."""

    def __init__(self) -> None:
        self.told = 0
        self.open = False
        self.over = False


class Delivery(RuleBasedStateMachine):
    """Incidents go on, people interfere, processes die."""

    @initialize(route=st.sampled_from(range(len(ROUTES))))
    def begin(self, route: int) -> None:
        self.now = NOON
        self.route = ROUTES[route]
        self.made: list[tuple[IncidentEvent, datetime]] = []
        self.under_way: list[tuple[IncidentEvent, datetime]] = []
        self.known: list[tuple[IncidentEvent, datetime]] = []
        self.silences: dict[str, Silence] = {}
        self.acknowledged: dict[str, Acknowledgement] = {}
        self.dismissed: frozenset[str] = frozenset()
        self.disabled: frozenset[str] = frozenset()
        self.stuck: set[tuple[str, str]] = set()
        self.notices: list[Notice] = []
        self.skips: list[Skip] = []
        self.holds: dict[tuple[str, str], Hold] = {}
        self.stories: dict[tuple[str, str], Story] = defaultdict(Story)
        self.ends: dict[tuple[str, str], str] = {}
        self.groups: dict[tuple[str, str], datetime] = {}
        self.next_at: datetime | None = None
        self.planner = self.new_planner()

    def new_planner(self) -> Planner:
        """One that knows only what is on disk."""
        planner = Planner(
            route=self.route,
            receivers=[receiver(name) for name in NAMES],
            limits=limits_of(LIMITS),
            joined={"marks": NOON + timedelta(minutes=3)},
        )
        planner.learn(reversed(self.known))
        planner.remember(reversed(self.notices), self.skips, self.holds.values())
        self.tell(planner)
        planner.stuck(dict.fromkeys(self.stuck, True))
        return planner

    def tell(self, planner: Planner) -> None:
        planner.people(
            acknowledgements=self.acknowledged.values(),
            silences=self.silences.values(),
            dismissed=self.dismissed,
            disabled=self.disabled,
        )

    # ---- what happens

    @rule(incident=st.sampled_from(INCIDENTS), severity=st.integers(3, 9), end=st.integers(0, 3))
    def goes_on(self, incident: str, severity: int, end: int) -> None:
        past = [event for event, _ in self.made if event.change.incident_id == incident]
        if past and past[-1].change.change == "resolved":
            return
        event = change(
            incident,
            len(past) + 1,
            severity,
            end=bool(past) and end == 0,
            brand=BRANDS[incident],
            alerts=incident != "c" or self.made[:1] == [],
            linked=LINKED.get(incident, ()),
        )
        if past:
            event = msgspec.structs.replace(
                event, change=msgspec.structs.replace(event.change, alerts=past[0].change.alerts)
            )
        self.made.append((event, self.now))
        self.under_way.append((event, self.now))

    @precondition(lambda self: self.under_way)
    @rule(places=st.lists(st.integers(0, 3), min_size=1, max_size=4))
    def arrives(self, places: list[int]) -> None:
        for place in places[: len(self.under_way)]:
            event = self.under_way.pop(place % len(self.under_way))
            self.known.append(event)
            self.planner.learn([event, self.known[0]])
        self.decide()

    @rule(
        name=st.sampled_from(("s1", "s2")),
        brands=st.sampled_from(((), ("Northwind",), ("Contoso",))),
        hours=st.sampled_from((0, 0, 1, 9)),
    )
    def silenced(self, name: str, brands: tuple[str, ...], hours: int) -> None:
        self.silences.pop(name, None)
        if hours:
            self.silences[name] = Silence(
                silence_id=name,
                match=Match(brands=brands),
                starts=self.now,
                ends=self.now + timedelta(hours=hours),
                reason="",
                by="",
            )
        self.tell(self.planner)

    @rule(what=st.sampled_from(("seen", "no crisis", "gone")), which=st.integers(0, 4))
    def interferes(self, what: str, which: int) -> None:
        incident, name = INCIDENTS[which % len(INCIDENTS)], NAMES[which]
        if what == "no crisis":
            self.dismissed ^= {incident}
        elif what == "gone":
            self.disabled ^= {name}
        elif not self.acknowledged.pop(incident, None):
            self.acknowledged[incident] = Acknowledgement(
                incident_id=incident, at=self.now, by="ann"
            )
        self.tell(self.planner)

    @rule(name=st.sampled_from(NAMES))
    def does_not_take_it_or_does_again(self, name: str) -> None:
        told = {key for key, story in self.stories.items() if key[0] == name and story.open}
        news = {key: key not in self.stuck for key in told}
        self.stuck ^= told
        self.planner.stuck(news)

    @rule(severity=st.integers(3, 9))
    def all_go_on(self, severity: int) -> None:
        for incident in INCIDENTS:
            self.goes_on(incident, severity, end=1)
        self.arrives([0] * len(self.under_way))

    @rule(route=st.sampled_from(range(len(ROUTES))))
    def reloads(self, route: int) -> None:
        self.route = ROUTES[route]
        self.planner.configure(route=self.route, receivers=[receiver(name) for name in NAMES])

    @rule()
    def dies(self) -> None:
        self.planner = self.new_planner()

    @precondition(lambda self: not self.under_way)
    @rule(hours=st.integers(0, 23))
    def forgets(self, hours: int) -> None:
        """What ended some hours ago; another process still finds it on disk."""
        self.planner.forget(self.now + timedelta(hours=hours))

    @rule()
    def hears_all_again(self) -> None:
        self.planner.learn(self.known)
        self.decide()

    @rule(step=st.sampled_from(STEPS))
    def waits(self, step: timedelta) -> None:
        self.passes(step)

    @rule(step=st.sampled_from(STEPS))
    def passes(self, step: timedelta) -> None:
        self.decide()
        then = self.now + step
        if self.next_at is None or then < self.next_at:
            self.now = then
            assert self.planner.decide(then).notices == ()
            assert self.new_planner().decide(then).notices == ()
        else:
            self.now = max(self.now, self.next_at if step.seconds % 2 else then)
        self.decide()

    @rule()
    def decides(self) -> None:
        self.decide()

    # ---- what must hold

    def decide(self) -> None:
        twin = self.new_planner().decide(self.now)
        decision = self.planner.decide(self.now)
        assert sorted(map(str, twin.notices)) == sorted(map(str, decision.notices))
        self.check(decision)
        self.next_at = decision.next_at
        assert self.next_at is None or self.next_at > self.now
        again = self.planner.decide(self.now)
        assert (again.notices, again.skips, again.holds) == ((), (), ())

    def check(self, decision: Decision) -> None:
        for notice in decision.notices:
            self.check_notice(notice)
        for skip in decision.skips:
            if (
                skip.reason != "not_routed"
                and skip.event_id.count(".") == (skip.incident_id.count(".") + 1)
                and not skip.event_id.endswith("acknowledged")
            ):
                self.end(skip.receiver, skip.event_id, skip.reason)
        self.notices += decision.notices
        self.skips += decision.skips
        for hold in decision.holds:
            assert (hold.receiver, hold.event_id) not in self.ends
            self.holds[hold.receiver, hold.incident_id] = hold
        for key in list(self.holds):
            if not any(one.receiver == key[0] for one in self.planner.holds(key[1])):
                del self.holds[key]

    def end(self, name: str, event_id: str, how: str) -> None:
        assert (name, event_id) not in self.ends
        self.ends[name, event_id] = how

    def check_notice(self, notice: Notice) -> None:
        limits = LIMITS[notice.receiver]
        assert (notice.receiver, notice.notice_id) not in {
            (one.receiver, one.notice_id) for one in self.notices
        }
        assert notice.receiver not in self.disabled
        assert 1 <= len(notice.said) <= limits.entries
        assert len({said.event_id for said in notice.said}) == len(notice.said)
        for group in notice.group.split("\n"):
            interval = timedelta(seconds=int(group.rsplit("/ ", 1)[1].removesuffix(" s")))
            last = self.groups.get((notice.receiver, group))
            assert last is None or not interval or self.now >= last + interval
            self.groups[notice.receiver, group] = self.now
        if limits.per_minute:
            recent = [
                one
                for one in [*self.notices, notice]
                if one.receiver == notice.receiver
                and one.decided_at > self.now - timedelta(minutes=1)
            ]
            assert len(recent) <= limits.per_minute
        for said in notice.said:
            assert said.kind in limits.takes
            self.check_said(notice, said)

    def check_said(self, notice: Notice, said: Any) -> None:
        incident, _, text = said.event_id.rpartition(".")
        number, story = int(text), self.stories[notice.receiver, incident]
        assert not story.over
        assert said.told_id == (f"{incident}.{story.told}" if story.told else "")
        seen = self.view(incident)
        if said.kind == "opened":
            assert not story.open
        elif said.kind != "escalated":
            assert story.open
        if said.kind in ("opened", "updated", "resolved"):
            assert number > story.told
            self.end(notice.receiver, said.event_id, "told")
            if len(notice.said) == 1:
                assert notice.notice_id == said.event_id
        elif said.kind == "escalated" and number > story.told:
            self.ends.setdefault((notice.receiver, said.event_id), "told")
        if said.kind in (*ALARMS, "resolved"):
            self.check_hours(notice.receiver, said.kind, seen)
        if said.kind in ALARMS:
            for one in self.silences.values():
                assert not (one.starts <= self.now < one.ends and matches(one.match, seen))
            assert incident not in self.dismissed
        if said.kind in ("escalated", "repeated"):
            assert incident not in self.acknowledged
        if said.kind == "repeated" or (said.kind == "updated" and "/ 0 s" not in notice.group):
            assert (notice.receiver, incident) not in self.stuck
        story.told = max(story.told, number)
        story.open = True
        story.over = said.kind == "resolved"

    def check_hours(self, name: str, kind: str, seen: View) -> None:
        """By the clock on the wall: Berlin is UTC+1, Shanghai UTC+8."""
        if self.route is None:
            return
        to = routed(self.route, NAMES, seen)
        options = to.told.get(name) or to.late.get(name) or to.rest
        if options.quiet and (kind == "resolved" or seen.severity < options.quiet_unless):
            assert 7 <= (self.now + timedelta(hours=1)).hour < 22
        if options.working:
            assert (self.now + timedelta(hours=8)).weekday() < 5

    def view(self, incident: str) -> View:
        changes = [event for event, _ in self.known if event.change.incident_id == incident]
        newest = max(changes, key=lambda event: event.change.number)
        worst = max(event.change.severity for event in changes)
        return msgspec.structs.replace(view(newest), severity=worst)

    def teardown(self) -> None:
        """All holds end: whoever heard of an incident knows how it is, and nothing is lost."""
        if not hasattr(self, "planner"):
            return
        self.known += self.under_way
        self.planner.learn(self.known)
        self.silences, self.disabled = {}, frozenset()
        self.acknowledged = {
            name: Acknowledgement(incident_id=name, at=self.now, by="ann") for name in INCIDENTS
        }
        self.tell(self.planner)
        self.planner.stuck(dict.fromkeys(self.stuck, False))
        self.stuck.clear()
        for _ in range(500):
            self.decide()
            if self.next_at is None:
                break
            self.now = self.next_at
        else:
            raise AssertionError("it never ends")
        for incident in {event.change.incident_id for event, _ in self.known}:
            self.check_end(incident)

    def check_end(self, incident: str) -> None:
        mine = [event.change for event, _ in self.known if event.change.incident_id == incident]
        newest = max(mine, key=lambda one: one.number)
        inhibited = {one.receiver for one in self.planner.holds(incident)}
        follow = {to for (to, one), story in self.stories.items() if one == incident and story.open}
        for name in follow | routed(self.route, NAMES, self.view(incident)).told.keys():
            if name in inhibited:
                (hold,) = (one for one in self.planner.holds(incident) if one.receiver == name)
                assert hold.reason == "inhibited"
                larger = hold.detail.split()[4].rstrip(",")
                assert self.stories[name, larger].open
                assert not self.stories[name, larger].over
                continue
            for one in mine:
                assert (name, one.event_id) in self.ends
            if self.stories[name, incident].open:
                how = self.ends[name, newest.event_id]
                assert how in ("told", "not_a_crisis", "not_taken")
                assert self.stories[name, incident].over == (
                    newest.change == "resolved" and how == "told"
                )


TestDelivery = Delivery.TestCase
TestDelivery.settings = settings(
    max_examples=200,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
