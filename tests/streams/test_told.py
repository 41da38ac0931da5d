"""Lines about a brand or a forecast, whatever the brand is called."""

from datetime import UTC, datetime

from forecasting.verdicts import Tuning
from infra.forecasts import Accuracy
from streams.forecast_file import accuracy_lines
from streams.verdicts import BrandVerdicts, effect

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAME = 'A "b" [red]\nc\x1b[2J \u5317\u98ce'
ONE_LINE = 'A "b" [red] c [2J \u5317\u98ce'


def test_a_name_stays_in_its_line_and_moves_no_cursor() -> None:
    found = BrandVerdicts(
        brand=NAME, sensitivity="keen", tuning=Tuning(), false_a_week=1.0, verdicts=()
    )
    assert effect(found).startswith(f"{ONE_LINE} is judged as keen says")


def test_accuracy_is_a_table_a_brand() -> None:
    one = Accuracy(
        brand=NAME,
        series="negative_share",
        step="60m",
        band=24,
        count=1_200,
        mase=0.8,
        naive_mase=1.0,
        pinball=0.3,
        inside80=0.81,
        inside95=0.94,
        model="share",
    )
    lines = accuracy_lines([one, one], since=NOON, until=NOON)
    assert lines[0].startswith("Forecasts of 2026-03-01 12:00 to")
    assert "UTC" in lines[0]
    assert lines[3] == ONE_LINE
    assert " ".join(lines[5].split()) == ("negative share 60m 24 h 0.80 1.00 81 % 94 % 1,200 share")
    assert len(lines) == 7
    assert max(map(len, lines)) <= 80
