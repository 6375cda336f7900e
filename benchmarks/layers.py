"""PyTorch's layers, assembled like those of @sifaka/nn: pre-norm blocks, exact GELU and the same names of weights."""

import torch
from torch import nn
from torch.nn import functional as F


class SelfAttention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.input = nn.Linear(dim, 3 * dim)
        self.output = nn.Linear(dim, dim)

    def forward(self, x, bias=None, queries=None):
        """bias: added to the logits, broadcastable to [B, H, L, S]. queries: number of first tokens to compute."""
        batch, length, dim = x.shape
        if queries is None:
            query, key, value = self.input(x).chunk(3, dim=-1)
        else:
            weight, shift = self.input.weight, self.input.bias
            query = F.linear(x[:, :queries], weight[:dim], shift[:dim])
            key, value = F.linear(x, weight[dim:], shift[dim:]).chunk(2, dim=-1)
        split = lambda t: t.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # noqa: E731
        attended = F.scaled_dot_product_attention(split(query), split(key), split(value), attn_mask=bias)
        return self.output(attended.transpose(1, 2).flatten(2))


class FeedForward(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.expand = nn.Linear(dim, 4 * dim)
        self.contract = nn.Linear(4 * dim, dim)

    def forward(self, x):
        return self.contract(F.gelu(self.expand(x)))


class TransformerBlock(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.attentionNorm = nn.LayerNorm(dim)
        self.attention = SelfAttention(dim, heads)
        self.feedForwardNorm = nn.LayerNorm(dim)
        self.feedForward = FeedForward(dim)

    def forward(self, x, bias=None):
        x = x + self.attention(self.attentionNorm(x), bias)
        return x + self.feedForward(self.feedForwardNorm(x))


class Transformer(nn.Module):
    def __init__(self, dim, depth, heads):
        super().__init__()
        self.blocks = nn.ModuleList(TransformerBlock(dim, heads) for _ in range(depth))
        self.norm = nn.LayerNorm(dim)

    def forward(self, x, bias=None):
        for block in self.blocks:
            x = block(x, bias)
        return self.norm(x)


def padding_bias(mask):
    """[B, S] bool, True for tokens → [B, 1, 1, S], a bias for attention logits."""
    return torch.zeros(mask.shape).masked_fill_(~mask, -1e9)[:, None, None]


def adamw(parameters, learning_rate, weight_decay):
    """AdamW that does not decay biases and norms. `fused` is the fastest of PyTorch's three implementations."""
    parameters = list(parameters)
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=learning_rate, fused=True)


def load_weights(module, tensors):
    """Copies weights by name. PyTorch transposes the weight of a Linear and renames scale and shift of a LayerNorm."""
    renamed = {}
    for name, value in tensors.items():
        path, _, last = name.rpartition(".")
        owner = module.get_submodule(path)
        if isinstance(owner, nn.LayerNorm):
            name = f"{path}.{ {'scale': 'weight', 'shift': 'bias'}[last] }"
        elif isinstance(owner, nn.Linear) and last == "weight":
            value = value.T
        renamed[name] = value
    module.load_state_dict(renamed)  # strict: both sides have the same weights
