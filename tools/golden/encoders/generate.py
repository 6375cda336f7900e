"""Reference values for @sifaka/encoders from PyTorch's transformer encoder over a strided convolution or an embedding.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    PYTHONPATH=.. VENV/bin/python generate.py ../../../packages/encoders/test/golden
    pnpm biome format --write packages/encoders/test/golden
"""

import json
import sys
from pathlib import Path

import torch
from torch import nn

import by_path


class Vit(nn.Module):
    def __init__(self, height, width, patch, dim, depth, heads):
        super().__init__()
        self.patches = nn.Conv2d(3, dim, kernel_size=patch, stride=patch)
        self.positions = nn.Parameter(torch.empty(height * width // patch**2, dim))
        self.transformer = transformer(dim, depth, heads)

    def forward(self, pixels):  # [B, H, W, 3] of 0 … 255
        scaled = (pixels / 255 - 0.5) / 0.5
        patches = self.patches(scaled.permute(0, 3, 1, 2))  # [B, D, H/p, W/p]
        return self.transformer(patches.flatten(2).transpose(1, 2) + self.positions)


class Bert(nn.Module):
    def __init__(self, vocabulary_size, max_length, dim, depth, heads):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary_size, dim)
        self.positions = nn.Parameter(torch.empty(max_length, dim))
        self.transformer = transformer(dim, depth, heads)

    def forward(self, ids, lengths):
        length = ids.shape[1]
        padding = torch.arange(length)[None] >= lengths[:, None]
        return self.transformer(self.embedding(ids) + self.positions[:length], src_key_padding_mask=padding)


def transformer(dim, depth, heads):
    layer = nn.TransformerEncoderLayer(
        dim, heads, 4 * dim, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    return nn.TransformerEncoder(layer, depth, norm=nn.LayerNorm(dim), enable_nested_tensor=False)


def transformer_entries(encoder):
    entries = by_path.norm("transformer.norm", encoder.norm)
    for i, layer in enumerate(encoder.layers):
        path = f"transformer.blocks.{i}"
        entries += by_path.norm(f"{path}.attentionNorm", layer.norm1)
        entries += by_path.attention(f"{path}.attention", layer.self_attn)
        entries += by_path.norm(f"{path}.feedForwardNorm", layer.norm2)
        entries += by_path.linear(f"{path}.feedForward.expand", layer.linear1)
        entries += by_path.linear(f"{path}.feedForward.contract", layer.linear2)
    return entries


def image():
    height, width, patch, dim, depth, heads = 4, 6, 2, 8, 2, 2
    model = by_path.draw(Vit(height, width, patch, dim, depth, heads), torch)
    pixels = torch.randint(0, 256, (2, height, width, 3))
    upstream = torch.randn(2, 6, dim)
    tokens = model(pixels.double())
    (tokens * upstream).sum().backward()
    entries = [
        # A convolution's weight is [out, channel, y, x]. ImageEncoder maps (y, x, channel) to out.
        ("patches.weight", model.patches.weight, lambda w: w.permute(2, 3, 1, 0).reshape(-1, dim)),
        ("patches.bias", model.patches.bias, by_path.as_is),
        ("positions", model.positions, by_path.as_is),
        *transformer_entries(model.transformer),
    ]
    return {
        "options": {"height": height, "width": width, "patchSize": patch, "dim": dim, "depth": depth, "heads": heads},
        "weights": by_path.weights(entries),
        "pixels": pixels.flatten().tolist(),
        "tokens": tokens.tolist(),
        "upstream": upstream.tolist(),
        "gradients": by_path.gradients(entries),
    }


def text():
    vocabulary_size, max_length, dim, depth, heads = 7, 5, 8, 2, 2
    model = by_path.draw(Bert(vocabulary_size, max_length, dim, depth, heads), torch)
    ids, lengths = torch.tensor([[3, 1, 6, 1], [5, 2, 0, 0]]), torch.tensor([4, 2])
    real = torch.arange(4)[None] < lengths[:, None]
    upstream = torch.randn(2, 4, dim) * real[..., None]
    tokens = model(ids, lengths)
    (tokens * upstream).sum().backward()
    entries = [
        ("embedding", model.embedding.weight, by_path.as_is),
        ("positions", model.positions, by_path.as_is),
        *transformer_entries(model.transformer),
    ]
    return {
        "options": {
            "vocabularySize": vocabulary_size,
            "maxLength": max_length,
            "dim": dim,
            "depth": depth,
            "heads": heads,
        },
        "weights": by_path.weights(entries),
        "ids": ids.flatten().tolist(),
        "length": 4,
        "lengths": lengths.tolist(),
        "mask": real.int().tolist(),
        "tokens": tokens.tolist(),
        "upstream": upstream.tolist(),
        "gradients": by_path.gradients(entries),
    }


if __name__ == "__main__":
    torch.manual_seed(1)
    for name, make in {"image-encoder": image, "text-encoder": text}.items():
        Path(sys.argv[1], f"{name}.json").write_text(json.dumps(make()) + "\n")
