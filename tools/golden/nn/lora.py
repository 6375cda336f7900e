"""Reference values for LoRA in @sifaka/nn from the peft library.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    PYTHONPATH=.. VENV/bin/python lora.py ../../../packages/nn/test/golden
    pnpm biome format --write packages/nn/test/golden
"""

import json
import sys
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model

from by_path import draw, gradients, linear, transposed, weights

DIM, HEADS, RANK, ALPHA = 6, 2, 2, 6


class Attention(torch.nn.Module):
    """Self-attention with packed query, key and value weights, as two Linears that peft can adapt."""

    def __init__(self):
        super().__init__()
        self.input = torch.nn.Linear(DIM, 3 * DIM)
        self.output = torch.nn.Linear(DIM, DIM)

    def forward(self, tokens):
        batch, length, _ = tokens.shape
        packed = self.input(tokens).reshape(batch, length, 3, HEADS, DIM // HEADS)
        query, key, value = packed.permute(2, 0, 3, 1, 4)  # [B, H, S, D/H] each
        attended = torch.nn.functional.scaled_dot_product_attention(query, key, value)
        return self.output(attended.transpose(1, 2).reshape(batch, length, DIM))


def factors(path, layer):
    """peft's A is [r, in] and B is [out, r]; @sifaka/nn has both transposed."""
    return [
        (f"{path}.down", layer.lora_A["default"].weight, transposed),
        (f"{path}.up", layer.lora_B["default"].weight, transposed),
    ]


def lora():
    base = draw(Attention(), torch)
    base_weights = weights([*linear("input", base.input), *linear("output", base.output)])
    config = LoraConfig(r=RANK, lora_alpha=ALPHA, target_modules=["input", "output"], bias="none")
    model = get_peft_model(base, config).double()
    layers = {"input": base.input, "output": base.output}
    entries = [entry for path, layer in layers.items() for entry in factors(path, layer)]
    for _, p, _ in entries:  # peft starts B at 0
        p.data = (torch.randn(p.shape) * 0.4).double()
    tokens, upstream = torch.randn(2, 4, DIM), torch.randn(2, 4, DIM)
    output = model(tokens.double())
    (output * upstream).sum().backward()
    frozen = [p.grad for name, p in model.named_parameters() if "lora_" not in name]
    assert len(frozen) == 4 and all(gradient is None for gradient in frozen)
    golden = {
        "options": {"dim": DIM, "heads": HEADS},
        "rank": RANK,
        "alpha": ALPHA,
        "weights": base_weights,
        "factors": weights(entries),
        "tokens": tokens.tolist(),
        "upstream": upstream.tolist(),
        "output": output.tolist(),
        "gradients": gradients(entries),
    }
    merged = model.merge_and_unload()
    golden["merged"] = weights(
        [("input.weight", merged.input.weight, transposed), ("output.weight", merged.output.weight, transposed)]
    )
    return golden


if __name__ == "__main__":
    torch.manual_seed(1)
    Path(sys.argv[1], "lora.json").write_text(json.dumps(lora()) + "\n")
