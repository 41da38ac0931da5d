"""Classifiers of Hugging Face keep the contract of a scorer."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from processors.label_map import CALIBRATION_FILE
from processors.model_card import LABELS
from processors.models import open_model
from processors.records import Sentiment
from processors.score import ModelError, portion_of
from processors.torch_options import TorchOptions

pytestmark = pytest.mark.train

Make = Callable[..., Path]
CPU = TorchOptions(device="cpu")

TEXTS = ["I love the phone", "it was awful", "the flight is on monday", "not so very good"]
NOTHING = ["", "   ", "https://t.co/abc", "\u200f\u200e", "\x00\x00", "\ud800", "a" * 65_536]
ABSURD = [
    *NOTHING,
    "ab" * 32_768,
    "a " * 32_768,
    "\ud83d broken \udc00 halves",
    "\u05e9\u05dc\u05d5 hello \u4f60\u597d \u041f\u0440\u0438",
    "[CLS] [SEP] [PAD] [UNK] [MASK]",
    "\U0001f621\U0001f621",
    "e" + "\u0301" * 5_000,
    ".",
]


@pytest.fixture(scope="module")
def folder(make_bert: Make, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bert(tmp_path_factory.mktemp("bert") / "tiny")


@pytest.fixture(scope="module")
def scorer(folder: Path) -> Any:
    from processors.score_torch import TorchScorer

    return TorchScorer(folder, threads=1, options=CPU)


def shares(result: Sentiment) -> list[float]:
    return [result.p_negative, result.p_neutral, result.p_positive]


def test_every_text_has_an_answer_that_is_one(scorer: Any) -> None:
    texts = TEXTS + ABSURD
    for languages in (None, ["zh"] * len(texts)):
        results = scorer.score(texts, languages=languages)
        assert len(results) == len(texts)
        for result in results:
            assert sum(shares(result)) == pytest.approx(1, abs=1e-5)
            assert max(shares(result)) == shares(result)[LABELS.index(result.label)]
            assert 0 <= result.oov <= 1
            assert result.model == scorer.version
    assert scorer.score([]) == []


def test_a_text_with_nothing_to_read_is_neutral_and_abstained(scorer: Any) -> None:
    for result in scorer.score(NOTHING):
        assert (result.label, result.p_neutral, result.abstained) == ("neutral", 1.0, True)


def test_company_changes_nothing_that_shows(scorer: Any) -> None:
    crowd = [f"{text} {'very ' * number}" for number in range(40) for text in TEXTS]
    together = scorer.score(crowd + TEXTS)
    for text, result in zip(crowd + TEXTS, together, strict=True):
        (alone,) = scorer.score([text])
        assert shares(alone) == pytest.approx(shares(result), abs=1e-4)
        assert alone.oov == result.oov


def test_the_answer_is_that_of_the_plain_pipeline(scorer: Any, folder: Path) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    for text, result in zip(TEXTS, scorer.score(TEXTS), strict=True):
        with torch.inference_mode():
            wanted = model(**tokenizer(text, return_tensors="pt")).logits.softmax(-1)[0]
        assert shares(result) == pytest.approx(wanted.tolist(), abs=1e-4)


def test_threads_may_ask_at_the_same_time(scorer: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    crowd = [[f"{text} {'so ' * number}" for text in TEXTS] for number in range(24)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(scorer.score, crowd))
    assert together == [scorer.score(some) for some in crowd]


def test_weights_that_are_no_numbers_are_refused(make_bert: Make, tmp_path: Path) -> None:
    from transformers import AutoModelForSequenceClassification

    folder = make_bert(tmp_path / "nan")
    model = AutoModelForSequenceClassification.from_pretrained(folder)
    model.classifier.bias.data.fill_(float("nan"))
    model.save_pretrained(folder)
    with pytest.raises(ModelError, match=r"nan: .*no numbers"):
        open_model(str(folder), threads=1)


def test_words_that_are_in_pieces_are_told(scorer: Any) -> None:
    whole, pieces, unknown = scorer.score(["the phone is good", "zxqv", "\u4f60"])
    assert (whole.oov, pieces.oov, unknown.oov) == (0, 1, 1)


def test_the_calibration_file_is_obeyed(make_bert: Make, tmp_path: Path) -> None:
    from processors.score_torch import TorchScorer

    folder = make_bert(tmp_path / "flat", ("a", "b", "c"))
    with pytest.raises(ModelError, match=CALIBRATION_FILE):
        TorchScorer(folder, threads=1, options=CPU)
    said = {
        "labels": ["positive", "negative", "neutral"],
        "temperature": 2.0,
        "temperatures": {"de": 1e6},
        "abstain_below": 0.34,
        "languages": ["en", "de"],
        "version": "mine-1",
    }
    (folder / CALIBRATION_FILE).write_text(json.dumps(said), encoding="utf-8")
    scorer = open_model(str(folder), threads=1)
    assert scorer.version == "mine-1"
    english, german, other = scorer.score([TEXTS[0]] * 3, languages=["en", "de", "fr"])
    assert shares(german) == pytest.approx([1 / 3] * 3, abs=1e-4)
    assert (english.abstained, german.abstained, other.abstained) == (False, True, True)
    assert shares(other) == shares(english)


def test_labels_may_be_given_in_place_of_the_model_s(make_bert: Make, tmp_path: Path) -> None:
    folder = str(make_bert(tmp_path / "named"))
    turned = TorchOptions(device="cpu", labels=("positive", "neutral", "negative"))
    plain, other = (
        open_model(f"hf:{folder}", threads=1, torch=options).score(TEXTS)
        for options in (CPU, turned)
    )
    assert [shares(one) for one in plain] == [shares(one)[::-1] for one in other]
    few = TorchOptions(labels=("positive", "negative"))
    with pytest.raises(ModelError, match="2 labels are given, and the model has 3 outputs"):
        open_model(folder, threads=1, torch=few)


def test_a_device_that_is_not_there_is_told_in_a_line(folder: Path) -> None:
    with pytest.raises(ModelError, match=r"tiny: cuda:99: torch sees \d+ GPUs here"):
        open_model(str(folder), threads=1, torch=TorchOptions(device="cuda:99"))


def test_many_blocks_are_read_as_one_is(scorer: Any) -> None:
    words = ["good", "awful", "monday", "zxqv", "not so very", "\u4f60"]
    crowd = [f"{words[n % 6]} {'so ' * (n % 17)}{n}" for n in range(1_500)]
    together = scorer.score(crowd)
    for start in range(0, len(crowd), 100):
        for one, other in zip(
            scorer.score(crowd[start : start + 100]), together[start:], strict=False
        ):
            assert shares(one) == pytest.approx(shares(other), abs=1e-4)
            assert one.oov == other.oov


def test_the_budget_is_told(folder: Path) -> None:
    from processors.score_torch import CPU_TOKENS, TorchScorer

    told: list[tuple[str, dict[str, object]]] = []

    def tell(event: str, **said: object) -> None:
        told.append((event, said))

    options = TorchOptions(device="cpu", tell=tell)
    assert portion_of(TorchScorer(folder, threads=1, options=options)) is None
    ((event, said),) = told
    assert event == "token budget"
    assert (said["device"], said["precision"], said["tokens"]) == ("cpu", "float32", CPU_TOKENS)


def test_tokens_are_those_of_the_tokenizer_as_published(folder: Path) -> None:
    from transformers import AutoTokenizer

    from processors.torch_text import Coder

    tokenizer = AutoTokenizer.from_pretrained(folder)
    texts = [text for text in TEXTS + ABSURD if text.isprintable()]
    wanted = tokenizer(texts, truncation=True, max_length=64)
    assert (
        Coder(AutoTokenizer.from_pretrained(folder), longest=64).code(texts)[0]
        == wanted["input_ids"]
    )


def test_what_cannot_be_opened_is_named_in_one_line(tmp_path: Path, make_bert: Make) -> None:
    broken = make_bert(tmp_path / "broken")
    (broken / "model.safetensors").write_bytes(b"no weights")
    (tmp_path / "empty").mkdir()
    for name in (str(broken), str(tmp_path / "empty")):
        with pytest.raises(ModelError) as caught:
            open_model(f"hf:{name}", threads=1)
        assert str(caught.value).startswith(name)
        assert "\n" not in str(caught.value)


def test_a_name_that_cannot_be_had_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("We couldn't connect to the hub\nto load this file")

    monkeypatch.setattr(transformers.AutoTokenizer, "from_pretrained", refuse)
    with pytest.raises(ModelError, match=r"nobody/nothing: .*connect to the hub to load"):
        open_model("hf:nobody/nothing", threads=1)


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ModelError, match=r"pip install groundswell\[gpu\]"):
        open_model("hf:any", threads=1)


def test_a_gpu_that_is_full_at_the_start_is_no_fault_of_the_model(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    import transformers

    from processors.score import ModelMemoryError
    from processors.score_torch import TorchScorer

    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.")

    monkeypatch.setattr(transformers.PreTrainedModel, "to", full)
    with pytest.raises(ModelMemoryError, match=r"no memory for it: CUDA out of memory\.$"):
        TorchScorer(folder, threads=1, options=CPU)


def test_a_gpu_without_room_for_the_longest_post_is_said_at_the_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from processors.score import ModelMemoryError
    from processors.score_torch import TorchScorer
    from processors.torch_budget import OutOfMemory
    from processors.torch_device import TorchDevice

    def trial(_: object, rows: int, width: int) -> None:
        if width >= 60:
            raise OutOfMemory(f"{rows} texts of {width} tokens")

    monkeypatch.setattr(TorchDevice, "queues", True)
    monkeypatch.setattr(TorchDevice, "trial", trial)
    with pytest.raises(ModelMemoryError, match="no memory for a text of 64 tokens: 1 texts of 64"):
        TorchScorer(folder, threads=1, options=CPU)


def test_a_model_as_the_one_for_production_is_published(tmp_path: Path) -> None:
    """No tokenizer.json and no safetensors: words by SentencePiece, weights as torch saves them."""
    import sentencepiece
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification

    from processors.score_torch import TorchScorer

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS * 20),
        model_prefix=str(tmp_path / "sentencepiece.bpe"),
        vocab_size=60,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    names = ("negative", "neutral", "positive")
    config = XLMRobertaConfig(
        vocab_size=70,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=514,
        id2label=dict(enumerate(names)),
        label2id={name: index for index, name in enumerate(names)},
        architectures=["XLMRobertaForSequenceClassification"],
    )
    config.save_pretrained(tmp_path)
    model = XLMRobertaForSequenceClassification(config)
    torch.save(model.state_dict(), tmp_path / "pytorch_model.bin")
    special = {
        "bos_token": "<s>",
        "eos_token": "</s>",
        "pad_token": "<pad>",
        "mask_token": "<mask>",
    }
    (tmp_path / "special_tokens_map.json").write_text(json.dumps(special))
    scored = TorchScorer(tmp_path, threads=1, options=CPU).score(TEXTS)
    for text, result in zip(TEXTS, scored, strict=True):
        assert sum(shares(result)) == pytest.approx(1, abs=1e-5), text
