"""The model as others run it: the 32-bit weights in `transformers` and in torch. Needs torch."""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer
from transformers import (
    BertConfig,
    BertModel,
    PreTrainedTokenizerFast,
    TextClassificationPipeline,
    logging,
)
from transformers.modeling_outputs import SequenceClassifierOutput
from transformers.models.bert.modeling_bert import BertPreTrainedModel

from processors.model_card import LABELS, TOKENIZER_FILE, Calibration, Card, Exit, write_card
from processors.score_onnx import OnnxScorer
from processors.train.encoder import HEAD, Classifier
from processors.train.onnx_parts import file_of, write_parts

WEIGHTS_FILE = "weights.safetensors"
PIPELINE_BATCH = 32
TOKEN_BUDGET = 1_024
MAX_TOKENS = 128

Run = Callable[[Sequence[str]], list[int]]
"""From texts to an index into LABELS for each."""


def load_reference(folder: Path) -> Classifier:
    """Return the classifier behind all layers; OSError if its weights are not there."""
    found = load_file(folder / WEIGHTS_FILE)
    encoder = {
        name.removeprefix("encoder."): weight
        for name, weight in found.items()
        if name.startswith("encoder.")
    }
    layers = 1 + max(int(name.split(".")[1]) for name in encoder if name.startswith("layers"))
    heads = sum(name.startswith("heads.") for name in found) // 2
    model = Classifier(encoder, (layers,))
    for kind in ("weight", "bias"):
        getattr(model.heads[0], kind).data = found[f"heads.{heads - 1}.{kind}"].float()
    return model.float().eval()


def run_pipeline(model: Classifier, tokenizer: Path) -> Run:
    """The texts in the order they come, 32 to a batch, as the library's guide shows it."""
    fast = PreTrainedTokenizerFast(
        tokenizer_file=str(tokenizer),
        pad_token=_padding(tokenizer),
        model_max_length=MAX_TOKENS,
        model_input_names=["input_ids", "attention_mask"],
    )
    logging.set_verbosity(logging.CRITICAL)  # it says at length that it does not know MeanPooled
    pipeline = TextClassificationPipeline(
        model=MeanPooled.of(model), tokenizer=fast, device=torch.device("cpu")
    )

    def run(texts: Sequence[str]) -> list[int]:
        answers = pipeline(list(texts), batch_size=PIPELINE_BATCH, truncation=True)
        return [LABELS.index(answer["label"]) for answer in answers]

    return run


def run_sorted(model: Classifier, tokenizer: Path) -> Run:
    """The texts by length, as many to a batch as fill 1,024 tokens."""
    fast: Tokenizer = Tokenizer.from_file(str(tokenizer))
    fast.enable_truncation(MAX_TOKENS)
    fast.no_padding()

    def run(texts: Sequence[str]) -> list[int]:
        coded = [one.ids for one in fast.encode_batch(list(texts))]
        answers: dict[int, int] = {}
        for rows in _by_length(coded):
            longest = max(len(coded[row]) for row in rows)
            ids = torch.zeros(len(rows), longest, dtype=torch.int64)
            mask = torch.zeros_like(ids)
            for place, row in enumerate(rows):
                ids[place, : len(coded[row])] = torch.tensor(coded[row])
                mask[place, : len(coded[row])] = 1
            with torch.inference_mode():
                given = model(ids, mask)[-1].argmax(1).tolist()
            answers.update(zip(rows, given, strict=True))
        return [answers[row] for row in range(len(coded))]

    return run


def open_whole(model: Classifier, tokenizer: Path) -> OnnxScorer:
    """All layers in 32 bits in onnxruntime, one text at a time."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        write_parts(model, folder, max_tokens=MAX_TOKENS, eight_bits=False)
        (folder / TOKENIZER_FILE).write_bytes(tokenizer.read_bytes())
        only = Exit(file=file_of(0), calibration={"": Calibration(temperature=1.0)})
        card = Card(
            name="reference",
            version="reference",
            labels=LABELS,
            exits=(only,),
            max_tokens=MAX_TOKENS,
            languages=("en",),
        )
        write_card(card, folder)
        return OnnxScorer(folder, threads=1)


def _by_length(coded: Sequence[Sequence[int]]) -> list[list[int]]:
    batches: list[list[int]] = []
    longest = 0
    for row in sorted(range(len(coded)), key=lambda row: -len(coded[row])):
        if not batches or longest * (len(batches[-1]) + 1) > TOKEN_BUDGET:
            batches.append([])
            longest = len(coded[row])
        batches[-1].append(row)
    return batches


def _padding(tokenizer: Path) -> str:
    fast: Tokenizer = Tokenizer.from_file(str(tokenizer))
    return next(name for name in ("[PAD]", "<pad>") if fast.token_to_id(name) is not None)


class MeanPooled(BertPreTrainedModel):
    """The classifier as a model of `transformers`, with that library's own layers."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__(config)
        self.bert = BertModel(config, add_pooling_layer=False)
        self.head = torch.nn.Linear(config.hidden_size, config.num_labels)
        self.post_init()

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, **_given: object
    ) -> SequenceClassifierOutput:
        state = self.bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weight = attention_mask.unsqueeze(-1).to(state.dtype)
        return SequenceClassifierOutput(logits=self.head((state * weight).sum(1) / weight.sum(1)))

    @classmethod
    def of(cls, model: Classifier) -> "MeanPooled":
        """The same weights, layer by layer."""
        encoder = model.encoder
        vocabulary, hidden = encoder.words.weight.shape
        config = BertConfig(
            vocab_size=vocabulary,
            hidden_size=hidden,
            num_hidden_layers=len(encoder.layers),
            num_attention_heads=hidden // HEAD,
            intermediate_size=encoder.layers[0].widen.weight.shape[0],
            max_position_embeddings=encoder.positions.weight.shape[0],
            type_vocab_size=1,
            id2label=dict(enumerate(LABELS)),
            label2id={label: index for index, label in enumerate(LABELS)},
        )
        made = cls(config).eval()
        made.load_state_dict(dict(_renamed(model)))
        return made


def _renamed(model: Classifier) -> list[tuple[str, torch.Tensor]]:
    """Our weights under the names `transformers` gives them."""
    found = model.encoder.state_dict()
    hidden = found["norm.weight"].shape[0]
    under = "bert.embeddings."
    named = [
        (under + "word_embeddings.weight", found["words.weight"]),
        (under + "position_embeddings.weight", found["positions.weight"]),
        (under + "token_type_embeddings.weight", torch.zeros(1, hidden)),
        (under + "LayerNorm.weight", found["norm.weight"]),
        (under + "LayerNorm.bias", found["norm.bias"]),
        ("head.weight", model.heads[-1].weight),
        ("head.bias", model.heads[-1].bias),
    ]
    parts = {
        "mix": "attention.output.dense",
        "norm_mix": "attention.output.LayerNorm",
        "widen": "intermediate.dense",
        "narrow": "output.dense",
        "norm_out": "output.LayerNorm",
    }
    for layer in range(len(model.encoder.layers)):
        ours, theirs = f"layers.{layer}", f"bert.encoder.layer.{layer}"
        for kind in ("weight", "bias"):
            pieces = found[f"{ours}.qkv.{kind}"].chunk(3)
            for name, piece in zip(("query", "key", "value"), pieces, strict=True):
                named.append((f"{theirs}.attention.self.{name}.{kind}", piece))
            for name, their in parts.items():
                named.append((f"{theirs}.{their}.{kind}", found[f"{ours}.{name}.{kind}"]))
    return named
