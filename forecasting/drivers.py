"""Why, and who says it: from the posts of a surge and the posts before it to evidence."""

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Final

from msgspec import Struct

from forecasting.automation import account_of
from forecasting.evidence import Evidence, Example, Stamps, Term
from forecasting.examples import Read, pick_examples, repeats, weights_of
from forecasting.growth import Hours, only_one, parts
from forecasting.keyness import grown, top_terms
from forecasting.organic import origin
from forecasting.spread import clusters, example_of, loudest
from forecasting.terms import hashtags_of, might_hold, terms_of
from forecasting.topics import topics
from forecasting.views import PostView

HASHTAGS: Final = 3


class Background(Struct, frozen=True, kw_only=True):
    """What a surge is read against.

    `before`: posts of the same brand from before it, of the same mood; empty is allowed, terms are
    then merely frequent. `earlier`: posts from the beginning of the story on, of which one may be
    its first. `names`: the brand's own names and handles.
    """

    before: Sequence[PostView] = ()
    earlier: Sequence[PostView] = ()
    names: Collection[str] = ()
    hours: Hours = Hours(1.0, 24.0)


def evidence(
    surge: Sequence[PostView],
    against: Background,
    *,
    of_mood: bool = True,
    stamps: Stamps | None = None,
) -> Evidence:
    """Explain the posts of a surge by what they say that those before it do not.

    `of_mood`: they are negative posts, and the surest ones are the best examples. The order of
    the posts changes nothing. Time is linear: about 0.1 ms a post.
    """
    posts = sorted(surge, key=lambda p: (p.published_at, p.post_id))
    before, names = against.before, against.names
    read = _reader(terms_of, names)
    said = [read(p) for p in posts]
    authors = [account_of(p) if p.author else p.post_id for p in posts]
    found = grown(said, [read(p) for p in before], authors)
    terms = top_terms(found)
    themes = topics(found.where, len(posts))
    told = {*(t.text for t in terms), *(t for theme in themes for t in theme.terms)}
    pairs = [Read(post, each) for post, each in zip(posts, said, strict=True)]
    came = origin(posts, before, hours=against.hours.now)
    texts, ids = clusters(posts, against.earlier)
    sources = [p.source for p in posts], [p.source for p in before]
    languages = [p.lang for p in posts], [p.lang for p in before]
    return Evidence(
        terms=terms,
        sources=parts(*sources, against.hours),
        languages=parts(*languages, against.hours),
        authors=len({account_of(p) for p in posts if p.author}),
        reposts=sum(repeats(p) for p in posts),
        organic_share=came.organic / len(posts) if posts else 0.0,
        examples=tuple(
            example_of(p)
            for p in pick_examples(pairs, weights_of(pairs, told, found.frequent), of_mood=of_mood)
        ),
        first=_first((*against.earlier, *posts), terms, names),
        stamps=stamps,
        posts=len(posts),
        hashtags=_hashtags(posts, against, authors),
        topics=themes,
        clusters=texts,
        cluster_ids=ids,
        loudest=loudest(posts),
        origin=came,
        only_source=only_one(*sources, against.hours),
        only_language=only_one(*languages, against.hours),
    )


def _reader(
    split: Callable[[str, Collection[str]], frozenset[str]], names: Collection[str]
) -> Callable[[PostView], frozenset[str]]:
    """Reads each text once: where there are many posts, many are copies."""
    known: dict[str, frozenset[str]] = {}

    def read(post: PostView) -> frozenset[str]:
        if post.text not in known:
            known[post.text] = split(post.text, names)
        return known[post.text]

    return read


def _first(
    posts: Sequence[PostView], terms: Sequence[Term], names: Collection[str]
) -> Example | None:
    """The first post that holds the top term."""
    for post in sorted(posts, key=lambda p: (p.published_at, p.post_id)) if terms else ():
        if might_hold(post.text, terms[0].text) and terms[0].text in terms_of(post.text, names):
            return example_of(post)
    return None


def _hashtags(
    posts: Sequence[PostView], against: Background, authors: Sequence[Hashable]
) -> tuple[Term, ...]:
    read = _reader(hashtags_of, against.names)
    found = grown([read(p) for p in posts], [read(p) for p in against.before], authors)
    return top_terms(found)[:HASHTAGS]
