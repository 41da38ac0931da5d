"""Times as files write them."""

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.timestamps import read_time

WHEN = datetime(2015, 2, 24, 19, 35, 52, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2015-02-24T19:35:52Z",
        "2015-02-24T19:35:52+00:00",
        "2015-02-24 11:35:52 -0800",  # the airline file
        "2015-02-24 11:35:52-08:00",
        "2015-02-24 19:35:52",  # no zone: UTC
        "2015-02-24 19:35:52 UTC",
        "2015/02/24 19:35:52",
        "2015/2/24 19:35:52",
        "20150224T193552",
        "20150224193552",
        "1424806552",
        "1424806552.0",
        "1.424806552e9",
        "1424806552000",
        "1424806552000000",
        "1424806552000000000",
        "Tue, 24 Feb 2015 11:35:52 -0800",
        "Tue Feb 24 19:35:52 +0000 2015",  # Twitter
        " 2015-02-24T19:35:52Z ",
        1424806552,
        1424806552.0,
        1424806552000,
    ],
)
def test_reads(text: object) -> None:
    assert read_time(text) == WHEN


def test_fractions_are_kept() -> None:
    part = timedelta(milliseconds=123)
    assert read_time("2015-02-24T19:35:52.123456789Z") == WHEN + timedelta(microseconds=123456)
    assert read_time("1424806552123") == WHEN + part
    assert read_time("1424806552.123") == WHEN + part
    assert read_time("2015-02-24") == datetime(2015, 2, 24, tzinfo=UTC)
    assert read_time("20150224") == datetime(2015, 2, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "   ",
        "yesterday",
        "2015-13-01",
        "02/03/2015 10:00",  # which is the month?
        "nan",
        "inf",
        "9" * 30,
        "0001-01-01T00:00:00+23:00",
        "9999-12-31T23:59:59-23:00",
        "2015-02-24T19:35:52Z" * 100_000,
        True,
        None,
        [],
        float("nan"),
    ],
)
def test_refuses_with_a_short_reason(value: object) -> None:
    with pytest.raises(ValueError) as caught:
        read_time(value)
    assert len(str(caught.value)) < 120


@given(
    st.datetimes(
        min_value=datetime(1980, 1, 1),  # noqa: DTZ001
        max_value=datetime(2199, 1, 1),  # noqa: DTZ001
        timezones=st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours))),
    )
)
def test_iso_and_epoch_agree(moment: datetime) -> None:
    assert read_time(moment.isoformat()) == moment
    assert read_time(str(moment)) == moment
    micros = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    assert read_time(str(micros)) == moment


@given(st.text(max_size=80) | st.integers() | st.floats())
def test_is_total(value: object) -> None:
    with contextlib.suppress(ValueError):
        assert read_time(value).tzinfo is UTC
