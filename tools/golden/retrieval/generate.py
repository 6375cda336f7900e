"""Reference values for @sifaka/retrieval: LightGCN and FREEDOM with dense matrices, from their papers' equations.

The graphs are dense, and propagation is a matrix product per layer. PyTorch differentiates the losses.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    PYTHONPATH=.. VENV/bin/python generate.py ../../../packages/retrieval/test/golden
    pnpm biome format --write packages/retrieval/test/golden
"""

import json
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

import by_path

USERS, ITEMS, DIM, LAYERS, NEIGHBOURS = 6, 9, 4, 2, 3
WIDTHS = {"image": 5, "text": 3}
SHARES = {"image": 0.1, "text": 0.9}
REGULARIZATION, MODALITY_WEIGHT = 0.3, 0.7


def user_item_graph(adjacency):
    """D^(-1/2) A D^(-1/2) of users and items; a node without an edge has a row of zeros."""
    users, items = adjacency.shape
    whole = torch.zeros(users + items, users + items, dtype=torch.float64)
    whole[:users, users:] = adjacency
    whole[users:, :users] = adjacency.T
    degree = whole.sum(1)
    scale = torch.where(degree > 0, degree.clamp(min=1).rsqrt(), torch.zeros_like(degree))
    return scale[:, None] * whole * scale[None, :]


def item_graph(features):
    """FREEDOM: links of weight 1 with the nearest items by cosine, then D^(-1/2) S D^(-1/2)."""
    total = torch.zeros(ITEMS, ITEMS, dtype=torch.float64)
    for name, share in SHARES.items():
        unit = F.normalize(features[name], dim=1)
        nearest = (unit @ unit.T).topk(NEIGHBOURS, dim=1).indices
        links = torch.zeros(ITEMS, ITEMS, dtype=torch.float64).scatter_(1, nearest, 1.0)
        scale = links.sum(1).rsqrt()
        total += share * scale[:, None] * links * scale[None, :]
    return total


def propagate(graph, nodes):
    layers = [nodes]
    for _ in range(LAYERS):
        layers.append(graph @ layers[-1])
    return torch.stack(layers).mean(0)


def bpr(users, positives, negatives):
    return -F.logsigmoid((users * positives).sum(1) - (users * negatives).sum(1)).mean()


def light_gcn(graph, embeddings, batch):
    nodes = propagate(graph, embeddings)
    users, items = nodes[:USERS], nodes[USERS:]
    u, i, j = batch
    own, liked, drawn = embeddings[u], embeddings[USERS + i], embeddings[USERS + j]
    norm = (own**2).sum() + (liked**2).sum() + (drawn**2).sum()
    return users, items, bpr(users[u], items[i], items[j]) + REGULARIZATION * norm / (2 * len(u))


def freedom(graph, items_graph, embeddings, projections, features, batch):
    nodes = propagate(graph, embeddings)
    users = nodes[:USERS]
    items = nodes[USERS:] + items_graph @ embeddings[USERS:]
    u, i, j = batch
    loss = bpr(users[u], items[i], items[j])
    for name, projection in projections.items():
        projected = projection(features[name])
        loss = loss + MODALITY_WEIGHT * bpr(users[u], projected[i], projected[j])
    return users, items, loss


def main(folder):
    torch.manual_seed(5)
    adjacency = (torch.rand(USERS, ITEMS) < 0.35).double()
    adjacency[torch.arange(USERS), torch.arange(USERS)] = 1  # every user has an item
    adjacency[:, ITEMS - 1] = 0  # an item without users
    batch = (torch.tensor([0, 1, 2, 5, 1]), torch.tensor([0, 1, 2, 5, 1]), torch.tensor([8, 7, 8, 6, 3]))
    features = {name: torch.randn(ITEMS, width).float().double() for name, width in WIDTHS.items()}
    graph, similar = user_item_graph(adjacency), item_graph(features)

    embeddings = nn.Parameter(torch.randn(USERS + ITEMS, DIM).float().double())
    entries = [("embeddings", embeddings, by_path.as_is)]
    users, items, loss = light_gcn(graph, embeddings, batch)
    loss.backward()
    light = result(users, items, loss, entries)

    embeddings.grad = None
    projections = {name: by_path.draw(nn.Linear(width, DIM), torch) for name, width in WIDTHS.items()}
    for projection in projections.values():
        for p in projection.parameters():
            p.data = p.data.float().double()
    for k, projection in enumerate(projections.values()):
        entries += by_path.linear(f"projections.{k}", projection)
    users, items, loss = freedom(graph, similar, embeddings, projections, features, batch)
    loss.backward()
    golden = {
        "numUsers": USERS,
        "numItems": ITEMS,
        "edges": adjacency.nonzero().tolist(),
        "batch": [each.tolist() for each in batch],
        "features": {name: {"dim": WIDTHS[name], "values": value.flatten().tolist()} for name, value in features.items()},
        "userItemGraph": graph.tolist(),
        "itemGraph": similar.tolist(),
        "options": {"dim": DIM, "layers": LAYERS, "neighbours": NEIGHBOURS, "regularization": REGULARIZATION,
                    "modalityWeight": MODALITY_WEIGHT},
        "lightGcn": light,
        "freedom": result(users, items, loss, entries),
    }
    (Path(folder) / "graphs.json").write_text(json.dumps(golden, indent=1))


def result(users, items, loss, entries):
    return {
        "weights": by_path.weights(entries),
        "gradients": by_path.gradients(entries),
        "users": users.tolist(),
        "items": items.tolist(),
        "loss": loss.item(),
    }


main(sys.argv[1])
