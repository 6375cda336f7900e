"""Reference values for @sifaka/ranker: PyTorch modules written from the papers' formulas.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    PYTHONPATH=.. VENV/bin/python generate.py ../../../packages/ranker/test/golden
    pnpm biome format --write packages/ranker/test/golden
"""

import json
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

import by_path


class RankMixerBlock(nn.Module):
    """RankMixer (arXiv 2507.15551): S = LN(TokenMixing(X) + X), X' = LN(PFFN(S) + S)."""

    def __init__(self, tokens, dim, expansion):
        super().__init__()
        self.mixing_norm = nn.LayerNorm(dim)
        self.expand = nn.ModuleList(nn.Linear(dim, expansion * dim) for _ in range(tokens))
        self.contract = nn.ModuleList(nn.Linear(expansion * dim, dim) for _ in range(tokens))
        self.feed_forward_norm = nn.LayerNorm(dim)

    def forward(self, x):  # a list of T tokens [B, D]
        heads = [token.chunk(len(x), dim=-1) for token in x]
        mixed = [torch.cat([heads[t][h] for t in range(len(x))], dim=-1) for h in range(len(x))]
        s = [self.mixing_norm(m + token) for m, token in zip(mixed, x)]
        f = [contract(functional.gelu(expand(token))) for expand, contract, token in zip(self.expand, self.contract, s)]
        return [self.feed_forward_norm(a + b) for a, b in zip(f, s)]


class RankMixer(nn.Module):
    def __init__(self, groups, head_dim, depth, expansion):
        super().__init__()
        dim = len(groups) * head_dim
        self.projections = nn.ModuleDict({name: nn.Linear(width, dim) for name, width in groups.items()})
        self.blocks = nn.ModuleList(RankMixerBlock(len(groups), dim, expansion) for _ in range(depth))
        self.head = nn.Linear(dim, 1)

    def forward(self, features):
        x = [projection(features[name]) for name, projection in self.projections.items()]
        for block in self.blocks:
            x = block(x)
        return self.head(sum(x) / len(x))[:, 0]


class HistoryDecoder(nn.Module):
    """LEMUR's decoder (arXiv 2511.10962) with our residual and normalisation: Q ← LN(Q + FFN(Σ_j softmax_j(Qᵀd_j) d_j))."""

    def __init__(self, feature_dim, dim, depth):
        super().__init__()
        self.query = nn.Linear(feature_dim, dim)
        self.expand = nn.ModuleList(nn.Linear(dim, 4 * dim) for _ in range(depth))
        self.contract = nn.ModuleList(nn.Linear(4 * dim, dim) for _ in range(depth))
        self.norm = nn.ModuleList(nn.LayerNorm(dim) for _ in range(depth))

    def forward(self, features, history, lengths):
        rows = []
        for row, length in enumerate(lengths):
            items = history[row, :length]  # [N, D]
            q = self.query(features[row])
            for expand, contract, norm in zip(self.expand, self.contract, self.norm):
                read = torch.softmax(items @ q, 0) @ items if length > 0 else torch.zeros_like(q)
                q = norm(q + contract(functional.gelu(expand(read))))
            rows.append(q)
        return torch.stack(rows)


class Stacked:
    """Several torch parameters that are one here: `[T, ...]`."""

    def __init__(self, parts, layout):
        self.parts, self.layout = parts, layout

    def read(self, of):
        return torch.stack([self.layout(of(p)) for p in self.parts])


def packed(entries, of):
    return by_path.packed(entries, lambda p: p.read(of) if isinstance(p, Stacked) else of(p))


def rank_mixer_entries(model):
    entries = [e for name, projection in model.projections.items() for e in by_path.linear(f"projection.{name}", projection)]
    for i, block in enumerate(model.blocks):
        path = f"blocks.{i}"
        entries += by_path.norm(f"{path}.mixingNorm", block.mixing_norm)
        entries += by_path.norm(f"{path}.feedForwardNorm", block.feed_forward_norm)
        for name, linears in {"expand": block.expand, "contract": block.contract}.items():
            weight = Stacked([one.weight for one in linears], by_path.transposed)
            bias = Stacked([one.bias for one in linears], lambda b: b[None])
            entries.append((f"{path}.feedForward.{name}", weight, by_path.as_is))
            entries.append((f"{path}.feedForward.{name}Bias", bias, by_path.as_is))
    return entries + by_path.linear("head", model.head)


def decoder_entries(model):
    entries = by_path.linear("query", model.query)
    for i, (expand, contract, norm) in enumerate(zip(model.expand, model.contract, model.norm)):
        entries += by_path.linear(f"layers.{i}.feedForward.expand", expand)
        entries += by_path.linear(f"layers.{i}.feedForward.contract", contract)
        entries += by_path.norm(f"layers.{i}.norm", norm)
    return entries


def rank_mixer():
    groups, head_dim, depth, expansion = {"user": 3, "item": 5, "sequence": 2}, 2, 2, 3
    model = by_path.draw(RankMixer(groups, head_dim, depth, expansion), torch)
    features = {name: torch.randn(4, width) for name, width in groups.items()}
    leaves = {name: value.double().requires_grad_() for name, value in features.items()}
    upstream = torch.randn(4)
    logits = model(leaves)
    (logits * upstream).sum().backward()
    entries = rank_mixer_entries(model)
    return {
        "options": {"groups": groups, "headDim": head_dim, "depth": depth, "expansion": expansion},
        "weights": packed(entries, lambda p: p),
        "features": {name: value.tolist() for name, value in features.items()},
        "logits": logits.tolist(),
        "upstream": upstream.tolist(),
        "featureGradients": {name: leaf.grad.tolist() for name, leaf in leaves.items()},
        "gradients": packed(entries, lambda p: p.grad),
    }


def history_decoder():
    model = by_path.draw(HistoryDecoder(feature_dim=5, dim=4, depth=2), torch)
    features, history, lengths = torch.randn(3, 5), torch.randn(3, 4, 4), [4, 2, 0]
    upstream = torch.randn(3, 4)
    output = model(features.double(), history.double(), lengths)
    (output * upstream).sum().backward()
    entries = decoder_entries(model)
    return {
        "options": {"featureDim": 5, "dim": 4, "depth": 2},
        "weights": packed(entries, lambda p: p),
        "features": features.tolist(),
        "history": history.tolist(),
        "mask": [[1 if j < length else 0 for j in range(4)] for length in lengths],
        "output": output.tolist(),
        "upstream": upstream.tolist(),
        "gradients": packed(entries, lambda p: p.grad),
    }


if __name__ == "__main__":
    torch.manual_seed(1)
    for name, make in {"rank-mixer": rank_mixer, "history-decoder": history_decoder}.items():
        Path(sys.argv[1], f"{name}.json").write_text(json.dumps(make()) + "\n")
