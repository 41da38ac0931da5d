"""fastText's lid.176 for many texts at once, in numpy: its file read, its sums kept by word.

`fasttext.predict` takes 10 us of CPU a tweet, nearly all of it for cutting each word into its
n-grams and looking each of them up. Words come again: their sums are kept, and a text is the sum of
a dozen rows. The same labels and scores, but for the rounding of float32 (a test holds it to that).

Format and arithmetic: github.com/facebookresearch/fastText, src/{dictionary,quantmatrix,loss}.cc.
"""

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from processors.ngrams import Ngrams

EOS: Final = "</s>"
"""Ends each text; in a text, what stands behind it is not read."""
LABEL: Final = "__label__"
KEPT_WORDS: Final = 65_536
"""Words whose sums are kept: 16 MB with the words. When it is full, all are forgotten."""
LONGEST_KEPT: Final = 24
"""Characters; a Chinese sentence is one "word", and hardly comes again."""
_MAGIC: Final = 793_712_314
_SUPERVISED, _HIERARCHICAL = 3, 1
_NEVER_ZERO: Final = np.float32(1e-5)  # fastText adds it to what it takes the logarithm of

_SURE: Final = np.float32(80)  # no exponential of more fits a float32
_AT_ONCE: Final = 128  # texts whose figures stay in a core's cache, and too few for BLAS's threads

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]
# Rows of its inner nodes; its leaves and their places among the children (all left ones, then all
# right ones); places of the next level's inner nodes.
_Level = tuple[slice, Numbers, Numbers, Numbers]


class LanguageModel:
    """Labels and scores of texts. Raises ValueError for the file of another kind of model."""

    def __init__(self, file: bytes) -> None:
        read = _Reader(file)
        magic, _ = read.take("ii")
        *_, loss, kind, bucket, shortest, longest, _ = read.take("12i")
        read.take("d")
        if (magic, loss, kind) != (_MAGIC, _HIERARCHICAL, _SUPERVISED):
            raise ValueError("not a supervised fastText model with a hierarchical softmax")
        words, labels, kept = read.dictionary(bucket)
        self.labels = tuple(label.removeprefix(LABEL) for label, _ in labels)
        self._ngrams = Ngrams(kept, shortest=shortest, longest=longest, first=len(words))
        self._rows = read.quantised()
        if read.take("?")[0]:
            raise ValueError("the output is quantised")
        order, self._tree = _tree([count for _, count in labels])
        self._output = -read.matrix().astype(np.float64)[order]
        self._row_of = {word: row for row, word in enumerate(words)}
        self._sums: Floats
        self._kept: dict[str, int]
        self._forget()

    def predict(self, texts: Sequence[str]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Number in `labels` of the likeliest label of each text, and its probability.

        Texts are single lines, without control characters.
        """
        if not texts:
            return np.empty(0, np.intp), np.empty(0, np.float32)
        ends = f" {EOS} "
        line = ends.join(texts)
        if line.count(EOS) >= len(texts):
            line = ends.join([text if EOS not in text else _until_end(text) for text in texts])
        numbers = self._numbers(f"{line}{ends}".split())
        last = np.flatnonzero(numbers == 0)  # EOS is the first that is kept
        first = np.concatenate([[0], last[:-1] + 1])
        sums = np.add.reduceat(self._sums[numbers], first, axis=0)
        if len(self._kept) > KEPT_WORDS:
            self._forget()
        return self._likeliest(sums[:, :-1] / sums[:, -1:])

    def _likeliest(self, hidden: Floats) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        found = [self._walk(hidden[i : i + _AT_ONCE]) for i in range(0, len(hidden), _AT_ONCE)]
        best = np.concatenate([one for one, _ in found])
        return best, np.concatenate([score for _, score in found])

    def _walk(self, hidden: Floats) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Down the tree, from the root to all leaves."""
        # Summed in float64: what a text's neighbours are moves no float32.
        against = np.clip((self._output @ hidden.T).astype(np.float32), -_SURE, _SURE)
        right = 1 / (1 + np.exp(against))
        left = 1 - right
        right += _NEVER_ZERO
        left += _NEVER_ZERO
        reached = np.empty((len(self.labels), len(hidden)), np.float32)
        level = np.ones((1, len(hidden)), np.float32)
        for span, leaves, places, inner in self._tree:
            below = np.concatenate([level * left[span], level * right[span]])
            reached[leaves] = below[places]
            level = below[inner]
        best = reached.argmax(axis=0)
        return best, reached[best, np.arange(len(hidden))]

    def _numbers(self, words: list[str]) -> Numbers:
        """The row in `_sums` of each word."""
        new = sorted(set(words).difference(self._kept), key=len)
        if new:
            self._learn(new)
        numbers = np.fromiter(map(self._kept.__getitem__, words), np.int64, len(words))
        while new and len(new[-1]) > LONGEST_KEPT:
            del self._kept[new.pop()]
        return numbers

    def _learn(self, new: list[str]) -> None:
        """Put sums of `new` behind those that are kept."""
        size = len(self._kept)
        if len(self._sums) < size + len(new):
            grown = np.empty((2 * (size + len(new)), self._sums.shape[1]))
            grown[:size] = self._sums[:size]
            self._sums = grown
        self._sums[size : size + len(new)] = self._summed(new)
        self._kept.update(zip(new, range(size, size + len(new)), strict=True))

    def _summed(self, words: list[str]) -> Floats:
        """Sum of the rows of each word, and in the last column their number."""
        read = [word for word in words if word != EOS and not word.startswith(LABEL)]
        of, rows = self._ngrams.find(read)
        place = {word: index for index, word in enumerate(words)}
        own = [(place[w], row) for w in words if (row := self._row_of.get(w)) is not None]
        places = np.array([place[word] for word in read], np.int64)
        of = np.concatenate([np.array([index for index, _ in own], np.int64), places[of]])
        rows = np.concatenate([np.array([row for _, row in own], np.int64), rows])
        sums = np.zeros((len(words), self._rows.shape[1] + 1))
        if len(of):
            order = np.argsort(of, kind="stable")
            of = of[order]
            starts = np.flatnonzero(np.diff(of, prepend=-1))
            gathered = self._rows[rows[order]]
            sums[of[starts], :-1] = np.add.reduceat(gathered, starts, axis=0, dtype=np.float64)
            sums[of[starts], -1] = np.diff(starts, append=len(of))
        return sums

    def _forget(self) -> None:
        self._sums = np.empty((0, self._rows.shape[1] + 1))
        self._kept = {}
        self._learn([EOS])


class _Reader:
    """The parts of a file, one after another, little-endian."""

    def __init__(self, file: bytes) -> None:
        self._file = file
        self._at = 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{form}", self._file, self._at)
        self._at += struct.calcsize(f"<{form}")
        return values

    def array(self, kind: str, count: int) -> NDArray[Any]:
        values = np.frombuffer(self._file, np.dtype(kind).newbyteorder("<"), count, self._at)
        self._at += values.nbytes
        return values

    def dictionary(self, bucket: int) -> tuple[list[str], list[tuple[str, int]], NDArray[np.int32]]:
        """Words; labels with their counts; of each n-gram's hash its row behind them, or -1."""
        size, _, _ = self.take("iii")
        _, pruned = self.take("qq")
        words: list[str] = []
        labels: list[tuple[str, int]] = []
        for name, count, is_label in self._entries(size):
            if is_label:
                labels.append((name, count))
            else:
                words.append(name)
        if pruned < 0:
            return words, labels, np.arange(bucket, dtype=np.int32)
        pairs = self.array("i4", 2 * pruned).reshape(-1, 2)
        kept = np.full(bucket, -1, np.int32)
        kept[pairs[:, 0]] = pairs[:, 1]
        return words, labels, kept

    def _entries(self, size: int) -> Iterator[tuple[str, int, bool]]:
        for _ in range(size):
            end = self._file.index(b"\0", self._at)
            name = self._file[self._at : end].decode("utf-8", "replace")
            self._at = end + 1
            count, is_label = self.take("q?")
            yield name, count, is_label

    def quantised(self) -> NDArray[np.float32]:
        """The rows of a product-quantised matrix."""
        _, with_norms, rows, _, codes = self.take("??qqi")
        coded = self.array("u1", codes).reshape(rows, -1)
        parts = self._centroids()
        found = np.concatenate(
            [part[column] for part, column in zip(parts, coded.T, strict=True)], 1
        )
        if with_norms:
            norms = self.array("u1", rows)
            found *= self._centroids()[0][norms]
        return found

    def _centroids(self) -> list[NDArray[np.float32]]:
        _, parts, width, last = self.take("4i")
        widths = [width] * (parts - 1) + [last]
        return [self.array("f4", 256 * one).reshape(256, one).astype(np.float32) for one in widths]

    def matrix(self) -> NDArray[np.float32]:
        rows, columns = self.take("qq")
        return self.array("f4", rows * columns).reshape(rows, columns)


def _until_end(text: str) -> str:
    words = text.split()
    return " ".join(words[: words.index(EOS)]) if EOS in words else text


def _tree(counts: Sequence[int]) -> tuple[Numbers, list[_Level]]:
    """fastText's Huffman tree: the number of each inner node by level, and the levels.

    Leaves are 0 to n - 1 in the order of `counts`, which falls.
    """
    children = _children(counts)
    order: list[int] = []
    levels = []
    level = [max(children)]
    while level:
        below = [children[one][side] for side in (0, 1) for one in level]
        leaf = [place for place, child in enumerate(below) if child < len(counts)]
        inner = [place for place, child in enumerate(below) if child >= len(counts)]
        span = slice(len(order), len(order) + len(level))
        levels.append((span, _whole(below[i] for i in leaf), _whole(leaf), _whole(inner)))
        order += [one - len(counts) for one in level]
        level = [below[i] for i in inner]
    return np.array(order), levels


def _whole(numbers: Iterable[int]) -> Numbers:
    return np.array(list(numbers), np.int64)


def _children(counts: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Left and right child of each inner node; these are numbered behind the leaves, root last."""
    leaves = len(counts)
    weights = [*counts, *[10**15] * (leaves - 1)]
    children: dict[int, tuple[int, int]] = {}
    leaf, node = leaves - 1, leaves
    for parent in range(leaves, 2 * leaves - 1):
        pair = []
        for _ in range(2):
            if leaf >= 0 and weights[leaf] < weights[node]:
                pair.append(leaf)
                leaf -= 1
            else:
                pair.append(node)
                node += 1
        children[parent] = (pair[0], pair[1])
        weights[parent] = weights[pair[0]] + weights[pair[1]]
    return children
