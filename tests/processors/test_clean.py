"""What the model reads of a post."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.clean import MODEL_CHARS, model_text

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("plain text stays, Case and #hashtags too", "plain text stays, Case and #hashtags too"),
        ("Q&amp;A &lt;3 &#39;hm&#x27;", "Q&A <3 'hm'"),  # entities
        ("?a=1&copy=2", "?a=1&copy=2"),  # no entity without its semicolon
        ("&#" + "9" * 5_000 + ";", ("&#" + "9" * 5_000)[:MODEL_CHARS]),  # too long for int()
        ("I don\u2019t \u201clike\u201d it", 'I don\'t "like" it'),  # curly quotes
        ("\uff26\uff35\uff2c\uff2c \ufb01ne\u2026", "FULL fine..."),  # NFKC
        ("see https://t.co/aB1?x=1&y=2, ok", "see ok"),  # link, with what sticks to it
        ("\u770bhttp://t.cn/abc\u4e86", "\u770b \u4e86"),  # a link glued to Chinese text
        ("cut off SATURDAYhttp", "cut off SATURDAY"),  # what a retweet leaves of a link
        ("pic.twitter.com/abc www.example.com/x", ""),
        (".@Acme and @b_2, hi", ".@user and @user, hi"),
        ("@a@mastodon.social @b.bsky.social @c.", "@user @user @user."),
        ("mail bob@example.com", "mail bob@example.com"),  # not a mention
        ("good\U0001f600bad \u2764\ufe0f :)", "good bad :)"),  # emoji go, emoticons stay
        (FAMILY + "\U0001f1e9\U0001f1ea1\ufe0f\u20e3", "1"),  # sequences leave nothing behind
        ("a\u200bb\u200f\u202ec\u00ad", "abc"),  # invisible marks
        ("go\x00od \x07\t\r\n day\x85now", "good day now"),
        ("a\ud800b \udfff", "ab"),  # lone surrogates
        ("x" * 70_000, "x" * MODEL_CHARS),
        ("", ""),
    ],
)
def test_reads(raw: str, read: str) -> None:
    assert model_text(raw) == read


@given(st.text(st.characters(codec=None), max_size=300))
def test_every_text_has_a_clean_answer(raw: str) -> None:
    read = model_text(raw)
    read.encode()  # no surrogate left
    assert read == " ".join(read.split())
    assert len(read) <= MODEL_CHARS


@given(
    st.lists(
        st.sampled_from(["&amp;", "@", "a", ".", "http", "://", "www.", "\ufdfa", " ", "\ud83d"])
    )
)
def test_pieces_of_its_own_syntax_do_not_upset_it(pieces: list[str]) -> None:
    model_text("".join(pieces)).encode()


@pytest.mark.parametrize(
    "unit", ["@a.", "@", "a@", "http", "http:", "&", "&#1", "www.", "\U0001f600", "\ufdfa"]
)
def test_time_is_linear_in_the_length(unit: str) -> None:
    text = unit * (64 * 1024 // len(unit))
    started = time.process_time()
    model_text(text)
    assert time.process_time() - started < 1.0
