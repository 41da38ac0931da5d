"""The network that is trained: a BERT encoder with a classifier after some of its layers.

Only training imports this package (torch is an extra); live scoring reads the exported files.
"""

# Without the extra installed, torch is Any to the type checker and can't be subclassed.
# mypy: disable-error-code="misc"

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from processors.model_card import LABELS

HEAD = 32  # numbers of an attention head, in MiniLM and the small E5
_EPSILON = 1e-12

Weights = dict[str, Tensor]


class Layer(nn.Module):
    """One transformer layer as in BERT: norms after the sums, attention without dropout."""

    def __init__(self, hidden: int, inner: int) -> None:
        super().__init__()
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.mix = nn.Linear(hidden, hidden)
        self.norm_mix = nn.LayerNorm(hidden, eps=_EPSILON)
        self.widen = nn.Linear(hidden, inner)
        self.narrow = nn.Linear(inner, hidden)
        self.norm_out = nn.LayerNorm(hidden, eps=_EPSILON)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """`x` (batch, tokens, hidden); `bias` (batch, 1, 1, tokens) hides padding, if any."""
        posts, tokens, hidden = x.shape
        parts = self.qkv(x).view(posts, tokens, 3, hidden // HEAD, HEAD)
        query, key, value = parts.permute(2, 0, 3, 1, 4).unbind(0)
        # Written out: the backward pass of torch's fused CPU attention is slower.
        match = query @ key.transpose(2, 3) * HEAD**-0.5
        if bias is not None:
            match = match + bias
        seen = match.softmax(-1).to(value.dtype) @ value
        mixed = self.mix(seen.transpose(1, 2).reshape(posts, tokens, hidden))
        x = self.norm_mix(x + self.dropout(mixed))
        wide = nn.functional.gelu(self.widen(x))
        out: Tensor = self.norm_out(x + self.dropout(self.narrow(wide)))
        return out


class Encoder(nn.Module):
    """Embeddings and layers, as many as `weights` has, or the first `layers`."""

    def __init__(self, weights: Weights, *, layers: int | None = None) -> None:
        super().__init__()
        vocabulary, hidden = weights["words.weight"].shape
        inner = weights["layers.0.widen.weight"].shape[0]
        found = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("layers"))
        count = found if layers is None else layers
        self.words = nn.Embedding(vocabulary, hidden)
        self.positions = nn.Embedding(weights["positions.weight"].shape[0], hidden)
        self.norm = nn.LayerNorm(hidden, eps=_EPSILON)
        self.dropout = nn.Dropout(0.1)
        self.layers = nn.ModuleList(Layer(hidden, inner) for _ in range(count))
        kept = {
            name: weight
            for name, weight in weights.items()
            if not name.startswith("layers") or int(name.split(".")[1]) < count
        }
        self.load_state_dict(kept)

    def embed(self, ids: Tensor) -> Tensor:
        """Hidden states (batch, tokens, hidden) before the first layer, from ids."""
        places = torch.arange(ids.shape[1], device=ids.device)
        embedded: Tensor = self.dropout(self.norm(self.words(ids) + self.positions(places)))
        return embedded


class Classifier(nn.Module):
    """Logits (batch, 3) of each exit: mean pool after that many layers, one linear layer.

    `exits` rise; layers behind the last are left out.
    """

    def __init__(self, weights: Weights, exits: Sequence[int]) -> None:
        super().__init__()
        self.exits = tuple(exits)
        self.encoder = Encoder(weights, layers=self.exits[-1])
        self.dropout = nn.Dropout(0.1)
        hidden = weights["norm.weight"].shape[0]
        self.heads = nn.ModuleList(nn.Linear(hidden, len(LABELS)) for _ in self.exits)

    def features(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        """Pooled hidden states (batch, hidden) of each exit; `ids`, `mask` (batch, tokens)."""
        x = self.encoder.embed(ids)
        bias = (1.0 - mask[:, None, None, :].to(x.dtype)) * -1e4
        weight = mask.unsqueeze(-1).to(x.dtype)
        found = []
        for count, layer in enumerate(self.encoder.layers, 1):
            x = layer(x, bias)
            if count in self.exits:
                found.append((x * weight).sum(1) / weight.sum(1))
        return found

    def forward(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        pooled = self.features(ids, mask)
        return [head(self.dropout(one)) for head, one in zip(self.heads, pooled, strict=True)]
