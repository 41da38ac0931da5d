"""Posts whose truth is known: what must be counted is made beside them, not by the program.

A text is either equal to another or clearly different from it, so clusters are known; brands are
the names that its maker put in; labels are asked of the scorer once for each distinct text.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from processors.language import LanguageDetector
from processors.score import load_scorer
from tests.faults.figures import Figures

BRANDS = ("Northwind", "Contoso", "Fabrikam", "Litware")
MODEL = "english"
CURSED = "cursed"
START = datetime(2025, 3, 1, 8, tzinfo=UTC)
BUCKET = timedelta(minutes=5)
OPINIONS = (
    "I hate {brand}, worst ever:",
    "{brand} was great, I love it,",
    "does anybody know if {brand} sells",
    "{brand} is broken and nobody answers:",
    "so happy with {brand} and this",
    "today at {brand}:",
    "{brand}, what a terrible scam with",
)
_WORDS = """
anchor apple arrow bakery balcony barrel basket beacon bicycle blanket bottle branch bridge
bucket button cabin candle canyon carpet castle cellar chimney circle closet cobweb compass
copper corner cottage cotton cradle curtain desert dolphin drawer engine envelope falcon feather
fiddle forest fountain garage garden gate glacier goblet granite guitar hammer harbour hatchet
hedge helmet hinge horizon island jacket jigsaw kettle kitchen ladder lagoon lantern lemon
locket magnet mantle maple marble meadow mirror monsoon mortar muffin needle nickel nozzle
orchard otter oyster paddle palace parcel pasture pebble pencil pepper pigeon pillow pistol
plaster pocket pollen pony prairie puddle pumpkin puzzle quarry quilt rabbit radish raft ribbon
ridge rocket saddle sandal satchel scarf shovel shutter silver sketch sparrow spindle sponge
staple statue stream tablet tailor temple thimble thunder timber tractor trellis trumpet tunnel
turnip umbrella valley velvet violin wagon walnut whistle willow window winter wizard yogurt
zipper
"""
WORDS = tuple(_WORDS.split())
FILLERS = 8
"""Words of a text that are its own: two texts share less than half of what is compared."""


@dataclass(frozen=True, slots=True)
class Post:
    """One row of a feed, and what must become of it."""

    position: int
    id: str
    author: str
    text: Any
    brands: tuple[str, ...]
    claimed: datetime
    observed: datetime
    outcome: str = "stored"  # stored, repeat, dropped, dead, edited, erased
    reason: str = ""
    kind: str = "post"  # post, edit, delete, account_delete
    edited: datetime | None = None

    @property
    def published(self) -> datetime:
        """When it counts."""
        return min(self.claimed, self.observed)


def make_posts(seed: int, count: int, *, hours: float = 8.0, lying: bool = False) -> list[Post]:
    """A feed in order of time: half of the texts come more than once, some ids come again, some
    rows are bad, some are about nobody or say nothing.

    With `lying`, some authors' clocks run ahead, and what comes again under an id is the same post;
    without, it is another text, which must not replace the first.
    """
    chance = random.Random(f"posts {seed}")
    texts = make_texts(chance, count // 2)
    step = timedelta(hours=hours) / count
    made: list[Post] = []
    owners: list[Post] = []
    for position in range(count):
        at = START + step * position + step * chance.random() * 0.9
        at -= timedelta(microseconds=at.microsecond)
        text, brands = chance.choice(texts)
        post = Post(position, f"{seed}-{position}", f"a{position % 97}", text, brands, at, at)
        if lying and chance.random() < 0.2:
            post = replace(post, claimed=at + timedelta(minutes=chance.randrange(1, 600)))
        kind = chance.random()
        if kind < 0.05 and owners:
            owner = chance.choice(owners)
            same = {"text": owner.text, "brands": owner.brands, "claimed": owner.claimed}
            post = replace(post, id=owner.id, outcome="repeat", reason="repeat")
            post = replace(post, **same) if lying else post
        elif kind < 0.11:
            post = chance.choice(ODDITIES)(post)
        else:
            owners.append(post)
        made.append(post)
    return made


def make_texts(chance: random.Random, count: int) -> list[tuple[str, tuple[str, ...]]]:
    """Distinct texts with the brands they name."""
    texts: dict[str, tuple[str, ...]] = {}
    while len(texts) < count:
        brands = tuple(sorted(chance.sample(BRANDS, k=chance.choice((1, 1, 1, 1, 2)))))
        opinion = chance.choice(OPINIONS).format(brand=" and ".join(brands))
        texts[f"{opinion} {' '.join(chance.sample(WORDS, FILLERS))}"] = brands
    return list(texts.items())


def _about_nobody(post: Post) -> Post:
    words = " ".join(random.Random(post.id).sample(WORDS, FILLERS))
    return replace(post, text=words, brands=(), outcome="dropped", reason="no_brand")


def _says_nothing(post: Post) -> Post:
    return replace(post, text=" \u200b ", brands=(), outcome="dropped", reason="empty_text")


def _without_text(post: Post) -> Post:
    return replace(post, text=None, outcome="dead", reason="missing_field")


def _number_for_text(post: Post) -> Post:
    return replace(post, text=7, outcome="dead", reason="wrong_type")


def _too_old(post: Post) -> Post:
    old = datetime(1999, 12, 31, tzinfo=UTC)
    return replace(post, claimed=old, outcome="dead", reason="time_out_of_range")


ODDITIES: Sequence[Callable[[Post], Post]] = (
    _about_nobody,
    _about_nobody,
    _says_nothing,
    _without_text,
    _number_for_text,
    _too_old,
)


def as_row(post: Post) -> bytes:
    """A line of a file for `groundswell replay`."""
    row = {"id": post.id, "time": post.claimed.isoformat(), "author": post.author}
    return _json(row | ({} if post.text is None else {"text": post.text}))


def as_raw(post: Post, *, feed: str) -> bytes:
    """An item of a message of posts.raw, with its receipt."""
    item = {
        "source": "test",
        "native_id": post.id,
        "author": post.author,
        "published_at": post.claimed.isoformat(),
        "observed_at": post.observed.isoformat(),
        "feed": feed,
        "position": post.position,
    }
    if post.kind != "post":
        item["kind"] = post.kind
    if post.kind == "account_delete":
        item |= {"native_id": "", "at": post.observed.isoformat()}
    if post.edited:
        item["edited_at"] = post.edited.isoformat()
    return _json(item | ({} if post.text is None else {"text": post.text}))


def _json(item: dict[str, Any]) -> bytes:
    return json.dumps(item, ensure_ascii=False).encode()


@cache
def label_of(text: str) -> str:
    """The model's label of a text, asked once."""
    return labels_of([text])[text]


@cache
def _model() -> tuple[Any, LanguageDetector]:
    return load_scorer(MODEL, threads=2), LanguageDetector()


def labels_of(texts: Sequence[str]) -> dict[str, str]:
    """The model's label of each text."""
    scorer, detector = _model()
    languages = [detector.detect(text.lower()) for text in texts]
    answers = scorer.score(texts, languages=languages)
    return {text: answer.label for text, answer in zip(texts, answers, strict=True)}


def truth_of(posts: Iterable[Post]) -> Figures:
    """What must be counted once all these have been through the line."""
    every = list(posts)
    stored = what_is_left(every)
    labels = labels_of(list(dict.fromkeys(post.text for post in stored)))
    rows = [(brand, post) for post in stored for brand in post.brands]
    return Figures(
        receipts=dict(Counter(f"{post.outcome} {post.reason}".strip() for post in every)),
        dead_letters=dict(Counter(post.reason for post in every if post.outcome == "dead")),
        posts=len(stored),
        buckets=dict(
            Counter(
                f"{brand} {_bucket(post.published):%m-%d %H:%M} {labels[post.text]}"
                for brand, post in rows
            )
        ),
        clusters=dict(Counter(f"{brand}: {post.text}" for brand, post in rows)),
        voices=dict.fromkeys({f"{brand}: {post.text}" for brand, post in rows}, 1),
    )


def what_is_left(posts: Sequence[Post]) -> list[Post]:
    """The posts that count in the end, with the texts that count."""
    left = {post.id: post for post in posts if post.outcome == "stored"}
    for edit in sorted((post for post in posts if post.edited), key=lambda post: post.observed):
        left[edit.id] = replace(left[edit.id], text=edit.text, brands=edit.brands)
    for gone in posts:
        if gone.kind == "delete":
            left.pop(gone.id, None)
        elif gone.kind == "account_delete":
            theirs = [post for post in left.values() if post.author == gone.author]
            for post in theirs:
                if post.published <= gone.observed:
                    del left[post.id]
    return list(left.values())


def curse(posts: Sequence[Post], count: int) -> list[Post]:
    """`count` of the posts made so that the scorers of tests.faults.scorers fail at them."""
    times = Counter(post.id for post in posts)
    chance = random.Random(f"curse {posts[0].id}")
    single = [post for post in posts if post.outcome == "stored" and times[post.id] == 1]
    chosen = {post.position for post in chance.sample(single, count)}
    texts = iter(make_texts(chance, count))

    def cursed(post: Post) -> Post:
        text, brands = next(texts)
        text = f"{CURSED} {text}"
        return replace(post, text=text, brands=brands, outcome="dead", reason="poison")

    return [cursed(post) if post.position in chosen else post for post in posts]


def _bucket(at: datetime) -> datetime:
    return at - (at - datetime(2000, 1, 1, tzinfo=UTC)) % BUCKET
