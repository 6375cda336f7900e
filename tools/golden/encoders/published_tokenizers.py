"""Rows of transformers' AutoTokenizer for tiny tokenizers of each published kind, over texts of many kinds.

    python -m venv VENV && VENV/bin/pip install -r published-requirements.txt
    VENV/bin/python published_tokenizers.py ../../../packages/encoders/test/golden/published-tokenizers.json
    pnpm biome format --write packages/encoders/test/golden
"""

import json
import sys
import tempfile
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoTokenizer, TokenizersBackend

CORPUS = [
    "A sifaka leaps from tree to tree, sideways across the sand.",
    "The tree frogs sing; the sifaka listens. The sand is hot, the sun is high.",
    "Ein Äffchen springt über den Sand, 20 Äffchen folgen. Déjà vu: un lémurien saute.",
    "東京の猿と東京の猫。 北京的猴子和猫。",
    "מלך האריות הוא סרט. ملك الغابة فيلم.",
    "мир лемуров и мир котов",
    "don't can't it's we'll you've 1984 2001 3.14",
] * 3

TEXTS = [
    "A sifaka leaps from tree to tree",
    "",
    " ",
    "  THE  Sand\tis\n\nhot ",
    "Äffchen, A\u0308ffchen; déjà vu",
    "東京の猫 and 北京的猴子",
    "מלך האריות ملك الغابة",
    "\u202eright to left\u202c \u200bzero\u200d width \ufeff",
    "don't you've we'll it's",
    "🦧👩🏽‍🚀 🏳️‍🌈",
    "ＦＵＬＬ ｗｉｄｔｈ ﬁn № ½",
    "a\u0000b\u0007c\u0085d\ufffde",
    "z\u0351\u036b\u0343\u036a\u0302algo",
    "[SEP] </s> <|endoftext|> <eos> [PAD]",
    "1984, 3.14; 20!? #tag @name http://x.y/z",
    "supercalifragilisticexpialidocious" * 4,
    "the sand " * 40,
]

PAIRS = [
    ("Sifaka", "A sifaka leaps across the sand."),
    ("the tree", "the sun is high " * 9),
    ("", "the sand is hot"),
]

TRAINED = {"show_progress": False}


def byte_level(add_prefix_space=False):
    return pre_tokenizers.ByteLevel(add_prefix_space=add_prefix_space)


def bert():
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=260, special_tokens=special, **TRAINED))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return tokenizer


def roberta():
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = byte_level()
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(
        CORPUS,
        trainers.BpeTrainer(
            vocab_size=380, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), **TRAINED
        ),
    )
    tokenizer.add_special_tokens(["<mask>"])
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), add_prefix_space=False)
    return tokenizer


def clip():
    words = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
    tokenizer = Tokenizer(models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(words), behavior="removed", invert=True), byte_level()]
    )
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=640, initial_alphabet=alphabet, end_of_word_suffix="</w>", special_tokens=[], **TRAINED
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    # Every byte also occurs at the end of a word, and the special tokens come last.
    state = json.loads(tokenizer.to_str())
    vocab = state["model"]["vocab"]
    for token in [*(f"{letter}</w>" for letter in alphabet), "<|startoftext|>", "<|endoftext|>"]:
        vocab.setdefault(token, len(vocab))
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.add_special_tokens(["<|startoftext|>", "<|endoftext|>"])
    start, end = (tokenizer.token_to_id(f"<|{name}oftext|>") for name in ["start", "end"])
    tokenizer.post_processor = processors.RobertaProcessing(
        ("<|endoftext|>", end), ("<|startoftext|>", start), trim_offsets=False, add_prefix_space=False
    )
    return tokenizer


def unigram(special, size):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(vocab_size=size, special_tokens=special, unk_token="<unk>", **TRAINED)
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


def multilingual():
    tokenizer = unigram(["<s>", "<pad>", "</s>", "<unk>"], 300)
    tokenizer.add_special_tokens(["<mask>"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return tokenizer


def siglip():
    """Padding and end are one token, as in SigLIP."""
    tokenizer = unigram(["<unk>", "</s>"], 300)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)]
    )
    return tokenizer


def siglip2():
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *(f"<0x{byte:02X}>" for byte in range(256))]
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    trainer = trainers.BpeTrainer(vocab_size=520, special_tokens=special, max_token_length=8, **TRAINED)
    words = (word for text in CORPUS for word in text.lower().replace(" ", " ▁").split(" "))
    tokenizer.train_from_iterator(words, trainer)
    state = json.loads(tokenizer.to_str())
    state["added_tokens"] = state["added_tokens"][:5]  # Bytes are ordinary entries of the vocabulary.
    tokenizer = Tokenizer.from_str(json.dumps(state))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A <eos>", pair="$A <eos> $B <eos>", special_tokens=[("<eos>", 1)]
    )
    return tokenizer


def named(**tokens):
    return {f"{name}_token": token for name, token in tokens.items()}


BERT_TOKENS = named(pad="[PAD]", unk="[UNK]", cls="[CLS]", sep="[SEP]", mask="[MASK]")
ROBERTA_TOKENS = named(pad="<pad>", unk="<unk>", bos="<s>", eos="</s>", cls="<s>", sep="</s>", mask="<mask>")
CLIP_TOKENS = named(pad="<|endoftext|>", unk="<|endoftext|>", bos="<|startoftext|>", eos="<|endoftext|>")
GEMMA_TOKENS = named(pad="<pad>", unk="<unk>", bos="<bos>", eos="<eos>", mask="<mask>")

KINDS = {
    "bert": (bert, "bert", {"tokenizer_class": "BertTokenizer", "do_lower_case": True, **BERT_TOKENS}),
    "bert, cased by its config": (
        bert,
        "bert",
        {"tokenizer_class": "BertTokenizer", "do_lower_case": False, "strip_accents": True, **BERT_TOKENS},
    ),
    "roberta": (roberta, "roberta", {"tokenizer_class": "RobertaTokenizer", **ROBERTA_TOKENS}),
    "roberta, space by its config": (
        roberta,
        "roberta",
        {"tokenizer_class": "RobertaTokenizer", "add_prefix_space": True, **ROBERTA_TOKENS},
    ),
    "clip": (clip, "clip", {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, **CLIP_TOKENS}),
    "xlm-roberta": (multilingual, "xlm-roberta", {"tokenizer_class": "PreTrainedTokenizerFast", **ROBERTA_TOKENS}),
    "siglip": (
        siglip,
        "siglip",
        {"tokenizer_class": "PreTrainedTokenizerFast", **named(pad="</s>", unk="<unk>", eos="</s>")},
    ),
    "siglip2": (
        siglip2,
        "siglip2",
        {"tokenizer_class": "GemmaTokenizer", "padding_side": "right", "add_bos_token": False, **GEMMA_TOKENS},
    ),
}


def rows(tokenizer, max_length, fixed, *texts, truncation=True):
    padding = "max_length" if fixed else True
    encoded = tokenizer(
        *texts, padding=padding, truncation=truncation, max_length=max_length, return_token_type_ids=True
    )
    return {
        "maxLength": max_length,
        "ids": sum(encoded["input_ids"], []),
        "types": [i for i, kind in enumerate(sum(encoded["token_type_ids"], [])) if kind == 1],
        "lengths": [sum(mask) for mask in encoded["attention_mask"]],
    }


def golden(name):
    make, model_type, tokenizer_config = KINDS[name]
    captions = model_type in ("clip", "siglip", "siglip2")
    fixed = model_type.startswith("siglip")
    with tempfile.TemporaryDirectory() as folder:
        config = {"model_type": model_type}
        raw = json.loads(make().to_str())
        for file, content in {"config": config, "tokenizer_config": tokenizer_config, "tokenizer": raw}.items():
            Path(folder, f"{file}.json").write_text(json.dumps(content))
        own = tokenizer_config["tokenizer_class"] == "PreTrainedTokenizerFast"
        tokenizer = (TokenizersBackend if own else AutoTokenizer).from_pretrained(folder)
        lengths = [64] if fixed else [16, 64]
        titles, overviews = ([pair[i] for pair in PAIRS] for i in range(2))
        if captions:
            # Gemma's tokens of "a b" are not those of "a" and "b".
            joined = [] if model_type == "siglip2" else [" ".join(filter(None, pair)) for pair in PAIRS]
            pairs = [rows(tokenizer, length, fixed, joined) for length in lengths if joined]
        else:
            pairs = [rows(tokenizer, length, fixed, titles, overviews, truncation="only_second") for length in lengths]
        return {
            "config": config,
            "tokenizerConfig": tokenizer_config,
            "tokenizer": json.dumps(raw, ensure_ascii=False, separators=(",", ":")),
            "class": type(tokenizer).__name__,
            "texts": [rows(tokenizer, length, fixed, TEXTS) for length in lengths],
            "pairs": pairs,
        }


if __name__ == "__main__":
    kinds = {name: golden(name) for name in KINDS}
    golden_values = {"texts": TEXTS, "pairs": PAIRS, "kinds": kinds}
    Path(sys.argv[1]).write_text(json.dumps(golden_values) + "\n")
