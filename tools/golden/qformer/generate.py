"""Reference values for @sifaka/qformer: EM3's Fusion-Q-Former, written in PyTorch from its description.

Learned queries and the tokens of all modalities form one sequence, which passes through post-norm self-attention
without a feed-forward part. The rows of the queries are flattened and pass through one linear map. The attention of
`em3` and `feed-forward` is PyTorch's own, so its scale is 1/√(head width). `public` has the attention of EM3's public
code, whose scale is 1/√(head width + 1e-5), a linear map per modality, and no type embedding.

`pre-norm` and `cross` are the options beside EM3's: norms before the parts, position embeddings, and queries that
attend to the tokens in every second layer. `blip2` is a tiny BLIP-2 Q-Former of Hugging Face `transformers` with
random weights, under the names of its own checkpoint.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    PYTHONPATH=.. VENV/bin/python generate.py ../../../packages/qformer/test/golden
    pnpm biome format --write packages/qformer/test/golden
"""

import base64
import json
import math
import sys
from pathlib import Path

import safetensors.torch
import torch
from torch import nn
from transformers import Blip2QFormerConfig, Blip2QFormerModel

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


class PublicLayer(nn.Module):
    """softmax(Q Kᵀ / √(head width + 1e-5)) V, a dense map, and a post-norm."""

    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.dense = (nn.Linear(dim, dim) for _ in range(4))
        self.norm = nn.LayerNorm(dim, eps=1e-5)

    def forward(self, x):
        heads = lambda linear: torch.stack(linear(x).chunk(self.heads, dim=-1), dim=1)  # [B, H, S, D/H]
        query, key, value = heads(self.query), heads(self.key), heads(self.value)
        logits = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1] + 1e-5)
        attended = torch.cat((torch.softmax(logits, dim=-1) @ value).unbind(1), dim=-1)  # [B, S, D]
        return self.norm(self.dense(attended) + x)


class PublicForm(nn.Module):
    def __init__(self, widths, dim, queries, depth, heads, output_dim):
        super().__init__()
        self.projections = nn.ModuleDict({name: nn.Linear(width, dim) for name, width in widths.items()})
        self.queries = nn.Parameter(torch.empty(queries, dim))
        self.layers = nn.ModuleList(PublicLayer(dim, heads) for _ in range(depth))
        self.output = nn.Linear(queries * dim, output_dim)

    def forward(self, tokens):
        batch = len(next(iter(tokens.values())))
        projected = [self.projections[name](x) for name, x in tokens.items()]
        x = torch.cat([self.queries.expand(batch, -1, -1), *projected], dim=1)
        for layer in self.layers:
            x = layer(x)
        rows = x[:, : len(self.queries)]
        return rows, self.output(rows.flatten(1))


def side_by_side(path, modules):
    """Parameters of several linear maps as one, and their gradients."""

    class Packed:
        def __init__(self, name):
            self.parts = [getattr(module, name) for module in modules]

        def detach(self):
            return torch.cat([part.detach() for part in self.parts])

        @property
        def grad(self):
            return torch.cat([part.grad for part in self.parts])

    return [(f"{path}.weight", Packed("weight"), by_path.transposed), (f"{path}.bias", Packed("bias"), by_path.as_is)]


def results_of(model, entries, leaves, forward):
    """Output, and the gradients of `Σ vector · upstream`."""
    rows, vector = forward(leaves)
    upstream = torch.randn(vector.shape)
    (vector * upstream).sum().backward()
    return {
        "weights": by_path.packed(entries, lambda p: p.detach()),
        "tokens": {name: x.tolist() for name, x in leaves.items()},
        "queries": rows.tolist(),
        "vector": vector.tolist(),
        "upstream": upstream.tolist(),
        "tokenGradients": {name: x.grad.tolist() for name, x in leaves.items()},
        "gradients": by_path.gradients(entries),
    }


def leaf(*shape):
    return torch.randn(*shape).double().requires_grad_()


def public():
    widths, dim, queries, depth, heads, output_dim = {"image": 12, "text": 5}, 8, 2, 2, 4, 6
    model = by_path.draw(PublicForm(widths, dim, queries, depth, heads, output_dim), torch)
    entries = [("queries", model.queries, by_path.as_is)]
    for name, linear in model.projections.items():
        entries += by_path.linear(f"projections.{name}", linear)
    for i, layer in enumerate(model.layers):
        entries += side_by_side(f"layers.{i}.attention.input", [layer.query, layer.key, layer.value])
        entries += by_path.linear(f"layers.{i}.attention.output", layer.dense)
        entries += by_path.norm(f"layers.{i}.norm", layer.norm)
    entries += by_path.linear("output", model.output)
    sizes = {"dim": dim, "numQueries": queries, "depth": depth, "heads": heads, "outputDim": output_dim}
    leaves = {name: leaf(3, 1, width) for name, width in widths.items()}
    return {"options": {"modalities": widths, **sizes}, **results_of(model, entries, leaves, model)}


EPSILON = 0.25  # So large that a norm without it is told apart.


class OptionsForm(nn.Module):
    """Pre-norm layers, type and position embeddings, and cross-attention in every second layer or joint attention."""

    def __init__(self, widths, positions, dim, token_dim, queries, depth, heads, hidden_dim, cross):
        super().__init__()
        self.cross = cross
        self.projections = nn.ModuleDict({name: nn.Linear(width, token_dim) for name, width in widths.items()})
        self.types = nn.Parameter(torch.empty(len(widths), token_dim))
        self.positions = nn.ParameterDict(
            {name: nn.Parameter(torch.empty(length, token_dim)) for name, length in positions.items()}
        )
        self.queries = nn.Parameter(torch.empty(queries, dim))
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(
                dim, heads, hidden_dim, 0.0, "gelu", EPSILON, batch_first=True, norm_first=True
            )
            for _ in range(depth)
        )
        self.reads = nn.ModuleDict()
        self.read_norms = nn.ModuleDict()
        for i in range(0, depth, 2) if cross else ():
            self.reads[str(i)] = nn.MultiheadAttention(dim, heads, batch_first=True, kdim=token_dim, vdim=token_dim)
            self.read_norms[str(i)] = nn.LayerNorm(dim, EPSILON)
        self.final = nn.LayerNorm(dim, EPSILON)
        self.output = nn.Linear(queries * dim, dim)

    def tokens_of(self, inputs):
        parts = []
        for i, (name, x) in enumerate(inputs.items()):
            x = self.projections[name](x) + self.types[i]
            parts.append(x + self.positions[name][: x.shape[1]] if name in self.positions else x)
        return torch.cat(parts, dim=1)

    def forward(self, inputs, masks):
        tokens, absent = self.tokens_of(inputs), torch.cat([masks[name] == 0 for name in inputs], dim=1)
        count = len(self.queries)
        x = self.queries.expand(len(tokens), -1, -1)
        if not self.cross:
            x = torch.cat([x, tokens], dim=1)
            none = torch.zeros(len(tokens), count, dtype=torch.bool)
            for layer in self.layers:
                x = layer(x, src_key_padding_mask=torch.cat([none, absent], dim=1))
        for i, layer in enumerate(self.layers if self.cross else ()):
            normed = layer.norm1(x)
            x = x + layer.self_attn(normed, normed, normed, need_weights=False)[0]
            if str(i) in self.reads:
                normed = self.read_norms[str(i)](x)
                x = x + self.reads[str(i)](normed, tokens, tokens, key_padding_mask=absent, need_weights=False)[0]
            x = x + layer.linear2(nn.functional.gelu(layer.linear1(layer.norm2(x))))
        rows = self.final(x[:, :count])
        return rows, self.output(rows.flatten(1))


def thirds(p, part, width):
    """A view of the query, key or value part of PyTorch's packed bias."""

    class Part:
        def detach(self):
            return p.detach()[part * width : (part + 1) * width]

        @property
        def grad(self):
            return p.grad[part * width : (part + 1) * width]

    return Part()


class Linear:
    """A weight and a bias, as `side_by_side` and `by_path.linear` read them."""

    def __init__(self, weight, bias):
        self.weight, self.bias = weight, bias


def options_entries(model):
    entries = [("queries", model.queries, by_path.as_is), ("types", model.types, by_path.as_is)]
    for name, linear in model.projections.items():
        entries += by_path.linear(f"projections.{name}", linear)
    entries += [(f"positions.{name}", vectors, by_path.as_is) for name, vectors in model.positions.items()]
    for i, layer in enumerate(model.layers):
        path = f"layers.{i}"
        entries += by_path.attention(f"{path}.attention", layer.self_attn)
        entries += by_path.norm(f"{path}.norm", layer.norm1)
        if str(i) in model.reads:
            read = model.reads[str(i)]
            dim = read.embed_dim
            weights = [read.q_proj_weight, read.k_proj_weight, read.v_proj_weight]
            query, key, value = [Linear(w, thirds(read.in_proj_bias, k, dim)) for k, w in enumerate(weights)]
            entries += side_by_side(f"{path}.cross.query", [query])
            entries += side_by_side(f"{path}.cross.source", [key, value])
            entries += by_path.linear(f"{path}.cross.output", read.out_proj)
            entries += by_path.norm(f"{path}.crossNorm", model.read_norms[str(i)])
        entries += by_path.linear(f"{path}.feedForward.expand", layer.linear1)
        entries += by_path.linear(f"{path}.feedForward.contract", layer.linear2)
        entries += by_path.norm(f"{path}.feedForwardNorm", layer.norm2)
    return entries + by_path.norm("finalNorm", model.final) + by_path.linear("output", model.output)


def options(cross):
    widths, positions, dim, hidden_dim = {"image": 7, "text": 5, "audio": 3}, {"text": 4, "image": 3}, 8, 12
    token_dim, queries, depth, heads = (6 if cross else dim), 2, (3 if cross else 2), 2
    model = OptionsForm(widths, positions, dim, token_dim, queries, depth, heads, hidden_dim, cross)
    model = by_path.draw(model, torch)
    leaves = {"image": leaf(3, 3, 7), "text": leaf(3, 2, 5), "audio": leaf(3, 1, 3)}
    masks = {
        "image": torch.tensor([[1, 1, 1], [1, 0, 1], [0, 0, 0]]),
        "text": torch.tensor([[1, 1], [0, 0], [1, 0]]),
        "audio": torch.tensor([[1], [1], [0]]),
    }
    return {
        "options": {
            "modalities": widths,
            "dim": dim,
            "numQueries": queries,
            "depth": depth,
            "heads": heads,
            "attention": {"kind": "cross", "every": 2, "tokenDim": token_dim} if cross else {"kind": "joint"},
            "positionEmbeddings": positions,
            "feedForward": {"hiddenDim": hidden_dim},
            "norm": {"kind": "pre", "epsilon": EPSILON},
        },
        "masks": {name: mask.tolist() for name, mask in masks.items()},
        **results_of(model, options_entries(model), leaves, lambda inputs: model(inputs, masks)),
    }


def blip2():
    sizes = {"dim": 8, "numQueries": 3, "depth": 3, "heads": 2, "tokenDim": 6, "every": 2, "hiddenDim": 12}
    config = Blip2QFormerConfig(
        hidden_size=sizes["dim"],
        num_hidden_layers=sizes["depth"],
        num_attention_heads=sizes["heads"],
        intermediate_size=sizes["hiddenDim"],
        encoder_hidden_size=sizes["tokenDim"],
        cross_attention_frequency=sizes["every"],
        attn_implementation="eager",
    )
    model = by_path.draw(Blip2QFormerModel(config).eval(), torch)
    # So small that their norm depends on its epsilon, 1e-12.
    queries = (torch.randn(1, sizes["numQueries"], sizes["dim"]) * 1e-3).double()
    tokens = torch.randn(2, 4, sizes["tokenDim"])
    mask = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0]])
    with torch.no_grad():
        hidden = model(
            queries.expand(2, -1, -1), encoder_hidden_states=tokens.double(), encoder_attention_mask=mask
        ).last_hidden_state
    state = {"query_tokens": queries, **model.state_dict()}
    checkpoint = safetensors.torch.save({name: value.float().contiguous() for name, value in state.items()})
    return {
        "sizes": sizes,
        "checkpoint": base64.b64encode(checkpoint).decode(),
        "tokens": tokens.tolist(),
        "mask": mask.tolist(),
        "hiddenStates": hidden.tolist(),
    }


def write(name, values):
    Path(sys.argv[1], f"{name}.json").write_text(json.dumps(values) + "\n")


if __name__ == "__main__":
    torch.manual_seed(1)
    for name, feed_forward in {"em3": False, "feed-forward": True}.items():
        write(name, fusion(feed_forward))
    write("public", public())
    write("pre-norm", options(cross=False))
    write("cross", options(cross=True))
    write("blip2", blip2())
