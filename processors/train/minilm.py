"""The packaged MiniLM-L6 encoder as weights of `processors.train.encoder`, with its tokenizer."""

import json
import unicodedata
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from processors.train.encoder import Weights

_LAYERS = 6
_PARTS = {
    "mix": "attention.output.dense",
    "norm_mix": "attention.output.LayerNorm",
    "widen": "intermediate.dense",
    "narrow": "output.dense",
    "norm_out": "output.LayerNorm",
}


def load_minilm(folder: Path) -> Weights:
    """Return the encoder's weights from the folder of all-MiniLM-L6-v2; OSError if absent."""
    found = load_file(folder / "model.safetensors")
    segment = found["embeddings.token_type_embeddings.weight"][0]
    weights = {
        "words.weight": found["embeddings.word_embeddings.weight"],
        # Every post is one segment, so the segment's embedding is part of each position's.
        "positions.weight": found["embeddings.position_embeddings.weight"] + segment,
        "norm.weight": found["embeddings.LayerNorm.weight"],
        "norm.bias": found["embeddings.LayerNorm.bias"],
    }
    for layer in range(_LAYERS):
        here, to = f"encoder.layer.{layer}", f"layers.{layer}"
        for kind in ("weight", "bias"):
            query_key_value = [
                found[f"{here}.attention.self.{name}.{kind}"] for name in ("query", "key", "value")
            ]
            weights[f"{to}.qkv.{kind}"] = torch.cat(query_key_value)
            for ours, theirs in _PARTS.items():
                weights[f"{to}.{ours}.{kind}"] = found[f"{here}.{theirs}.{kind}"]
    return weights


def load_tokenizer(folder: Path, *, max_tokens: int) -> Tokenizer:
    """Return the tokenizer of the folder, cutting at `max_tokens` and not padding."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer


def latin_pieces(tokenizer: Tokenizer) -> list[int]:
    """Return the ids worth keeping for English: no reserved pieces, no letters of other scripts."""
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    return [index for piece, index in pieces if not _is_foreign(piece)]


def prune(tokenizer: Tokenizer, kept: list[int]) -> Tokenizer:
    """Return the tokenizer with the pieces `kept` only, numbered anew in that order."""
    parts = json.loads(tokenizer.to_str())
    names = {index: piece for piece, index in parts["model"]["vocab"].items()}
    parts["model"]["vocab"] = {names[index]: new for new, index in enumerate(kept)}
    number = {names[index]: new for new, index in enumerate(kept)}
    for token in parts["added_tokens"]:
        token["id"] = number[token["content"]]
    for token in parts["post_processor"]["special_tokens"].values():
        token["ids"] = [number[name] for name in token["tokens"]]
    return Tokenizer.from_str(json.dumps(parts))


def _is_foreign(piece: str) -> bool:
    if piece.startswith("[unused"):
        return True
    letters = filter(str.isalpha, piece.removeprefix("##"))
    return any(not unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
