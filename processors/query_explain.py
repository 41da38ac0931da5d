"""A query in words, for whoever has to know what it finds."""

from collections.abc import Iterable, Iterator

from processors.query import And, Field, Near, Node, Not, Or, Words, flat, written
from processors.records import UNKNOWN_LANGUAGE

_FIELDS = {"source": "published on {}", "author": "by the author {}"}
_SHORT = 72


def explain(node: Node) -> list[str]:
    """Lines, indented by what belongs to what.

    >>> from processors.query_parse import parse_query
    >>> print("\\n".join(explain(parse_query('acme AND ("battery fire"~5 OR #recall) -lang:fr'))))
    all of
      the word acme
      any of
        "battery" and "fire", in any order, at most 5 words between
        the hashtag #recall
      not in the language fr
    """
    return list(_lines(node, "", ""))


def _lines(node: Node, lead: str, indent: str) -> Iterator[str]:
    match node:
        case Not(part=Not(part=inner)):
            yield from _lines(inner, lead, indent)
        case Not(part=part):
            yield from _lines(part, f"{lead}not ", indent)
        case And() | Or():
            kind = And if isinstance(node, And) else Or
            name = "all of" if kind is And else "any of"
            parts = list(flat(node, kind))
            words = ", ".join(written(part) for part in parts)
            if len(words) <= _SHORT and all(isinstance(part, Words) for part in parts):
                yield f"{indent}{lead}{name} the words {words}"
                return
            codes = [part for part in parts if isinstance(part, Field) and part.name == "lang"]
            if kind is Or and len(codes) == len(parts):
                yield f"{indent}{lead}{_languages(codes)}"
                return
            yield f"{indent}{lead}{name}"
            for part in parts:
                yield from _lines(part, "", f"{indent}  ")
        case _:
            yield f"{indent}{lead}{_leaf(node)}"


def _languages(fields: Iterable[Field]) -> str:
    values = [field.value for field in fields]
    known = [value for value in values if value != UNKNOWN_LANGUAGE]
    told = f"in the language {' or '.join(known)}" if known else ""
    if len(known) == len(values):
        return told
    return f"{told}, or too short to tell" if told else "too short to tell its language"


def _leaf(node: Node) -> str:
    match node:
        case Words(text=text):
            if " " in text:
                return f'the words "{text}", side by side'
            kind = {"#": "hashtag", "@": "handle"}.get(text[0], "word")
            return f"the {kind} {text}"
        case Near(words=words, within=within):
            told = " and ".join(f'"{word}"' for word in words)
            words_between = "1 word" if within == 1 else f"{within} words"
            return f"{told}, in any order, at most {words_between} between"
        case Field(name="lang"):
            return _languages([node])
        case Field(name=name, value=value):
            return _FIELDS[name].format(value)
    raise AssertionError(node)
