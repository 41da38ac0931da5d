"""The packed multilingual encoder as weights and tokenizer, on random numbers."""

import json
from pathlib import Path

import numpy as np
import pytest

from processors.train.four_bits import pack
from processors.train.unpack_e5 import Packed

pytestmark = pytest.mark.train

PIECES = ["<s>", "<pad>", "</s>", "<unk>", "▁", "▁gut", "▁so", "a", "😍", "好", "д"]
SCORES = [0, 0, 0, 0, -1, -2, -3, -4, -9, -5, -6]
HIDDEN, INNER, LAYERS = 32, 64, 2


@pytest.fixture
def packed() -> Packed:
    draw = np.random.default_rng(0)

    def some(*shape: int) -> np.ndarray:
        return draw.normal(0, 0.3, int(np.prod(shape))).astype(np.float32)

    grid = draw.integers(-8, 8, (len(PIECES) * HIDDEN // 32, 32))
    grid[:, 0] = -8
    words = (grid * np.float32(0.0625)).astype(np.float32).ravel()
    tensors = {"emb.word": words, "emb.pos": some(16, HIDDEN), "emb.type": some(HIDDEN)}
    tensors |= {"emb.ln.w": some(HIDDEN), "emb.ln.b": some(HIDDEN)}
    for layer in range(LAYERS):
        for name in ("q", "k", "v", "ao", "fi", "fo"):
            tensors[f"l{layer}.{name}.w"] = some(HIDDEN, INNER if name in ("fi", "fo") else HIDDEN)
            tensors[f"l{layer}.{name}.b"] = some(INNER if name == "fi" else HIDDEN)
        for name in ("aln", "oln"):
            tensors |= {f"l{layer}.{name}.w": some(HIDDEN), f"l{layer}.{name}.b": some(HIDDEN)}
    return Packed(HIDDEN, LAYERS, INNER, PIECES, np.array(SCORES, np.float32), tensors)


def test_weights_are_those_of_a_bert(packed: Packed) -> None:
    import torch
    from transformers import BertConfig, BertModel

    from processors.train.e5 import encoder_weights
    from processors.train.encoder import Classifier

    config = BertConfig(
        vocab_size=len(PIECES),
        hidden_size=HIDDEN,
        num_hidden_layers=LAYERS,
        num_attention_heads=1,
        intermediate_size=INNER,
        max_position_embeddings=16,
        type_vocab_size=1,
        hidden_act="gelu",
        layer_norm_eps=1e-12,
    )
    theirs = BertModel(config, add_pooling_layer=False).eval()
    names = {
        "emb.word": "embeddings.word_embeddings.weight",
        "emb.pos": "embeddings.position_embeddings.weight",
        "emb.type": "embeddings.token_type_embeddings.weight",
        "emb.ln.w": "embeddings.LayerNorm.weight",
        "emb.ln.b": "embeddings.LayerNorm.bias",
    }
    parts = {
        "q": "attention.self.query",
        "k": "attention.self.key",
        "v": "attention.self.value",
        "ao": "attention.output.dense",
        "aln": "attention.output.LayerNorm",
        "fi": "intermediate.dense",
        "fo": "output.dense",
        "oln": "output.LayerNorm",
    }
    for layer in range(LAYERS):
        for name, part in parts.items():
            for kind in ("weight", "bias"):
                names[f"l{layer}.{name}.{kind[0]}"] = f"encoder.layer.{layer}.{part}.{kind}"
    state = theirs.state_dict()
    for name, place in names.items():
        state[place] = torch.from_numpy(packed.tensors[name]).reshape(state[place].shape)
    theirs.load_state_dict(state)

    ours = Classifier(encoder_weights(packed), (LAYERS,)).eval()
    ids = torch.tensor([[0, 5, 6, 7, 2]])
    with torch.no_grad():
        (features,) = ours.features(ids, torch.ones_like(ids))
        wanted = theirs(ids, torch.ones_like(ids)).last_hidden_state.mean(1)
    torch.testing.assert_close(features, wanted, atol=1e-5, rtol=1e-4)


def test_padding_changes_no_answer(packed: Packed) -> None:
    import torch

    from processors.train.e5 import encoder_weights
    from processors.train.encoder import Classifier

    model = Classifier(encoder_weights(packed), (1, 2)).eval()
    short, long = torch.tensor([[0, 5, 2]]), torch.tensor([[0, 5, 2, 1, 1]])
    with torch.no_grad():
        one = model(short, torch.ones_like(short))
        other = model(long, (long != 1).long())
    for left, right in zip(one, other, strict=True):
        assert torch.allclose(left, right, atol=1e-5)


def test_words_pack_until_they_are_trained(packed: Packed) -> None:
    from processors.train.e5 import encoder_weights

    words = encoder_weights(packed)["words.weight"].numpy()
    assert pack(words) is not None
    assert pack(words[[0, 5, 9]]) is not None  # of fewer pieces
    assert pack(words + np.float32(0.01)) is None


def test_pieces_used_and_emoji_are_kept_before_others() -> None:
    from processors.train.e5 import choose_pieces

    vocabulary = list(zip(PIECES, SCORES, strict=True))
    assert choose_pieces(vocabulary, [7], count=7) == [0, 1, 2, 3, 4, 7, 8]
    assert choose_pieces(vocabulary, [10], count=1) == [0, 1, 2, 3, 8, 10]  # whatever the room
    # Cyrillic is of no language that the model is trained on.
    assert choose_pieces(vocabulary, [], count=99) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_a_pruned_tokenizer_gives_the_same_pieces() -> None:
    from processors.train.e5 import make_tokenizer, prune

    whole = make_tokenizer(PIECES, SCORES)
    kept = [0, 1, 2, 3, 4, 5, 6, 8]
    small = prune(whole, kept)
    found = whole.encode("so  gut 😍")
    assert found.tokens == ["<s>", "▁so", "▁gut", "▁", "😍", "</s>"]
    assert [kept[index] for index in small.encode("so  gut 😍").ids] == found.ids
    assert small.encode("好").tokens == ["<s>", "▁", "好", "</s>"]
    assert small.encode("好").ids[2] == 3  # unknown now


def test_a_vocabulary_of_another_model_is_refused() -> None:
    from processors.train.e5 import make_tokenizer

    with pytest.raises(ValueError, match="first pieces"):
        make_tokenizer(PIECES[1:], SCORES[1:])


def test_the_command_writes_what_training_loads(
    packed: Packed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from processors.train import e5

    def unpack(path: Path) -> Packed:
        assert path == tmp_path / "e5.bin"
        return packed

    monkeypatch.setattr(e5, "unpack", unpack)
    e5.main([str(tmp_path / "e5.bin"), str(tmp_path / "new" / "base")])
    written = e5.load_weights(tmp_path / "new" / "base")
    wanted = e5.encoder_weights(packed)
    assert set(written) == set(wanted)
    assert all(torch.equal(written[name], weight) for name, weight in wanted.items())
    parts = json.loads((tmp_path / "new" / "base" / "tokenizer.json").read_bytes())
    assert [piece for piece, _ in parts["model"]["vocab"]] == PIECES
