"""One update of an embedding table by a batch of ids: nn.Embedding with SparseAdam, or dense with Adam."""

import torch
from torch import nn
from torch.nn import functional as F

DIM = 16
IDS = 4096
DISTINCT = 2048
TARGET = 0.5


def set_up(folder, threads, rows, optimizer):
    return EmbeddingUpdate(rows, sparse=optimizer == "SparseAdam")


class EmbeddingUpdate:
    def __init__(self, rows, sparse):
        self.ids = torch.arange(IDS) % DISTINCT * rows // DISTINCT
        self.target = torch.full((IDS, DIM), TARGET)
        self.table = nn.Embedding(rows + 1, DIM, sparse=sparse)
        nn.init.constant_(self.table.weight, 0.01)
        parameters = self.table.parameters()
        self.optimizer = (
            torch.optim.SparseAdam(list(parameters), lr=0.01)
            if sparse
            else torch.optim.Adam(parameters, lr=0.01, fused=True)
        )

    def run(self):
        loss = F.mse_loss(self.table(self.ids), self.target)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def check(self):
        return {"loss": self.run(), "lossAfterOneStep": self.run()}
