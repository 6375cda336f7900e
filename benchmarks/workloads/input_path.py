"""Files and texts to bytes and token ids: Pillow or torchvision, and Hugging Face tokenizers, like input-path.mjs."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
import torch
from PIL import Image
from tokenizers import Tokenizer
from torchvision.io import ImageReadMode, decode_jpeg, read_file
from torchvision.transforms.v2 import functional as transforms

MAX_LENGTH = 16


def set_up(folder, threads, part, decoder, images, size):
    return InputPath(Path(folder), threads, part, decoder, images, size)


class InputPath:
    def __init__(self, folder, threads, part, decoder, images, size):
        inputs = json.loads((folder / "input-path.json").read_text())
        self.files, self.texts = inputs["files"][images], inputs["texts"]
        self.size = tuple(size)
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(MAX_LENGTH)
        self.tokenizer.enable_padding(length=MAX_LENGTH)
        self.decode_one = {"Pillow": pillow, "Pillow, draft": pillow_draft, "torchvision": torchvision}[decoder]
        self.pool = ThreadPoolExecutor(threads)  # all decoders release the GIL
        self.run = {"decode": self.decode, "tokenise": self.tokenise, "both": self.both}[part]

    def decode(self):
        return numpy.stack(list(self.pool.map(lambda file: self.decode_one(file, self.size), self.files)))

    def tokenise(self):
        encodings = self.tokenizer.encode_batch_fast(self.texts, add_special_tokens=False)
        ids = numpy.array([encoding.ids for encoding in encodings], numpy.int32)
        lengths = numpy.array([sum(encoding.attention_mask) for encoding in encodings], numpy.int32)
        return ids, lengths

    def both(self):
        return self.decode(), self.tokenise()

    def check(self):
        pixels = self.decode()
        ids, lengths = self.tokenise()
        mean = float(pixels.mean())
        return {"images": len(pixels), "meanPixel": mean, "tokens": int(lengths.sum()), "idSum": int(ids.sum())}


def pillow(file, size):
    with Image.open(file) as image:
        return numpy.asarray(image.convert("RGB").resize(size, Image.Resampling.LANCZOS))


def pillow_draft(file, size):
    """The JPEG decoder shrinks to at least twice the final size, like in libvips."""
    with Image.open(file) as image:
        image.draft("RGB", (2 * size[0], 2 * size[1]))
        return numpy.asarray(image.convert("RGB").resize(size, Image.Resampling.LANCZOS))


def torchvision(file, size):
    image = decode_jpeg(read_file(file), mode=ImageReadMode.RGB)
    small = transforms.resize(image, [size[1], size[0]], transforms.InterpolationMode.BICUBIC, antialias=True)
    return small.permute(1, 2, 0).contiguous().numpy()
