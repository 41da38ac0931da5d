"""Every method, from a file to a folder that scores."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from processors.models import ENGLISH, open_model
from processors.score import ModelError

pytestmark = pytest.mark.train

GOOD, BAD, FLAT = ("good", "great", "love"), ("bad", "awful", "hate"), ("monday", "flight", "phone")
FILLER = ["the", "a", "it", "is", "was", "on", "so", "very", "x", "yz", "0", "7"]
NETWORKS = ("full", "lora", "adalora", "prefix")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    random = Random(0)
    lines = ["text,label,language"]
    for row in range(180):
        words = (BAD, FLAT, GOOD)[row % 3]
        text = [*random.choices(FILLER, k=4), random.choice(words), *random.choices(FILLER, k=3)]
        lines.append(f"{' '.join(text)},{('negative', 'neutral', 'positive')[row % 3]},en")
    path = tmp_path_factory.mktemp("data") / "posts.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def bert(make_bert: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bert(tmp_path_factory.mktemp("base") / "tiny")


@pytest.fixture
def start(data: Path, bert: Path, tmp_path: Path) -> Callable[..., Path]:
    from processors.train.run import train

    def started(**options: Any) -> Path:
        given = {
            "base": str(bert),
            "method": "full",
            "languages": (),
            "seed": 0,
            "out": tmp_path / "out",
            "epochs": 1.0,
            "resume": False,
            "date": "2026-01-01",
            "progress": lambda _: None,
        }
        return train([data], **{**given, **options})

    return started


def answers(folder: Path) -> list[Any]:
    texts = ["the phone is so good", "it was awful", "on monday"]
    return open_model(str(folder), threads=1).score(texts, languages=["en"] * 3)


def check(folder: Path) -> dict[str, Any]:
    """The folder scores, and tells what it is."""
    results = answers(folder)
    assert {one.model for one in results} == {folder.name}
    report = json.loads((folder / "report.json").read_bytes())
    assert report["version"] == folder.name
    assert sum(map(sum, report["test"]["confusion"])) == report["test"]["posts"]
    assert set(report["by_language"]) == {"en"}
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "precision" in readme
    assert str(report["train"]) in readme
    # Nothing but the folder is left.
    assert list(folder.parent.iterdir()) == [folder]
    return dict(report)


@pytest.mark.parametrize("method", NETWORKS)
def test_a_network_is_trained_and_scores(method: str, start: Callable[..., Path]) -> None:
    folder = start(method=method)
    report = check(folder)
    assert report["method"] == method
    said = json.loads((folder / "calibration.json").read_bytes())
    assert said["languages"] == ["en"]
    assert said["temperature"] == report["temperatures"][""]
    assert (folder / "adapter_config.json").exists() == (method == "prefix")


@pytest.mark.parametrize("method", NETWORKS)
def test_an_interrupted_run_goes_on_to_the_same_answers(
    method: str, start: Callable[..., Path], tmp_path: Path
) -> None:
    def interrupt(progress: Any) -> None:
        if progress.step == 7:
            raise KeyboardInterrupt

    whole = start(method=method, out=tmp_path / "whole", epochs=2.0)
    out = tmp_path / "parts"
    with pytest.raises(KeyboardInterrupt):
        start(method=method, out=out, progress=interrupt, epochs=2.0)
    assert [path.suffix for path in out.iterdir()] == [".state"]
    steps: list[int] = []
    resumed = start(
        method=method, out=out, resume=True, epochs=2.0, progress=lambda at: steps.append(at.step)
    )
    assert steps[0] == 8
    assert resumed.name == whole.name
    assert answers(resumed) == answers(whole)
    for name in ("model.safetensors", "adapter_model.safetensors", "report.json"):
        if (whole / name).exists():
            assert (whole / name).read_bytes() == (resumed / name).read_bytes()


def test_without_resume_it_starts_anew(start: Callable[..., Path]) -> None:
    def interrupt(progress: Any) -> None:
        if progress.step == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        start(progress=interrupt)
    steps: list[int] = []
    start(progress=lambda at: steps.append(at.step))
    assert steps[0] == 1


def test_what_is_there_is_not_made_twice(start: Callable[..., Path]) -> None:
    folder = start(method="svm")
    with pytest.raises(ModelError, match="is already there"):
        start(method="svm")
    assert start(method="svm", seed=1) != folder


def test_a_linear_model_is_trained_and_scores(start: Callable[..., Path]) -> None:
    folder = start(method="svm")
    assert check(folder)["test"]["accuracy"] > 0.9


def test_a_linear_model_scores_as_what_trained_it(data: Path, tmp_path: Path) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    from processors.baselines.linear import Linear, features

    texts = [line.split(",")[0] for line in data.read_text(encoding="utf-8").splitlines()[1:]]
    table = TfidfVectorizer(analyzer=features, sublinear_tf=True, min_df=2)
    wanted = table.fit_transform(texts).toarray()
    count = len(table.vocabulary_)
    import numpy as np

    weight = np.random.default_rng(0).normal(size=(3, count))
    model = Linear(pieces=table.vocabulary_, idf=table.idf_, weight=weight, bias=np.ones(3))
    for text, row in zip(texts, wanted, strict=True):
        np.testing.assert_allclose(model.logits(text)[0], weight @ row + 1, atol=1e-9)


@pytest.fixture
def minilm(bert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the packaged encoder one that is narrow, and that nobody trained."""
    import torch
    from transformers import BertConfig, BertModel

    from processors.train import encoder_full

    folder = tmp_path / "minilm"
    folder.mkdir()
    (folder / "tokenizer.json").write_bytes((bert / "tokenizer.json").read_bytes())
    pieces = len(json.loads((folder / "tokenizer.json").read_bytes())["model"]["vocab"])
    config = BertConfig(
        vocab_size=pieces,
        hidden_size=32,
        num_hidden_layers=6,
        num_attention_heads=1,
        intermediate_size=48,
        max_position_embeddings=128,
        initializer_range=0.3,
    )
    with torch.random.fork_rng([]):
        torch.manual_seed(3)
        BertModel(config).save_pretrained(folder)
    monkeypatch.setattr(encoder_full, "minilm_folder", lambda: folder)


def test_the_packaged_encoder_becomes_an_onnx_folder(
    minilm: None, start: Callable[..., Path], tmp_path: Path
) -> None:
    folder = start(base="minilm", epochs=4.0)
    report = check(folder)
    card = json.loads((folder / "card.json").read_bytes())
    assert card["languages"] == ["en"]
    fitted = card["exits"][0]["calibration"]
    assert {code: one["temperature"] for code, one in fitted.items()} == report["temperatures"]
    again = start(base="minilm", epochs=4.0, out=tmp_path / "again")
    for path in folder.iterdir():
        assert path.read_bytes() == (again / path.name).read_bytes()


def test_the_packaged_encoder_as_it_is_gets_a_head(
    minilm: None, start: Callable[..., Path]
) -> None:
    folder = start(base="minilm", method="frozen")
    assert check(folder)["method"] == "frozen"
    assert json.loads((folder / "card.json").read_bytes())["parent"] == ""


@pytest.mark.parametrize("base", ["english", "several"])
def test_a_frozen_encoder_gets_new_heads(
    base: str, start: Callable[..., Path], several_exits: Path
) -> None:
    source = ENGLISH if base == "english" else several_exits
    folder = start(method="frozen", base=base if base == "english" else str(source))
    check(folder)
    card = json.loads((folder / "card.json").read_bytes())
    assert len(card["exits"]) == len(json.loads((source / "card.json").read_bytes())["exits"])
    assert card["parent"] != card["version"] == folder.name
    for path in source.glob("*.onnx"):
        assert (folder / path.name).read_bytes() == path.read_bytes()
    assert (folder / "heads.npz").read_bytes() != (source / "heads.npz").read_bytes()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "half"}, "half"),
        ({"epochs": 0.0}, "0 epochs"),
        ({"base": "no/such/folder/at/all"}, "no/such/folder/at/all: cannot be trained from"),
        ({"base": "no-folder", "method": "frozen"}, "no-folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    options: dict[str, Any], said: str, start: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=said) as caught:
        start(**options)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists() or not list((tmp_path / "out").iterdir())
