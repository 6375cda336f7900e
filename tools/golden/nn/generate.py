"""Reference values for @sifaka/nn from PyTorch and from the safetensors library.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    VENV/bin/python generate.py ../../../packages/nn/test/golden
    pnpm biome format --write packages/nn/test/golden
"""

import base64
import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save
from safetensors.torch import save as save_torch
from torch.nn import functional


def base64_of(tensors, metadata=None):
    return base64.b64encode(save(tensors, metadata)).decode()


def gelu():
    points = [-8, -4, -2.5, -1, -0.5, -0.01, 0, 0.01, 0.5, 1, 2.5, 4, 8]
    x = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    y = functional.gelu(x)
    y.sum().backward()
    return {"x": x.tolist(), "y": y.tolist(), "gradient": x.grad.tolist()}


def gelu_forms():
    points = [-8, -4, -2.5, -1, -0.5, -0.01, 0, 0.01, 0.5, 1, 2.5, 4, 8]
    forms = {
        "geluTanh": lambda x: functional.gelu(x, approximate="tanh"),
        "quickGelu": lambda x: x * torch.sigmoid(1.702 * x),
    }
    values = {"x": points}
    for name, form in forms.items():
        x = torch.tensor(points, dtype=torch.float64, requires_grad=True)
        y = form(x)
        y.sum().backward()
        values[name] = {"y": y.tolist(), "gradient": x.grad.tolist()}
    return values


def layer_norm():
    x, scale, shift = torch.randn(2, 3, 5), torch.randn(5), torch.randn(5)
    upstream = torch.randn(2, 3, 5)
    leaves = [t.double().requires_grad_() for t in (x, scale, shift)]
    y = functional.layer_norm(leaves[0], [5], leaves[1], leaves[2], eps=1e-5)
    (y * upstream).sum().backward()
    return {
        "x": x.tolist(),
        "scale": scale.tolist(),
        "shift": shift.tolist(),
        "upstream": upstream.tolist(),
        "y": y.tolist(),
        "gradients": [leaf.grad.tolist() for leaf in leaves],
    }


def parameters_by_path(encoder, read):
    """Parameters (or gradients) of a PyTorch encoder in the names and layout of @sifaka/nn's Transformer."""
    named = {"norm.scale": read(encoder.norm.weight), "norm.shift": read(encoder.norm.bias)}
    for i, layer in enumerate(encoder.layers):
        linears = {
            "attention.output": layer.self_attn.out_proj,
            "feedForward.expand": layer.linear1,
            "feedForward.contract": layer.linear2,
        }
        named[f"blocks.{i}.attention.input.weight"] = read(layer.self_attn.in_proj_weight).T
        named[f"blocks.{i}.attention.input.bias"] = read(layer.self_attn.in_proj_bias)
        for name, linear in linears.items():
            named[f"blocks.{i}.{name}.weight"] = read(linear.weight).T
            named[f"blocks.{i}.{name}.bias"] = read(linear.bias)
        for name, norm in {"attentionNorm": layer.norm1, "feedForwardNorm": layer.norm2}.items():
            named[f"blocks.{i}.{name}.scale"] = read(norm.weight)
            named[f"blocks.{i}.{name}.shift"] = read(norm.bias)
    return {path: np.ascontiguousarray(value.detach().float().numpy()) for path, value in named.items()}


def transformer():
    dim, heads, hidden, depth = 8, 2, 12, 2
    layer = torch.nn.TransformerEncoderLayer(
        dim, heads, hidden, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    encoder = torch.nn.TransformerEncoder(layer, depth, norm=torch.nn.LayerNorm(dim))
    for p in encoder.parameters():  # PyTorch copies one layer and starts norms at 1 and biases at 0
        p.data = torch.randn_like(p) * 0.4
    tokens, upstream = torch.randn(2, 4, dim), torch.randn(2, 4, dim)
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
    weights = base64_of(parameters_by_path(encoder, lambda p: p))
    encoder = encoder.double()
    output = encoder(tokens.double(), src_key_padding_mask=mask == 0)
    (output * upstream).sum().backward()
    return {
        "options": {"dim": dim, "heads": heads, "hiddenDim": hidden, "depth": depth},
        "weights": weights,
        "tokens": tokens.tolist(),
        "mask": mask.tolist(),
        "output": output.tolist(),
        "upstream": upstream.tolist(),
        "gradients": base64_of(parameters_by_path(encoder, lambda p: p.grad)),
    }


def adamw():
    shapes = {"weight": [3, 2], "bias": [2], "slow": [2, 2]}
    scales = {"weight": 1.0, "bias": 1.0, "slow": 0.1}
    start = {path: torch.randn(shape) for path, shape in shapes.items()}
    rates = [0.02, 0.05, 0.04, 0.03, 0.01]
    leaves = {path: value.double().requires_grad_() for path, value in start.items()}
    decay = {path: 0.1 if leaf.ndim >= 2 else 0.0 for path, leaf in leaves.items()}
    groups = [{"params": [leaf], "weight_decay": decay[path], "lr": 0.0} for path, leaf in leaves.items()]
    optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.99), eps=1e-8)
    steps = []
    for i, rate in enumerate(rates):
        gradients = {path: torch.randn(shape) for path, shape in shapes.items()}
        # PyTorch leaves a parameter without a gradient as it is, and counts its steps alone.
        for path in {0: ["slow"], 2: ["weight", "slow"], 3: ["weight"]}.get(i, []):
            del gradients[path]
        for (path, leaf), group in zip(leaves.items(), optimizer.param_groups):
            leaf.grad = gradients[path].double() if path in gradients else None
            group["lr"] = rate * scales[path]
        optimizer.step()
        steps.append(
            {
                "learningRate": rate,
                "gradients": {path: g.tolist() for path, g in gradients.items()},
                "parameters": {path: leaf.tolist() for path, leaf in leaves.items()},
            }
        )
    return {
        "options": {"beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8, "weightDecay": 0.1},
        "learningRateScale": scales,
        "start": {path: value.tolist() for path, value in start.items()},
        "steps": steps,
    }


def safetensors():
    tensors = {
        "double": np.array([[1 / 3, -2e300]], dtype=np.float64),
        "float": np.array([[1.5, -2.25, 3e-8], [0, 1e30, -0.5]], dtype=np.float32),
        "integer": np.array([-(2**31), 0, 2**31 - 1], dtype=np.int32),
        "bytes.größe": np.array([0, 127, 255], dtype=np.uint8),
    }
    return {
        "file": base64_of(tensors, {"format": "np"}),
        "scalarAndEmpty": base64_of({"empty": np.zeros([0, 3], np.float32), "scalar": np.array(7, np.float32)}),
        "half": base64_of({"weight": np.zeros([2], np.float16)}),
    }


def half_floats():
    """All kinds of float16 and bfloat16 as PyTorch widens them: the file, and the bits of each float32."""
    bits = [0x0000, 0x8000, 0x0001, 0x8001, 0x0003, 0x03FF, 0x0400, 0x3555, 0x3C00, 0xBC01, 0x7BFF, 0xFBFF]
    special = {
        torch.float16: [0x7C00, 0xFC00, 0x7E00, 0xFE01],
        torch.bfloat16: [0x7F80, 0xFF80, 0x7FC0, 0xFFC1, 0x7F7F, 0x007F, 0x0080],
    }
    tensors = {
        str(dtype).split(".")[1]: torch.tensor(np.array(bits + extra, np.uint16).view(np.int16)).view(dtype)
        for dtype, extra in special.items()
    }
    return {
        "file": base64.b64encode(save_torch(tensors)).decode(),
        "bits": {name: value.float().numpy().view(np.uint32).tolist() for name, value in tensors.items()},
    }


if __name__ == "__main__":
    torch.manual_seed(1)
    for name, make in {
        "gelu": gelu,
        "gelu-forms": gelu_forms,
        "layer-norm": layer_norm,
        "transformer": transformer,
        "adamw": adamw,
        "safetensors": safetensors,
        "half-floats": half_floats,
    }.items():
        Path(sys.argv[1], f"{name}.json").write_text(json.dumps(make()) + "\n")
