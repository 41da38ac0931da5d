"""Model text: what the sentiment model reads of a post, in training and live alike.

A classifier scores badly on text that is spelled otherwise than the text it was
trained on, so one function makes both. It undoes only what a platform does to a
post; the quirks of one data set are undone where that data set is read
(`processors.train.tweets`).
"""

import html
import re
import unicodedata
from typing import Final, Literal

from processors.emoji import mark

Emoji = Literal["drop", "keep", "mark"]

MODEL_CHARS = 2_000
"""Longest model text, in characters. The model reads 128 word pieces, about 600
characters of prose; the rest would only cost time and cache memory."""

MOST_OF_ONE: Final = 200
"""Times that a letter may stand alone with itself and mean something: laughter is one letter in
many a language, and shorter."""

# With the semicolon and a bounded number of digits only: `html.unescape` alone turns
# "?a=1&copy=2" into a copyright sign and raises on a number of more than 4,300 digits.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

# ASCII only, so that a link glued to Chinese text does not swallow the text. A bare
# "http" is what is left of a link that was cut off by a retweet's length limit.
_URL = re.compile(
    r"(?i)https?(?::[!#-;=?-~]*|\b)|\bwww\.[!#-;=?-~]+|\b(?:pic\.twitter\.com|t\.co)/\w+"
)

# @name, @name@server.tld (Mastodon) and @name.bsky.social, but not mail@example.com.
_MENTION = re.compile(
    r"(?<![A-Za-z0-9_])@[A-Za-z0-9_]+"
    r"(?:@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|[A-Za-z0-9.-]*\.bsky\.social)?"
)

# White space is left for split(); \x1c to \x1f and \x85 count as white space there.
_CONTROL = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]")

_SURROGATE = re.compile("[\ud800-\udfff]")

# Joiners, variation selectors, direction marks, soft hyphen, zero-width space, byte
# order mark, keycap, tags: nothing a reader sees, everything a filter-dodger uses.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff\ufff0-\ufffb\U000e0000-\U000e0fff]+"
)

# Pictographs by block rather than by the emoji list, which changes every year.
_EMOJI = re.compile(
    "[\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\U0001f000-\U0001faff]+"
)

# As above less the two marks
_PICTOGRAPH = re.compile(
    "[\u2190\u2192\u2194-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f"
    "\u2b00-\u2bff\u3030\u303d\U0001f000-\U0001faff]+"
)

_SPACED = re.compile(r"(?<![\w'])(?:[A-Za-z] ){3,}[A-Za-z](?![\w'])")

_QUOTES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2035\u00b4\u0060\u02bc\uff07", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb\uff02", '"')
)

# Cyrillic and Greek letters that cannot be told from a Latin one in print (a choice from
# confusables.txt of Unicode TS 39). Looser likenesses stay: "SMS\u043a\u0430" is no disguise.
_LOOK_ALIKES = str.maketrans(
    "\u0430\u0441\u0501\u0435\u04bb\u0456\u0458\u04cf\u043e\u0440\u051b\u0455\u051d\u0445\u0443"
    "\u0410\u0412\u0421\u0415\u041d\u0406\u0408\u041a\u041c\u041e\u0420\u0405\u0422\u0425\u04ae"
    "\u03b1\u03b9\u03bf\u03c1\u03c5\u03bd\u03f3"
    "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
    "acdehijlopqswxy" + "ABCEHIJKMOPSTXY" + "aiopuvj" + "ABEZHIKMNOPTYX",
)
_LOOKS = "".join(map(chr, _LOOK_ALIKES))
_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
# A whole word, of Latin letters and look-alikes and of both. What holds any other letter is some
# other language's word, or two that stick together, and stays. Each try starts at a word's first
# letter and never goes back, so time is linear.
_DISGUISED = re.compile(
    f"(?<![{_LATIN}\u0370-\u052f])(?=[{_LATIN}]*[{_LOOKS}])(?=[{_LOOKS}]*[{_LATIN}])"
    f"[{_LATIN}{_LOOKS}]++(?![\u0370-\u052f])"
)


def model_text(text: str, *, emoji: Emoji = "drop") -> str:
    """Return `text` as the model reads it; an empty string when nothing is left.

    HTML entities are unescaped once, compatibility forms folded (NFKC), curly quotes
    made straight, Cyrillic and Greek look-alikes inside a Latin word made Latin; links,
    emoji, control and invisible characters go, an @mention becomes "@user", runs of white
    space become one space and the result is cut at `MODEL_CHARS`. Case and hashtags stay.

    `emoji`: `keep` is for a model whose vocabulary has them; `mark` puts one of two marks in
    place of those that take sides (`processors.emoji`) and drops the others; `drop` drops all.
    Naming them ("weary face") lost 2.8 points of macro recall on tweets that hold one.

    Four letters or more with spaces between are one word: "t e r r i b l e". Of one letter alone,
    more than `MOST_OF_ONE` times, nothing is left.

    Total: any `str` has an answer, lone surrogates included (they are removed, since
    no tokenizer takes them). Time is linear in the length.

    >>> model_text("I don\u2019t &lt;3 @acme \U0001f621 https://t.co/abc  at all")
    "I don't <3 @user at all"
    """
    if "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    if not text.isascii():
        text = _SURROGATE.sub("", text).translate(_QUOTES)
        text = unicodedata.normalize("NFKC", text)
        if emoji == "drop":
            text = _EMOJI.sub(" ", text)
        elif emoji == "mark":
            text = _PICTOGRAPH.sub(" ", mark(text))
        text = _INVISIBLE.sub("", text)
        text = _DISGUISED.sub(lambda found: found[0].translate(_LOOK_ALIKES), text)
    text = _CONTROL.sub("", text)
    # Most texts hold neither, and to look for a link costs as much as all the rest.
    lowered = text.lower()
    if "http" in lowered or "www." in lowered or ".co" in lowered:
        text = _URL.sub(" ", text)
    if "@" in text:
        text = _MENTION.sub("@user", text)
    words = text.split()
    text = " ".join(words)[:MODEL_CHARS].rstrip()
    # What is looked for has two letters at least that are words; few texts have.
    if list(map(len, words)).count(1) > 1:
        text = _SPACED.sub(lambda found: found[0].replace(" ", ""), text)
    return "" if _is_one_letter(text) else text


def _is_one_letter(text: str) -> bool:
    # Not of emoji: a row of them is as clear as one.
    return len(text) > MOST_OF_ONE and text[0].isalnum() and text.count(text[0]) == len(text)
