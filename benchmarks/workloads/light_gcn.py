"""Steps of LightGCN on a graph of the size of Amazon Baby: torch.sparse in the given layout, and Adam."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

LAYERS = 2
REGULARIZATION = 1e-4


def set_up(folder, threads, steps, layout):
    return LightGcn(load_file(Path(folder) / "light-gcn.safetensors"), steps, layout)


class LightGcn:
    def __init__(self, data, steps, layout):
        self.users, items = data["sizes"].tolist()
        nodes = self.users + items
        users, items = data["edges.users"].long(), data["edges.items"].long() + self.users
        index = torch.stack([torch.cat([users, items]), torch.cat([items, users])])
        degree = torch.bincount(index[0], minlength=nodes).float()
        values = (degree[index[0]] * degree[index[1]]).rsqrt()
        graph = torch.sparse_coo_tensor(index, values, (nodes, nodes)).coalesce()
        self.graph = graph.to_sparse_csr() if layout == "CSR" else graph
        self.embeddings = nn.Parameter(data["embeddings"])
        self.optimizer = torch.optim.Adam([self.embeddings], lr=1e-3, fused=True)
        names = ["users", "positives", "negatives"]
        self.batches = list(zip(*(data[f"batches.{name}"].long() for name in names)))
        self.steps = steps
        self.step = 0

    def run_step(self):
        users, positives, negatives = self.batches[self.step % len(self.batches)]
        self.step += 1
        ids = torch.cat([users, self.users + positives, self.users + negatives])
        total = nodes = self.embeddings
        for _ in range(LAYERS):
            nodes = torch.sparse.mm(self.graph, nodes)
            total = total + nodes
        own, liked, drawn = (total / (LAYERS + 1))[ids].chunk(3)
        norm = self.embeddings[ids].square().sum() / (2 * len(users))
        loss = F.softplus((own * (drawn - liked)).sum(1)).mean() + REGULARIZATION * norm
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def run(self):
        for _ in range(self.steps):
            self.run_step()

    def check(self):
        return {"loss": self.run_step(), "lossAfterOneStep": self.run_step()}
