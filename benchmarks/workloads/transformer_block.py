"""A training step of one transformer block: forward, backward, AdamW, like transformer-block.mjs."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from layers import TransformerBlock, adamw, load_weights

HEADS = {"small": 4, "medium": 4, "large": 8}


def set_up(folder, threads, size):
    return TransformerStep(load_file(Path(folder) / f"transformer-block-{size}.safetensors"), HEADS[size])


class TransformerStep:
    def __init__(self, tensors, heads):
        self.input = tensors.pop("data.input")
        self.target = tensors.pop("data.target")
        self.block = TransformerBlock(self.input.shape[-1], heads)
        load_weights(self.block, tensors)
        self.optimizer = adamw(self.block.parameters(), learning_rate=1e-3, weight_decay=0.01)

    def run(self):
        loss = F.mse_loss(self.block(self.input), self.target)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def check(self):
        return {"loss": self.run(), "lossAfterOneStep": self.run()}
