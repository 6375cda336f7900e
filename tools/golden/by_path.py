"""PyTorch parameters and gradients in this project's names and layout (`[in, out]`), as safetensors in base64."""

import base64

import numpy as np
from safetensors.numpy import save


def as_is(value):
    return value


def transposed(value):
    return value.T


def linear(path, module):
    return [(f"{path}.weight", module.weight, transposed), (f"{path}.bias", module.bias, as_is)]


def norm(path, module):
    return [(f"{path}.scale", module.weight, as_is), (f"{path}.shift", module.bias, as_is)]


def attention(path, module):
    return [
        (f"{path}.input.weight", module.in_proj_weight, transposed),
        (f"{path}.input.bias", module.in_proj_bias, as_is),
        *linear(f"{path}.output", module.out_proj),
    ]


def draw(module, torch):
    """Draws all parameters, because PyTorch starts norms at 1 and biases at 0. The float64 values fit in float32."""
    module.double()
    for p in module.parameters():
        p.data = (torch.randn(p.shape) * 0.4).double()
    return module


def packed(entries, read):
    named = {path: layout(read(p)).detach().float().numpy() for path, p, layout in entries}
    return base64.b64encode(save({path: np.ascontiguousarray(value) for path, value in named.items()})).decode()


def weights(entries):
    return packed(entries, lambda p: p)


def gradients(entries):
    return packed(entries, lambda p: p.grad)
