"""A query as a function of a text: true, false, or a question to be asked of what else is known of
the post."""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from processors.passage import Passage
from processors.query import And, Field, FieldName, Near, Node, Not, Or, Words, flat, walk


class Facts(Struct, frozen=True, gc=False):
    """What a post says of itself, in the form of `processors.query_parse.field_value`."""

    lang: str
    source: str
    author: str


Question = Callable[[Facts], bool]
Answer = bool | Question
Test = Callable[[Passage], Answer]

_OF: Final[dict[FieldName, Callable[[Facts], str]]] = {
    "lang": lambda facts: facts.lang,
    "source": lambda facts: facts.source,
    "author": lambda facts: facts.author,
}


def test_of(node: Node) -> Test:
    """The function of a query."""
    if not any(isinstance(part, Words | Near) for part in walk(node)):
        question = _question(node)
        return lambda _: question
    match node:
        case Words(text=text):
            return lambda passage: passage.has(text)
        case Near(words=words, within=within):
            return lambda passage: passage.near(words, within)
        case Not(part=part):
            return _negated(part)
        case _:
            return _many(node)


def _negated(part: Node) -> Test:
    inner = test_of(part)

    def test(passage: Passage) -> Answer:
        answer = inner(passage)
        return not answer if isinstance(answer, bool) else _opposite(answer)

    return test


def _opposite(question: Question) -> Question:
    return lambda facts: not question(facts)


def _many(node: Node) -> Test:
    kind = And if isinstance(node, And) else Or
    decides = kind is Or
    words: list[str] = []
    asked: list[Node] = []
    others: list[Node] = []
    for part in flat(node, kind):
        if isinstance(part, Words):
            words.append(part.text)
        else:
            has_words = any(isinstance(one, Words | Near) for one in walk(part))
            (others if has_words else asked).append(part)
    tests = [test_of(part) for part in others]
    if words:  # first: what they say costs least
        tests.insert(0, _any_of(words) if decides else _all_of(words))
    question = _question(kind(parts=tuple(asked))) if asked else None
    if len(tests) == 1:
        return tests[0] if question is None else _with_question(tests[0], question, decides=decides)
    return _joined(tests, question, decides=decides)


def _any_of(words: Sequence[str]) -> Test:
    some = tuple(dict.fromkeys(words))

    def test(passage: Passage) -> bool:
        text = passage.text
        for one in some:  # noqa: SIM110 - of few, a loop costs half of `any`
            if one in text and passage.has(one):
                return True
        return False

    return test


def _all_of(words: Sequence[str]) -> Test:
    some = tuple(dict.fromkeys(words))

    def test(passage: Passage) -> bool:
        text = passage.text
        for one in some:  # noqa: SIM110
            if one not in text or not passage.has(one):
                return False
        return True

    return test


def _with_question(inner: Test, question: Question, *, decides: bool) -> Test:
    def test(passage: Passage) -> Answer:
        answer = inner(passage)
        if answer is decides:
            return decides
        if isinstance(answer, bool):
            return question
        return _together([answer, question], decides=decides)

    return test


def _joined(tests: Sequence[Test], question: Question | None, *, decides: bool) -> Test:
    """A part that is as `decides` says decides; else what is open stays open."""

    def test(passage: Passage) -> Answer:
        still_open = [] if question is None else [question]
        for one in tests:
            answer = one(passage)
            if answer is decides:
                return decides
            if not isinstance(answer, bool):
                still_open.append(answer)
        return _together(still_open, decides=decides) if still_open else not decides

    return test


def _together(questions: Sequence[Question], *, decides: bool) -> Question:
    if len(questions) == 1:
        return questions[0]
    if decides:
        return lambda facts: any(question(facts) for question in questions)
    return lambda facts: all(question(facts) for question in questions)


def _question(node: Node) -> Question:
    """Of a query without words."""
    match node:
        case Field(name=name, value=value):
            return _one_of(name, {value})
        case Not(part=part):
            return _opposite(_question(part))
        case And():
            return _together([_question(part) for part in flat(node, And)], decides=False)
        case Or():
            values: dict[FieldName, set[str]] = {}
            others = []
            for part in flat(node, Or):
                if isinstance(part, Field):
                    values.setdefault(part.name, set()).add(part.value)
                else:
                    others.append(_question(part))
            some = [_one_of(name, one) for name, one in values.items()]
            return _together([*some, *others], decides=True)
        case _:
            raise AssertionError(node)


def _one_of(name: FieldName, values: set[str]) -> Question:
    some, of = frozenset(values), _OF[name]
    return lambda facts: of(facts) in some
