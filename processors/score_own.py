"""A scorer of somebody else's, found by import."""

from importlib import import_module
from typing import Any

from processors.score import AnswerError, ModelError, Scorer, checked

SAMPLE = "The train was late again and nobody said why."


def open_own(name: str, *, threads: int) -> Scorer:
    """Return the scorer that the function `MODULE:FUNCTION` makes for so many threads.

    Raises ModelError if there is no such function, it fails, or what it makes is no scorer: it is
    asked about one text.
    """
    scorer = _made(name, threads)
    version = getattr(scorer, "version", None)
    if not isinstance(version, str) or not version or not callable(getattr(scorer, "score", None)):
        raise ModelError(f"py:{name}: made a {type(scorer).__name__}, no scorer with a version")
    try:
        checked(scorer.score([SAMPLE], languages=["en"]), [SAMPLE])
    except AnswerError as error:
        raise ModelError(f"py:{name}: answers wrongly: {error}") from error
    except Exception as error:
        raise ModelError(f"py:{name}: cannot score: {_said(error)}") from error
    found: Scorer = scorer
    return found


def _made(name: str, threads: int) -> Any:
    module, colon, function = name.partition(":")
    if not module or not colon or not function:
        raise ModelError(f"py:{name}: write py:MODULE:FUNCTION, such as py:ours.models:scorer")
    try:
        make = getattr(import_module(module), function)
    except Exception as error:
        raise ModelError(f"py:{name}: cannot be imported: {_said(error)}") from error
    try:
        return make(threads)
    except Exception as error:
        raise ModelError(f"py:{name}: {function}({threads}) failed: {_said(error)}") from error


def _said(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
