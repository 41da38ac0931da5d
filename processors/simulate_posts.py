"""From a slot to a simulated post: who writes, what, and whether it repeats somebody."""

from collections import deque
from typing import NamedTuple

from processors.records import Label, RawPost
from processors.simulate_authors import Author, Authors
from processors.simulate_day import Slot, Uniform
from processors.simulate_plan import Language, LoadPlan, Meant, Plan, SimulatedBrand
from processors.simulate_text import Writer

SOURCE = "simulated"
_RECENT = 80  # texts of a brand that may be repeated
_CRISIS_REPOSTS = 0.25
_CRISIS_NEWS = 0.10  # neutral reports among the original posts of a crisis
_STORM_NEAR = 0.25  # of the copies; the others are marked reposts


class _Said(NamedTuple):
    native_id: str
    author: str
    text: str
    label: Label
    language: Language


class Scribe:
    """Turns slots into posts, in order; remembers the last texts of each brand to repeat them."""

    def __init__(self, plan: Plan, uniform: Uniform) -> None:
        self._plan = plan
        self._uniform = uniform
        self._writer = Writer(uniform)
        self._authors = Authors(20_000 if isinstance(plan, LoadPlan) else 5_000, uniform)
        self._recent: dict[tuple[str, str], deque[_Said]] = {}

    def post(self, slot: Slot, native_id: str) -> tuple[RawPost, Meant]:
        """Return the post of `slot`, without receipt and arrival, and what is meant by it."""
        # A hype wave is more of the usual; a crisis and a storm repeat only themselves.
        kind = "base" if slot.origin == "hype" else slot.origin
        recent = self._recent.setdefault((slot.brand.name, kind), deque(maxlen=_RECENT))
        reposts, near_copies = self._copy_shares(slot, len(recent))
        draw = self._uniform()
        if draw < reposts + near_copies:
            said = recent[int(len(recent) * self._uniform())]
            author = self._authors.anyone()
            is_repost = draw < reposts
            text = self._repeat(said, is_repost)
            repost_of = said.native_id if is_repost else ""
            is_copy = True
        else:
            is_first = not recent
            author = self._author_of(slot, is_first)
            said = self._say(slot, native_id, author=author, is_first=is_first)
            recent.append(said)
            text, repost_of, is_copy = said.text, "", False
        post = RawPost(
            source=SOURCE,
            native_id=native_id,
            text=text,
            published_at=slot.at,
            author=author.handle,
            followers=author.followers,
            url=f"https://example.com/simulated/{native_id}",
            repost_of=repost_of,
        )
        meant = Meant(
            brand=slot.brand.name,
            label=said.label,
            origin=slot.origin,
            is_copy=is_copy,
            language=said.language,
        )
        return post, meant

    def _copy_shares(self, slot: Slot, known: int) -> tuple[float, float]:
        if not known:
            return 0.0, 0.0
        if slot.origin == "storm":
            return 1 - _STORM_NEAR, _STORM_NEAR
        if slot.origin == "crisis":
            return (_CRISIS_REPOSTS if known >= 3 else 0.0), 0.0
        if isinstance(self._plan, LoadPlan):
            return self._plan.reposts, 0.0
        return self._plan.reposts, self._plan.near_copies

    def _repeat(self, said: _Said, is_repost: bool) -> str:
        if isinstance(self._plan, LoadPlan):
            return said.text
        return f"RT @{said.author}: {said.text}" if is_repost else self._writer.near_copy(said.text)

    def _author_of(self, slot: Slot, is_first: bool) -> Author:
        if slot.origin in ("base", "hype"):
            return self._authors.regular()
        # What goes viral was seen by many from the start.
        return self._authors.known() if is_first else self._authors.anyone()

    def _say(self, slot: Slot, native_id: str, *, author: Author, is_first: bool) -> _Said:
        label, language, text = self._original(slot, is_first)
        return _Said(native_id, author.handle, text, label, language)

    def _original(self, slot: Slot, is_first: bool) -> tuple[Label, Language, str]:
        brand, write = slot.brand, self._writer.write
        if slot.origin == "storm":
            return "negative", "en", self._writer.complaint(brand)
        if slot.origin == "crisis":
            if is_first:
                return "negative", "en", write(brand, "negative", "en", "crisis_fact")
            if self._uniform() < _CRISIS_NEWS:
                return "neutral", "en", write(brand, "neutral", "en", "crisis_news")
            return "negative", "en", write(brand, "negative", "en", "crisis")
        label = self._mood(brand)
        language: Language = "en"
        if self._uniform() < brand.foreign:
            language = brand.languages[int(self._uniform() * len(brand.languages))]
        return label, language, write(brand, label, language, label)

    def _mood(self, brand: SimulatedBrand) -> Label:
        draw = self._uniform()
        if draw < brand.negative:
            return "negative"
        return "positive" if draw < brand.negative + brand.positive else "neutral"
