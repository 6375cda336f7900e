"""Reference values for the statistics of @sifaka/data, straight from their definition, with numpy.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    VENV/bin/python generate.py ../../../packages/data/test/golden
    pnpm biome check --write ../../../packages/data/test/golden

Every statistic is computed anew from all events with a strictly earlier timestamp. The definitions of mood, liking and
overlap are those of the project's reference baselines for MovieLens (a script with numpy).
"""

import json
import sys
from pathlib import Path

import numpy as np

USERS, ITEMS, EVENTS = 4, 9, 150
GENRES = [["War"], ["Drama", "War"], [], ["Comedy"], ["Comedy", "Drama"], ["War"], ["Drama"], [], ["Comedy", "War"]]
DECADES = [["1990s"], ["1990s"], ["2000s"], [], ["2000s"], ["1980s"], ["1990s"], ["1980s"], ["1990s"]]
TEXTS = ["a war story", "the war", "a toy story", "", "a toy", "the story of a war", "of mice", "toy", "war of the toy"]


def logit(p):
    return np.log(p / (1 - p))


def jaccard(a, b):
    return len(a & b) / max(1, len(a | b))


def mood(events):
    labels = [label for *_, label in events][-50:][::-1]
    share = lambda m: (sum(labels[:m]) + 1) / (len(labels[:m]) + 2)
    weights = 0.7 ** np.arange(len(labels))
    decayed = (np.dot(weights, labels) + 0.5) / (weights.sum() + 1)
    return [logit(share(50)), logit(share(10)), logit(share(3)), logit(decayed), np.log1p(len(labels))]


def item_counts(events, item, time):
    labels = [label for *_, label in events]
    overall = (sum(labels) + 1) / (len(labels) + 2)

    def rate(chosen):
        likes = [label for *_, label in chosen]
        return logit((sum(likes) + 5 * overall) / (len(likes) + 5))

    own = [e for e in events if e[2] == item]
    days = [(time - t) / 86400 for t, *_ in own]
    lately = sum(2 ** (-d / 30) for d in days)
    values = [rate(own), np.log1p(len(own)), np.log1p(lately)]
    values += [np.log1p(min(days)), np.log1p(max(days))] if own else [0, 0]
    for column in (GENRES, DECADES):
        rates = [rate([e for e in events if category in column[e[2]]]) for category in column[item]]
        values.append(np.mean(rates) if rates else logit(overall))
    return values


def liking(events, item):
    labels = [label for *_, label in events]
    usual = (sum(labels) + 1) / (len(labels) + 2)
    values = []
    for column in (GENRES, DECADES):
        gains = []
        for category in column[item]:
            met = [label for _, _, i, label in events if category in column[i]]
            gains.append(logit((sum(met) + 2 * usual) / (len(met) + 2)) - logit(usual))
        values.append(np.mean(gains) if gains else 0)
    return values


def overlap(events, item):
    liked = [i for _, _, i, label in events if label][-20:]
    if not liked:
        return [0] * 7
    values = [1]
    for sets in ([set(text.split()) for text in TEXTS], [set(names) for names in GENRES]):
        similar = [jaccard(sets[item], sets[i]) for i in liked]
        values += [max(similar), similar[-1], np.mean(similar)]
    return values


def main(folder):
    rng = np.random.default_rng(12)
    time = 1_000_000_000
    events = []
    for _ in range(EVENTS):
        time += int(rng.choice([0, 0, 3600, 86400, 20 * 86400], p=[0.25, 0.25, 0.2, 0.25, 0.05]))
        user = int(rng.choice(USERS, p=[0.55, 0.25, 0.15, 0.05]))
        event = (time, user, int(rng.integers(ITEMS)), int(rng.random() < 0.4))
        if not any(e[:3] == event[:3] for e in events):
            events.append(event)
    events.sort()
    rows = []
    for time, user, item, _ in events:
        earlier = [e for e in events if e[0] < time]
        own = [e for e in earlier if e[1] == user]
        row = mood(own) + item_counts(earlier, item, time) + liking(own, item) + overlap(own, item)
        rows.append([round(float(value), 6) for value in row])
    golden = {"genres": GENRES, "decades": DECADES, "texts": TEXTS, "events": events, "values": rows}
    Path(folder, "statistics.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
