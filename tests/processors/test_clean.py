"""What the model reads of a post."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.clean import MODEL_CHARS, Emoji, model_text
from processors.emoji import DOWN, GLAD, UP, UPSET

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
        ("HTTPS://X.ORG/a WWW.X.ORG T.CO/b Pic.Twitter.Com/c", ""),
        ("pic.tw\u0131tter.com/abc", ""),  # a dotless i is an i to a pattern without case
        (".@Acme and @b_2, hi", ".@user and @user, hi"),
        ("@a@mastodon.social @b.bsky.social @c.", "@user @user @user."),
        ("mail bob@example.com", "mail bob@example.com"),  # not a mention
        ("good\U0001f600bad \u2764\ufe0f :)", "good bad :)"),  # emoji go, emoticons stay
        (FAMILY + "\U0001f1e9\U0001f1ea1\ufe0f\u20e3", "1"),  # sequences leave nothing behind
        ("a\u200bb\u200f\u202ec\u00ad", "abc"),  # invisible marks
        ("go\x00od \x07\t\r\n day\x85now", "good day now"),
        ("a\ud800b \udfff", "ab"),  # lone surrogates
        ("xy" * 70_000, "xy" * (MODEL_CHARS // 2)),
        ("x" * 70_000, ""),
        ("\u54c8" * 200, "\u54c8" * 200),  # laughter
        ("a " * 32_768, ""),
        ("", ""),
        ("\u0430wf\u03c5l, \u041d\u041eRR\u0406BLE", "awful, HORRIBLE"),  # look-alikes
        ("caf\u00e9 caf\u00e9\u0455 n\u03bdll1", "caf\u00e9 caf\u00e9s nvll1"),
        ("\u592a\u0430wful\u4e86", "\u592aawful\u4e86"),  # Chinese around it is not the word's
        (
            "\u0441\u0430\u0445\u0430\u0440 \u03bf\u03c1\u03bf \u0430",
            "\u0441\u0430\u0445\u0430\u0440 \u03bf\u03c1\u03bf \u0430",
        ),
        ("SMS\u043a\u0430 \u0394t", "SMS\u043a\u0430 \u0394t"),  # some letter looks like none
        ("so t e r r i b l e, T E R R I B L E", "so terrible, TERRIBLE"),
        ("f\u2060 i  n\te !", "fine !"),  # whatever the white space
        ("\u0430 w f u l \uff42\uff41\uff44 \uff42 \uff41 \uff44 \uff45", "\u0430 wful bad bade"),
        ("plan a b c d2", "plan a b c d2"),  # three letters may be letters
        ("vitamins a b c", "vitamins a b c"),
        ("4 a b c d 4", "4 abcd 4"),
        ("he' s o o n t's", "he' soon t's"),  # a letter with an apostrophe is not alone
        ("@b\u0430 https://t.co/a\u041f\u0440", "@user \u041f\u0440"),
    ],
)
def test_reads(raw: str, read: str) -> None:
    assert model_text(raw) == read


@pytest.mark.parametrize(
    ("raw", "dropped", "kept", "marked"),
    [
        ("late \U0001f621\U0001f621", "late", "late \U0001f621\U0001f621", f"late {DOWN} {DOWN}"),
        ("I\u2764\ufe0fit", "I it", "I\u2764it", f"I {UP} it"),
        ("ok\U0001f44d\U0001f3fd!", "ok !", "ok\U0001f44d\U0001f3fd!", f"ok {UP} !"),  # a tone
        ("hm \U0001f602\U0001f525", "hm", "hm \U0001f602\U0001f525", "hm"),  # takes no side
        (f"a {UP} b{DOWN}c \u2192", "a b c", f"a {UP} b{DOWN}c \u2192", "a b c"),  # arrows
        (FAMILY, "", FAMILY.replace("\u200d", ""), ""),
        ("plain", "plain", "plain", "plain"),
    ],
)
def test_emoji(raw: str, dropped: str, kept: str, marked: str) -> None:
    assert model_text(raw) == model_text(raw, emoji="drop") == dropped
    assert model_text(raw, emoji="keep") == kept
    assert model_text(raw, emoji="mark") == marked


@given(
    raw=st.text(st.characters(codec=None), max_size=300)
    | st.text(st.sampled_from(GLAD + UPSET + UP + DOWN + "\ufe0f\u200da .\ud83d"), max_size=50),
    emoji=st.sampled_from(["drop", "keep", "mark"]),
)
def test_every_text_has_a_clean_answer(raw: str, emoji: Emoji) -> None:
    read = model_text(raw, emoji=emoji)
    read.encode()  # no surrogate left
    assert read == " ".join(read.split())
    assert len(read) <= MODEL_CHARS
    left = {"drop": "", "keep": GLAD + UPSET + UP + DOWN, "mark": UP + DOWN}[emoji]
    assert not set(read) & set(GLAD + UPSET + UP + DOWN) - set(left)


@given(st.text(st.sampled_from("\u041f\u0440 abc.'!&@#x1"), max_size=60))
def test_modes_agree_where_there_is_no_emoji(raw: str) -> None:
    assert model_text(raw, emoji="keep") == model_text(raw, emoji="mark") == model_text(raw)


@given(st.text(st.sampled_from("abcXYZ"), min_size=4, max_size=12))
def test_a_word_in_spaces_is_the_word(word: str) -> None:
    assert model_text(f"it was {' '.join(word)}.") == f"it was {word}."


@given(st.text(st.sampled_from("\u0430\u0435\u03bf\u0416\u0436\u03a9\u03c3 ,.-"), max_size=50))
def test_text_without_a_latin_letter_keeps_its_letters(raw: str) -> None:
    assert model_text(raw) == " ".join(raw.split())


@given(
    st.lists(
        st.sampled_from(["&amp;", "@", "a", ".", "http", "://", "www.", "\ufdfa", " ", "\ud83d"])
    )
)
def test_pieces_of_its_own_syntax_do_not_upset_it(pieces: list[str]) -> None:
    model_text("".join(pieces)).encode()


@pytest.mark.parametrize(
    "unit",
    [
        "@a.",
        "@",
        "a@",
        "http",
        "http:",
        "&",
        "&#1",
        "www.",
        "\U0001f600",
        "\ufdfa",
        "\u043e",
        "a\u043e\u043f",
        "a ",
        "a a a' ",
        "\U0001f621",
    ],
)
def test_time_is_linear_in_the_length(unit: str) -> None:
    text = unit * (64 * 1024 // len(unit))
    started = time.process_time()
    model_text(text)
    model_text(text, emoji="mark")
    assert time.process_time() - started < 1.0
