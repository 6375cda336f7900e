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
    """LEMUR's decoder (arXiv 2511.10962) with residual and normalisation: Q ← LN(Q + FFN(Σ_j softmax_j(Qᵀd_j) d_j)).

    With heads, torch's multi-head attention replaces the printed one."""

    def __init__(self, feature_dim, dim, depth, heads=None):
        super().__init__()
        self.attention = nn.ModuleList(
            nn.MultiheadAttention(dim, heads, batch_first=True) for _ in range(depth if heads else 0)
        )
        self.query = nn.Linear(feature_dim, dim)
        self.expand = nn.ModuleList(nn.Linear(dim, 4 * dim) for _ in range(depth))
        self.contract = nn.ModuleList(nn.Linear(4 * dim, dim) for _ in range(depth))
        self.norm = nn.ModuleList(nn.LayerNorm(dim) for _ in range(depth))

    def forward(self, features, history, lengths):
        rows = []
        for row, length in enumerate(lengths):
            items = history[row, :length]  # [N, D]
            q = self.query(features[row])
            for i, (expand, contract, norm) in enumerate(zip(self.expand, self.contract, self.norm)):
                read = self.read(i, q, items) if length > 0 else self.read_empty(i, q)
                q = norm(q + contract(functional.gelu(expand(read))))
            rows.append(q)
        return torch.stack(rows)

    def read(self, i, q, items):
        if not self.attention:
            return torch.softmax(items @ q, 0) @ items
        return self.attention[i](q[None, None], items[None], items[None], need_weights=False)[0][0, 0]

    def read_empty(self, i, q):
        return self.attention[i].out_proj(torch.zeros_like(q)) if self.attention else torch.zeros_like(q)


class Router(nn.Module):
    def __init__(self, tokens, dim, experts):
        super().__init__()
        self.linears = nn.ModuleList(nn.Linear(dim, experts) for _ in range(tokens))


class ExpertsBlock(nn.Module):
    """RankMixer's block with ReLU-routed experts per token, dense training, sparse serving (DTSI), expert by expert."""

    def __init__(self, tokens, dim, expansion, experts):
        super().__init__()
        self.experts = experts
        self.mixing_norm = nn.LayerNorm(dim)
        self.expand = nn.ModuleList(nn.Linear(dim, expansion * dim) for _ in range(tokens * experts))
        self.contract = nn.ModuleList(nn.Linear(expansion * dim, dim) for _ in range(tokens * experts))
        self.serving = Router(tokens, dim, experts)
        self.training_router = Router(tokens, dim, experts)
        self.feed_forward_norm = nn.LayerNorm(dim)

    def forward(self, x, serve):  # a list of T tokens [B, D]
        heads = [token.chunk(len(x), dim=-1) for token in x]
        mixed = [torch.cat([heads[t][h] for t in range(len(x))], dim=-1) for h in range(len(x))]
        s = [self.mixing_norm(m + token) for m, token in zip(mixed, x)]
        out, gate_sum, mismatch, active = [], 0, 0, []
        for t, token in enumerate(s):
            served, trained = 0, 0
            gates = torch.relu(self.serving.linears[t](token.detach()))
            dense_gates = torch.relu(self.training_router.linears[t](token))
            for j in range(self.experts):
                k = t * self.experts + j
                output = self.contract[k](functional.gelu(self.expand[k](token)))
                served = served + gates[:, j : j + 1] * output.detach()
                trained = trained + dense_gates[:, j : j + 1] * output
            gate_sum = gate_sum + gates.sum(1).mean()
            mismatch = mismatch + ((served - trained.detach()) ** 2).mean()
            active.append((gates > 0).double().mean())
            out.append(self.feed_forward_norm((served if serve else trained) + token))
        return out, gate_sum, mismatch, sum(active) / len(active)


class ExpertsRankMixer(nn.Module):
    """RankMixer whose tokens are equal pieces of the concatenated features."""

    def __init__(self, width, tokens, head_dim, depth, expansion, experts):
        super().__init__()
        self.tokens, self.piece = tokens, -(-width // tokens)
        dim = tokens * head_dim
        self.projections = nn.ModuleList(nn.Linear(self.piece, dim) for _ in range(tokens))
        self.blocks = nn.ModuleList(ExpertsBlock(tokens, dim, expansion, experts) for _ in range(depth))
        self.head = nn.Linear(dim, 1)

    def forward(self, features, regularization, serve=False):
        end = torch.cat(list(features.values()), dim=1)
        end = functional.pad(end, (0, self.tokens * self.piece - end.shape[1]))
        x = [projection(piece) for projection, piece in zip(self.projections, end.split(self.piece, dim=1))]
        auxiliary, active = 0, []
        for block in self.blocks:
            x, gate_sum, mismatch, share = block(x, serve)
            auxiliary = auxiliary + regularization * gate_sum + mismatch
            active.append(share)
        return self.head(sum(x) / len(x))[:, 0], auxiliary, sum(active) / len(active)


class Block(nn.Module):
    """A pre-norm transformer block."""

    def __init__(self, dim, heads):
        super().__init__()
        self.attention_norm = nn.LayerNorm(dim)
        self.attention = nn.MultiheadAttention(dim, heads, batch_first=True)
        self.feed_forward_norm = nn.LayerNorm(dim)
        self.expand = nn.Linear(dim, 4 * dim)
        self.contract = nn.Linear(4 * dim, dim)

    def forward(self, x, visible):  # [S, D], [S, S]: True where a row may see a column
        normal = self.attention_norm(x)[None]
        x = x + self.attention(normal, normal, normal, attn_mask=~visible, need_weights=False)[0][0]
        return x + self.contract(functional.gelu(self.expand(self.feed_forward_norm(x))))


class Longer(nn.Module):
    """LONGER (arXiv 2505.04421), row by row, without padding. All tokens are queries; unneeded outputs are dropped."""

    def __init__(self, groups, learned, history_dim, max_length, item_dim, merge, recent, depth, heads):
        super().__init__()
        dim = merge * item_dim
        self.merge, self.recent = merge, recent
        self.projections = nn.ModuleDict({name: nn.Linear(width, dim) for name, width in groups.items()})
        self.learned = nn.Parameter(torch.empty(learned, dim))
        self.expand = nn.Linear(history_dim, 2 * item_dim)
        self.places = nn.Parameter(torch.empty(max_length, 2 * item_dim))
        self.contract = nn.Linear(2 * item_dim, item_dim)
        self.inner = Block(item_dim, 1)
        self.layers = nn.ModuleList(Block(dim, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(dim)

    def forward(self, features, history, lengths):
        rows = []
        for row, length in enumerate(lengths):
            queries = torch.stack([projection(features[name][row]) for name, projection in self.projections.items()])
            queries = torch.cat([queries, self.learned])  # [G, D]
            tokens = []
            items = self.contract(functional.gelu(self.expand(history[row, :length]) + self.places[:length]))
            for start in range(0, length, self.merge):
                group = items[start : start + self.merge]
                group = self.inner(group, torch.ones(len(group), len(group), dtype=torch.bool))
                tokens.append(functional.pad(group.flatten(), (0, self.learned.shape[1] - group.numel())))
            x = torch.cat([queries, torch.stack(tokens)]) if tokens else queries
            for layer in self.layers:
                visible = torch.ones(len(x), len(x)).triu().bool()  # itself and older tokens
                visible[: len(queries)] = True  # global tokens see everything
                x = layer(x, visible)[: len(queries) + self.recent]
            rows.append(self.norm(x[: len(queries)]).flatten())
        return torch.stack(rows)


class Stacked:
    """Several torch parameters that are one parameter in TypeScript: `[T, ...]`."""

    def __init__(self, parts, layout):
        self.parts, self.layout = parts, layout

    def read(self, of):
        return torch.stack([self.layout(of(p)) for p in self.parts])


def packed(entries, of):
    return by_path.packed(entries, lambda p: p.read(of) if isinstance(p, Stacked) else of(p))


def rank_mixer_entries(model):
    entries = []
    for name, projection in model.projections.items():
        entries += by_path.linear(f"projection.{name}", projection)
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


def rows(first, last):
    return lambda weight: weight[first:last].T


def decoder_entries(model):
    entries = by_path.linear("query", model.query)
    for i, attention in enumerate(model.attention):
        dim, path = attention.embed_dim, f"layers.{i}.attention"
        for part, name in enumerate(["query", "key", "value"]):
            entries.append((f"{path}.{name}.weight", attention.in_proj_weight, rows(part * dim, (part + 1) * dim)))
        entries.append((f"{path}.query.bias", attention.in_proj_bias, lambda bias: bias[: len(bias) // 3]))
        entries += by_path.linear(f"{path}.output", attention.out_proj)
    for i, (expand, contract, norm) in enumerate(zip(model.expand, model.contract, model.norm)):
        entries += by_path.linear(f"layers.{i}.feedForward.expand", expand)
        entries += by_path.linear(f"layers.{i}.feedForward.contract", contract)
        entries += by_path.norm(f"layers.{i}.norm", norm)
    return entries


def stacked(path, linears):
    return [
        (path, Stacked([one.weight for one in linears], by_path.transposed), by_path.as_is),
        (f"{path}Bias", Stacked([one.bias for one in linears], lambda b: b[None]), by_path.as_is),
    ]


def experts_entries(model):
    weight, bias = stacked("projection", model.projections)
    entries = [("projection.weight", *weight[1:]), ("projection.bias", *bias[1:])]
    for i, block in enumerate(model.blocks):
        path = f"blocks.{i}"
        entries += by_path.norm(f"{path}.mixingNorm", block.mixing_norm)
        entries += by_path.norm(f"{path}.feedForwardNorm", block.feed_forward_norm)
        entries += stacked(f"{path}.feedForward.experts.expand", block.expand)
        entries += stacked(f"{path}.feedForward.experts.contract", block.contract)
        for name, router in {"servingRouter": block.serving, "trainingRouter": block.training_router}.items():
            weight, bias = stacked(name, router.linears)
            entries.append((f"{path}.feedForward.{name}.weight", *weight[1:]))
            entries.append((f"{path}.feedForward.{name}.bias", *bias[1:]))
    return entries + by_path.linear("head", model.head)


def block_entries(path, block):
    return [
        *by_path.norm(f"{path}.attentionNorm", block.attention_norm),
        *by_path.attention(f"{path}.attention", block.attention),
        *by_path.norm(f"{path}.feedForwardNorm", block.feed_forward_norm),
        *by_path.linear(f"{path}.feedForward.expand", block.expand),
        *by_path.linear(f"{path}.feedForward.contract", block.contract),
    ]


def longer_entries(model):
    entries = [("globals.learned", model.learned, by_path.as_is), ("items.places", model.places, by_path.as_is)]
    for name, projection in model.projections.items():
        entries += by_path.linear(f"globals.projection.{name}", projection)
    entries += by_path.linear("items.expand", model.expand) + by_path.linear("items.contract", model.contract)
    entries += block_entries("merge.inner", model.inner)
    for i, layer in enumerate(model.layers):
        entries += block_entries(f"layers.{i}", layer)
    return entries + by_path.norm("norm", model.norm)


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


def experts_rank_mixer():
    groups, options, regularization = {"user": 3, "item": 5, "sequence": 2}, (3, 2, 2, 2), 0.05
    model = by_path.draw(ExpertsRankMixer(sum(groups.values()), *options, experts=3), torch)
    features = {name: torch.randn(5, width) for name, width in groups.items()}
    upstream = torch.randn(5)
    doubles = {name: value.double() for name, value in features.items()}
    logits, auxiliary, active = model(doubles, regularization)
    ((logits * upstream).sum() + auxiliary).backward()
    entries = experts_entries(model)
    tokens, head_dim, depth, expansion = options
    feed_forward = {"kind": "experts", "experts": 3, "denseTraining": True, "regularization": regularization}
    return {
        "options": {
            "groups": groups,
            "tokens": tokens,
            "headDim": head_dim,
            "depth": depth,
            "expansion": expansion,
            "feedForward": feed_forward,
        },
        "weights": packed(entries, lambda p: p),
        "features": {name: value.tolist() for name, value in features.items()},
        "logits": logits.tolist(),
        "auxiliaryLoss": auxiliary.item(),
        "activeShare": active.item(),
        "served": model(doubles, regularization, serve=True)[0].tolist(),
        "upstream": upstream.tolist(),
        "gradients": packed(entries, lambda p: p.grad),
    }


def longer():
    groups, lengths = {"target": 4, "user": 2}, [7, 3, 0]
    sizes = {"history_dim": 4, "max_length": 8, "item_dim": 3, "merge": 2, "recent": 2, "depth": 3, "heads": 2}
    model = by_path.draw(Longer(groups, 1, **sizes), torch)
    features = {name: torch.randn(3, width) for name, width in groups.items()}
    history, upstream = torch.randn(3, 7, 4), torch.randn(3, 18)
    output = model({name: value.double() for name, value in features.items()}, history.double(), lengths)
    (output * upstream).sum().backward()
    entries = longer_entries(model)
    camel = {"history_dim": "dim", "max_length": "maxLength", "item_dim": "itemDim"}
    return {
        "options": {"groups": groups, **{camel.get(name, name): size for name, size in sizes.items()}},
        "weights": packed(entries, lambda p: p),
        "features": {name: value.tolist() for name, value in features.items()},
        "history": history.tolist(),
        "mask": [[1 if j < length else 0 for j in range(7)] for length in lengths],
        "output": output.tolist(),
        "upstream": upstream.tolist(),
        "gradients": packed(entries, lambda p: p.grad),
    }


def history_decoder(heads=None):
    groups = {"user": 3, "item": 2}
    model = by_path.draw(HistoryDecoder(feature_dim=sum(groups.values()), dim=4, depth=2, heads=heads), torch)
    for attention in model.attention:  # The keys' bias has no effect. The values' bias duplicates the output's.
        attention.in_proj_bias.data[8:] = 0
    features, history, lengths = torch.randn(3, 5), torch.randn(3, 4, 4), [4, 2, 0]
    upstream = torch.randn(3, 4)
    output = model(features.double(), history.double(), lengths)
    (output * upstream).sum().backward()
    entries = decoder_entries(model)
    attention = {"kind": "projected", "heads": heads}
    user, item = features.split(list(groups.values()), dim=1)
    return {
        "options": {"groups": groups, "dim": 4, "depth": 2, **({"attention": attention} if heads else {})},
        "weights": packed(entries, lambda p: p),
        "features": {"user": user.tolist(), "item": item.tolist()},
        "history": history.tolist(),
        "mask": [[1 if j < length else 0 for j in range(4)] for length in lengths],
        "output": output.tolist(),
        "upstream": upstream.tolist(),
        "gradients": packed(entries, lambda p: p.grad),
    }


GOLDEN = {
    "rank-mixer": rank_mixer,
    "history-decoder": history_decoder,
    "projected-decoder": lambda: history_decoder(heads=2),
    "experts-rank-mixer": experts_rank_mixer,
    "longer": longer,
}

if __name__ == "__main__":
    torch.manual_seed(1)
    for name, make in GOLDEN.items():
        Path(sys.argv[1], f"{name}.json").write_text(json.dumps(make()) + "\n")
