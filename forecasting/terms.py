"""What a post is about, as words and phrases that can be counted and shown.

Latin script gives words and pairs of neighbouring words; Chinese and Japanese, which have no
spaces, give runs of two to six characters. Links, handles, bare numbers, function words and the
brand's own names are left out: they are in every post and explain none.
"""

import re
import unicodedata
from collections.abc import Collection
from typing import Final

LONGEST_TEXT: Final = 1000  # characters that are read: the why stands early
LONGEST_RUN: Final = 6  # Chinese characters in a phrase

_CJK = "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_NOISE = re.compile(r"https?://\S+|www\.\S+|(?<!\w)@[\w.@-]+")
_WORD = rf"(?:(?![{_CJK}])\w)+"
_PIECE = re.compile(rf"(?P<run>[{_CJK}]+)|(?P<word>{_WORD}(?:['’]{_WORD})*)|[^\w\s#'’-]+")
_STOP_WORDS = """
a about after again all also always am an and any are aren't as at be because been before being
both but by came can can't could couldn't did didn't do does doesn't doing don't down else even
ever every few for from get gets getting go goes going gone got had has hasn't have haven't having
he her here hers him his how i i'd i'll i'm i've if in into is isn't it it's its just know let
let's like ll made make many may me might more most much must my never no nor not now of off oh ok
on once one only or other our out over own people please put re really rt s said same say says see
she should so some still such t take than thanks that that's the their them then there there's
these they they're thing things think this those though through to too u under until up ur us use
used very via want was wasn't way we we're well went were what what's when where which while who
why will with won't would wouldn't yes yet you you're your yours amp el la los las de del que y en
un una es por con para no se su al lo le les des du et est une pas pour dans sur der die das und
ist nicht ein eine mit den von zu auf
"""
_STOP: Final = frozenset(_STOP_WORDS.split())
# Characters that begin or end no phrase that says anything.
_STOP_CJK: Final = frozenset(
    "的了是在我你他她它们这那也都就还又很太吗呢吧啊呀哦嘛么着过和与及或而但把被让给对从到向于以为"
    "个些没不有会能要去来说看想一之其此该只才再更最のはがをにでともへやかなよねだですますし"
)


_HASHTAG = re.compile(r"(?<!\w)#(\w{2,64})")


def terms_of(text: str, names: Collection[str] = ()) -> frozenset[str]:
    """The distinct terms of a text, folded to lower case; never one of `names` or part of one.

    >>> sorted(terms_of("Battery FIRE at https://x.y the depot, says @kai_r", ["Northwind"]))
    ['battery', 'battery fire', 'depot', 'fire']
    >>> "电池起火" in terms_of("北风汽车电池起火", ["北风汽车"])
    True
    """
    folded = _fold(text)
    folded = _NOISE.sub(" . ", folded)
    for name in sorted((unicodedata.normalize("NFKC", n).casefold() for n in names), key=len)[::-1]:
        if name.strip():
            edge = r"\b" if name.isascii() else ""
            folded = re.sub(rf"{edge}{re.escape(name)}{edge}", " . ", folded)
    found: set[str] = set()
    before = ""  # the word next to this one, if it may be half of a pair
    for piece in _PIECE.finditer(folded):
        if word := piece["word"]:
            word = word.replace("’", "'")
            if word in _STOP or len(word) < 2 or word.isdigit():
                before = ""
                continue
            found.add(word)
            if before:
                found.add(f"{before} {word}")
            before = word
        else:
            before = ""
            if run := piece["run"]:
                found.update(_runs(run))
    return frozenset(found)


def hashtags_of(text: str, names: Collection[str] = ()) -> frozenset[str]:
    """The distinct hashtags of a text, `#` before them, in lower case; none that is a name.

    >>> sorted(hashtags_of("#Recall now, #Northwind! #电池起火#", ["Northwind"]))
    ['#recall', '#电池起火']
    """
    own = {_fold(name).replace(" ", "") for name in names}
    found = {tag for tag in _HASHTAG.findall(_fold(text)) if not tag.isdigit()}
    return frozenset(f"#{tag}" for tag in found - own)


def might_hold(text: str, term: str) -> bool:
    """Whether a text may hold a term: False is sure, and quickly said."""
    folded = _fold(text).replace("’", "'")
    return all(word in folded for word in term.split())


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:LONGEST_TEXT]).casefold()


def _runs(run: str) -> set[str]:
    """All phrases of two to six characters that neither begin nor end with a function word."""
    return {
        run[i : i + n]
        for n in range(2, LONGEST_RUN + 1)
        for i in range(len(run) - n + 1)
        if run[i] not in _STOP_CJK and run[i + n - 1] not in _STOP_CJK
    }
