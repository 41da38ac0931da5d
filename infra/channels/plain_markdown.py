"""Words without meaning in the markdown of DingTalk and WeCom, which know no escapes."""

import re
from collections.abc import Iterable
from typing import Final

from infra.channels.sheet import Line

LOOKALIKES: Final = str.maketrans("*`[]<>\\~|", "＊ˋ［］＜＞＼～｜")
AT_ALL: Final = re.compile(r"@(?=\s*(all|everyone|here|channel|所有人|全体))", re.IGNORECASE)
BEGINS: Final = re.compile(r"^(#+|[-+=>]|\d+[.)](?=\s))")
"""What makes a line a heading, a list or a quotation."""


def plain(words: str) -> str:
    """`words`, one line of them, with lookalikes for what is markup; calls nobody by `@all`."""
    words = AT_ALL.sub("＠", words.translate(LOOKALIKES))
    return BEGINS.sub(lambda begin: "\u200b" + begin[0], words)


def linked(line: Line) -> str:
    """A line, as a link if it leads anywhere."""
    return f"[{plain(line.text)}]({line.url})" if line.url else plain(line.text)


def row(lines: Iterable[Line]) -> str:
    """Links beside each other."""
    return " · ".join(linked(line) for line in lines)
