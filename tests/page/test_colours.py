"""Colours that mean something are told apart by everybody, as far as numbers can say."""

import re
from itertools import combinations

import numpy as np
import pytest

from tests.page_fixture import STATIC

MOODS = ("negative", "neutral", "positive")
APART = 12.0
"""Difference in CIELAB (1976) from which two patches side by side are plainly two: 2.3 is just
noticeable. Mood is told by a sign and by place besides."""
# Severe deficiencies in linear RGB: Machado, Oliveira and Fernandes (2009), table 1.
EYES = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
     [0.0193339, 0.1191920, 0.9503041]]
)  # fmt: skip
WHITE = XYZ.sum(axis=1)
LAB = np.array([[0, 116, 0], [500, -500, 0], [0, 200, -200]])


def colours(theme: str) -> dict[str, str]:
    """Those of the light or the dark sheet."""
    sheet = (STATIC / "app.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root[^{]*\{([^}]*--negative:[^}]*)\}", sheet)[:2]
    found = re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light if theme == "light" else dark)
    return dict(found)


def seen(colour: str, eyes: str) -> np.ndarray:
    """CIELAB of what such eyes make of it."""
    code = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    ratio = XYZ @ np.clip(EYES[eyes] @ linear, 0, 1) / WHITE
    root = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio * (29 / 6) ** 2 / 3 + 4 / 29)
    return LAB @ root - [16, 0, 0]


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_moods_are_told_apart(theme: str, eyes: str) -> None:
    found = colours(theme)
    for one, other in combinations(MOODS, 2):
        apart = np.linalg.norm(seen(found[one], eyes) - seen(found[other], eyes))
        assert apart >= APART, (one, other, apart)


def test_the_measure_knows_red_from_green_and_who_does_not() -> None:
    red, green = "#a05050", "#6d7038"
    apart = {eyes: np.linalg.norm(seen(red, eyes) - seen(green, eyes)) for eyes in EYES}
    assert apart["usual"] > 3 * apart["deuteranopia"]
    assert np.allclose(seen("#ffffff", "usual"), [100, 0, 0], atol=0.1)
