"""Sentence embeddings by a BERT model, in NumPy: no deep-learning library needed.

Only the forward pass of small models is here (Devlin et al. 2019, "BERT", with
the mean pooling of Reimers and Gurevych 2019, "Sentence-BERT"): a few milliseconds a
label, and the same on every machine but for the last bits of float32.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Weights = Mapping[str, NDArray[np.float32]]

_MAX_WORD = 100
"""Longer words become the unknown token, as in the original tokeniser."""

_KEPT_WORDS = 200_000

_TOKENS_PER_BATCH = 4096
"""Bounds memory; no result depends on it beyond the last bits of float32."""


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """Shape of the model: what its ``config.json`` states."""

    n_layers: int
    n_heads: int
    epsilon: float = 1e-12
    max_tokens: int = 256


class WordPiece:
    """The uncased WordPiece tokeniser of BERT (Devlin et al. 2019)."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._id_of = {piece: number for number, piece in enumerate(vocabulary)}
        self._unknown = self._id_of["[UNK]"]
        self._first, self._last = self._id_of["[CLS]"], self._id_of["[SEP]"]
        self._pieces_of: dict[str, tuple[int, ...]] = {}

    def encode(self, text: str, max_tokens: int) -> list[int]:
        """Token numbers of a text with its start and end marks, at most ``max_tokens``.

        Words stand apart by white space and punctuation; case and accents are dropped.
        """
        pieces: list[int] = []
        for word in _basic_words(text):
            known = self._pieces_of.get(word)
            if known is None:
                known = self._split(word)
                # Phrases bring new words without end; what is remembered has one.
                if len(self._pieces_of) < _KEPT_WORDS:
                    self._pieces_of[word] = known
            pieces += known
        return [self._first, *pieces[: max_tokens - 2], self._last]

    def _split(self, word: str) -> tuple[int, ...]:
        if len(word) > _MAX_WORD:
            return (self._unknown,)
        found: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                piece = self._id_of.get(("##" if start else "") + word[start:end])
                if piece is not None:
                    break
            else:
                return (self._unknown,)
            found.append(piece)
            start = end
        return tuple(found)


class SentenceEncoder:
    """Maps texts to unit vectors; the cosine of two of them is their product.

    Parameters
    ----------
    weights : mapping of str to ndarray, float32
        By the names that Hugging Face BERT models use, without a prefix.
    vocabulary : sequence of str
        WordPiece vocabulary in the model's order.
    """

    def __init__(self, weights: Weights, vocabulary: Sequence[str], config: EncoderConfig) -> None:
        self._weights = weights
        self._tokeniser = WordPiece(vocabulary)
        self._config = config

    @property
    def n_dimensions(self) -> int:
        """Length of the vectors."""
        return int(self._weights["embeddings.word_embeddings.weight"].shape[1])

    @property
    def fingerprint(self) -> str:
        """Short digest of the weights, which tells models apart; 16 hexadecimal digits."""
        digest = hashlib.sha256()
        for name in sorted(self._weights):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(self._weights[name]).tobytes())
        return digest.hexdigest()[:16]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts.

        Returns
        -------
        ndarray of shape (n_texts, n_dimensions), float32
            Rows of unit length, in the order of ``texts``.
        """
        found = np.zeros((len(texts), self.n_dimensions), dtype=np.float32)
        numbers = [self._tokeniser.encode(text, self._config.max_tokens) for text in texts]
        # Texts of one length go together: nothing is padded, so nothing has to be masked.
        order = sorted(range(len(texts)), key=lambda row: len(numbers[row]))
        start = 0
        while start < len(order):
            length = len(numbers[order[start]])
            end = start + 1
            while (
                end < len(order)
                and len(numbers[order[end]]) == length
                and (end - start) * length < _TOKENS_PER_BATCH
            ):
                end += 1
            rows = order[start:end]
            found[rows] = self._forward(np.array([numbers[row] for row in rows]))
            start = end
        return found

    def _forward(self, token: NDArray[np.int64]) -> NDArray[np.float32]:
        """Embed texts of equal length: (n_texts, n_tokens) -> (n_texts, n_dimensions)."""
        weights = self._weights
        state = weights["embeddings.word_embeddings.weight"][token]
        state = state + weights["embeddings.position_embeddings.weight"][: token.shape[1]]
        state = state + weights["embeddings.token_type_embeddings.weight"][0]
        state = self._normalised(state, "embeddings.LayerNorm")
        for number in range(self._config.n_layers):
            layer = f"encoder.layer.{number}."
            attended = self._linear(self._attention(state, layer), layer + "attention.output.dense")
            state = self._normalised(state + attended, layer + "attention.output.LayerNorm")
            inner = _gelu(self._linear(state, layer + "intermediate.dense"))
            state = self._normalised(
                state + self._linear(inner, layer + "output.dense"), layer + "output.LayerNorm"
            )
        mean = state.mean(axis=1)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), dtype=np.float32)

    def _attention(self, state: NDArray[np.float32], layer: str) -> NDArray[np.float32]:
        n_texts, n_tokens, width = state.shape
        n_heads = self._config.n_heads

        def heads(name: str) -> NDArray[np.float32]:
            projected = self._linear(state, f"{layer}attention.self.{name}")
            split = projected.reshape(n_texts, n_tokens, n_heads, width // n_heads)
            return split.transpose(0, 2, 1, 3)

        weight = heads("query") @ heads("key").transpose(0, 1, 3, 2)
        weight *= np.float32((width // n_heads) ** -0.5)
        weight = np.exp(weight - weight.max(axis=-1, keepdims=True))
        weight /= weight.sum(axis=-1, keepdims=True)
        mixed: NDArray[np.float32] = (weight @ heads("value")).transpose(0, 2, 1, 3)
        return mixed.reshape(n_texts, n_tokens, width)

    def _linear(self, state: NDArray[np.float32], name: str) -> NDArray[np.float32]:
        # One product of two matrices is several times sooner than a stack of small ones.
        flat = state.reshape(-1, state.shape[-1]) @ self._weights[name + ".weight"].T
        flat += self._weights[name + ".bias"]
        return np.asarray(flat.reshape(*state.shape[:-1], -1), dtype=np.float32)

    def _normalised(self, state: NDArray[np.float32], name: str) -> NDArray[np.float32]:
        centred = state - state.mean(axis=-1, keepdims=True)
        scale = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + np.float32(self._config.epsilon))
        return np.asarray(
            centred / scale * self._weights[name + ".weight"] + self._weights[name + ".bias"],
            dtype=np.float32,
        )


def _gelu(state: NDArray[np.float32]) -> NDArray[np.float32]:
    """``x * Phi(x)`` (Hendrycks and Gimpel 2016), with the exact error function."""
    from scipy.special import erf

    return np.asarray(state * (0.5 * (1.0 + erf(state * np.float32(2**-0.5)))), dtype=np.float32)


def _basic_words(text: str) -> list[str]:
    """Lower-case words and single marks, as BERT's basic tokeniser cuts them."""
    plain = [
        char for char in unicodedata.normalize("NFD", text.lower()) if unicodedata.category(char) != "Mn"
    ]
    spaced: list[str] = []
    for char in plain:
        if char.isspace():
            spaced.append(" ")
        elif unicodedata.category(char) in ("Cc", "Cf") or char == "\ufffd":
            continue
        elif _is_mark(char) or "\u4e00" <= char <= "\u9fff":
            spaced.append(f" {char} ")
        else:
            spaced.append(char)
    return "".join(spaced).split()


def _is_mark(char: str) -> bool:
    # ASCII symbols such as + and $ count as punctuation here, whatever Unicode says of them.
    return unicodedata.category(char).startswith("P") or (char.isascii() and not char.isalnum())
