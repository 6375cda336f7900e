"""Reference values for the heads of @sifaka/ranker: PyTorch modules written from the papers' formulas, term by term.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    PYTHONPATH=.. VENV/bin/python heads.py ../../../packages/ranker/test/golden
    pnpm biome format --write packages/ranker/test/golden

Unlike in generate.py, every entry has a random stream of its own. A new one does not change the others.
"""

import itertools
import json
import sys
from pathlib import Path

import torch
from torch import nn

import by_path

GROUPS = {"user": 3, "item": 5, "history": 2, "similarity": 1}
BATCH = 4


class GroupVectors(nn.Module):
    """One table per group: the sum of its rows, weighted by the features."""

    def __init__(self, factors):
        super().__init__()
        self.tables = nn.ParameterDict({name: nn.Parameter(torch.empty(n, factors)) for name, n in GROUPS.items()})

    def forward(self, features):
        # ParameterDict sorts its names, so the order of the groups is taken from GROUPS.
        rows = {name: enumerate(self.tables[name]) for name in GROUPS}
        return [sum(features[name][:, i : i + 1] * row for i, row in rows[name]) for name in GROUPS]

    def entries(self, path):
        return [(f"{path}.{name}", self.tables[name], by_path.as_is) for name in GROUPS]


def pairs(vectors):
    """Σ_{f<g} ⟨v_f, v_g⟩, pair by pair."""
    return sum((v * w).sum(1) for v, w in itertools.combinations(vectors, 2))


class Mlp(nn.Module):
    def __init__(self, width, hidden, outputs=1):
        super().__init__()
        widths = [width, *hidden]
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(widths))
        self.last = nn.Linear(widths[-1], outputs)

    def features(self, x):
        for layer in self.hidden:
            x = torch.relu(layer(x))
        return x

    def forward(self, x):
        return self.last(self.features(x))[:, 0]

    def entries(self, path):
        layers = [*self.hidden, self.last]
        return [entry for i, layer in enumerate(layers) for entry in by_path.linear(f"{path}.layers.{i}", layer)]


class FactorizationMachine(nn.Module):
    """Rendle (2010), Eq. 1: w_0 + Σ_i w_i x_i + Σ_{f<g} ⟨v_f, v_g⟩."""

    def __init__(self, factors):
        super().__init__()
        self.linear = nn.Linear(sum(GROUPS.values()), 1)
        self.vectors = GroupVectors(factors)

    def forward(self, features):
        return self.linear(torch.cat(list(features.values()), 1))[:, 0] + pairs(self.vectors(features))

    def entries(self):
        return by_path.linear("linear", self.linear) + self.vectors.entries("vectors")


class DeepFm(nn.Module):
    """DeepFM (arXiv 1703.04247), Eq. 1 to 4."""

    def __init__(self, factors, hidden):
        super().__init__()
        self.linear = nn.Linear(sum(GROUPS.values()), 1, bias=False)
        self.vectors = GroupVectors(factors)
        self.deep = Mlp(len(GROUPS) * factors, hidden)

    def forward(self, features):
        vectors = self.vectors(features)
        first = self.linear(torch.cat(list(features.values()), 1))[:, 0]
        return first + pairs(vectors) + self.deep(torch.cat(vectors, 1))

    def entries(self):
        linear = [("linear.weight", self.linear.weight, by_path.transposed)]
        return linear + self.vectors.entries("vectors") + self.deep.entries("deep")


class Dlrm(nn.Module):
    """DLRM (arXiv 1906.00091): the groups and the dot products of all pairs of their vectors, then the top MLP."""

    def __init__(self, factors, hidden):
        super().__init__()
        self.vectors = GroupVectors(factors)
        self.top = Mlp(sum(GROUPS.values()) + len(GROUPS) * (len(GROUPS) - 1) // 2, hidden)

    def forward(self, features):
        products = [(v * w).sum(1) for v, w in itertools.combinations(self.vectors(features), 2)]
        return self.top(torch.cat([*features.values(), torch.stack(products, 1)], 1))

    def entries(self):
        return self.vectors.entries("vectors") + self.top.entries("top")


class CrossLayer(nn.Module):
    """DCN-V2 (arXiv 2008.13535), Eq. 1."""

    def __init__(self, width):
        super().__init__()
        self.linear = nn.Linear(width, width)

    def forward(self, first, x):
        return first * self.linear(x) + x

    def entries(self, path):
        return by_path.linear(path, self.linear)


class LowRankCrossLayer(nn.Module):
    """DCN-V2, Eq. 3 and 4, expert by expert, with softmax gates."""

    def __init__(self, width, rank, experts):
        super().__init__()
        self.u = nn.ParameterList(torch.empty(width, rank) for _ in range(experts))
        self.c = nn.ParameterList(torch.empty(rank, rank) for _ in range(experts))
        self.v = nn.ParameterList(torch.empty(width, rank) for _ in range(experts))
        self.b = nn.Parameter(torch.empty(width))
        self.gate = nn.Linear(width, experts) if experts > 1 else None

    def forward(self, first, x):
        gates = torch.ones(len(x), 1) if self.gate is None else torch.softmax(self.gate(x), 1)
        out = x
        for i, (u, c, v) in enumerate(zip(self.u, self.c, self.v)):
            hidden = torch.tanh(torch.tanh(x @ v) @ c.T)
            out = out + gates[:, i : i + 1] * first * (hidden @ u.T + self.b)
        return out

    def entries(self, path):
        side_by_side = Several(self.v, lambda parts: torch.cat(parts, 1))
        stacked = Several(self.c, lambda parts: torch.stack([part.T for part in parts]))
        below_each_other = Several(self.u, lambda parts: torch.cat([part.T for part in parts]))
        return [
            (f"{path}.contract.weight", side_by_side, by_path.as_is),
            (f"{path}.core", stacked, by_path.as_is),
            (f"{path}.expand.weight", below_each_other, by_path.as_is),
            (f"{path}.expand.bias", self.b, by_path.as_is),
            *([] if self.gate is None else by_path.linear(f"{path}.gate", self.gate)),
        ]


class DcnV2(nn.Module):
    def __init__(self, crosses, structure, hidden):
        super().__init__()
        width = sum(GROUPS.values())
        self.crosses, self.structure = nn.ModuleList(crosses), structure
        self.deep = Mlp(width, hidden)
        if structure == "parallel":  # One linear layer over both networks' outputs, concatenated.
            self.deep.last = nn.Linear(width + hidden[-1], 1)

    def forward(self, features):
        first = x = torch.cat(list(features.values()), 1)
        for cross in self.crosses:
            x = cross(first, x)
        if self.structure == "stacked":
            return self.deep(x)
        return self.deep.last(torch.cat([x, self.deep.features(first)], 1))[:, 0]

    def entries(self):
        entries = [entry for i, cross in enumerate(self.crosses) for entry in cross.entries(f"crosses.{i}")]
        entries += self.deep.entries("deep")
        if self.structure == "stacked":
            return entries
        width, last = sum(GROUPS.values()), f"deep.layers.{len(self.deep.hidden)}.weight"
        weight = self.deep.last.weight
        return [entry for entry in entries if entry[0] != last] + [
            ("crossLogit.weight", weight, lambda w: w[:, :width].T),
            (last, weight, lambda w: w[:, width:].T),
        ]


class InteractingLayer(nn.Module):
    """AutoInt (arXiv 1810.11921), Eq. 5 to 8, group by group and head by head. `k` below is d', the width of a head."""

    def __init__(self, width, heads, k):
        super().__init__()
        self.query = nn.ParameterList(torch.empty(k, width) for _ in range(heads))
        self.key = nn.ParameterList(torch.empty(k, width) for _ in range(heads))
        self.value = nn.ParameterList(torch.empty(k, width) for _ in range(heads))
        self.residual = nn.Parameter(torch.empty(heads * k, width))

    def forward(self, groups):  # a list of [B, width]
        outputs = []
        for e in groups:
            heads = []
            for query, key, value in zip(self.query, self.key, self.value):
                scores = torch.stack([((e @ query.T) * (other @ key.T)).sum(1) for other in groups])  # [G, B]
                weights = scores.exp() / scores.exp().sum(0)
                heads.append(sum(w[:, None] * (other @ value.T) for w, other in zip(weights, groups)))
            outputs.append(torch.relu(torch.cat(heads, 1) + e @ self.residual.T))
        return outputs

    def entries(self, path):
        parts = [*self.query, *self.key, *self.value, self.residual]
        side_by_side = Several(parts, lambda values: torch.cat(values).T)
        return [(f"{path}.input.weight", side_by_side, by_path.as_is)]


class AutoInt(nn.Module):
    def __init__(self, dim, heads, head_dim, depth):
        super().__init__()
        self.embedding = GroupVectors(dim)
        widths = [dim] + [heads * head_dim] * (depth - 1)
        self.layers = nn.ModuleList(InteractingLayer(width, heads, head_dim) for width in widths)
        self.head = nn.Linear(len(GROUPS) * heads * head_dim, 1)

    def forward(self, features):
        groups = self.embedding(features)
        for layer in self.layers:
            groups = layer(groups)
        return self.head(torch.cat(groups, 1))[:, 0]

    def entries(self):
        embedding = [(f"{path}.weight", table, layout) for path, table, layout in self.embedding.entries("embedding")]
        layers = [entry for i, layer in enumerate(self.layers) for entry in layer.entries(f"layers.{i}")]
        return embedding + layers + by_path.linear("head", self.head)


class Several:
    """Several torch parameters that are one parameter in TypeScript."""

    def __init__(self, parts, join):
        self.parts, self.join = list(parts), join

    def read(self, of):
        return self.join([of(p) for p in self.parts])


def packed(entries, of):
    return by_path.packed(entries, lambda p: p.read(of) if isinstance(p, Several) else of(p))


def golden(model, options):
    model = by_path.draw(model, torch)
    leaves = {name: torch.randn(BATCH, width).double().requires_grad_() for name, width in GROUPS.items()}
    upstream = torch.randn(BATCH)
    logits = model(leaves)
    (logits * upstream).sum().backward()
    return {
        "options": {"groups": GROUPS, **options},
        "weights": packed(model.entries(), lambda p: p),
        "features": {name: leaf.tolist() for name, leaf in leaves.items()},
        "logits": logits.tolist(),
        "upstream": upstream.tolist(),
        "featureGradients": {name: leaf.grad.tolist() for name, leaf in leaves.items()},
        "gradients": packed(model.entries(), lambda p: p.grad),
    }


def dcn_v2(structure, cross, make):
    options = {"depth": 2, "structure": structure, "cross": cross, "hiddenDims": [4, 3]}
    return golden(DcnV2([make() for _ in range(2)], structure, [4, 3]), options)


def auto_int():
    sizes = {"dim": 4, "heads": 2, "head_dim": 3, "depth": 2}
    return golden(AutoInt(**sizes), {("headDim" if name == "head_dim" else name): n for name, n in sizes.items()})


WIDTH = sum(GROUPS.values())
GOLDEN = {
    "factorization-machine": lambda: golden(FactorizationMachine(3), {"factors": 3}),
    "deep-fm": lambda: golden(DeepFm(3, [5, 4]), {"factors": 3, "hiddenDims": [5, 4]}),
    "dlrm": lambda: golden(Dlrm(3, [5, 4]), {"factors": 3, "hiddenDims": [5, 4]}),
    "dcn-v2": lambda: dcn_v2("stacked", {"kind": "full"}, lambda: CrossLayer(WIDTH)),
    "parallel-dcn-v2": lambda: dcn_v2(
        "parallel", {"kind": "lowRank", "rank": 2, "experts": 3}, lambda: LowRankCrossLayer(WIDTH, 2, 3)
    ),
    "one-expert-dcn-v2": lambda: dcn_v2(
        "stacked", {"kind": "lowRank", "rank": 2, "experts": 1}, lambda: LowRankCrossLayer(WIDTH, 2, 1)
    ),
    "auto-int": auto_int,
}

if __name__ == "__main__":
    for name, make in GOLDEN.items():
        torch.manual_seed(1)
        Path(sys.argv[1], f"{name}.json").write_text(json.dumps(make()) + "\n")
