"""A classifier of Hugging Face, so small that it is made here and knows nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest

WORDS = [
    *("good", "great", "love", "bad", "awful", "hate", "the", "a", "it"),
    *("is", "was", "on", "monday", "flight", "phone", "not", "so", "very"),
]


@pytest.fixture(scope="session")
def make_bert() -> Callable[..., Path]:
    """Write a folder with a BERT of two layers whose outputs have these `names`."""

    def make(folder: Path, names: tuple[str, ...] = ("negative", "neutral", "positive")) -> Path:
        import torch
        from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

        folder.mkdir(parents=True, exist_ok=True)
        letters = [*"abcdefghijklmnopqrstuvwxyz0123456789@.,!?"]
        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *letters]
        pieces = list(dict.fromkeys(pieces + [f"##{letter}" for letter in letters]))
        (folder / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
        BertTokenizerFast(str(folder / "vocab.txt")).save_pretrained(folder)
        config = BertConfig(
            vocab_size=len(pieces),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=48,
            max_position_embeddings=64,
            id2label=dict(enumerate(names)),
            label2id={name: index for index, name in enumerate(names)},
            initializer_range=0.3,
        )
        with torch.random.fork_rng([]):
            torch.manual_seed(3)
            BertForSequenceClassification(config).save_pretrained(folder)
        return folder

    return make
