"""Text to the form in which sameness is judged.

`fold` undoes spelling that a reader does not see; `key_text` also leaves out what is not opinion.
Equal `key_text` means one voice, and may mean one score, so whatever may turn an opinion stays:
every word, negation, punctuation, emoji. What goes: case, links, who is addressed, the `#` of a
hashtag, repost prefixes, invisible characters, kinds of white space and of quotes.
"""

import html
import re
import unicodedata
from collections.abc import Callable

# With a semicolon and few digits only: `html.unescape` alone reads "?a=1&copy=2" as a sign and
# raises on a number of thousands of digits.
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")

# Joiners, variation selectors, direction marks, soft hyphen, zero-width space, byte order mark,
# keycap, tags, lone surrogates and controls. \t to \r, \x1c to \x1f and \x85 are white space.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u20e3\ufe00-\ufe0f\ufeff\ufff0-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff]+"
)

# Heaped accents: Unicode normalisation sorts them in quadratic time (0.6 s for 64 KiB).
_MARKS = "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u1ab0-\u1aff"
_MARKS += "\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_HEAP = re.compile(f"([{_MARKS}]{{4}})[{_MARKS}]+")

_QUOTES = str.maketrans(
    dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u2035\u00b4\u02bc\uff07", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u2036\u00ab\u00bb\uff02", '"')
)

# ASCII only, so that a link or name glued to Chinese text does not swallow the text. "http:" alone
# is what a length limit leaves of a link.
URL = re.compile(r"https?:[!-~]*|\bwww\.[!-~]+|\b(?:pic\.twitter\.com|t\.co|bit\.ly)/[!-~]+")
_REPOST = re.compile(r"^(?:rt @[a-z0-9_.-]+:? ?)+")
# The sign first, what is before it after: that is found several times as fast.
_MENTION = re.compile(
    r"@(?<!\w@)[a-z0-9_]+(?:@[a-z0-9-]+(?:\.[a-z0-9-]+)+|[a-z0-9.-]*\.bsky\.social)?"
)
_MENTIONS = re.compile(r"@user(?: @user)+\b")
_TOPIC = re.compile(r"#([^#\s]{1,64})#")
_HASHTAG = re.compile(r"#(?<!\w#)#*(?=\w)")
_NO_WORD = re.compile(r"[^\w\s]+")

# Of these nothing is folded but case and white space, whatever stands beside them: ASCII without
# "&", Latin letters of western Europe, Cyrillic ones, Arabic, kana and Han without marks, emoji.
_PLAIN = re.compile(
    "[ -%\u0027-~\u00c0-\u00d6\u00d8-\u00de\u00e0-\u00f6\u00f8-\u00ff\u0410-\u044f"
    "\u0621-\u063a\u0641-\u064a\u2013\u2014\u2022\u20ac\u2600-\u27bf\u3001-\u300f"
    "\u3041-\u3093\u30a1-\u30f3\u30fc\u4e00-\u9fff\uac00-\ud7a3\U0001f300-\U0001fa6f]*"
)

_ROUNDS = 4


def fold(text: str) -> str:
    """Undo case, compatibility forms (NFKC), HTML entities, curly quotes, invisible characters.

    White space becomes single spaces, none at the ends; empty if nothing visible is left. Total on
    any `str` and idempotent.

    >>> fold("AT&amp;T  \uff29\uff33\u00a0DOWN\u200b")
    'at&t is down'
    """
    if text.isascii() and "&" not in text and text.isprintable():
        return " ".join(text.lower().split())
    if _PLAIN.fullmatch(text):
        return " ".join(text.lower().split())
    # What one round uncovers the next one reads: an entity in full-width letters, or in an entity.
    text = _fold_once(text)
    if _PLAIN.fullmatch(text):
        return text
    folded, settled = _settle(_fold_once, text)
    return folded if settled else _settle(_fold_once, folded.replace("&", " "))[0]


def key_text(text: str) -> str:
    """What a text says: equal keys are duplicates. Total on any `str` and idempotent.

    Mentions become `@user` (who is addressed is not opinion, that someone is may be), a run of them
    one. A text of links alone keeps them: two links are not the same words.

    >>> key_text("RT @ann: @acme @bob  I DON\u2019T like the #BatteryFire! \U0001f621 http://t.co/x")
    "@user i don't like the batteryfire! \U0001f621"
    """
    return key_of_folded(fold(text))


def key_of_folded(folded: str) -> str:
    """`key_text` of what `fold` gave; of any other text the answer means nothing."""
    if not _has_marks(folded):
        return folded
    key = _strip(folded)
    if not _has_marks(key):
        return key or folded
    key, settled = _settle(_strip, key)
    if not settled:
        # Only text made to get here, such as entities built by taking "#" away, many deep.
        key = _settle(_strip, fold(_NO_WORD.sub(" ", key)))[0]
    return key or folded


def _settle(step: Callable[[str], str], text: str) -> tuple[str, bool]:
    for _ in range(_ROUNDS):
        after = step(text)
        if after == text:
            return text, True
        text = after
    return text, False


def _fold_once(text: str) -> str:
    if "&" in text:
        text = ENTITY.sub(lambda found: html.unescape(found[0]), text)
    if not text.isascii():
        text = _HEAP.sub(r"\1", text.translate(_QUOTES))
        text = unicodedata.normalize("NFKC", text)
    return " ".join(_INVISIBLE.sub("", text).casefold().split())


def _has_marks(text: str) -> bool:
    """Whether `_strip` may change something."""
    return "@" in text or "#" in text or "/" in text or "http" in text or "www." in text


def _strip(folded: str) -> str:
    text = folded
    if "rt @" in text:
        text = _REPOST.sub("", text)
    if "http" in text or "www." in text or "/" in text:
        text = URL.sub(" ", text)
    if "@" in text:
        text = _MENTION.sub("@user", text)
    if "#" in text:
        if text.count("#") > 1:
            text = _TOPIC.sub(r" \1 ", text)
        text = _HASHTAG.sub("", text)
    if text != folded:
        text = fold(text)
    return _MENTIONS.sub("@user", text) if "@user @user" in text else text
