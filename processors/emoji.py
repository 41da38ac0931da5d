"""Which emoji take sides, for a model whose vocabulary has none.

The two lists hold what nearly everybody uses one way; in XLM-T's tweets each of them that occurs
six times or more leans that way too. Others (tears of joy, loud crying, fire, folded hands) go
either way, and say nothing here.
"""

from typing import Final

UP: Final = "\u2191"
DOWN: Final = "\u2193"
"""Pieces of BERT's vocabulary that stand for a glad and for an upset emoji."""

GLAD: Final = (
    "\u2665\u2661\u2764\u2763\u263a\u2728"
    "\U0001f499\U0001f49a\U0001f49b\U0001f49c\U0001f9e1\U0001f90d\U0001f90e\U0001f5a4"  # hearts
    "\U0001f493\U0001f495\U0001f496\U0001f497\U0001f498\U0001f49d\U0001f49e\U0001f49f"
    "\U0001f600\U0001f601\U0001f603\U0001f604\U0001f606\U0001f607\U0001f609\U0001f60a"
    "\U0001f60b\U0001f60d\U0001f60e\U0001f618\U0001f619\U0001f61a\U0001f642\U0001f638"
    "\U0001f63a\U0001f63b\U0001f917\U0001f929\U0001f970\U0001f973"  # smiles
    "\U0001f44d\U0001f44f\U0001f44c\U0001f64c\U0001f4aa\U0001f389\U0001f38a\U0001f3c6"
    "\U0001f947\U0001f31f\U0001f4af"
)
UPSET: Final = (
    "\u2639\U0001f494"
    "\U0001f612\U0001f613\U0001f614\U0001f615\U0001f616\U0001f61e\U0001f61f\U0001f620"
    "\U0001f621\U0001f622\U0001f623\U0001f624\U0001f625\U0001f626\U0001f627\U0001f628"
    "\U0001f629\U0001f62b\U0001f630\U0001f63e\U0001f63f\U0001f641\U0001f644\U0001f92c"
    "\U0001f922\U0001f92e\U0001f926\U0001f971\U0001f97a\U0001f47f"  # faces
    "\U0001f44e\U0001f595\U0001f4a9\U0001f5d1\U0001f6ab\u26a0"
)

_MARKS: Final = str.maketrans(
    dict.fromkeys(GLAD, f" {UP} ") | dict.fromkeys(UPSET, f" {DOWN} ") | {UP: " ", DOWN: " "}
)


def mark(text: str) -> str:
    """Put `UP` or `DOWN`, between spaces, in place of each emoji that takes sides.

    Arrows that were there before go.
    """
    return text.translate(_MARKS)
