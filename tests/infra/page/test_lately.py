"""What takes long to read is read beside those who ask."""

from infra.page.lately import Lately


def test_who_asks_waits_only_where_nobody_has_asked_for_long() -> None:
    time, read = [0.0], iter(range(100))
    lately = Lately(lambda: next(read), every=60, clock=lambda: time[0])
    assert [lately.get(), lately.get()] == [0, 0]
    time[0] = 60
    lately.look()
    assert lately.get() == 1
    for time[0] in (120, 180, 240):  # only the first look was asked for since
        lately.look()
    assert lately._known == (120, 2)
    time[0] = 241
    assert lately.get() == 3


def test_what_cannot_be_read_is_asked_for_again() -> None:
    answers = iter((ValueError(), 7))

    def read() -> int:
        found = next(answers)
        if isinstance(found, ValueError):
            raise found
        return found

    lately = Lately(read, every=60, clock=lambda: 0.0)
    try:
        lately.get()
    except ValueError:
        assert lately.get() == 7
