"""`groundswell score`: texts in, one a line or JSONL; JSONL out, in the same order."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal, NamedTuple, Never

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from infra.well_formed import well_formed
from processors.explain import explain, largest_first
from processors.records import Label
from processors.score import Scorer
from streams.lines import MAX_LINE

BATCH: Final = 512
WITHIN: Final = 0.05
"""Seconds that the first line of a batch waits for more."""
Kind = Literal["auto", "jsonl", "lines"]
_CODE = re.compile("[a-z]{2}|und")


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line out."""

    label: Label
    p_negative: float
    p_neutral: float
    p_positive: float
    abstained: bool
    language: str
    model: str
    id: Raw | UnsetType = UNSET  # as it was in the input
    explanation: list[tuple[str, float]] | UnsetType = UNSET  # the strongest support first


class Unread(Struct, frozen=True):
    """One line out, for a line in that cannot be read."""

    error: str
    line: int  # from 1


class Post(NamedTuple):
    """A text to score."""

    text: str
    id: Raw | UnsetType = UNSET


class LineScorer:
    """Answers lines with lines. `unread` counts those that could not be read.

    `language`: gives the language of a text. `explained`: with the words that moved each score;
    about as many times as slow as a text has words.
    """

    def __init__(
        self,
        scorer: Scorer,
        language: Callable[[str], str],
        *,
        kind: Kind = "auto",
        text_field: str = "text",
        explained: bool = False,
    ) -> None:
        self.unread = 0
        self._scorer = scorer
        self._language = language
        self._kind = kind
        self._field = text_field
        self._explained = explained
        self._lines = 0

    def answer(self, lines: Sequence[bytes]) -> bytes:
        """Return a line for each of `lines`; for an empty one, that there is nothing to read."""
        read = [self._read(line) for line in lines]
        posts = [one for one in read if isinstance(one, Post)]
        answers = iter(self._answers(posts))
        self.unread += len(read) - len(posts)
        found = [next(answers) if isinstance(one, Post) else one for one in read]
        return msgspec.json.Encoder().encode_lines(found)

    def _read(self, line: bytes) -> Post | Unread:
        self._lines += 1
        if self._lines == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        line = line.removesuffix(b"\r")
        if not line.strip():
            return Post("")
        if self._kind == "auto":
            self._kind = "jsonl" if _is_object(line) else "lines"
        if self._kind == "lines":
            return Post(line.decode(errors="replace"))
        try:
            return _from_json(line, self._field)
        except ValueError as error:
            return Unread(str(error), self._lines)

    def _answers(self, posts: Sequence[Post]) -> Iterable[Answer]:
        texts = [post.text for post in posts]
        languages = [self._language(text) for text in texts]
        given = self._scorer.score(texts, languages=languages)
        for post, language, one in zip(posts, languages, given, strict=True):
            yield Answer(
                label=one.label,
                p_negative=one.p_negative,
                p_neutral=one.p_neutral,
                p_positive=one.p_positive,
                abstained=one.abstained,
                language=language,
                model=one.model,
                id=post.id,
                explanation=self._explanation(post.text, language),
            )

    def _explanation(self, text: str, language: str) -> list[tuple[str, float]] | UnsetType:
        if not self._explained:
            return UNSET
        found = largest_first(explain(self._scorer, text, language=language))
        return [(well_formed(word), effect) for word, effect in found]


def language_of(code: str) -> Callable[[str], str]:
    """Return what tells a text's language: `code` itself, or with `auto` a detector."""
    if code == "auto":
        from processors.language import LanguageDetector

        return LanguageDetector().detect
    if not _CODE.fullmatch(code):
        from streams.failures import UsageError

        raise UsageError(f"--language {code}: neither auto nor a code such as en or und")
    return lambda _: code


def _is_object(line: bytes) -> bool:
    try:
        return bool(_fields(line)) or line.split() == [b"{}"]
    except ValueError:
        return False


def _from_json(line: bytes, field: str) -> Post:
    """Return the post in a line of JSON; ValueError says in one line what is wrong."""
    if len(line) > MAX_LINE:
        raise ValueError(f"longer than {MAX_LINE} bytes")
    fields = _fields(line)
    if field not in fields:
        raise ValueError(f"no field {field!r}; it has {', '.join(list(fields)[:10]) or 'none'}")
    text = json.loads(bytes(fields[field]))
    if not isinstance(text, str):
        raise ValueError(f"field {field!r} is no text")
    return Post(text, fields.get("id", UNSET))


def _fields(line: bytes) -> dict[str, Raw]:
    """Return the fields of a JSON object, each as it was written; ValueError."""
    text = line.decode(errors="replace")
    try:
        return msgspec.json.decode(text, type=dict[str, Raw])
    except (msgspec.MsgspecError, RecursionError):
        pass
    try:
        # Takes lone surrogates, which platforms do send.
        found = json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"no JSON: {error.msg} at character {error.pos + 1}") from error
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return {well_formed(name): Raw(json.dumps(value).encode()) for name, value in found.items()}


def _no_number(name: str) -> Never:
    raise ValueError(f"no JSON: {name} is no number")
