"""The training step of `npm start` in PyTorch, with the weights and batches of lemur-step.mjs."""

import json
from pathlib import Path

import numpy
import torch
from safetensors.torch import load_file
from torch import nn
from torch.nn import functional as F

from layers import adamw, load_weights
from lemur_model import ContentEncoder, QueryEncoder, RankingNetwork, sqdc


def set_up(folder, threads):
    return LemurStep(Path(folder))


class LemurStep:
    def __init__(self, folder):
        self.facts = facts = json.loads((folder / "lemur.json").read_text())
        self.options = options = facts["options"]
        data = load_file(folder / "lemur-data.safetensors")
        facts["documentLength"] = data["documents.ids"].shape[1]
        facts["titleLength"] = data["titles.ids"].shape[1]
        self.catalogue = Catalogue(facts, data, folder / "lemur-pixels.bin")
        self.batches = [Batch(data, i) for i in range(len(data["batches.users"]))]
        self.step = 0

        weights = load_file(folder / "lemur-weights.safetensors")
        # Dense tables are faster than SparseAdam at this size, and gradient clipping supports them.
        self.users = nn.Parameter(weights.pop("tables.users"))
        self.items = nn.Parameter(weights.pop("tables.items"))
        self.encoders = nn.ModuleDict({"content": ContentEncoder(facts), "query": QueryEncoder(facts)})
        self.network = RankingNetwork(options)
        load_weights(nn.ModuleDict({**self.encoders, **dict(self.network.named_children())}), weights)
        settings = options["optimizer"]
        decay = settings["weightDecay"]
        self.optimizers = [
            adamw(self.encoders.parameters(), settings["encoderLearningRate"], decay),
            adamw(self.network.parameters(), settings["learningRate"], decay),
            adamw([self.users, self.items], settings["tableLearningRate"], settings["tableWeightDecay"]),
        ]
        self.parameters = [p for o in self.optimizers for group in o.param_groups for p in group["params"]]

        # The memory bank: item → latest vector.
        self.bank = torch.zeros(facts["size"], options["dim"])
        self.in_bank = torch.zeros(facts["size"], dtype=torch.bool)
        ids = data["bank.ids"].long()
        self.bank[ids] = data["bank.vectors"]
        self.in_bank[ids] = True

    def run(self):
        batch = self.batches[self.step % len(self.batches)]
        self.step += 1

        candidates, document_of = batch.items.unique(return_inverse=True)  # U ids for B rows
        fresh = self.encoders["content"](*self.catalogue.contents(candidates))  # [U, D]
        ids, mask, query_of, has_query = self.catalogue.queries(batch.history)
        queries = self.encoders["query"](ids, mask)[query_of]  # [B, D]
        items = fresh[document_of]  # [B, D]
        history, history_mask = self.read_histories(batch.history, candidates, fresh.detach())

        known = batch.history >= 0
        rows = F.embedding(torch.cat([batch.items[:, None], batch.history], 1) + 1, self.items)  # row 0 is "unknown"
        user = F.embedding(batch.users + 1, self.users)
        logits = self.network(user, rows[:, 0], rows[:, 1:], known, queries, items, history, history_mask)
        ranking = F.binary_cross_entropy_with_logits(logits, batch.labels)
        temperature, weight = self.options["sqdc"]["temperature"], self.options["sqdc"]["weight"]
        contrast = sqdc(queries, items, batch.labels, has_query, batch.sessions, batch.items, temperature)
        loss = ranking + weight * contrast

        for optimizer in self.optimizers:
            optimizer.zero_grad()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.parameters, self.options["optimizer"]["clipNorm"])
        for optimizer in self.optimizers:
            optimizer.step()

        vectors = fresh.detach()
        staleness = F.cosine_similarity(self.bank[candidates], vectors).mean()
        self.bank[candidates] = vectors
        self.in_bank[candidates] = True
        return {
            "loss": loss.item(),
            "ranking": ranking.item(),
            "contrast": contrast.item(),
            "gradientNorm": norm.item(),
            "stalenessCosine": staleness.item(),
        }

    def read_histories(self, history, candidates, fresh):
        """Vectors of the bank, or of this step if it encoded the item, and their mask: [B, L, D], [B, L]."""
        table = self.bank.index_copy(0, candidates, fresh)
        known = self.in_bank.index_fill(0, candidates, True)
        mask = (history >= 0) & known[history]
        return table[history] * mask[:, :, None], mask

    def check(self):
        result = self.run()
        del result["stalenessCosine"]
        return result


class Batch:
    def __init__(self, data, i):
        self.users = data["batches.users"][i].long()
        self.items = data["batches.items"][i].long()
        self.labels = data["batches.labels"][i]
        self.sessions = data["batches.sessions"][i]
        self.history = data["batches.liked"][i].long()


class Catalogue:
    """The decoded and tokenised content of every item."""

    def __init__(self, facts, data, pixels):
        height, width = facts["image"]["height"], facts["image"]["width"]
        self.pixels = torch.from_numpy(numpy.fromfile(pixels, numpy.uint8)).view(-1, height, width, 3)
        self.present = data["images.present"] == 1
        self.query_items = facts["options"]["content"]["queryItems"]
        first = torch.full((facts["size"], 1), facts["classification"])
        self.documents = torch.cat([first, data["documents.ids"].long()], 1)
        self.document_lengths = 1 + data["documents.lengths"].long()
        # Each title ends with a separator. Padding (-1) reads the last row, which is empty.
        lengths = data["titles.lengths"].long()
        titles = F.pad(data["titles.ids"].long(), (0, 1))
        titles[torch.arange(len(titles)), lengths] = facts["separator"]
        self.titles = F.pad(titles, (0, 0, 0, 1))
        self.title_lengths = F.pad(lengths + 1, (0, 1))
        self.classification = facts["classification"]

    def contents(self, items):
        lengths = self.document_lengths[items]
        length = int(lengths.max())
        mask = torch.arange(length) < lengths[:, None]
        return self.pixels[items], self.present[items], self.documents[items, :length], mask

    def queries(self, history):
        """Queries from the titles of the latest liked items.

        Returns ids and mask [N, T] of the distinct queries, the index of each row's query [B], and whether each row has
        one [B].
        """
        recent, query_of = history[:, : self.query_items].unique(dim=0, return_inverse=True)
        words = self.titles[recent].flatten(1)  # with padding between the titles
        kept = (torch.arange(self.titles.shape[1]) < self.title_lengths[recent][:, :, None]).flatten(1)
        lengths = 1 + kept.sum(1)
        ids = torch.zeros(len(recent), int(lengths.max()), dtype=torch.long)
        ids[:, 0] = self.classification
        rows, columns = kept.nonzero(as_tuple=True)
        ids[rows, kept.cumsum(1)[rows, columns]] = words[rows, columns]
        mask = torch.arange(ids.shape[1]) < lengths[:, None]
        return ids, mask, query_of, history[:, 0] >= 0
