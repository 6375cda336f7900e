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


def main(folder):
    for name, cases in (("binary-cross-entropy", binary_cross_entropies()), ("info-nce", info_nces())):
        Path(folder, f"{name}.json").write_text(json.dumps(cases) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
