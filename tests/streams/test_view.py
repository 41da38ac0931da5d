"""The terminal view, as a person reads it."""

from typing import Any

import msgspec
import pytest
from rich.cells import cell_len

from streams.view import Screen, sparkline, stage_line


def screen(*, simulated: bool = False, total: int | None = 9000) -> Screen:
    return Screen(title="demo", total=total, simulated=simulated)


def test_before_anything_is_known(show: Any) -> None:
    empty = screen()
    assert "starting" in show.shown(empty)
    assert empty.plain() == "starting"
    empty.update(None, rate=0.0, restarts=0)
    assert "starting" in show.shown(empty)
    empty.update(show.snapshot(progress=None, judged_until=None), rate=0.0, restarts=0)
    assert "Groundswell" in show.shown(empty)


def test_trouble_that_a_person_can_mend_is_told_at_once(show: Any) -> None:
    view = screen()
    view.update(None, rate=0.0, restarts=0, trouble="9 MB free")
    assert "9 MB free" in show.shown(view)
    assert view.plain() == "starting  9 MB free"
    view.update(show.snapshot(show.calm()), rate=0.0, restarts=0)
    assert "9 MB free" not in show.shown(view)


def test_what_needs_attention_comes_first_the_worst_on_top(show: Any) -> None:
    view = screen(simulated=True)
    brands = (show.calm(), show.urgent("Litware", 5), show.urgent("Northwind", 8))
    view.update(show.snapshot(*brands), rate=321.4, restarts=0)
    text = show.shown(view, width=132)
    order = ["NEEDS ATTENTION", "Northwind", "Litware", "CALM", "Contoso"]
    assert [text.index(word) for word in order] == sorted(text.index(word) for word in order)
    northwind = next(line for line in text.splitlines() if "Northwind" in line)
    for part in ("8", "since 20:05", "214", "331", "64 %", "expected 14-29 %", "█"):
        assert part in northwind
    assert "simulated" in text
    assert "Sun 01 Mar 20:25 UTC" in text
    for part in ("321 posts/s", "6,120 of 9,000 on disk", "refine 0.4 s", "store 0.4 s"):
        assert part in text


@pytest.mark.parametrize(
    ("kind", "wide", "narrow"),
    [
        ("negative_surge", "negative surge since", "surge since"),
        ("mood_shift", "mood shift since", "shift since"),
        ("silence", "silence since", "silence since"),
    ],
)
def test_the_kind_of_incident_is_named(show: Any, kind: str, wide: str, narrow: str) -> None:
    view = screen()
    urgent = show.urgent("Northwind", 5)
    urgent = msgspec.structs.replace(
        urgent, incident=msgspec.structs.replace(urgent.incident, kind=kind)
    )
    view.update(show.snapshot(urgent), rate=1.0, restarts=0)
    assert f"5  {wide} 20:05" in show.shown(view, width=132)
    assert f"5  {narrow} 20:05" in show.shown(view, width=80)


def test_nothing_urgent_says_nothing_urgent(show: Any) -> None:
    view = screen()
    view.update(show.snapshot(show.calm()), rate=1.0, restarts=0)
    text = show.shown(view)
    assert "NEEDS ATTENTION" not in text
    assert "CALM" in text
    assert "simulated" not in text


def test_a_brand_that_is_still_learned_has_no_verdict(show: Any) -> None:
    view = screen()
    learning = show.calm("Fabrikam", verdict=show.verdict(learning=True))
    view.update(show.snapshot(learning, show.calm("Acme", verdict=None)), rate=1.0, restarts=0)
    lines = show.shown(view).splitlines()
    fabrikam = next(line for line in lines if "Fabrikam" in line)
    assert "learning" in fabrikam
    assert "expected" not in fabrikam
    assert any("Acme" in line for line in lines)


def test_restarts_are_not_hidden(show: Any) -> None:
    view = screen()
    view.update(show.snapshot(show.calm()), rate=1.0, restarts=1)
    assert "1 restart" in show.shown(view)
    view.update(None, rate=0.0, restarts=2)  # the database is away: the last picture stays
    text = show.shown(view)
    assert "2 restarts" in text
    assert "Contoso" in text


def test_without_a_total_nothing_is_promised(show: Any) -> None:
    view = screen(total=None)
    view.update(show.snapshot(show.calm()), rate=1.0, restarts=0)
    assert "6,120 on disk" in show.shown(view)
    assert " of " not in view.plain()


@pytest.mark.parametrize("width", [80, 100, 132])
def test_every_brand_is_one_line_that_fits(width: int, show: Any) -> None:
    names = ("Northwind", "Contoso", "北风汽车", "Litware")
    view = screen(simulated=True)
    brands = [show.urgent(names[0], 10), *(show.calm(name) for name in names[1:])]
    view.update(show.snapshot(*brands), rate=12345.6, restarts=3)
    lines = show.shown(view, width=width).splitlines()
    assert max(map(cell_len, lines)) <= width
    for name in names:
        (line,) = (line for line in lines if name in line)
        assert "…" not in line
        assert "expected 14-29 %" in line
    assert any("surge since 20:05" in line for line in lines)


def test_the_plain_line(show: Any) -> None:
    view = screen()
    view.update(show.snapshot(show.urgent(), show.calm()), rate=1234.0, restarts=0)
    assert view.plain() == (
        "2026-03-01 20:25 UTC  6,120 of 9,000 on disk  1,234 posts/s  "
        "negative: Northwind 64 %, Contoso 20 %"
    )


def test_a_receiver_that_takes_nothing_for_an_hour_is_a_problem_of_its_own(show: Any) -> None:
    view = screen()
    snapshot = show.snapshot(show.calm())
    deliver = msgspec.structs.replace(
        snapshot.readings["store"], stage="deliver", failing={"desk": 7_300.0, "boss": 3_500.0}
    )
    readings = {**snapshot.readings, "deliver": deliver}
    view.update(msgspec.structs.replace(snapshot, readings=readings), rate=1.0, restarts=0)
    said = "desk takes nothing for 2 h: see `groundswell receivers list`"
    assert said in show.shown(view)
    assert view.plain().endswith(f"  {said}")
    view.update(snapshot, rate=1.0, restarts=0)
    assert "takes nothing" not in show.shown(view) + view.plain()


def test_a_name_is_never_markup(show: Any) -> None:
    view = screen()
    view.update(show.snapshot(show.calm("[red]x[/nope]")), rate=1.0, restarts=0)
    assert "[red]x[/nope]" in show.shown(view)


def test_curves() -> None:
    assert sparkline([]) == ""
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([0, 7, 14]) == "▁▄█"
    assert stage_line({}) == "lag: refine … · score … · store …"
