"""Reference values for @sifaka/qformer: EM3's Fusion-Q-Former, written in PyTorch from its description.

Learned queries and the tokens of all modalities form one sequence, which passes through post-norm self-attention
without a feed-forward part. The rows of the queries are flattened and pass through one linear map. The attention is
PyTorch's own, so its scale is 1/√(head width).

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    PYTHONPATH=.. VENV/bin/python generate.py ../../../packages/qformer/test/golden
    pnpm biome format --write packages/qformer/test/golden
"""

import json
import sys
from pathlib import Path

import torch
from torch import nn

import by_path


class AttentionOnlyLayer(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.self_attn = nn.MultiheadAttention(dim, heads, batch_first=True)
        self.norm1 = nn.LayerNorm(dim)

    def forward(self, x, src_key_padding_mask):
        return self.norm1(self.self_attn(x, x, x, key_padding_mask=src_key_padding_mask, need_weights=False)[0] + x)


class FusionQFormer(nn.Module):
    def __init__(self, modalities, dim, queries, depth, heads, output_dim, feed_forward):
        super().__init__()
        self.queries = nn.Parameter(torch.empty(queries, dim))
        self.types = nn.Parameter(torch.empty(modalities, dim))
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(dim, heads, 4 * dim, dropout=0.0, activation="gelu", batch_first=True)
            if feed_forward
            else AttentionOnlyLayer(dim, heads)
            for _ in range(depth)
        )
        self.output = nn.Linear(queries * dim, output_dim)

    def forward(self, modalities, masks):
        batch, count = len(masks[0]), len(self.queries)
        tokens = [tokens + kind for tokens, kind in zip(modalities, self.types)]
        x = torch.cat([self.queries.expand(batch, -1, -1), *tokens], dim=1)
        absent = torch.cat([torch.zeros(batch, count, dtype=torch.bool), *[mask == 0 for mask in masks]], dim=1)
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=absent)
        return x[:, :count], self.output(x[:, :count].flatten(1))


def entries_of(model, feed_forward):
    entries = [("queries", model.queries, by_path.as_is), ("types", model.types, by_path.as_is)]
    for i, layer in enumerate(model.layers):
        entries += by_path.attention(f"layers.{i}.attention", layer.self_attn)
        entries += by_path.norm(f"layers.{i}.norm", layer.norm1)
        if feed_forward:
            entries += by_path.linear(f"layers.{i}.feedForward.expand", layer.linear1)
            entries += by_path.linear(f"layers.{i}.feedForward.contract", layer.linear2)
            entries += by_path.norm(f"layers.{i}.feedForwardNorm", layer.norm2)
    return entries + by_path.linear("output", model.output)


def fusion(feed_forward):
    dim, queries, depth, heads, output_dim = 8, 3, 2, 2, 5
    model = by_path.draw(FusionQFormer(2, dim, queries, depth, heads, output_dim, feed_forward), torch)
    model.types.data.zero_()  # EM3's code has no type embedding
    image, text = torch.randn(3, 4, dim), torch.randn(3, 3, dim)
    image_mask = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 1], [0, 0, 0, 0]])
    text_mask = torch.tensor([[1, 1, 1], [1, 0, 0], [1, 1, 0]])
    upstream = torch.randn(3, output_dim)
    leaves = [image.double().requires_grad_(), text.double().requires_grad_()]
    rows, vector = model(leaves, [image_mask, text_mask])
    (vector * upstream).sum().backward()
    entries = entries_of(model, feed_forward)
    return {
        "options": {
            "modalities": ["image", "text"],
            "dim": dim,
            "numQueries": queries,
            "depth": depth,
            "heads": heads,
            "outputDim": output_dim,
            "feedForward": feed_forward,
        },
        "weights": by_path.weights(entries),
        "image": {"tokens": image.tolist(), "mask": image_mask.tolist()},
        "text": {"tokens": text.tolist(), "mask": text_mask.tolist()},
        "queries": rows.tolist(),
        "vector": vector.tolist(),
        "upstream": upstream.tolist(),
        "tokenGradients": {"image": leaves[0].grad.tolist(), "text": leaves[1].grad.tolist()},
        "gradients": by_path.gradients(entries),
    }


if __name__ == "__main__":
    torch.manual_seed(1)
    for name, feed_forward in {"em3": False, "feed-forward": True}.items():
        Path(sys.argv[1], f"{name}.json").write_text(json.dumps(fusion(feed_forward)) + "\n")
