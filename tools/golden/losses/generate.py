"""Reference values for @sifaka/losses from PyTorch, in float64.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    VENV/bin/python generate.py ../../../packages/losses/test/golden
    pnpm biome format --write ../../../packages/losses/test/golden
"""

import json
import sys
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)


def numbers(tensor):
    return [float(f"{value:.9g}") for value in tensor.detach().flatten().tolist()]


def loss_and_gradients(loss, *inputs):
    loss.backward()
    return {"loss": float(f"{loss.item():.9g}"), "gradients": [numbers(x.grad) for x in inputs]}


def binary_cross_entropy(logits, labels):
    z = torch.tensor(logits, requires_grad=True)
    y = torch.tensor(labels)
    return {
        "logits": numbers(z),
        "labels": numbers(y),
        **loss_and_gradients(F.binary_cross_entropy_with_logits(z, y), z),
    }


def binary_cross_entropies():
    # Each pair of logit and label alone, so that no large term hides a small one. Then two batches of all logits.
    logits = [-100.0, -30.0, -8.0, -1.5, -0.01, 0.0, 0.01, 1.5, 8.0, 30.0, 100.0]
    labels = [0.0, 0.3, 1.0]
    cases = [binary_cross_entropy([z], [y]) for z in logits for y in labels]
    cases.append(binary_cross_entropy(logits, [float(i % 2) for i in range(len(logits))]))
    cases.append(binary_cross_entropy(logits, [i / 10 for i in range(len(logits))]))
    return cases


def info_nce(generator, scale, num_queries, num_candidates, dim, masked):
    def draw(*shape):
        # Float32 values, so that both sides start from the same numbers.
        return torch.randn(*shape, generator=generator).float().double().requires_grad_()

    queries, candidates = draw(num_queries, dim), draw(num_candidates, dim)
    positives = torch.randint(num_candidates, (num_queries,), generator=generator)
    mask = (torch.rand(num_queries, num_candidates, generator=generator) > masked).double()
    mask[torch.arange(num_queries), positives] = 1
    logits = scale * F.cosine_similarity(queries[:, None, :], candidates[None, :, :], dim=-1)
    loss = F.cross_entropy(logits.masked_fill(mask == 0, float("-inf")), positives)
    return {
        "scale": scale,
        "width": dim,
        "queries": numbers(queries),
        "candidates": numbers(candidates),
        "positives": positives.tolist(),
        "mask": [int(x) for x in mask.flatten()] if masked > 0 else None,
        **loss_and_gradients(loss, queries, candidates),
    }


def info_nces():
    generator = torch.Generator().manual_seed(1)
    return [
        info_nce(generator, scale, num_queries, num_candidates, dim, masked)
        for scale in (1, 20, 50)
        for num_queries, num_candidates, dim in ((1, 1, 3), (5, 7, 4), (16, 9, 8))
        for masked in (0, 0.4)
    ]


def mulberry32(seed):
    """The generator of @sifaka/nn's seededRandom, so that both sides draw the same negatives."""
    state = seed & 0xFFFFFFFF
    while True:
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = ((state ^ (state >> 15)) * (state | 1)) & 0xFFFFFFFF
        t = (t ^ (t + (t ^ (t >> 7)) * (t | 61))) & 0xFFFFFFFF
        yield (t ^ (t >> 14)) / 2**32


def cic(generator, temperature, items, width, count, seed, exclude):
    """EM3's content-ID contrast item by item, with negatives drawn uniformly and with replacement."""
    size = len(items)
    content, ids = (
        torch.randn(size, width, generator=generator).float().double().requires_grad_() for _ in range(2)
    )
    c, z = F.normalize(content, dim=1), F.normalize(ids, dim=1)
    draws = mulberry32(seed)
    by_item = sorted(range(size), key=lambda row: items[row])
    drawn, terms = [], []
    for b in range(size):
        among = range(size) if exclude == "nothing" else [row for row in by_item if items[row] != items[b]]
        negatives = [among[int(next(draws) * len(among))] for _ in range(count)]
        drawn.append(negatives)
        for one, other in ((c, z), (z, c)):
            logits = torch.stack([one[b] @ other[n] for n in [b, *negatives]]) * temperature
            terms.append(F.cross_entropy(logits[None], torch.tensor([0])))
    return {
        "temperature": temperature,
        "items": items,
        "width": width,
        "negatives": {"kind": "sampled", "count": count, "seed": seed, "exclude": exclude},
        "drawsItself": any(b in negatives for b, negatives in enumerate(drawn)),
        "content": numbers(content),
        "ids": numbers(ids),
        **loss_and_gradients(torch.stack(terms).mean(), content, ids),
    }


def cics():
    generator = torch.Generator().manual_seed(2)
    return [
        cic(generator, temperature, items, width, count, seed, exclude)
        for temperature in (2, 10)
        for items, width, count, seed in (
            ([0, 1, 2], 4, 16, 5),
            (list(range(20)), 8, 16, 6),
            ([4, 1, 4, 9, 1, 4, 2], 3, 5, 7),
        )
        for exclude in ("nothing", "sameItem")
    ]


def main(folder):
    golden = {"binary-cross-entropy": binary_cross_entropies(), "info-nce": info_nces(), "cic": cics()}
    for name, cases in golden.items():
        Path(folder, f"{name}.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
