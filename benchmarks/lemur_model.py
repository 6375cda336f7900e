"""LEMUR (arXiv 2511.10962) with the demo's preset of @sifaka/trainer, in idiomatic PyTorch.

Shapes: B batch, U distinct candidates, L history, D vector width, I id embedding width. Modules and weights have the
names of Sifaka's checkpoints.
"""

import torch
from torch import nn
from torch.nn import functional as F

from layers import FeedForward, SelfAttention, Transformer, padding_bias


class ImageEncoder(nn.Module):
    """A vision transformer without a class token: [N, height, width, 3] bytes → [N, patches, D]."""

    def __init__(self, height, width, patch, dim, depth, heads):
        super().__init__()
        self.patch = patch
        self.grid = (height // patch, width // patch)
        self.patches = nn.Linear(patch * patch * 3, dim)
        self.positions = nn.Parameter(torch.empty(self.grid[0] * self.grid[1], dim))
        self.transformer = Transformer(dim, depth, heads)

    def forward(self, pixels):
        rows, columns = self.grid
        scaled = pixels.float().mul_(2 / 255).sub_(1)
        cut = scaled.view(-1, rows, self.patch, columns, self.patch * 3).transpose(2, 3)
        return self.transformer(self.patches(cut.reshape(len(pixels), rows * columns, -1)) + self.positions)


class TextEncoder(nn.Module):
    """Token ids [N, T] and mask [N, T] → [N, T, D]."""

    def __init__(self, vocabulary, max_length, dim, depth, heads):
        super().__init__()
        self.embedding = nn.Parameter(torch.empty(vocabulary, dim))
        self.positions = nn.Parameter(torch.empty(max_length, dim))
        self.transformer = Transformer(dim, depth, heads)

    def forward(self, ids, mask):
        words = F.embedding(ids, self.embedding) + self.positions[: ids.shape[1]]
        return self.transformer(words, padding_bias(mask))


class FusionLayer(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.attention = SelfAttention(dim, heads)
        self.norm = nn.LayerNorm(dim)

    def forward(self, x, bias, queries):
        return self.norm(self.attention(x, bias, queries) + x[:, :queries])


class FusionQFormer(nn.Module):
    """EM3's Fusion-Q-Former with one layer: learned queries and all tokens attend, and the queries are read."""

    def __init__(self, dim, num_queries, heads):
        super().__init__()
        self.queries = nn.Parameter(torch.empty(num_queries, dim))
        self.types = nn.Parameter(torch.empty(2, dim))
        self.layers = nn.ModuleList([FusionLayer(dim, heads)])
        self.output = nn.Linear(num_queries * dim, dim)

    def forward(self, image, image_mask, text, text_mask):
        count, num_queries = len(image), len(self.queries)
        x = torch.cat([self.queries.expand(count, -1, -1), image + self.types[0], text + self.types[1]], 1)
        mask = torch.cat([image_mask.new_ones(count, num_queries), image_mask, text_mask], 1)
        return self.output(self.layers[0](x, padding_bias(mask), num_queries).flatten(1))


class ContentEncoder(nn.Module):
    def __init__(self, facts):
        super().__init__()
        options, dim = facts["options"]["content"], facts["options"]["dim"]
        heads = options["heads"]
        height, width = facts["image"]["height"], facts["image"]["width"]
        self.image = ImageEncoder(height, width, options["patchSize"], dim, options["imageDepth"], heads)
        self.text = TextEncoder(facts["vocabularySize"], 1 + facts["documentLength"], dim, options["textDepth"], heads)
        self.fusion = FusionQFormer(dim, options["fusionQueries"], heads)

    def forward(self, pixels, image_present, ids, mask):
        image = self.image(pixels)
        return self.fusion(image, image_present[:, None].expand(image.shape[:2]), self.text(ids, mask), mask)


class QueryEncoder(nn.Module):
    def __init__(self, facts):
        super().__init__()
        options, dim = facts["options"]["content"], facts["options"]["dim"]
        max_length = 1 + options["queryItems"] * (facts["titleLength"] + 1)
        self.text = TextEncoder(facts["vocabularySize"], max_length, dim, options["queryDepth"], options["heads"])
        self.output = nn.Linear(dim, dim)

    def forward(self, ids, mask):
        return self.output(self.text(ids, mask)[:, 0])


class DecoderLayer(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.feedForward = FeedForward(dim)
        self.norm = nn.LayerNorm(dim)

    def forward(self, query, history, bias):
        read = F.scaled_dot_product_attention(query, history, history, attn_mask=bias, scale=1.0)
        return self.norm(query + self.feedForward(read))


class HistoryDecoder(nn.Module):
    """A query made of the other features reads the history: [B, F], [B, L, D], mask [B, L] → [B, D]."""

    def __init__(self, feature_dim, dim):
        super().__init__()
        self.query = nn.Linear(feature_dim, dim)
        self.layers = nn.ModuleList([DecoderLayer(dim)])

    def forward(self, features, history, mask):
        bias = padding_bias(mask)[:, 0]  # [B, 1, L]
        known = history * mask[:, :, None]
        query = self.query(features)[:, None]
        for layer in self.layers:
            query = layer(query, known, bias)
        return query[:, 0]


def history_similarity(target, history, mask):
    """Cosines between the candidate and its history, in order and sorted: [B, 2L]."""
    cosines = (F.normalize(history, dim=-1) @ F.normalize(target, dim=-1)[:, :, None])[:, :, 0] * mask
    ranked = cosines.masked_fill(~mask, -4.0).sort(dim=1, descending=True).values
    return torch.cat([cosines, ranked * (ranked > -2)], 1)


class PerTokenFeedForward(nn.Module):
    def __init__(self, tokens, dim, expansion=4):
        super().__init__()
        self.expand = nn.Parameter(torch.empty(tokens, dim, expansion * dim))
        self.expandBias = nn.Parameter(torch.empty(tokens, 1, expansion * dim))
        self.contract = nn.Parameter(torch.empty(tokens, expansion * dim, dim))
        self.contractBias = nn.Parameter(torch.empty(tokens, 1, dim))

    def forward(self, x):
        hidden = F.gelu(torch.baddbmm(self.expandBias, x, self.expand))
        return torch.baddbmm(self.contractBias, hidden, self.contract)


class MixerBlock(nn.Module):
    def __init__(self, tokens, dim):
        super().__init__()
        self.mixingNorm = nn.LayerNorm(dim)
        self.feedForward = PerTokenFeedForward(tokens, dim)
        self.feedForwardNorm = nn.LayerNorm(dim)

    def forward(self, x):
        tokens, batch, dim = x.shape
        mixed = x.view(tokens, batch, tokens, dim // tokens).permute(2, 1, 0, 3).reshape(tokens, batch, dim)
        x = self.mixingNorm(mixed + x)
        return self.feedForwardNorm(self.feedForward(x) + x)


class RankMixer(nn.Module):
    """RankMixer (arXiv 2507.15551) over named groups of features, one token per group."""

    def __init__(self, groups, head_dim, depth):
        super().__init__()
        dim = len(groups) * head_dim
        self.projection = nn.ModuleDict({name: nn.Linear(width, dim) for name, width in groups.items()})
        self.blocks = nn.ModuleList(MixerBlock(len(groups), dim) for _ in range(depth))
        self.head = nn.Linear(dim, 1)

    def forward(self, features):
        x = torch.stack([project(features[name]) for name, project in self.projection.items()])  # [T, B, D]
        for block in self.blocks:
            x = block(x)
        return self.head(x.mean(0))[:, 0]


class RankingNetwork(nn.Module):
    def __init__(self, options):
        super().__init__()
        dim, id_dim, length = options["dim"], options["idDim"], options["sequences"]["liked"]["length"]
        self.idHistory = HistoryDecoder(2 * id_dim, id_dim)
        self.contentHistory = HistoryDecoder(2 * id_dim + 2 * dim, dim)
        ids = {"user": id_dim, "item": id_dim, "idHistory": id_dim}
        content = {"query": dim, "content": dim, "contentHistory": dim, "similarity": 2 * length}
        self.head = RankMixer({**ids, **content}, options["head"]["headDim"], options["head"]["depth"])

    def forward(self, user, item, id_history, id_mask, queries, items, history, history_mask):
        return self.head(
            {
                "user": user,
                "item": item,
                "idHistory": self.idHistory(torch.cat([user, item], 1), id_history, id_mask),
                "query": queries,
                "content": items,
                "contentHistory": self.contentHistory(
                    torch.cat([user, item, queries, items], 1), history, history_mask
                ),
                "similarity": history_similarity(items, history, history_mask),
            }
        )


def sqdc(queries, documents, labels, has_query, sessions, items, temperature):
    """LEMUR's session-masked contrast, centred. Negatives are the positives of other rows. documents: [B, D]."""
    positive = labels == 1
    with_query = positive & has_query
    direction = lambda rows: F.normalize(rows - rows.mean(0), dim=-1)  # noqa: E731
    logits = temperature * direction(queries[with_query]) @ direction(documents[positive]).T
    own = with_query.nonzero() == positive.nonzero().T
    same = sessions[with_query][:, None] == sessions[positive]
    same |= items[with_query][:, None] == items[positive]
    return F.cross_entropy(logits.masked_fill(same & ~own, -1e9), own.int().argmax(1))
