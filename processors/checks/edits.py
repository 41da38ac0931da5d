"""Small changes to a text that leave a reader's verdict as it was: attacks, and augmentation.

Each edit is a pure function of the text and a `random.Random`; the same seed gives the same text.
Training may import them to make a model sturdy (the suite's own texts are for judging only).
Where there is nothing to edit the text comes back as it was.

Edits of a word take one of four letters or more that is no function word: every other time the
longest (in a short post that is often the one that carries the opinion), else any. That is cheap,
and weaker than a search for the word that matters most to the model (TextFooler and its kin).
"""

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Final

Edit = Callable[[str, Random], str]

_WORD = re.compile(r"(?<![\w@#/.&])[A-Za-z\u00c0-\u024f]{4,}(?![\w@/])")
_FUNCTION_WORDS = re.compile(
    "about|after|again|also|been|because|before|could|does|doing|down|during|from|have|here"
    "|into|just|more|most|much|only|over|same|should|some|such|than|that|their|them|then"
    "|there|these|they|this|those|through|under|until|very|were|what|when|where|which|while"
    "|will|with|would|your|yours"
)
_VOWEL = re.compile("[aeiouAEIOU]")
_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_LOOK_ALIKES = str.maketrans("aceiopsxyABCEHKMOPTX", "асеіорѕхуАВСЕНКМОРТХ")
_LEET = str.maketrans("aeiostAEIOST", "431057431057")
_AT_SIGNS = str.maketrans("aisAIS", "@!$@!$")
_FULL_WIDTH = str.maketrans({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
_TAILS: Final = (
    "I wrote this on the bus.",
    "It is Tuesday.",
    "Posted from my phone.",
    "The time is half past three.",
    "This was in March.",
    "Sent while waiting for the train.",
)
_HANDLES: Final = ("@user", "@anna_k", "@the_office", "@mark77")


def swap_letters(text: str, random: Random) -> str:
    """Swap two neighbours inside a word: `terrible` to `terribel`."""

    def edit(word: str) -> str:
        places = [at for at in range(1, len(word) - 1) if word[at] != word[at + 1]]
        if not places:
            return word
        at = random.choice(places)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    return _in_a_word(text, random, edit)


def drop_letter(text: str, random: Random) -> str:
    """Leave out a letter, not the first: `terrible` to `terible`."""

    def edit(word: str) -> str:
        at = random.randrange(1, len(word))
        return word[:at] + word[at + 1 :]

    return _in_a_word(text, random, edit)


def double_letter(text: str, random: Random) -> str:
    """Type a letter twice: `terrible` to `terribble`."""

    def edit(word: str) -> str:
        at = random.randrange(len(word))
        return word[:at] + word[at] + word[at:]

    return _in_a_word(text, random, edit)


def neighbour_key(text: str, random: Random) -> str:
    """Hit the key beside the right one: `terrible` to `terrivle`."""

    def edit(word: str) -> str:
        places = [at for at in range(1, len(word)) if _beside(word[at])]
        if not places:
            return word
        at = random.choice(places)
        return word[:at] + random.choice(_beside(word[at])) + word[at + 1 :]

    return _in_a_word(text, random, edit)


def elongate(text: str, random: Random) -> str:
    """Draw a vowel out: `terrible` to `terriiiible`."""

    def edit(word: str) -> str:
        vowels = [found.start() for found in _VOWEL.finditer(word)]
        if not vowels:
            return word
        at = random.choice(vowels)
        return word[:at] + word[at] * random.randint(3, 5) + word[at + 1 :]

    return _in_a_word(text, random, edit)


def space_out(text: str, random: Random) -> str:
    """Set a word in spaces: `t e r r i b l e`."""
    return _in_a_word(text, random, " ".join)


def join_words(text: str, random: Random) -> str:
    """Leave out a space between two words: `notgood`."""
    gaps = [found.end() for found in re.finditer(r"[A-Za-z] (?=[A-Za-z])", text)]
    if not gaps:
        return text
    at = random.choice(gaps)
    return text[: at - 1] + text[at:]


def look_alike(text: str, random: Random) -> str:
    """Put Cyrillic letters for Latin ones that look the same, in half of the word's places."""

    def edit(word: str) -> str:
        places = [at for at, letter in enumerate(word) if ord(letter) in _LOOK_ALIKES]
        chosen = set(random.sample(places, (len(places) + 1) // 2))
        return "".join(
            letter.translate(_LOOK_ALIKES) if at in chosen else letter
            for at, letter in enumerate(word)
        )

    return _in_a_word(text, random, edit)


def full_width(text: str, random: Random) -> str:
    """Write a word in full-width letters, as East Asian keyboards do."""
    return _in_a_word(text, random, lambda word: word.translate(_FULL_WIDTH))


def leet(text: str, random: Random) -> str:
    """Put digits for letters: `t3rr1bl3`."""
    return _in_a_word(text, random, lambda word: word.translate(_LEET))


def censor(text: str, random: Random) -> str:
    """Hide a letter of a word behind a sign: `terr*ble`, `@wful`."""

    def edit(word: str) -> str:
        signed = word.translate(_AT_SIGNS)
        if signed != word and random.random() < 0.5:
            return signed
        vowels = [found.start() for found in _VOWEL.finditer(word, 1)] or [1]
        at = random.choice(vowels)
        return word[:at] + "*" + word[at + 1 :]

    return _in_a_word(text, random, edit)


def neutral_tail(text: str, random: Random) -> str:
    """Add a sentence that says nothing about the matter."""
    end = "" if text.rstrip().endswith((".", "!", "?", "\u2026")) else "."
    return f"{text.rstrip()}{end} {random.choice(_TAILS)}" if text.strip() else text


def mention(text: str, random: Random) -> str:
    """Address the text to somebody."""
    return f"{random.choice(_HANDLES)} {text}" if text.strip() else text


def link(text: str, random: Random) -> str:
    """Add a link."""
    code = "".join(random.choices("abcdefghkmnpqrstuvwxyz23456789", k=10))
    return f"{text} https://t.co/{code}" if text.strip() else text


def capitals(text: str, random: Random) -> str:
    """Write it all in capitals."""
    del random  # every edit takes it
    return text.upper()


def small_letters(text: str, random: Random) -> str:
    """Write it all in small letters."""
    del random
    return text.lower()


EDITS: Final[Mapping[str, Edit]] = {
    "swapped letters": swap_letters,
    "dropped letter": drop_letter,
    "doubled letter": double_letter,
    "neighbour key": neighbour_key,
    "elongated": elongate,
    "spaced out": space_out,
    "joined words": join_words,
    "look-alikes": look_alike,
    "full width": full_width,
    "leet": leet,
    "censored": censor,
    "neutral tail": neutral_tail,
    "mention": mention,
    "link": link,
    "capitals": capitals,
    "small letters": small_letters,
}
"""Every edit, by a name for people."""


def _in_a_word(text: str, random: Random, edit: Callable[[str], str]) -> str:
    words = [
        found for found in _WORD.finditer(text) if not _FUNCTION_WORDS.fullmatch(found[0].lower())
    ]
    if not words:
        return text
    longest = max(words, key=lambda found: len(found[0]))
    chosen = longest if random.random() < 0.5 else random.choice(words)
    return text[: chosen.start()] + edit(chosen[0]) + text[chosen.end() :]


def _beside(letter: str) -> str:
    for row in _ROWS:
        at = row.find(letter)
        if at >= 0:
            return row[max(0, at - 1) : at] + row[at + 1 : at + 2]
    return ""
