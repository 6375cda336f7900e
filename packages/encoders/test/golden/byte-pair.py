"""Writes byte-pair.json, with the `tokenizers` library's own trainer, whose options can only be set in Python.

python3 -m pip install tokenizers==0.23.3 && python3 byte-pair.py
"""

import json
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

TEXTS = [
    "A sifaka leaps from tree to tree, sideways across the sand.",
    "The tree frogs sing; the sifaka listens.\nThe sand is hot, the sun is high.",
    "Ein Äffchen springt über den Sand – 20 Äffchen folgen.",
    "東京の猿と東京の猫",
]
PROBES = ["the sifaka sings", "ＳＡＮＤ  storm\t", "Äffchen 🦧", "[SEP]", ""]

tokenizer = Tokenizer(models.BPE())
tokenizer.normalizer = normalizers.Sequence(
    [normalizers.NFKC(), normalizers.Lowercase(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Strip()]
)
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
tokenizer.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Strip(" ", 1, 0)])
tokenizer.train_from_iterator(
    TEXTS,
    trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    ),
)
# The trainer registers the special tokens for matching in text, which TextTokenizer does not do.
state = json.loads(tokenizer.to_str())
state["added_tokens"] = []
tokenizer = Tokenizer.from_str(json.dumps(state))
golden = {
    "texts": TEXTS,
    "vocabularySize": 300,
    "merges": state["model"]["merges"],
    "encoded": [{"text": text, "ids": tokenizer.encode(text).ids} for text in PROBES],
}
Path(__file__).with_suffix(".json").write_text(json.dumps(golden, ensure_ascii=False, indent=2) + "\n")
