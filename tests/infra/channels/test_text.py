"""What all ways say."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from forecasting.records import IncidentEvent
from infra.channels import text
from infra.channels.actions import actions_of
from infra.channels.fit import cut, fits, web_link
from infra.channels.quotes import quotes_of
from infra.channels.sample import sample_event
from infra.channels.sheet import sheet
from infra.channels.tone import tone_of
from infra.deliver.records import Letter
from tests.platform_letters import AT, letters

ENGLISH = letters("en")


def test_an_opening_is_the_incident_s_own_message() -> None:
    letter = ENGLISH["opened"]
    event = letter.entries[0].event
    assert text.message(letter) == event.message
    assert text.title(letter) == event.headline
    assert [*text.lines(letter)] == [
        one for one in event.message.split("\n")[1:] if not one.startswith("→ ")
    ]


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("updated", "Since the last message (15:55): severity from 7 to 8"),
        ("escalated", "Nobody has acknowledged this in 30 min."),
        ("repeated", "Still open after 4 h 25 min."),
        ("acknowledged", "Acknowledged by Ann."),
        ("test", "A test message: nothing has happened"),
        ("resolved", "Lasted 5 h 10 min"),
        ("opened", "214 negative posts in the last hour"),
    ],
)
def test_the_first_line_says_why_it_comes(name: str, first: str) -> None:
    assert text.lines(ENGLISH[name])[0].startswith(first)


def test_each_attempt_says_the_same_however_late() -> None:
    letter = ENGLISH["escalated"]
    assert letter.decided_at is not None
    later = replace(letter, decided_at=letter.decided_at + timedelta(minutes=5))
    assert "in 30 min" in text.lines(letter)[0]
    assert "in 35 min" in text.lines(later)[0]


def test_who_hears_of_it_late_hears_of_an_opening() -> None:
    grew = ENGLISH["updated"].entries[0]
    letter = replace(ENGLISH["updated"], entries=(replace(grew, kind="opened", told=None),))
    assert text.title(letter) == "🔴 Northwind · negative surge · severity 8 of 10"


def test_an_event_that_was_stored_without_words_gets_them() -> None:
    def bare(event: IncidentEvent) -> IncidentEvent:
        return replace(event, headline="", message="")

    letter = ENGLISH["opened"]
    entry = letter.entries[0]
    without = replace(letter, entries=(replace(entry, event=bare(entry.event)),))
    assert text.message(without) == text.message(letter)


def test_the_page_is_offered_only_where_there_is_one_and_what_is_over_is_left_alone() -> None:
    def named(letter: Letter) -> list[str]:
        return [action.name for action in actions_of(letter)]

    letter = ENGLISH["opened"]
    assert named(letter) == ["open", "acknowledge", "not_a_crisis", "silence"]
    assert named(ENGLISH["acknowledged"]) == ["open", "not_a_crisis", "silence"]
    assert named(ENGLISH["resolved"]) == named(ENGLISH["test"]) == ["open"]
    assert named(replace(letter, entries=(replace(letter.entries[0], link=""),))) == []
    assert named(ENGLISH["digest"]) == []


@pytest.mark.parametrize("words", ["👨\u200d👩\u200d👧", "می\u200cخواهم"])
def test_what_is_joined_stays_whole(words: str) -> None:
    letter = ENGLISH["opened"]
    (entry,) = letter.entries
    example = replace(entry.event.evidence.examples[0], text=words)
    event = replace(entry.event, headline=f"{words}\n\u202e", message=f"\u200d\n{words}")
    event = replace(event, evidence=replace(event.evidence, examples=(example,)))
    said = replace(letter, entries=(replace(entry, event=event),))
    assert text.title(said) == words
    assert text.lines(said) == [words]
    assert quotes_of(said)[0].text == words


def test_at_most_five_posts_are_shown() -> None:
    letter = ENGLISH["opened"]
    (entry,) = letter.entries
    many = replace(entry.event.evidence, examples=entry.event.evidence.examples[:1] * 9)
    said = replace(letter, entries=(replace(entry, event=replace(entry.event, evidence=many)),))
    assert [quote.label for quote in quotes_of(said)] == [f"example {n}" for n in range(1, 6)]
    assert len(sheet(said).links) == 5


def test_a_digest_has_a_line_an_incident() -> None:
    letter = ENGLISH["digest"]
    assert text.title(letter) == "2 incidents open, 1 over, worst: Northwind, severity 8"
    lines = text.lines(letter)
    assert [line.split(" · ")[0] for line in lines[:3]] == [
        "🔴 Northwind",
        "🔴 Contoso",
        "🟢 Fabrikam",
    ]
    assert lines[3] == "4 more in another message."
    assert quotes_of(letter) == []


@pytest.mark.parametrize(
    ("name", "tone"),
    [
        ("opened", "open"),
        ("resolved", "over"),
        ("acknowledged", "seen"),
        ("test", "test"),
        ("digest", "open"),
    ],
)
def test_the_colour_says_whether_it_goes_on(name: str, tone: str) -> None:
    assert tone_of(ENGLISH[name]) == tone


def test_the_sample_is_the_same_story_in_each_language() -> None:
    english, chinese = (sample_event(AT, language=one) for one in ("en", "zh"))
    assert english.headline.startswith("🔴 Northwind · negative surge")
    assert chinese.headline.startswith("🔴 北风汽车 · 负面激增")
    assert replace(english.change, brand="") == replace(chinese.change, brand="")


# ---- the room that a platform gives


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://example.com/a?b=c&d#e", "https://example.com/a?b=c&d#e"),
        ("http://例子.example/帖", "http://例子.example/帖"),
        ("https://en.wikipedia.org/wiki/A_(b)", "https://en.wikipedia.org/wiki/A_%28b%29"),
        ("https://example.com/a|b*c", "https://example.com/a%7Cb%2Ac"),
        ("https://mastodon.example/@kai/1?a=b@c", "https://mastodon.example/@kai/1?a=b@c"),
        ("https://mastodon.example?a=b@c", "https://mastodon.example?a=b@c"),
        ("https://bank.example@evil.example/", ""),
        ("http://user:pass@evil.example", ""),
        ("javascript:alert(1)", ""),
        ("JAVASCRIPT:alert(1)", ""),
        ("https://example.com/ a", ""),
        ("https://example.com/>", ""),
        ('https://example.com/"', ""),
        ("https://example.com/\u202e", ""),
        ("https://example.com/" + "a" * 1000, ""),
        ("", ""),
    ],
)
def test_a_link_is_one_or_it_is_not_shown(url: str, shown: str) -> None:
    assert web_link(url) == shown


@given(said=st.lists(st.text(max_size=50), max_size=20), most=st.integers(2, 300))
def test_lines_fit_and_the_first_are_kept(said: list[str], most: int) -> None:
    kept = fits(said, most)
    assert len("\n".join(kept)) <= most
    whole = kept[:-1] if kept and kept[-1] != (said[len(kept) - 1]) else kept
    assert whole == said[: len(whole)]


@given(st.text(max_size=50), st.integers(1, 60))
def test_what_is_cut_shows_it(said: str, most: int) -> None:
    short = cut(said, most)
    assert len(short) <= most
    assert short == said or short.endswith("…")
