"""Made-up posts and edits of real ones: drawn with a seed, labelled as meant."""

import re
from random import Random

import pytest

from processors.emoji import DOWN, UP

pytestmark = pytest.mark.train

NEGATIVE, NEUTRAL, POSITIVE = range(3)


def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    from processors.train import synthetic

    monkeypatch.setattr(synthetic, "EDITED_MADE", 0.0)
    monkeypatch.setattr(synthetic, "EDITED", 0.0)


def _labels_by_template() -> list[tuple[re.Pattern[str], int]]:
    from processors.train import synthetic_words as words

    found = []
    for label, templates in enumerate((words.NEGATIVE, words.NEUTRAL, words.POSITIVE)):
        found += [(template, label) for template in templates]
    found += [*words.ABOUT_PEOPLE, *words.DIALECT]
    fields = {"t": words.THINGS, "g": words.GOOD, "b": words.BAD, "m": words.MISHAPS}
    fields |= {"f": words.FAIR, "p": words.PEOPLE, "w": words.WHO, "n": words.PLACES}
    patterns = []
    for template, label in found:
        pattern = re.escape(template.lower())
        for name, choices in fields.items():
            some = "(?:" + "|".join(re.escape(one.lower()) for one in choices) + ")"
            pattern = some.join(re.split(rf"\\\{{{name}2?\\\}}", pattern))
        patterns.append((re.compile(pattern + r"[.!]*", re.IGNORECASE), label))
    return patterns


@pytest.mark.parametrize("marks", [True, False])
def test_the_same_seed_gives_the_same_posts(marks: bool) -> None:
    from processors.train.synthetic import augment, made_up

    posts = made_up(300, random=Random(1), marks=marks)
    assert len(posts) == 300
    assert posts == made_up(300, random=Random(1), marks=marks)
    assert posts != made_up(300, random=Random(2), marks=marks)
    edited = list(augment(posts, random=Random(3), marks=marks))
    assert edited == list(augment(posts, random=Random(3), marks=marks))
    assert edited != list(augment(posts, random=Random(4), marks=marks))


def test_marks_only_where_asked_for() -> None:
    from processors.train.synthetic import augment, made_up

    plain = made_up(3_000, random=Random(0), marks=False)
    plain += list(augment(plain, random=Random(1), marks=False))
    assert not [one.text for one in plain if UP in one.text or DOWN in one.text]
    marked = made_up(3_000, random=Random(0), marks=True)
    assert 0.08 < sum(UP in one.text or DOWN in one.text for one in marked) / 3_000 < 0.16


def test_a_mark_decides_the_label_of_a_made_up_post() -> None:
    from processors.train.synthetic import made_up

    posts = made_up(3_000, random=Random(0), marks=True)
    glad = {one.label for one in posts if UP in one.text}
    upset = {one.label for one in posts if DOWN in one.text}
    assert (glad, upset) == ({POSITIVE}, {NEGATIVE})
    assert not [one.text for one in posts if UP in one.text and DOWN in one.text]


def test_labels_are_those_of_the_template(monkeypatch: pytest.MonkeyPatch) -> None:
    from processors.train.synthetic import made_up

    _plain(monkeypatch)
    patterns = _labels_by_template()
    for one in made_up(1_500, random=Random(0), marks=False):
        meant = {label for pattern, label in patterns if pattern.fullmatch(one.text)}
        assert meant == {one.label}, one.text


def test_all_kinds_occur_and_every_post_is_finished() -> None:
    from processors.train.synthetic import made_up

    posts = made_up(2_000, random=Random(0), marks=True)
    assert {one.language for one in posts} == {"en"}
    shares = [sum(one.label == label for one in posts) / 2_000 for label in range(3)]
    assert min(shares) > 0.2
    assert not [one.text for one in posts if "{" in one.text or not one.text.strip()]
    assert any("neighbour" in one.text for one in posts)
    assert any("finna" in one.text for one in posts)


def test_no_edited_post_is_one_of_the_suite_s() -> None:
    from processors.checks.suite import cases
    from processors.clean import model_text
    from processors.train.synthetic import made_up
    from processors.train.tweets import key_of

    judged = {text for case in cases() for text in (case.text, case.base)}
    keys = {key_of(text) for text in judged} | {key_of(model_text(text)) for text in judged}
    keys -= {""}  # emoji alone
    for seed in range(8):
        posts = made_up(2_500, random=Random(seed), marks=seed % 2 == 0)
        assert [one.text for one in posts if key_of(one.text) in keys] == []


def test_real_posts_keep_all_but_their_text() -> None:
    from processors.train.samples import Sample
    from processors.train.synthetic import EDITED, augment

    text = "the service at the counter was terribly slow today"
    posts = [Sample(text, n % 3, 0.5, (0.2, 0.3, 0.5), "en") for n in range(3_000)]
    found = list(augment(posts, random=Random(0), marks=False))
    assert [one._replace(text=text) for one in found] == posts
    assert abs(sum(one.text != text for one in found) / len(found) - EDITED) < 0.03


def test_real_posts_get_marks_as_often_as_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from processors.train.samples import Sample
    from processors.train.synthetic import MARKS, augment

    _plain(monkeypatch)
    for label, wanted in enumerate(MARKS):
        posts = [Sample("it came on monday", label)] * 5_000
        found = [one.text for one in augment(posts, random=Random(label), marks=True)]
        assert all(text.strip(f"{UP}{DOWN} ") == "it came on monday" for text in found)
        for sign, share in zip((UP, DOWN), wanted, strict=True):
            assert abs(sum(sign in text for text in found) / 5_000 - share) < 0.015
