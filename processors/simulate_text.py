"""The text of simulated posts: grammar, brand, and the untidiness of people who type."""

import re
import zlib
from collections.abc import Mapping

from processors.records import Label
from processors.simulate_day import Uniform
from processors.simulate_domains import DOMAINS
from processors.simulate_foreign import FOREIGN
from processors.simulate_plan import Language, SimulatedBrand
from processors.simulate_words import EMOJI, ENGLISH, STORM, TAGS, Rules

PHRASE = "battery fire"
"""What most posts of a crisis mention."""

_SLOT = re.compile(r"\{(\w+)\}")
_NOT_WORDS = re.compile(r"[\W_]+")
_BRAND, _PHRASE = "\x01", "\x02"  # stand-ins that no typo and no change of case can touch
_ZH_SURFACES = ("北风汽车", "北风汽车", "北风新能源", "#北风汽车#")
_TRIES = 20

Compiled = Mapping[str, tuple[tuple[str, ...], ...]]


class Writer:
    """Writes posts, no two with the same words (brand, case and punctuation aside).

    Deterministic in the sequence of `uniform`. Remembers a 4-byte digest of each text, about
    60 bytes of memory. About 40,000 texts a second on one core.

    >>> import random
    >>> from processors.simulate_plan import SIMULATED_BRANDS
    >>> writer = Writer(random.Random(1).random)
    >>> "northwind" in writer.write(SIMULATED_BRANDS[0], "negative", "en", "negative").lower()
    True
    """

    def __init__(self, uniform: Uniform) -> None:
        self._uniform = uniform
        stand_ins: Rules = {"b": (_BRAND,), "phrase": (_PHRASE,)}
        self._english = {
            domain: _compile(ENGLISH | own | stand_ins) for domain, own in DOMAINS.items()
        }
        self._foreign = {lang: _compile(rules | stand_ins) for lang, rules in FOREIGN.items()}
        self._seen: set[int] = set()

    def write(self, brand: SimulatedBrand, label: Label, language: Language, rule: str) -> str:
        """Return a new text about `brand` by `rule`; `label` picks hashtags and emoji."""
        is_english = language == "en"
        rules = self._english[brand.domain] if is_english else self._foreign[language]
        text = self._unseen(rules, rule)
        if is_english:
            text = self._untidy(text, label)
        surface = self.pick(_ZH_SURFACES if language == "zh" else brand.surfaces)
        return text.replace(_BRAND, surface).replace(_PHRASE, PHRASE)

    def complaint(self, brand: SimulatedBrand) -> str:
        """Return the text that a repost storm repeats."""
        return STORM.replace("{b}", brand.name)

    def near_copy(self, text: str) -> str:
        """Return `text` with a change at its edge that nobody would call another text."""
        body = text.rstrip(".!")
        return self.pick(
            (
                f"{body}!!",
                f"{body} 👆",
                f"this: {text}",
                f"{body} #{int(self._uniform() * 100)}",
                f"{body} https://example.com/p/{int(self._uniform() * 1_000_000)}",
                f"so true. {text}",
                f"{body}, yes",
            )
        )

    def pick(self, options: tuple[str, ...]) -> str:
        """Return one of `options`, each as likely."""
        return options[int(self._uniform() * len(options))]

    def _unseen(self, rules: Compiled, rule: str) -> str:
        for _ in range(_TRIES):
            text = self._expand(rules, rule)
            if self._is_new(text):
                return text
        # A small grammar has run dry: a number keeps the texts distinct.
        number = len(self._seen)
        while not self._is_new(f"{text} ({number})"):
            number += 1
        return f"{text} ({number})"

    def _is_new(self, text: str) -> bool:
        # A digest met by chance only costs another try, so four bytes are enough.
        digest = zlib.crc32(_NOT_WORDS.sub("", text.lower()).encode())
        if digest in self._seen:
            return False
        self._seen.add(digest)
        return True

    def _expand(self, rules: Compiled, rule: str) -> str:
        options = rules[rule]
        parts = options[int(self._uniform() * len(options))]
        if len(parts) == 1:
            return parts[0]
        return "".join(
            [self._expand(rules, part) if slot & 1 else part for slot, part in enumerate(parts)]
        )

    def _untidy(self, text: str, label: Label) -> str:
        uniform = self._uniform
        if uniform() < 0.55:
            text = text[0].upper() + text[1:]
        elif uniform() < 0.4:
            text = text.lower()
        if uniform() < 0.06:
            text = self._typo(text)
        if label != "neutral" and uniform() < 0.04:
            text = text.replace("so ", "s" + "o" * (3 + int(uniform() * 4)) + " ", 1)
        if text[-1].isalnum() and uniform() < 0.45:
            text += "!" if label != "neutral" and uniform() < 0.5 else "."
        if uniform() < 0.18:
            text += f" {self.pick(TAGS[label])}"
        if uniform() < 0.15:
            text += f" {self.pick(EMOJI[label])}"
        if uniform() < 0.06:
            text += f" https://example.com/p/{int(uniform() * 1_000_000)}"
        return text

    def _typo(self, text: str) -> str:
        place = 1 + int(self._uniform() * (len(text) - 2))
        pair = text[place : place + 2]
        if not (pair.isalpha() and pair.isascii()):
            return text
        swapped = pair[::-1] if self._uniform() < 0.5 else pair[0]
        return text[:place] + swapped + text[place + 2 :]


def _compile(rules: Rules) -> Compiled:
    # Splitting by the slots leaves literals at even places and rule names at odd ones.
    return {
        name: tuple(tuple(_SLOT.split(text)) for text in texts) for name, texts in rules.items()
    }
