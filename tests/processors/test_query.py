"""Queries: how they are read; a compiled matcher says what a plain reading of them says."""

import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.match import BrandMatcher, WatchedBrand
from processors.query import (
    And,
    Field,
    Near,
    Node,
    Not,
    Or,
    QueryError,
    Words,
    canonical,
    plain,
    written,
)
from processors.query_branch import branches
from processors.query_parse import MAX_DEPTH, MAX_QUERY, parse_query
from processors.query_truth import Facts
from processors.watched import version

FACTS = Facts(lang="en", source="bluesky", author="ann")


def is_about(query: str, text: str, facts: Facts = FACTS) -> bool:
    return bool(BrandMatcher([WatchedBrand("A", query=query)]).match(text, facts=facts))


@pytest.mark.parametrize(
    ("query", "means"),
    [
        ("apple", "'apple'"),
        ("Apple  PIE", "and('apple', 'pie')"),
        ("apple pie -crust", "and('apple', 'pie', not('crust'))"),
        ("a AND b OR c AND d", "or(and('a', 'b'), and('c', 'd'))"),
        ("a AND (b OR c)", "and('a', or('b', 'c'))"),
        ("NOT NOT a", "'a'"),
        ("+a +b", "and('a', 'b')"),
        ('"battery  Fire"', "'battery fire'"),
        ('"battery fire"~5', "near(5; 'battery', 'fire')"),
        ("\u201cbattery fire\u201d", "'battery fire'"),
        (
            "\uff08\u82f9\u679c OR \u624b\u673a\uff09 \u7535\u6c60",
            "and('\u7535\u6c60', or('\u624b\u673a', '\u82f9\u679c'))",
        ),
        ("a lang:(en OR zh) source:Reddit", "and('a', or(lang:'en', lang:'zh'), source:'reddit')"),
        ("a -author:@Bot", "and('a', not(author:'bot'))"),
        ("a lang:(NOT en)", "and('a', not(lang:'en'))"),
        ("AT&T", "'at&t'"),
        ("C++ OR 9/11 OR @acme OR #acme OR $acme", None),
        ("and or not", "and('and', 'not', 'or')"),
        ('"AND"', "'and'"),
        (r"what\?", "'what?'"),
        ("Nestl\u00e9", "'nestle'"),
    ],
)
def test_what_a_query_means(query: str, means: str | None) -> None:
    found = canonical(parse_query(query))
    assert means is None or found == means


@pytest.mark.parametrize(
    ("query", "at", "says"),
    [
        ("", None, "write a word"),
        (" \u200b ", None, "write a word"),
        ("(a OR b", 1, "never closed"),
        ("a OR b)", 7, "never opened"),
        ('a "b c', 3, "never closed"),
        ("a AND", 6, "word is missing"),
        ("OR a", 1, "OR stands where a word is missing"),
        ("a AND OR b", 7, "OR stands where a word is missing"),
        ("a OR b c", 1, "brackets"),
        ("a && b", 3, "write AND"),
        ("a || b", 3, "write OR"),
        ("!a", 1, "write NOT"),
        ("app*", 4, "list the words"),
        ("what?", 5, "list the words"),
        ("a~2", 1, "quotes only"),
        ("a^2", 1, "take it away"),
        ("a /b+/", 3, "regular expressions"),
        ("a [1 TO 3]", 3, "ranges"),
        ("a site:x", 3, "no field"),
        ("a lang:english", 8, "two letters"),
        ("a lang:(en zh)", 9, "write OR"),
        ('a lang:("en zh"~2)', 9, "takes a word"),
        ('"a b"~999', 1, "at most 50"),
        ('"ab"~2', 1, "two words"),
        ('a ""', 3, "blank"),
        ("x " + "(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), 3 + MAX_DEPTH, "brackets in"),
        ("a" * (MAX_QUERY + 1), None, "the most"),
    ],
)
def test_an_error_says_where_and_what_to_do(query: str, at: int | None, says: str) -> None:
    with pytest.raises(QueryError, match=re.escape(says)) as caught:
        parse_query(query)
    assert caught.value.at == (None if at is None else at - 1)
    if at is not None:
        assert f"character {at}:" in str(caught.value)


@pytest.mark.parametrize(
    ("query", "at"),
    [
        ("lang:en", 1),
        ("NOT apple", 1),
        ("apple OR lang:en", 10),
        ("apple OR NOT pie", 10),
        ("apple OR (pear AND kiwi) OR (NOT pie -crust)", 30),
        ("NOT (apple AND pie)", 1),
    ],
)
def test_a_query_that_needs_no_word_is_refused(query: str, at: int) -> None:
    with pytest.raises(QueryError, match="needs no word") as caught:
        branches(parse_query(query))
    assert caught.value.at == at - 1
    with pytest.raises(ValueError, match="'A'"):
        BrandMatcher([WatchedBrand("B"), WatchedBrand("A", query=query)])


@settings(max_examples=300)
@given(st.text() | st.text(alphabet='ab "()~:*?\\/+-!&|^[]{}<>AND OR NOT lang\u82f9'))
def test_every_text_is_a_query_or_an_error_with_its_place(query: str) -> None:
    at = None
    try:
        canonical(parse_query(query))
    except QueryError as error:
        at = error.at
    assert at is None or 0 <= at <= len(query)


@pytest.mark.parametrize(
    ("query", "text", "is_true"),
    [
        ("nestle", "Nestl\u00e9!", True),
        ("Nestl\u00e9", "i hate nestle", True),
        ("\u0141\u00f3d\u017a", "lodz", True),
        ('"battery fire"~2', "the battery of mine caught fire", False),
        ('"battery fire"~3', "the battery of mine caught fire", True),
        ('"battery fire"~0', "fire battery", True),
        ('"a a"~1', "a b c a", False),
        ('"a a"~2', "a b c a", True),
        ('"a a"~2', "a", False),
        ('"\u7535\u6c60 \u8d77\u706b"~2', "\u7535\u6c60\u7a81\u7136\u8d77\u706b\u4e86", True),
        ('"\u7535\u6c60 \u8d77\u706b"~1', "\u7535\u6c60\u7a81\u7136\u8d77\u706b\u4e86", False),
        ('"battery fire"', "battery, fire", False),
        ("#acme", "love #Acme", True),
        ("#acme", "love acme", False),
        ("acme", "\uff03\uff21\uff23\uff2d\uff25", True),
        ("acme -http", "see http://x.com acme", True),
        ("acme lang:en", "acme", True),
        ("acme lang:zh", "acme", False),
        ("acme source:bluesky author:Ann", "acme", True),
        ("acme -author:@ann", "acme", False),
        ("acme (strike OR author:bob)", "acme strike", True),
        ("acme (strike OR author:bob)", "acme", False),
    ],
)
def test_what_a_query_finds(query: str, text: str, is_true: bool) -> None:
    assert is_about(query, text) == is_true


def test_aliases_count_beside_a_query_and_the_name_does_not() -> None:
    brand = WatchedBrand("Apple", ("iphone",), query="apple AND mac", exclude=("pie", "juice bar"))
    match = BrandMatcher([brand]).match
    assert match("my iphone") == match("an apple mac") == ("Apple",)
    assert match("an apple") == match("iphone pie") == match("apple mac at the juice bar") == ()
    other = WatchedBrand("Apple", exclude="pie OR (juice bar)")
    assert BrandMatcher([other]).match("bar juice apple") == ()


def test_languages_leave_out_only_what_is_known_to_be_in_another() -> None:
    matcher = BrandMatcher([WatchedBrand("Acme", languages=("en", "zh"))])
    found = [matcher.match("acme", facts=Facts(code, "x", "")) for code in ("en", "und", "fr")]
    assert found == [("Acme",), ("Acme",), ()]


def test_a_version_is_that_of_the_meaning() -> None:
    one = WatchedBrand("A", ("x", "y"), query="(a OR b) c", exclude=("p", "q"), languages=("en",))
    same = WatchedBrand(
        "A", ("Y", "x"), query=" C  AND (B OR  a)", exclude="q OR p", languages=("en",)
    )
    assert version(one) == version(same) == version(one)
    others = [
        WatchedBrand("A", ("x",), query="(a OR b) c"),
        WatchedBrand("A", query="(a OR b) c"),
        WatchedBrand("A", query="(a OR b) c", languages=("en",)),
        WatchedBrand("A", query="(a OR b) c", exclude=("p",)),
        WatchedBrand("A", query="(a OR b) AND NOT c"),
        WatchedBrand("A", query='"a b" c'),
        WatchedBrand("A", query='"a b"~1 c'),
        WatchedBrand("A"),
        WatchedBrand("A", ("b",)),
    ]
    assert len({version(brand) for brand in (one, *others)}) == len(others) + 1
    assert re.fullmatch("[0-9a-f]{8}", version(one))


LETTERS = ["a", "b", "ab", "\u00e1", "\u82f9\u679c", "\u679c", "b1", "#a", "@b", "a b", "a.b"]
words_of = st.sampled_from(LETTERS).map(lambda text: Words(text=plain(text)))
near_of = st.builds(
    lambda some, within: Near(words=tuple(map(plain, some)), within=within),
    st.lists(st.sampled_from([w for w in LETTERS if " " not in w]), min_size=2, max_size=3),
    st.integers(0, 3),
)
field_of = st.sampled_from(
    [
        Field(name="lang", value="en"),
        Field(name="source", value="x"),
        Field(name="author", value="bob"),
    ]
)
trees = st.recursive(
    words_of | near_of | field_of,
    lambda inner: st.one_of(
        inner.map(lambda part: Not(part=part)),
        st.lists(inner, min_size=2, max_size=4).map(lambda some: And(parts=tuple(some))),
        st.lists(inner, min_size=2, max_size=4).map(lambda some: Or(parts=tuple(some))),
    ),
    max_leaves=8,
)
posts = st.tuples(
    st.lists(st.sampled_from([*LETTERS, " ", " ", "c", "\u2014"]), max_size=10).map("".join),
    st.sampled_from([Facts("en", "x", "ann"), Facts("zh", "y", "bob"), Facts("und", "x", "")]),
)


_WORD = r"[^\W\u4e00-\u9fff]"


def places(words: str, text: str) -> list[tuple[int, int]]:
    left = f"(?<!{_WORD})" if re.match(f"{_WORD}|[#@]", words[0]) else ""
    right = f"(?!{_WORD})" if re.match(_WORD, words[-1]) else ""
    found = re.finditer(f"(?={left}({re.escape(words)}){right})", text)
    return [one.span(1) for one in found]


def plainly(node: Node, text: str, facts: Facts) -> bool:
    """What the query says, by the letter."""
    match node:
        case Words(text=words):
            return bool(places(words, text))
        case Near(words=words, within=within):
            begins = [one.start() for one in re.finditer(f"{_WORD}+|[\u4e00-\u9fff]", text)]
            for some in product(*(places(word, text) for word in words)):
                chosen = [(word, span) for word, span in zip(words, some, strict=True)]
                if len(set(chosen)) < len(chosen):
                    continue  # the same mention twice
                counts = [sum(first <= at < end for at in begins) for first, end in some]
                first, end = min(a for a, _ in some), max(b for _, b in some)
                between = sum(first <= at < end for at in begins) - sum(counts)
                if between <= within:
                    return True
            return False
        case Field(name=name, value=value):
            return bool(getattr(facts, name) == value)
        case Not(part=part):
            return not plainly(part, text, facts)
        case And(parts=parts):
            return all(plainly(part, text, facts) for part in parts)
        case Or(parts=parts):
            return any(plainly(part, text, facts) for part in parts)


@settings(max_examples=400)
@given(st.lists(trees, min_size=1, max_size=3), posts)
def test_a_compiled_matcher_says_what_a_plain_reading_says(
    nodes: list[Node], post: tuple[str, Facts]
) -> None:
    text, facts = post
    brands, expected = [], []
    for number, node in enumerate(nodes):
        assert canonical(parse_query(written(node))) == canonical(node)
        try:
            branches(node)
        except QueryError:
            node = And(parts=(node, Words(text="a")))
        brands.append(WatchedBrand(f"B{number}", query=written(node)))
        if plainly(node, plain(text), facts):
            expected.append(f"B{number}")
    assert BrandMatcher(brands).match(text, facts=facts) == tuple(expected)


@settings(max_examples=200)
@given(trees, posts)
def test_a_query_that_is_refused_could_be_true_of_a_post_without_its_words(
    node: Node, post: tuple[str, Facts]
) -> None:
    """And one that is not refused is never true of such a post."""
    text, facts = post
    try:
        found = branches(node)
    except QueryError:
        return
    if not any(word in plain(text) for branch in found for word in branch.words):
        assert not plainly(node, plain(text), facts)
