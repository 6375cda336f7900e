"""Reference values for the published architectures of @sifaka/encoders, from Hugging Face `transformers`.

Makes a tiny random checkpoint of every architecture, under the names and with the configuration of its own files, and
runs it in float64 on inputs with padding. Every file has hidden states, pooled vectors by kind, and the gradients of
`Σ tokens · upstream + Σ pooled · pooledUpstream` under the names of the checkpoint; `pooled` there is the first kind.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    PYTHONPATH=.. VENV/bin/python published.py ../../../packages/encoders/test/golden/published
    pnpm biome format --write packages/encoders/test/golden
"""

import base64
import copy
import json
import sys
import tempfile
from pathlib import Path

import safetensors.torch
import torch
import transformers as hf

import by_path

SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 24}
EPSILON = 0.02  # So large that a norm with another one is told apart.
MEAN, DEVIATION = [0.48, 0.46, 0.41], [0.27, 0.26, 0.28]


def saved(model):
    """What `save_pretrained` writes: the names of published files differ from those in memory."""
    with tempfile.TemporaryDirectory() as folder:
        copy.deepcopy(model).float().save_pretrained(folder)
        weights = Path(folder, "model.safetensors").read_bytes()
        return json.loads(Path(folder, "config.json").read_text()), base64.b64encode(weights).decode()


def gradients_of(model):
    """Gradients under the names of the file; zeros for parameters that the loss does not reach."""
    holder = copy.deepcopy(model)
    for p, q in zip(holder.parameters(), model.parameters()):
        p.data = torch.zeros_like(q) if q.grad is None else q.grad.clone()
    tensors = safetensors.torch.load(base64.b64decode(saved(holder)[1]))
    reached = {name: value for name, value in tensors.items() if value.any()}
    return base64.b64encode(safetensors.torch.save(reached)).decode()


def rounded(values):
    """To nine digits, more than float32 has."""
    flat = [float(f"{value:.9g}") for value in values.detach().flatten().tolist()]
    return torch.tensor(flat, dtype=torch.float64).reshape(values.shape).tolist()


def made(model):
    return by_path.draw(model.eval(), torch)


def case(model, inputs, tokens, upstream_mask, poolings, extra=None):
    """`poolings`: vectors by kind, the default first."""
    pooled = next(iter(poolings.values()))
    upstream = (torch.randn(tokens.shape) * upstream_mask * 64).round() / 64  # few digits in the file
    pooled_upstream = (torch.randn(pooled.shape) * 64).round() / 64
    ((tokens * upstream).sum() + (pooled * pooled_upstream).sum()).backward()
    config, checkpoint = saved(model)
    return {
        **inputs,
        "config": config,
        "checkpoint": checkpoint,
        "tokens": rounded(tokens),
        "pooled": {kind: rounded(vector) for kind, vector in poolings.items()},
        "upstream": rounded(upstream),
        "pooledUpstream": rounded(pooled_upstream),
        "gradients": gradients_of(model),
        **(extra or {}),
    }


def text_batch(rows, padding, types=None):
    length = max(map(len, rows))
    ids = torch.tensor([row + [padding] * (length - len(row)) for row in rows])
    lengths = torch.tensor([len(row) for row in rows])
    mask = (torch.arange(length)[None] < lengths[:, None]).long()
    inputs = {"ids": ids.flatten().tolist(), "length": length, "lengths": lengths.tolist()}
    if types is not None:
        inputs["types"] = types.flatten().tolist()
    return ids, mask, inputs


def mean_of(tokens, mask):
    return (tokens * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)


ROWS = [[3, 8, 5, 11, 7, 4], [3, 9, 4], [6]]


def bert():
    config = hf.BertConfig(vocab_size=20, max_position_embeddings=8, layer_norm_eps=EPSILON, **SIZES)
    whole = made(hf.BertForPreTraining(config))
    types = torch.tensor([[0, 0, 1, 1, 1, 0], [0, 1, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0]])
    ids, mask, inputs = text_batch(ROWS, 0, types)
    output = whole.bert(input_ids=ids, attention_mask=mask, token_type_ids=types)
    tokens = output.last_hidden_state
    poolings = {"mean": mean_of(tokens, mask), "classification": tokens[:, 0], "pooler": output.pooler_output}
    return case(whole, inputs, tokens, mask[..., None], poolings)


def distilbert():
    config = hf.DistilBertConfig(
        vocab_size=20, max_position_embeddings=8, dim=16, n_layers=2, n_heads=2, hidden_dim=24
    )
    whole = made(hf.DistilBertForMaskedLM(config))
    ids, mask, inputs = text_batch(ROWS, 0)
    tokens = whole.distilbert(input_ids=ids, attention_mask=mask).last_hidden_state
    poolings = {"mean": mean_of(tokens, mask), "classification": tokens[:, 0]}
    return case(whole, inputs, tokens, mask[..., None], poolings)


def roberta(kind):
    Config = {"roberta": hf.RobertaConfig, "xlm-roberta": hf.XLMRobertaConfig}[kind]
    config = Config(
        vocab_size=20,
        max_position_embeddings=9,
        type_vocab_size=1,
        layer_norm_eps=EPSILON,
        pad_token_id=1 if kind == "roberta" else 2,
        **SIZES,
    )
    if kind == "roberta":  # the published file has a head and no pooler
        whole = made(hf.RobertaForMaskedLM(config))
        model = whole.roberta
    else:
        whole = model = made(hf.XLMRobertaModel(config))
    ids, mask, inputs = text_batch(ROWS, config.pad_token_id)
    output = model(input_ids=ids, attention_mask=mask)
    tokens = output.last_hidden_state
    poolings = {"mean": mean_of(tokens, mask), "classification": tokens[:, 0]}
    if output.pooler_output is not None:
        poolings["pooler"] = output.pooler_output
    return case(whole, inputs, tokens, mask[..., None], poolings)


END = 19
CLIP_ROWS = [[18, 8, 5, 11, 7, END], [18, 9, END], [18, END]]
CLIP_TEXT = {"vocab_size": 20, "max_position_embeddings": 8, "bos_token_id": 18, "pad_token_id": 1, **SIZES}
CLIP_IMAGE = {"image_size": 12, "patch_size": 4, **SIZES}


def clip_whole():
    return made(
        hf.CLIPModel(
            hf.CLIPConfig(
                text_config={**CLIP_TEXT, "eos_token_id": END, "layer_norm_eps": EPSILON},
                vision_config={**CLIP_IMAGE, "layer_norm_eps": EPSILON},
                projection_dim=12,
            )
        )
    )


def clip_text():
    whole = clip_whole()
    ids, mask, inputs = text_batch(CLIP_ROWS, END)
    output = whole.text_model(input_ids=ids, attention_mask=mask)
    tokens = output.last_hidden_state
    poolings = {
        "projection": whole.text_projection(output.pooler_output),
        "endOfText": output.pooler_output,
        "mean": mean_of(tokens, mask),
    }
    return case(whole, inputs, tokens, mask[..., None], poolings)


def clip_text_legacy():
    """OpenAI's files say that 2 ends a text, and mean the largest id. This one is of the text tower alone."""
    config = hf.CLIPTextConfig(**CLIP_TEXT, eos_token_id=2, hidden_act="gelu", projection_dim=12)
    whole = made(hf.CLIPTextModelWithProjection(config))
    ids, mask, inputs = text_batch(CLIP_ROWS, 0)
    output = whole.text_model(input_ids=ids, attention_mask=mask)
    tokens = output.last_hidden_state
    poolings = {"projection": whole.text_projection(output.pooler_output), "endOfText": output.pooler_output}
    return case(whole, inputs, tokens, mask[..., None], poolings)


def siglip_whole():
    return made(
        hf.SiglipModel(
            hf.SiglipConfig(
                text_config={
                    "vocab_size": 20,
                    "max_position_embeddings": 8,
                    "projection_size": 12,
                    "layer_norm_eps": EPSILON,
                    **SIZES,
                },
                vision_config={**CLIP_IMAGE, "layer_norm_eps": EPSILON},
            )
        )
    )


def siglip_text():
    whole = siglip_whole()
    padding = 1
    ids, mask, inputs = text_batch(ROWS, padding)
    longest = torch.nn.functional.pad(ids, (0, 8 - ids.shape[1]), value=padding)  # as its processor pads
    output = whole.text_model(input_ids=longest)
    tokens = output.last_hidden_state[:, : ids.shape[1]]
    inputs["ids"] = [7 if real == 0 else id for id, real in zip(inputs["ids"], mask.flatten().tolist())]
    poolings = {"lastToken": output.pooler_output, "mean": mean_of(tokens, mask)}
    return case(whole, inputs, tokens, mask[..., None], poolings, {"paddingId": padding})


def images(size):
    pixels = torch.randint(0, 256, (2, size[0], size[1], 3))
    scaled = (pixels.double() / 255 - torch.tensor(MEAN).double()) / torch.tensor(DEVIATION).double()
    return pixels.flatten().tolist(), scaled.permute(0, 3, 1, 2)


def image_case(whole, forward, resized=None):
    """`forward(pixels)` → tokens and poolings by kind. `resized` is another image size, and its forward pass."""
    size = getattr(whole.config, "image_size", None) or whole.config.vision_config.image_size
    pixels, scaled = images((size, size))
    tokens, poolings = forward(scaled)
    extra = {
        "preprocessor": {
            "do_rescale": True,
            "rescale_factor": 1 / 255,
            "do_normalize": True,
            "image_mean": MEAN,
            "image_std": DEVIATION,
        }
    }
    if resized is not None:
        with torch.no_grad():
            others, other_scaled = images((resized["height"], resized["width"]))
            other_tokens, other_poolings = forward(other_scaled, True)
        extra["resized"] = {
            "imageSize": resized,
            "pixels": others,
            "tokens": rounded(other_tokens),
            "pooled": {kind: rounded(vector) for kind, vector in other_poolings.items()},
        }
    return case(whole, {"pixels": pixels}, tokens, torch.ones(1), poolings, extra)


def vit():
    whole = made(hf.ViTModel(hf.ViTConfig(**CLIP_IMAGE, layer_norm_eps=EPSILON)))

    def forward(pixels, interpolate=False):
        output = whole(pixels, interpolate_pos_encoding=interpolate)
        tokens = output.last_hidden_state
        return tokens, {"classification": tokens[:, 0], "mean": tokens.mean(1), "pooler": output.pooler_output}

    return image_case(whole, forward, {"height": 20, "width": 16})


def dinov2(registers):
    sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "mlp_ratio": 2}
    options = {**sizes, "image_size": 24, "patch_size": 4, "layer_norm_eps": EPSILON}
    if registers:
        whole = hf.Dinov2WithRegistersForImageClassification(
            hf.Dinov2WithRegistersConfig(**options, num_register_tokens=3)
        )
        model = whole.dinov2_with_registers
    else:
        whole = model = hf.Dinov2Model(hf.Dinov2Config(**options))
    made(whole)

    def forward(pixels, interpolate=False):
        tokens = model(pixels).last_hidden_state
        return tokens, {"classification": tokens[:, 0], "mean": tokens.mean(1)}

    return image_case(whole, forward, {"height": 12, "width": 32})


def clip_image():
    whole = clip_whole()

    def forward(pixels, interpolate=False):
        output = whole.vision_model(pixels, interpolate_pos_encoding=interpolate)
        tokens = output.last_hidden_state
        projected = whole.visual_projection(output.pooler_output)
        return tokens, {"projection": projected, "classification": output.pooler_output, "mean": tokens.mean(1)}

    return image_case(whole, forward, {"height": 8, "width": 20})


def siglip_image():
    whole = siglip_whole()

    def forward(pixels, interpolate=False):
        output = whole.vision_model(pixels, interpolate_pos_encoding=interpolate)
        return output.last_hidden_state, {
            "attention": output.pooler_output,
            "mean": output.last_hidden_state.mean(1),
        }

    return image_case(whole, forward, {"height": 16, "width": 8})


CASES = {
    "bert": bert,
    "distilbert": distilbert,
    "roberta": lambda: roberta("roberta"),
    "xlm-roberta": lambda: roberta("xlm-roberta"),
    "clip-text": clip_text,
    "clip-text-legacy": clip_text_legacy,
    "siglip-text": siglip_text,
    "vit": vit,
    "dinov2": lambda: dinov2(False),
    "dinov2-with-registers": lambda: dinov2(True),
    "clip-image": clip_image,
    "siglip-image": siglip_image,
}

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in CASES.items():
        torch.manual_seed(1)
        Path(folder, f"{name}.json").write_text(json.dumps(make()) + "\n")
