import numpy as np
import pytest

from app.matching.baselines.embedding import EmbeddingCosine, MeanScore
from app.matching.baselines.lexical import ExactLabel
from app.matching.baselines.ranking import build_plain_labels, rank
from app.matching.baselines.sentence_encoder import EncoderConfig, SentenceEncoder, WordPiece

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "weld", "##ing", "pipes", "+", "日", "e"]
WIDTH, N_LAYERS, N_HEADS = 8, 2, 2


def small_weights(seed: int = 0):
    """A model of the right shape with random weights."""
    random = np.random.default_rng(seed)

    def draw(*shape: int):
        return random.normal(0, 0.3, shape).astype(np.float32)

    weights = {
        "embeddings.word_embeddings.weight": draw(len(VOCABULARY), WIDTH),
        "embeddings.position_embeddings.weight": draw(16, WIDTH),
        "embeddings.token_type_embeddings.weight": draw(2, WIDTH),
    }
    shapes = {
        "attention.self.query": (WIDTH, WIDTH),
        "attention.self.key": (WIDTH, WIDTH),
        "attention.self.value": (WIDTH, WIDTH),
        "attention.output.dense": (WIDTH, WIDTH),
        "intermediate.dense": (2 * WIDTH, WIDTH),
        "output.dense": (WIDTH, 2 * WIDTH),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(N_LAYERS):
        for name, shape in shapes.items():
            weights[f"encoder.layer.{layer}.{name}.weight"] = draw(*shape)
            weights[f"encoder.layer.{layer}.{name}.bias"] = draw(shape[0])
        norms += [f"encoder.layer.{layer}.{name}.LayerNorm" for name in ("attention.output", "output")]
    for norm in norms:
        weights[norm + ".weight"] = 1 + draw(WIDTH)
        weights[norm + ".bias"] = draw(WIDTH)
    return weights


@pytest.fixture
def encoder():
    return SentenceEncoder(small_weights(), VOCABULARY, EncoderConfig(N_LAYERS, N_HEADS, max_tokens=8))


def test_words_are_cut_into_the_longest_known_pieces():
    tokeniser = WordPiece(VOCABULARY)
    assert tokeniser.encode("Welding pipes", 16) == [2, 4, 5, 6, 3]
    assert tokeniser.encode("weld++ É日\u200b zzz", 16) == [2, 4, 7, 7, 9, 8, 1, 3]


def test_long_texts_keep_their_beginning_and_end_mark():
    assert WordPiece(VOCABULARY).encode("weld " * 50, 5) == [2, 4, 4, 4, 3]


def test_vectors_have_unit_length_and_do_not_depend_on_the_batch(encoder):
    texts = ["weld pipes", "pipes", "welding", "", "weld weld pipes zzz"]
    together = encoder.encode(texts)
    assert np.linalg.norm(together, axis=1) == pytest.approx(np.ones(5), abs=1e-6)
    for row, text in enumerate(texts):
        assert encoder.encode([text])[0] == pytest.approx(together[row], abs=1e-6)


def test_word_order_and_words_matter(encoder):
    one, other, third = encoder.encode(["weld pipes", "pipes weld", "weld"])
    assert abs(one - other).max() > 1e-3
    assert abs(one - third).max() > 1e-3


def test_the_forward_pass_agrees_with_one_written_token_by_token(encoder):
    """An independent reading of Devlin et al.: loops instead of matrices."""
    weights, token = small_weights(), [2, 4, 5, 6, 3]

    def norm(vector, name):
        centred = vector - vector.mean()
        return (
            centred / np.sqrt((centred**2).mean() + 1e-12) * weights[name + ".weight"]
            + weights[name + ".bias"]
        )

    def linear(vector, name):
        return weights[name + ".weight"] @ vector + weights[name + ".bias"]

    def gelu(x):
        from math import erf, sqrt

        return np.array([0.5 * v * (1 + erf(v / sqrt(2))) for v in x])

    state = [
        norm(
            weights["embeddings.word_embeddings.weight"][number]
            + weights["embeddings.position_embeddings.weight"][place]
            + weights["embeddings.token_type_embeddings.weight"][0],
            "embeddings.LayerNorm",
        )
        for place, number in enumerate(token)
    ]
    size = WIDTH // N_HEADS
    for number in range(N_LAYERS):
        layer = f"encoder.layer.{number}."
        query, key, value = (
            [linear(vector, f"{layer}attention.self.{name}") for vector in state]
            for name in ("query", "key", "value")
        )
        after = []
        for place, vector in enumerate(state):
            mixed = []
            for head in range(N_HEADS):
                part = slice(head * size, (head + 1) * size)
                weight = np.exp([query[place][part] @ other[part] / size**0.5 for other in key])
                weight /= weight.sum()
                mixed.append(sum(w * other[part] for w, other in zip(weight, value, strict=True)))
            vector = norm(
                vector + linear(np.concatenate(mixed), layer + "attention.output.dense"),
                layer + "attention.output.LayerNorm",
            )
            inner = gelu(linear(vector, layer + "intermediate.dense"))
            after.append(norm(vector + linear(inner, layer + "output.dense"), layer + "output.LayerNorm"))
        state = after
    mean = np.mean(state, axis=0)
    assert encoder.encode(["welding pipes"])[0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)


def test_models_have_fingerprints_of_their_own(encoder):
    other = SentenceEncoder(small_weights(1), VOCABULARY, EncoderConfig(N_LAYERS, N_HEADS))
    same = SentenceEncoder(small_weights(), VOCABULARY, EncoderConfig(N_LAYERS, N_HEADS))
    assert encoder.fingerprint == same.fingerprint != other.fingerprint


def test_the_nearest_label_comes_first_and_a_mean_hears_both_sides(encoder):
    labels = build_plain_labels([(0, "pipes"), (1, "weld"), (2, "welding pipes")])
    cosine = EmbeddingCosine(labels, encoder.encode, encoder.encode)
    assert rank(cosine, ["weld", "Welding pipes"], 1).concept_row.tolist() == [[1], [2]]
    both = rank(MeanScore(ExactLabel(labels), cosine), ["weld"], 3)
    assert both.concept_row[0, 0] == 1
    assert both.score[0, 0] == pytest.approx(1.0, abs=1e-5)
    assert both.score[0, 1] <= 0.5
