"""Estimates are made where posts have changed, and what is over is not kept."""

from forecasting.share_records import ScoreBin, Window
from infra.page.shares import AT_ONCE, KEPT, Estimates


def window(posts: int, negative: int) -> Window:
    bins = (
        ScoreBin(mean=0.1, posts=posts - negative),
        ScoreBin(mean=0.9, posts=negative),
    )
    return Window(bins=bins, counted_negative=negative)


def test_the_newest_is_told_and_those_before_are_let_go() -> None:
    estimates = Estimates()
    told = [
        estimates.of("now", {"Acme": window(1_000, negative)}, {}, ["Acme"])["Acme"].counted
        for negative in range(100, 400, 10)
    ]
    assert told == sorted(set(told))
    estimates.of("week", {"Acme": window(1_000, 100)}, {}, ["Acme"])
    assert estimates.kept == 2


def test_no_more_estimates_are_kept_than_so_many() -> None:
    estimates = Estimates()
    found = {f"brand {number}": window(10, 1) for number in range(AT_ONCE)}
    for span in range(KEPT // AT_ONCE + 3):
        estimates.of(f"span {span}", found, {}, found)
    assert estimates.kept == KEPT


def test_of_many_that_changed_the_first_and_the_oldest_are_made_anew() -> None:
    estimates = Estimates()
    brands = [f"brand {number}" for number in range(2 * AT_ONCE)]

    def seen(negative: int) -> dict[str, float]:
        found = {brand: window(1_000, negative) for brand in brands}
        return {
            brand: round(one.counted, 3)
            for brand, one in estimates.of("now", found, {}, brands).items()
        }

    first = seen(100)
    assert len(first) == AT_ONCE
    second = seen(100)
    assert second.keys() == set(brands)
    third = seen(200)
    changed = {brand for brand in brands if third[brand] != second[brand]}
    assert len(changed) == AT_ONCE
    assert changed >= set(brands[: AT_ONCE // 2])
