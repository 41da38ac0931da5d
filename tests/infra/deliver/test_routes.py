"""The routing tree in the settings: what it may hold, and where incidents go by it."""

from datetime import timedelta
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from infra.brands import Brand
from infra.deliver import durations
from infra.deliver.explain import explain, timing
from infra.deliver.match import view
from infra.deliver.records import Hold
from infra.deliver.routes import MOST_DEEP, Route
from infra.deliver.tree import routed
from infra.settings import Settings, dump
from tests.infra.deliver.plans import NOON, change, receiver, tree

FILE = """
receivers: [desk]
group_by: brand
group_wait: 30s
group_interval: 5m
quiet:
  - {from: 22:00, to: "07:00", timezone: Europe/Berlin}
  - {days: [sat, sun], timezone: Europe/Berlin}
quiet_unless: 9
escalate:
  - {after: 15m, receivers: [boss]}
routes:
  - match: {kinds: [silence]}
    receivers: [ops]
    escalate: []
  - match: {brands: [Contoso], severity: 7}
    receivers: [pager]
    repeat_interval: 1h30m
    quiet: []
    continue: true
  - match: {languages: [zh]}
    receivers: [beijing]
    working: [{days: mon-fri, from: "09:00", to: "18:00", timezone: Asia/Shanghai}]
    routes:
      - match: {severity: 8}
"""
NAMES = ("desk", "boss", "ops", "pager", "beijing")


@pytest.fixture
def route() -> Route:
    return Route.model_validate(yaml.safe_load(FILE))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # no child matches: the node itself
        ({}, ["desk"]),
        # the first child that matches
        ({"kind": "silence"}, ["ops"]),
        ({"kind": "silence", "brand": "Contoso", "severity": 9}, ["ops"]),
        # `continue`: the next ones are tried as well
        ({"brand": "Contoso", "severity": 7, "languages": {"zh": 9}}, ["pager", "beijing"]),
        ({"brand": "Contoso", "severity": 7}, ["pager"]),
        ({"brand": "Contoso", "severity": 6}, ["desk"]),
        # a child without receivers has its parent's
        ({"languages": {"zh": 9}, "severity": 8}, ["beijing"]),
    ],
)
def test_where_incidents_go(route: Route, given: dict[str, Any], expected: list[str]) -> None:
    assert list(routed(route, NAMES, view(change("a", **given))).told) == expected


def test_options_are_inherited_unless_a_child_says_otherwise(route: Route) -> None:
    told = routed(route, NAMES, view(change("a", brand="Contoso", severity=7, languages={"zh": 1})))
    pager, beijing = told.told["pager"], told.told["beijing"]
    assert (pager.group_by, pager.group_wait) == ("brand", timedelta(seconds=30))
    assert (pager.repeat_interval, pager.quiet) == (timedelta(minutes=90), ())
    assert (beijing.quiet_unless, len(beijing.quiet), len(beijing.working)) == (9, 2, 1)
    assert told.later == {"boss": (timedelta(minutes=15),)}
    assert routed(route, NAMES, view(change("a", kind="silence"))).later == {}


def test_without_a_tree_everyone_is_told_at_once() -> None:
    told = routed(None, NAMES, view(change("a")))
    assert tuple(told.told) == NAMES
    assert {timing(options) for options in told.told.values()} == {"every change at once"}


def test_a_root_that_does_not_match_tells_nobody() -> None:
    seen = view(change("a", severity=4))
    assert routed(tree(receivers=["desk"], match={"severity": 5}), NAMES, seen).told == {}


def test_hours_are_read(route: Route) -> None:
    nights, weekend = (hours.window for hours in route.quiet or ())
    assert (nights.begin, nights.end, nights.days) == (22 * 60, 7 * 60, frozenset(range(7)))
    assert (weekend.begin, weekend.end, weekend.days) == (0, 1_440, frozenset({5, 6}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("receiver: [desk]", "Extra inputs are not permitted"),
        ("receivers: []", "at least 1 item"),
        ("match: {brands: []}", "at least 1 item"),
        ("match: {kinds: [boom]}", "'negative_surge', 'mood_shift'"),
        ("match: {severity: 11}", "less than or equal to 10"),
        ("group_wait: 5 minutes", "no duration, such as 30s, 5m, 4h or 1d"),
        ("group_wait: 30", "no duration, such as 30s"),
        ("group_wait: 999d", "no more than a year"),
        ("repeat_interval: 5s", "at least 1m, or 0s for never"),
        ("quiet: [{from: '22:00'}]", "Field required"),
        ("quiet: [{timezone: Mars/Base}]", "'Mars/Base' is no IANA time zone, such as"),
        ("quiet: [{timezone: UTC, days: []}]", "no days, such as mon-fri or [sat, sun]"),
        ("quiet: [{timezone: UTC, days: funday}]", "'funday' is no day; days are mon, tue"),
        ("quiet: [{timezone: UTC, from: 25:00}]", "no time of day"),
        ("quiet: [{timezone: UTC, from: '7'}]", "no time of day, such as 07:30"),
        ("quiet: [{timezone: UTC, from: '07:00', to: '07:00'}]", "leave `from` and `to` out"),
        ("escalate: [{after: 15m, receivers: []}]", "at least 1 item"),
        ("escalate: [{after: 0s, receivers: [a]}]", "has to be some time, such as 15m"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    with pytest.raises(ValidationError) as failed:
        Route.model_validate(yaml.safe_load(text))
    assert message in str(failed.value)


def test_a_tree_is_not_deeper_than_it_may_be() -> None:
    nested: dict[str, Any] = {}
    for _ in range(MOST_DEEP):
        nested = {"routes": [nested]}
    with pytest.raises(ValidationError, match=f"no more than {MOST_DEEP} deep"):
        Route.model_validate(nested)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "route.receivers: missing, who is told where no other route matches"),
        ({"receivers": ["desk", "dask"]}, "route.receivers: there is no receiver 'dask'; the "
         "settings have desk"),
        ({"receivers": ["desk"], "routes": [{}, {"receivers": ["x"]}]},
         "route.routes.1.receivers: there is no receiver 'x'"),
        ({"receivers": ["desk"], "escalate": [{"after": "1m", "receivers": ["boss"]}]},
         "route.escalate.0.receivers: there is no receiver 'boss'"),
        ({"receivers": ["desk"], "routes": [{"match": {"brands": ["Nortwind"]}}]},
         "route.routes.0.match.brands: there is no brand 'Nortwind'; the settings have Northwind"),
    ],
)  # fmt: skip
def test_names_have_to_be_in_the_settings(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as failed:
        Settings(
            receivers=(receiver("desk"),), brands=(Brand(name="Northwind"),), route=tree(**given)
        )
    assert message in str(failed.value)


def test_a_tree_is_written_as_it_is_read(route: Route) -> None:
    settings = Settings(receivers=tuple(map(receiver, NAMES)), route=route)
    written = yaml.safe_load(yaml.safe_dump(dump(settings)))["route"]
    assert Route.model_validate(written) == route
    assert written["routes"][1]["repeat_interval"] == "1h30m"
    assert written["routes"][1]["continue"] is True


@pytest.mark.parametrize("text", ["0s", "45s", "1h30m", "2d", "1d1h1m1s"])
def test_durations_are_written_as_they_are_read(text: str) -> None:
    assert durations.render(durations.parse(text)) == text


# ---- why


def test_the_path_of_an_incident_is_explained(route: Route) -> None:
    event = change("a", brand="Contoso", severity=7, languages={"en": 2})
    hold = Hold(
        receiver="pager", incident_id="a", event_id="a.1", reason="group_wait", detail="",
        decided_at=NOON, until=NOON,
    )  # fmt: skip
    found = explain(event, route=route, receivers=NAMES, holds=[hold])
    assert [(node.path, node.why_not, node.takes) for node in found.nodes] == [
        ("route", "", False),
        ("route.routes.0", "kind is negative_surge, not silence", False),
        ("route.routes.1", "", True),
        ("route.routes.2", "most posts are not in zh", False),
    ]
    pager, boss = found.told
    assert (pager.receiver, pager.path, pager.hold) == ("pager", "route.routes.1", hold)
    assert (boss.receiver, boss.path, boss.hold) == ("boss", "route.routes.1", None)
    assert boss.after == (timedelta(minutes=15),)
    assert timing(pager.options) == (
        "grouped by brand, group_wait 30s, group_interval 5m, repeat_interval 1h30m"
    )


def test_routes_go_by_the_worst_severity_so_far(route: Route) -> None:
    event = change("a", 3, brand="Contoso", severity=5)
    assert explain(event, route=route, receivers=NAMES).told[0].receiver == "desk"
    assert explain(event, route=route, receivers=NAMES, worst=7).told[0].receiver == "pager"


def test_without_a_tree_there_is_no_path() -> None:
    found = explain(change("a", alerts=False), route=None, receivers=("desk",))
    assert (found.nodes, found.alerts, found.told[0].path) == ((), False, "")
