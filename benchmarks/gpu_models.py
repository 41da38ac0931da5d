"""Models of known shapes with random weights, and texts of known lengths: speed depends on neither
what was learnt nor what is said. Needs torch, transformers and tokenizers.

Floating point operations are counted by the formula of Kaplan et al. (2020), forward only, of what
has to be done, so without padding:

    2 x weights of the layers, embeddings apart, a token
    4 x layers x hidden size x tokens, a token, in attention: scores, and the mix by them
    2 x weights of the head, a text: it reads the first token alone
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

ROOT = Path(__file__).parents[1] / "processors"
FILES = {
    "xlm-r-base": ROOT / "languages" / "groundswell_languages" / "model" / "tokenizer.json",
    "minilm": ROOT / "models" / "english" / "tokenizer.json",
}
LABELS = ("negative", "neutral", "positive")
MIX = "as tweets"
LONGEST = 128
WORDS = 20_000
START = "▁"
"""Of a word, in vocabularies of SentencePiece."""


class Shape(NamedTuple):
    """Of an encoder; `family` is `roberta` or `bert`."""

    family: str
    vocabulary: int
    hidden: int
    layers: int
    heads: int
    inner: int

    def quick(self) -> "Shape":
        """The same, shrunk until it says nothing: to see that the program runs."""
        return self._replace(vocabulary=WORDS + 9, hidden=32, layers=2, heads=2, inner=64)

    def operations(self, lengths: Sequence[int]) -> float:
        """Floating point operations to read texts of so many tokens."""
        layer = 4 * self.hidden**2 + 2 * self.hidden * self.inner
        head = self.hidden**2 + len(LABELS) * self.hidden
        tokens = np.asarray(lengths, np.float64)
        attention = 4 * self.layers * self.hidden * (tokens**2).sum()
        return float(2 * self.layers * layer * tokens.sum() + attention + 2 * head * len(tokens))


SHAPES = {
    "xlm-r-base": Shape("roberta", 250_002, 768, 12, 12, 3_072),
    "minilm": Shape("bert", 30_522, 384, 6, 12, 1_536),
}


def make_model(shape: Shape, *, seed: int = 0) -> Any:
    """A classifier of three outputs with random weights."""
    import torch
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        XLMRobertaConfig,
        XLMRobertaForSequenceClassification,
    )

    given: dict[str, Any] = {
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.inner,
        "id2label": dict(enumerate(LABELS)),
        "label2id": {label: index for index, label in enumerate(LABELS)},
    }
    torch.manual_seed(seed)
    if shape.family == "roberta":
        more = {"max_position_embeddings": 514, "type_vocab_size": 1, "pad_token_id": 1}
        return XLMRobertaForSequenceClassification(XLMRobertaConfig(**given, **more)).eval()
    return BertForSequenceClassification(BertConfig(**given)).eval()


def make_tokenizer(name: str, *, synthetic: bool = False) -> Any:
    """Ours of this kind where its file is there; else one of made-up words, which is faster."""
    from transformers import PreTrainedTokenizerFast

    file = FILES[name]
    if synthetic or not file.is_file():
        return PreTrainedTokenizerFast(
            tokenizer_object=_of_words(), pad_token="<pad>", unk_token="<unk>"
        )
    rust = Tokenizer.from_file(str(file))
    names = ("<pad>", "<unk>") if rust.token_to_id("<pad>") is not None else ("[PAD]", "[UNK]")
    return PreTrainedTokenizerFast(tokenizer_object=rust, pad_token=names[0], unk_token=names[1])


def _of_words() -> Tokenizer:
    rng = np.random.default_rng(1)
    letters = np.array(list("abcdefghijklmnopqrstuvwxyz"))
    words = {"".join(rng.choice(letters, rng.integers(3, 9))) for _ in range(WORDS)}
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    vocabulary = {word: number for number, word in enumerate([*special, *sorted(words)])}
    made = Tokenizer(WordLevel(vocabulary, unk_token="<unk>"))
    made.pre_tokenizer = Whitespace()
    made.post_processor = TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return made


def make_texts(tokenizer: Any, tokens: int | str, *, count: int, seed: int = 0) -> list[str]:
    """Texts of `tokens` tokens, or MIX: log-normal, half under 28 and 5 % above 47, which is how
    long the tweets of TweetEval are. Words of the vocabulary, so a few texts come out longer or
    shorter: what is counted is what the tokenizer made of them.
    """
    rng = np.random.default_rng(seed)
    vocabulary = tokenizer.get_vocab()
    mark = START if any(word.startswith(START) for word in vocabulary) else ""
    plain = (word.removeprefix(mark) for word in vocabulary if word.startswith(mark))
    words = sorted(word for word in plain if word.isalpha())
    if tokens == MIX:
        lengths = np.exp(rng.normal(np.log(28), 0.31, count)).round().clip(5, LONGEST).astype(int)
    else:
        lengths = np.full(count, int(tokens))
    return [" ".join(rng.choice(words, length - 2)) for length in lengths]
