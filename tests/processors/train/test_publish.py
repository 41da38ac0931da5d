"""A tiny network becomes a model folder; what is fitted on the way is what it says it is."""

from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from tokenizers import Tokenizer

from processors.evaluate import quality
from processors.model_card import (
    ANY,
    CARD_FILE,
    LABELS,
    TOKENIZER_FILE,
    Calibration,
    Card,
    Exit,
)
from processors.models import ENGLISH
from processors.replay import Labelled, read_replay
from processors.score_onnx import OnnxScorer, probabilities

pytestmark = pytest.mark.train

ENOUGH = 150  # posts, here
EXITS = (1, 3)
WORDS = ("good", "the flight", "xq", "late again", "so so", "where is it")


class Published(NamedTuple):
    folder: Path
    card: Card
    judged: dict[str, list[Labelled]]
    unlabelled: list[Labelled]


def network(tiny_weights: dict[str, np.ndarray], tokenizer: Tokenizer) -> Any:
    """Two exits that see the same, since the layers between add nothing; the first reads it worse.

    Their heads tell texts apart.
    """
    import torch

    from processors.train.encoder import Classifier

    weights = {name: torch.from_numpy(weight.copy()) for name, weight in tiny_weights.items()}
    for name, weight in weights.items():
        if "norm" in name and name.startswith("layers"):
            weight.fill_(float(name.endswith("weight")))
        elif name.startswith(("layers.1", "layers.2")) and ("mix" in name or "narrow" in name):
            weight.zero_()
    model = Classifier(weights, EXITS).eval()
    rng = np.random.default_rng(6)
    with torch.no_grad():
        seen = []
        for text in (f"{word} {number}" for word in WORDS for number in range(20)):
            ids = torch.tensor([tokenizer.encode(text).ids])
            seen.append(model.features(ids, torch.ones_like(ids))[-1][0])
        features = torch.stack(seen)
        true = torch.from_numpy(rng.normal(0, 0.4, (3, features.shape[1]))).float()
        noise = torch.from_numpy(rng.normal(0, 0.05, true.shape)).float()
        for head, weight in zip(model.heads, (true + noise, true), strict=True):
            head.weight.copy_(weight / features.std(0))
            head.bias.copy_(-(head.weight @ features.mean(0)))
    return model


def posts(
    model: Any, tokenizer: Tokenizer, language: str, count: int, *, sure: float
) -> list[Labelled]:
    """Texts with labels drawn from the network's own shares, `sure` times as sharp."""
    import torch

    rng = np.random.default_rng(count)
    found = []
    for number in range(count):
        text = f"{WORDS[number % len(WORDS)]} {language} {number}"
        ids = torch.tensor([tokenizer.encode(text).ids])
        with torch.no_grad():
            logits = model(ids, torch.ones_like(ids))[-1][0].double().numpy()
        shares = probabilities(logits * sure, Calibration(temperature=1.0))
        found.append(Labelled(text, int(rng.choice(3, p=shares)), language))
    return found


@pytest.fixture(scope="module")
def published(
    tiny_weights: dict[str, np.ndarray], tmp_path_factory: pytest.TempPathFactory
) -> Published:
    import torch

    from processors.train import publish as module

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    tokenizer: Tokenizer = Tokenizer.from_file(str(ENGLISH / TOKENIZER_FILE))
    model = network(tiny_weights, tokenizer)
    judged = {
        "en": posts(model, tokenizer, "en", 400, sure=0.5),
        "de": posts(model, tokenizer, "de", 60, sure=50.0),  # as sure as can be
        "fr": posts(model, tokenizer, "fr", ENOUGH, sure=0.5),
    }
    unlabelled = posts(model, tokenizer, "it", 400, sure=0.5)
    card = Card(
        name="tiny",
        version="tiny-1",
        labels=LABELS,
        exits=(Exit(file="exit-0.onnx", calibration={}),),
        max_tokens=128,
        languages=("en", "de", "fr"),
    )
    folder = tmp_path_factory.mktemp("published") / "new" / "model"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ENOUGH", ENOUGH)
        card = module.publish(
            model,
            tokenizer,
            card,
            folder,
            judged=judged,
            unlabelled=unlabelled,
            train=posts(model, tokenizer, "train", 90, sure=0.5),
            keep=200,
            smooth=True,
        )
    torch.set_num_threads(threads)
    return Published(folder, card, judged, unlabelled)


def test_the_card_returned_is_the_one_written(published: Published) -> None:
    written = msgspec.json.decode((published.folder / CARD_FILE).read_bytes(), type=Card)
    assert written == published.card
    assert [one.file for one in written.exits] == ["exit-0.onnx", "exit-1.onnx"]
    assert "tiny-1" in (published.folder / "README.md").read_text(encoding="utf-8")


def test_its_quality_is_that_of_the_folder(published: Published) -> None:
    scorer = OnnxScorer(published.folder, threads=1)
    labels, results = [], []
    for code, part in published.judged.items():
        given = scorer.score([one.text for one in part], languages=[code] * len(part))
        own = [LABELS[one.label] for one in part]
        assert published.card.by_language[code] == quality(own, given)
        labels += own
        results += given
    assert published.card.validation == quality(labels, results)
    assert 0 < quality(labels, results).abstained < 1  # counted where the card says
    assert published.card.robustness["all"].cases > 100
    assert any(name.startswith("name: ") for name in published.card.bias)


def test_a_sure_first_exit_agrees_with_the_last(published: Published) -> None:
    from processors.train.publish import AGREEMENT

    scorer = OnnxScorer(published.folder, threads=1)
    texts = [one.text for one in published.unlabelled]
    languages = [one.language for one in published.unlabelled]
    given = scorer.read(texts, languages)
    last = scorer.read(texts, languages, answer_at=1)
    labels = [
        [
            probabilities(
                one.logits, published.card.exits[one.exit].calibration_of(language)
            ).argmax()
            for one, language in zip(read, languages, strict=True)
        ]
        for read in (given, last)
    ]
    early = [row for row, one in enumerate(given) if one.exit == 0]
    assert 100 < len(early) < len(texts)  # some are not sure
    agrees = sum(labels[0][row] == labels[1][row] for row in early) / len(early)
    assert agrees >= AGREEMENT - 0.01  # the threshold is rounded
    assert published.card.exits[1].answers_from == 0


def test_temperatures_by_language(published: Published) -> None:
    from processors.train.job import fit_temperature

    scorer = OnnxScorer(published.folder, threads=1)
    logits, labels = {}, {}
    for code, part in published.judged.items():
        texts = [one.text for one in part]
        read = scorer.read(texts, [code] * len(part), answer_at=1)
        logits[code] = np.array([one.logits for one in read])
        labels[code] = np.array([one.label for one in part])
    found = published.card.exits[1].calibration
    assert set(found) == {ANY, "en", "de", "fr"}
    every = fit_temperature(np.concatenate([*logits.values()]), np.concatenate([*labels.values()]))
    assert found[ANY] == Calibration(temperature=every)
    # A language of few posts is between its own and that of all, by how many posts it has.
    own = fit_temperature(logits["de"], labels["de"])
    assert own < found["de"].temperature < every
    assert found["de"].temperature / own > every / found["de"].temperature  # nearer to all
    assert abs(found["en"].temperature - 2) < 0.6
    # Offsets where there are posts enough; never for English.
    assert [code for code, one in found.items() if any(one.offsets)] == ["fr"]


def test_what_corrections_must_not_undo_is_kept(published: Published) -> None:
    replay = read_replay(published.folder, len(EXITS))
    assert int((~replay.held_out).sum()) == 90
    held_out = replay.languages[replay.held_out]
    assert {code: int((held_out == code).sum()) for code in ("en", "de", "fr")} == {
        "en": 200,
        "de": 60,
        "fr": 150,
    }


def shares_of(sure: np.ndarray, labels: np.ndarray) -> np.ndarray:
    shares = np.repeat((1 - sure[:, None]) / 2, 3, axis=1)
    shares[np.arange(len(sure)), labels] = sure
    return shares


def test_a_threshold_is_the_least_from_which_the_exit_agrees() -> None:
    from processors.train.publish import AGREEMENT, threshold

    rng = np.random.default_rng(0)
    sure = rng.permutation(np.linspace(0.4, 0.9999, 3_000))
    last = rng.integers(0, 3, 3_000)
    own = np.where(rng.random(3_000) < (1 - sure) * 0.3, (last + 1) % 3, last)
    found = threshold(shares_of(sure, own), last)
    agrees = (own == last)[np.argsort(-sure)].cumsum() / np.arange(1, 3_001)
    answered = int((sure >= found - 5e-5).sum())
    assert agrees[answered - 1] >= AGREEMENT - 1e-3
    assert (agrees[answered + 3 :] < AGREEMENT).all()
    assert 0.5 < found < 0.99


def test_an_exit_that_always_agrees_always_answers() -> None:
    from processors.train.publish import threshold

    sure, labels = np.linspace(0.4, 0.99, 200), np.arange(200) % 3
    assert threshold(shares_of(sure, labels), labels) == 0.4


@pytest.mark.parametrize("count", [3, 100, 500])
def test_an_exit_that_never_agrees_or_is_hardly_seen_never_answers(count: int) -> None:
    from processors.train.publish import threshold

    sure, labels = np.linspace(0.4, 0.99, count), np.arange(count) % 3
    last = labels if count <= 100 else (labels + 1) % 3
    assert threshold(shares_of(sure, labels), last) == 1.0


@pytest.mark.parametrize(
    ("temperature", "offsets"), [(1.0, (0.0, 0.0, 0.0)), (1.7, (0.4, 0.0, -0.7)), (0.6, (-1, 0, 1))]
)
def test_fitted_offsets_are_those_that_labels_were_drawn_with(
    temperature: float, offsets: tuple[float, float, float]
) -> None:
    from processors.train.publish import fit_vector

    rng = np.random.default_rng(1)
    logits = rng.normal(0, 2, (4_000, 3))
    shares = probabilities(logits, Calibration(temperature=temperature, offsets=offsets))
    labels = (rng.random((4_000, 1)) > shares.cumsum(1)).sum(1)
    found = fit_vector(logits, labels)
    assert abs(found.temperature / temperature - 1) < 0.1
    np.testing.assert_allclose(found.offsets, offsets, atol=0.2)
    assert found.offsets[1] == 0


@pytest.mark.parametrize("sign", [0, -1])
def test_logits_that_say_nothing_or_the_opposite_still_have_a_temperature(sign: int) -> None:
    from processors.train.publish import fit_vector

    rng = np.random.default_rng(2)
    logits = rng.normal(0, 1, (600, 3))
    labels = (logits * sign).argmax(1) if sign else rng.integers(0, 3, 600)
    assert 1 < fit_vector(logits, labels).temperature <= 4
