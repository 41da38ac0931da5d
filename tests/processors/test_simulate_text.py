"""The texts of simulated posts, whatever the rules and however many."""

import random
import re
from typing import get_args

import pytest

from processors.records import Label
from processors.simulate_domains import DOMAINS
from processors.simulate_foreign import FOREIGN
from processors.simulate_plan import SIMULATED_BRANDS
from processors.simulate_text import PHRASE, Writer
from processors.simulate_words import ENGLISH, Rules

SLOT = re.compile(r"\{(\w+)\}")
STAND_INS = {"b", "phrase"}


@pytest.mark.parametrize("rules", [*(ENGLISH | own for own in DOMAINS.values()), *FOREIGN.values()])
def test_every_rule_that_is_named_exists_and_is_used(rules: Rules) -> None:
    named = {slot for texts in rules.values() for text in texts for slot in SLOT.findall(text)}
    assert named <= rules.keys() | STAND_INS
    starts = {*get_args(Label), "crisis", "crisis_news", "crisis_fact"}
    assert rules.keys() <= named | starts
    assert all("{b}" in text or SLOT.search(text) for text in rules["negative"])


@pytest.mark.parametrize("language", ["en", "es", "de", "fr", "zh"])
@pytest.mark.parametrize("label", get_args(Label))
def test_texts_are_distinct_and_complete(label: Label, language: str) -> None:
    writer = Writer(random.Random(3).random)
    brand = SIMULATED_BRANDS[4]
    texts = [writer.write(brand, label, language, label) for _ in range(500)]  # type: ignore[arg-type]
    assert len(set(texts)) == 500
    for text in texts:
        assert any(alias.lower() in text.lower() for alias in brand.aliases)
        assert not re.search(r"[{}\x00-\x1f]", text)


def test_a_grammar_that_runs_dry_still_gives_distinct_texts() -> None:
    writer = Writer(random.Random(3).random)
    brand = SIMULATED_BRANDS[0]
    texts = [writer.write(brand, "neutral", "en", "phrase") for _ in range(300)]
    assert len({re.sub(r"\W+", "", text.lower()) for text in texts}) > 290
    assert all(PHRASE in text for text in texts)


def test_no_typo_touches_brand_or_key_phrase() -> None:
    writer = Writer(random.Random(5).random)
    brand = SIMULATED_BRANDS[0]
    for _ in range(2_000):
        text = writer.write(brand, "negative", "en", "crisis_fact")
        assert PHRASE in text
        assert "northwind" in text.lower()
