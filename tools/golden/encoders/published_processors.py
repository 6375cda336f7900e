"""Pixels of transformers' image processors, which resize with Pillow, for generated images.

    python -m venv VENV && VENV/bin/pip install -r published-requirements.txt
    VENV/bin/python published_processors.py ../../../packages/encoders/test/golden/published-processors.json
    pnpm biome format --write packages/encoders/test/golden
"""

import base64
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from transformers import BitImageProcessorPil, CLIPImageProcessorPil, SiglipImageProcessorPil, ViTImageProcessorPil

CLASSES = {"ViT": ViTImageProcessorPil, "CLIP": CLIPImageProcessorPil, "Siglip": SiglipImageProcessorPil}
CLASSES["Bit"] = BitImageProcessorPil

IMAGES = [
    ("photo", 97, 61),
    ("photo", 61, 97),
    ("noise", 97, 61),
    ("edges", 97, 61),
    ("edges", 13, 9),
    ("noise", 9, 13),
    ("photo", 24, 20),
    ("photo", 300, 40),
    ("edges", 640, 480),
]

IMAGENET = {"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}

CONFIGS = {
    "ViT": ("ViT", {"image_processor_type": "ViTImageProcessor", "size": {"height": 20, "width": 24}, "resample": 2}),
    "ViT, one number": ("ViT", {"feature_extractor_type": "ViTFeatureExtractor", "size": 20}),
    "ViT, lanczos": ("ViT", {"image_processor_type": "ViTImageProcessorFast", "size": 20, "resample": 1}),
    "CLIP": (
        "CLIP",
        {
            "image_processor_type": "CLIPImageProcessor",
            "size": {"shortest_edge": 20},
            "crop_size": {"height": 20, "width": 20},
            "do_convert_rgb": True,
        },
    ),
    "CLIP, one number": ("CLIP", {"feature_extractor_type": "CLIPFeatureExtractor", "size": 24, "crop_size": 20}),
    "SigLIP": ("Siglip", {"image_processor_type": "SiglipImageProcessor", "size": {"height": 20, "width": 20}}),
    "DINOv2": (
        "Bit",
        {
            "image_processor_type": "BitImageProcessor",
            "size": {"shortest_edge": 24},
            "crop_size": {"height": 21, "width": 21},
            "resample": 3,
            **IMAGENET,
        },
    ),
    "a crop that needs a border": (
        "Bit",
        {"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 13}, "crop_size": 20},
    ),
    "a crop alone": (
        "Bit",
        {"image_processor_type": "BitImageProcessor", "do_resize": False, "crop_size": 16},
    ),
    "no scaling": (
        "Siglip",
        {
            "image_processor_type": "SiglipImageProcessor",
            "size": {"height": 8, "width": 8},
            "do_rescale": False,
            "do_normalize": False,
        },
    ),
    "another scale": (
        "ViT",
        {
            "image_processor_type": "ViTImageProcessor",
            "size": {"height": 8, "width": 8},
            "rescale_factor": 0.0078125,
            "image_mean": [1, 0.9, 1.1],
            "image_std": [1, 2, 0.5],
        },
    ),
}


def image(kind, width, height):
    """The same in test/generated-image.ts."""
    y, x, channel = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    state, noise = 7, np.zeros(height * width * 3, np.int64)
    for i in range(noise.size):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        noise[i] = (state >> 16) & 255
    noise = noise.reshape(height, width, 3)
    if kind == "noise":
        return noise.astype(np.uint8)
    if kind == "edges":
        return (((x >> 2) + (y >> 1) * (channel + 1)) % 3 % 2 * 255).astype(np.uint8)
    smooth = (x * 200) // width + (y * 40) // height + channel * 5
    return np.clip(smooth + (noise >> 4), 0, 255).astype(np.uint8)


def golden(kind, config):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "preprocessor_config.json").write_text(json.dumps(config))
        processor = CLASSES[kind].from_pretrained(folder)
    rows = []
    for name in IMAGES:
        picture = Image.fromarray(image(*name))
        raw = processor(picture, do_rescale=False, do_normalize=False, return_tensors="np")["pixel_values"][0]
        scaled = processor(picture, return_tensors="np")["pixel_values"][0]
        assert np.array_equal(raw, raw.astype(np.uint8)), raw.dtype
        pixels = raw.astype(np.uint8).transpose(1, 2, 0)
        middle = scaled[:, scaled.shape[1] // 2, scaled.shape[2] // 2]
        rows.append(
            {
                "shape": list(pixels.shape),
                "pixels": base64.b64encode(pixels.tobytes()).decode(),
                "middle": [round(float(value), 6) for value in middle],
            }
        )
    return {"config": config, "images": rows}


if __name__ == "__main__":
    configs = {name: golden(*CONFIGS[name]) for name in CONFIGS}
    Path(sys.argv[1]).write_text(json.dumps({"images": IMAGES, "configs": configs}) + "\n")
