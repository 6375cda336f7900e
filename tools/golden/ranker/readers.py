"""Reference values for the readers of @sifaka/ranker that ask with the target: PyTorch modules written from the
papers' formulas, row by row, without padding.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    PYTHONPATH=.. VENV/bin/python readers.py ../../../packages/ranker/test/golden
    pnpm biome format --write packages/ranker/test/golden

Each entry draws from its own seed.
"""

import json
import sys
from pathlib import Path

import torch
from torch import nn

import by_path

DIM, LENGTH, LENGTHS = 4, 5, [5, 3, 1, 0]


class Dice(nn.Module):
    """DIN's activation (arXiv 1706.06978) with learned statistics: p(s) s + (1 - p(s)) α s, p(s) = σ(γ (s - μ))."""

    def __init__(self, width):
        super().__init__()
        self.slope = nn.Parameter(torch.empty(width))
        self.centre = nn.Parameter(torch.empty(width))
        self.steepness = nn.Parameter(torch.empty(width))

    def forward(self, s):
        p = torch.sigmoid(self.steepness * (s - self.centre))
        return p * s + (1 - p) * self.slope * s


class Din(nn.Module):
    """DIN, Eq. 3, with the activation unit of the authors' code: an MLP over [t, d, t - d, t * d]."""

    def __init__(self, dim, widths, activation, softmax):
        super().__init__()
        widths = [4 * dim, *widths]
        self.dim, self.softmax = dim, softmax
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in zip(widths, widths[1:]))
        self.activations = nn.ModuleList(activation(width) for width in widths[1:])
        self.output = nn.Linear(widths[-1], 1, bias=not softmax)

    def forward(self, target, items):  # [D], [N, D]
        t = target.expand_as(items)
        x = torch.cat([t, items, t - items, t * items], dim=1)
        for layer, activation in zip(self.hidden, self.activations):
            x = activation(layer(x))
        weights = self.output(x)[:, 0]
        if self.softmax:
            weights = torch.softmax(weights / self.dim**0.5, 0)
        return sum((w * item for w, item in zip(weights, items)), torch.zeros_like(target))


class Gru(nn.Module):
    """DIEN (arXiv 1809.03672), Eq. 2-5; with attention, its AUGRU."""

    def __init__(self, dim):
        super().__init__()
        self.update, self.reset, self.candidate = (nn.Linear(dim, dim) for _ in range(3))
        self.state = nn.ModuleList(nn.Linear(dim, dim, bias=False) for _ in range(3))

    def forward(self, inputs, attention):  # in the order of time
        h, states = torch.zeros_like(inputs[0]), []
        for x, a in zip(inputs, attention):
            u = a * torch.sigmoid(self.update(x) + self.state[0](h))
            r = torch.sigmoid(self.reset(x) + self.state[1](h))
            c = torch.tanh(self.candidate(x) + r * self.state[2](h))
            h = (1 - u) * h + u * c
            states.append(h)
        return states


class Dien(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.extractor, self.evolution = Gru(dim), Gru(dim)
        self.attention = nn.Linear(dim, dim, bias=False)

    def forward(self, target, items):  # most recent first
        if len(items) == 0:
            return torch.zeros_like(target), []
        interests = self.extractor(items.flip(0), [1] * len(items))
        attention = torch.softmax(torch.stack([h @ self.attention(target) for h in interests]), 0)
        return self.evolution(interests, attention)[-1], interests

    def auxiliary(self, interests, history, lengths):
        """Eq. 6. The other item is that of the row half a batch further, at the same position from the end."""
        losses = []
        for row, length in enumerate(lengths):
            other = (row + len(lengths) // 2) % len(lengths)
            for step in range(length - 1):  # in the order of time
                position = length - 2 - step  # of the next item
                if position >= lengths[other]:
                    continue
                h = interests[row][step]
                right, wrong = history[row, position], history[other, position]
                losses.append(-torch.log(torch.sigmoid(h @ right)) - torch.log(1 - torch.sigmoid(h @ wrong)))
        return sum(losses) / len(losses)


class Sim(nn.Module):
    """SIM (arXiv 2006.05639): the search, then the exact search unit, head by head."""

    def __init__(self, dim, heads, top, soft, pooled):
        super().__init__()
        self.top, self.heads, self.width, self.pooled = top, heads, dim // heads, pooled
        if soft:
            self.search_target, self.search_items = (nn.Linear(dim, dim, bias=False) for _ in range(2))
        self.soft = soft
        self.query, self.key = (nn.Linear(dim, dim, bias=False) for _ in range(2))

    def forward(self, target, items, same_category):
        r = []
        if self.soft:
            r = [self.search_items(item) @ self.search_target(target) for item in items]
            found = sorted(range(len(items)), key=lambda j: -r[j].item())[: self.top]
        else:
            found = [j for j in range(len(items)) if same_category[j] == 1][: self.top]
        queries = self.query(target).split(self.width)
        heads = []
        for i in range(self.heads):
            if len(found) == 0:
                heads.append(torch.zeros_like(target))
                continue
            logits = [self.key(items[j]).split(self.width)[i] @ queries[i] / self.width**0.5 for j in found]
            if self.soft and not self.pooled:
                logits = [logit + r[j] for logit, j in zip(logits, found)]
            heads.append(torch.softmax(torch.stack(logits), 0) @ items[found])
        if self.pooled:
            heads.append(sum((a * b for a, b in zip(r, items)), torch.zeros_like(target)) / max(1, len(items)))
        return torch.cat(heads)


class Columns:
    """Several torch weights that are one in TypeScript: an expression of them, read of the weights or gradients."""

    def __init__(self, parts, layout):
        self.parts, self.layout = parts, layout

    def read(self, of):
        return self.layout(*[of(p) for p in self.parts])


def packed(entries, of):
    return by_path.packed(entries, lambda p: p.read(of) if isinstance(p, Columns) else of(p))


def din_entries(model, is_gradient):
    first = model.hidden[0].weight

    def parts(w):  # The MLP reads t - d: its weights count for t and, negated, for d.
        t, d, difference, product = w.T.split(model.dim)
        return (t, d, product) if is_gradient else (t + difference, d - difference, product)

    entries = [
        ("target.weight", first, lambda w: parts(w)[0]),
        ("items.weight", first, lambda w: torch.cat(parts(w)[1:])),
        ("items.bias", model.hidden[0].bias, by_path.as_is),
    ]
    for i, layer in enumerate(model.hidden[1:]):
        entries += by_path.linear(f"layers.{i}", layer)
    last = f"layers.{len(model.hidden) - 1}"
    entries += by_path.linear(last, model.output)[: 1 if model.softmax else 2]
    for i, activation in enumerate(model.activations):
        if isinstance(activation, nn.PReLU):
            entries.append((f"activations.{i}.slope", activation.weight, by_path.as_is))
        elif isinstance(activation, Dice):
            for name in ["slope", "centre", "steepness"]:
                entries.append((f"activations.{i}.{name}", getattr(activation, name), by_path.as_is))
    return entries


def gru_entries(path, gru):
    gates = [gru.update, gru.reset, gru.candidate]
    columns = lambda *weights: torch.cat([w.T for w in weights], dim=1)
    return [
        (f"{path}.input.weight", Columns([g.weight for g in gates], columns), by_path.as_is),
        (f"{path}.input.bias", Columns([g.bias for g in gates], lambda *b: torch.cat(b)), by_path.as_is),
        (f"{path}.state", Columns([g.weight for g in gru.state], columns), by_path.as_is),
    ]


def dien_entries(model):
    return [
        *gru_entries("extractor", model.extractor),
        ("attention.weight", model.attention.weight, by_path.transposed),
        *gru_entries("evolution", model.evolution),
    ]


def sim_entries(model):
    names = {"query.weight": model.query, "key.weight": model.key}
    if model.soft:
        names.update(searchTarget=model.search_target, searchItems=model.search_items)
    return [(path, linear.weight, by_path.transposed) for path, linear in names.items()]


class Inputs:
    def __init__(self):
        self.target, self.history = torch.randn(len(LENGTHS), DIM), torch.randn(len(LENGTHS), LENGTH, DIM)
        self.same_category = torch.randint(0, 2, (len(LENGTHS), LENGTH))
        self.leaves = [x.double().requires_grad_() for x in (self.target, self.history)]

    def rows(self):
        target, history = self.leaves
        for row, length in enumerate(LENGTHS):
            yield target[row], history[row, :length], self.same_category[row, :length]

    def golden(self, options, outputs, weights, gradients, auxiliary=None):
        """Runs the backward pass of Σ output · upstream, plus the auxiliary loss."""
        upstream = torch.randn(outputs.shape)
        loss = (outputs * upstream).sum()
        (loss if auxiliary is None else loss + auxiliary).backward()
        target, history = self.leaves
        return {
            "options": {"dim": DIM, **options},
            "weights": packed(weights, lambda p: p),
            "target": self.target.tolist(),
            "history": self.history.tolist(),
            "mask": [[1 if j < length else 0 for j in range(LENGTH)] for length in LENGTHS],
            "sameCategory": self.same_category.tolist(),
            "output": outputs.tolist(),
            **({} if auxiliary is None else {"auxiliaryLoss": auxiliary.item()}),
            "upstream": upstream.tolist(),
            "targetGradient": target.grad.tolist(),
            "historyGradient": history.grad.tolist(),
            "gradients": packed(gradients, lambda p: p.grad),
        }


def din(kind, activation, pooling):
    model = by_path.draw(Din(DIM, [3, 2], activation, softmax=pooling == "softmax"), torch)
    inputs = Inputs()
    outputs = torch.stack([model(target, items) for target, items, _ in inputs.rows()])
    options = {"hiddenDims": [3, 2], "activation": {"kind": kind}, "pooling": {"kind": pooling}}
    return inputs.golden(options, outputs, din_entries(model, False), din_entries(model, True))


def dien():
    model = by_path.draw(Dien(DIM), torch)
    inputs = Inputs()
    evolved = [model(target, items) for target, items, _ in inputs.rows()]
    auxiliary = 0.5 * model.auxiliary([interests for _, interests in evolved], inputs.leaves[1], LENGTHS)
    outputs = torch.stack([output for output, _ in evolved])
    return inputs.golden({"auxiliaryWeight": 0.5}, outputs, dien_entries(model), dien_entries(model), auxiliary)


def sim(kind, pooled=False):
    model = by_path.draw(Sim(DIM, heads=2, top=2, soft=kind == "soft", pooled=pooled), torch)
    inputs = Inputs()
    outputs = torch.stack([model(*row) for row in inputs.rows()])
    search = {"kind": kind, **({"pooled": True} if pooled else {})}
    options = {"search": search, "heads": 2, "top": 2}
    return inputs.golden(options, outputs, sim_entries(model), sim_entries(model))


GOLDEN = {
    "din-prelu": lambda: din("prelu", nn.PReLU, "sum"),
    "din-dice": lambda: din("dice", Dice, "sum"),
    "din-sigmoid-softmax": lambda: din("sigmoid", lambda _: nn.Sigmoid(), "softmax"),
    "dien": dien,
    "sim-hard": lambda: sim("hard"),
    "sim-soft": lambda: sim("soft"),
    "sim-pooled": lambda: sim("soft", pooled=True),
}

if __name__ == "__main__":
    for name, make in GOLDEN.items():
        torch.manual_seed(1)
        Path(sys.argv[1], f"{name}.json").write_text(json.dumps(make()) + "\n")
