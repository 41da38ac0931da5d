"""Which accounts are suspected of being machines, and why; never said of a single post.

An account is suspected on two grounds that do not follow from one another, or on one that no
person could give. Its grounds are counts of its own posts, reposts left out: passing on is one
click, and people do it by the hundred. The age of accounts is not in the data. A person may be
wrongly suspected, so what is published is how many accounts there are, and never which.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from msgspec import Struct

from forecasting.evidence import Ground, Suspicion
from forecasting.views import PostView

Account = tuple[str, str]  # source and author

LEAST_TEXT: Final = 20  # characters of a text that two people do not write by chance
HOURLY: Final = 12.0  # own posts about one brand: one every five minutes for an hour
HOURLY_EXTREME: Final = 60.0  # one every minute
SLEEPLESS: Final = 20  # of the 24 hours before, those in which the account posted
ONE_TEXT: Final = 6  # posts of one text by one account
ONE_TEXT_EXTREME: Final = 30
AT_ONCE: Final = (timedelta(seconds=10), timedelta(minutes=1))
LEAST_AT_ONCE: Final = 5  # accounts
AT_ONCE_EXTREME: Final = 20
CHANCE: Final = 1e-6  # of so many at once in any window, were they as bursty as the others
CHANCE_EXTREME: Final = 1e-12
BURST: Final = 10.0  # times the mean pace that posts of a story reach of themselves
LEAST_OTHERS: Final = 20  # posts from which their burst is known
MOST_TEXTS: Final = 50  # that are looked at for synchrony, the most frequent


class Case(Struct, frozen=True):
    """One ground for one account."""

    most: int
    is_extreme: bool
    seconds: int = 0


Grounds = Mapping[Account, Mapping[Ground, Case]]


def suspected(
    posts: Sequence[PostView], before: Sequence[PostView] = (), *, hours: float = 1.0
) -> Grounds:
    """The suspected accounts among the authors of `posts`, each with all its grounds.

    `posts` span `hours`, `before` are the posts of the day before. The order changes nothing.
    Authors without a name are nobody's account and never suspected.
    """
    own = [p for p in posts if p.author and not p.is_repost]
    found: dict[Account, dict[Ground, Case]] = defaultdict(dict)
    for account, some in _by_account(own).items():
        pace = len(some) / max(hours, 1.0)
        if pace >= HOURLY:
            found[account]["rate"] = Case(round(pace), pace >= HOURLY_EXTREME)
        texts = Counter(p.key_text for p in some if len(p.key_text) >= LEAST_TEXT)
        same = max(texts.values(), default=0)
        if same >= ONE_TEXT:
            found[account]["reuse"] = Case(same, same >= ONE_TEXT_EXTREME)
    for account, some in _by_account(p for p in before if p.author and not p.is_repost).items():
        awake = len({p.published_at.replace(minute=0, second=0, microsecond=0) for p in some})
        if awake >= SLEEPLESS:
            found[account]["sleepless"] = Case(awake, is_extreme=False)
    for account, ground in _synchronous(own, hours).items():
        found[account]["synchrony"] = ground
    here = {account_of(p) for p in own}
    return {
        account: grounds
        for account, grounds in found.items()
        if account in here and (len(grounds) > 1 or any(g.is_extreme for g in grounds.values()))
    }


def suspicions(posts: Sequence[PostView], grounds: Grounds) -> tuple[Suspicion, ...]:
    """How many accounts each ground holds for, and their posts: most posts first."""
    counts = Counter(account_of(p) for p in posts)
    by_ground: dict[Ground, dict[Account, Case]] = defaultdict(dict)
    for account, each in grounds.items():
        for name, ground in each.items():
            by_ground[name][account] = ground
    made = []
    for name, accounts in by_ground.items():
        # The strongest case; of equally many at once, the shortest time.
        worst = max(accounts.values(), key=lambda g: (g.most, -g.seconds))
        made.append(
            Suspicion(
                ground=name,
                accounts=len(accounts),
                posts=sum(counts[account] for account in accounts),
                most=worst.most,
                seconds=worst.seconds,
            )
        )
    return tuple(sorted(made, key=lambda s: (-s.posts, s.ground)))


def account_of(post: PostView) -> Account:
    """Whose post it is; the name is empty where that is not known."""
    return post.source, post.author


def carries_link(text: str) -> bool:
    """Whether a text holds a link."""
    return "http://" in text or "https://" in text


def _by_account(posts: Iterable[PostView]) -> dict[Account, list[PostView]]:
    found: dict[Account, list[PostView]] = defaultdict(list)
    for post in posts:
        found[account_of(post)].append(post)
    return found


def _synchronous(own: Sequence[PostView], hours: float) -> dict[Account, Case]:
    """Accounts that posted one text together, faster than a story spreads by itself.

    Texts with a link are left out: the share button of an article makes the same text for all.
    """
    by_text: dict[str, list[PostView]] = defaultdict(list)
    for post in own:
        if len(post.key_text) >= LEAST_TEXT and not carries_link(post.text):
            by_text[post.key_text].append(post)
    often = sorted(by_text.items(), key=lambda item: (-len(item[1]), item[0]))[:MOST_TEXTS]
    found: dict[Account, Case] = {}
    for text, some in often:
        if len(some) < LEAST_AT_ONCE:
            break
        others = sorted(p.published_at.timestamp() for p in own if p.key_text != text)
        for width in AT_ONCE:
            for account, ground in _at_once(some, others, width, hours).items():
                if account not in found or found[account].most < ground.most:
                    found[account] = ground
    return found


def _at_once(
    some: Sequence[PostView], others: Sequence[float], width: timedelta, hours: float
) -> dict[Account, Case]:
    """Accounts in the fullest window of `width`, if chance does not explain it."""
    seconds = width.total_seconds()
    times = sorted((p.published_at.timestamp(), account_of(p)) for p in some)
    best: set[Account] = set()
    start = 0
    for end, (time, _) in enumerate(times):
        while time - times[start][0] > seconds:
            start += 1
        if end - start + 1 > len(best):
            inside = {account for _, account in times[start : end + 1]}
            best = inside if len(inside) > len(best) else best
    if len(best) < LEAST_AT_ONCE:
        return {}
    usual = min(BURST * seconds / (3600 * max(hours, 1.0)), 1.0)
    if len(others) >= LEAST_OTHERS:
        usual = max(usual, _fullest(others, seconds) / len(others))
    chance = log_chance(len(best), len(times), usual)
    if chance > math.log(CHANCE):
        return {}
    extreme = len(best) >= AT_ONCE_EXTREME and chance <= math.log(CHANCE_EXTREME)
    return dict.fromkeys(best, Case(len(best), extreme, round(seconds)))


def log_chance(together: int, posts: int, usual: float) -> float:
    """Log of a bound on the chance that any window holds `together` of `posts`.

    Each falls into a window with probability `usual`: the union bound over the sets of so many
    posts and over the windows, one begun by each post. Never below the true chance.

    >>> round(math.exp(log_chance(5, 5, 1 / 36)) * 1e8, 1)
    8.3
    """
    ways = math.lgamma(posts + 1) - math.lgamma(together + 1) - math.lgamma(posts - together + 1)
    return ways + together * math.log(usual) + math.log(posts)


def _fullest(times: Sequence[float], seconds: float) -> int:
    """Most of the sorted times in one window."""
    most = start = 0
    for end, time in enumerate(times):
        while time - times[start] > seconds:
            start += 1
        most = max(most, end - start + 1)
    return most
