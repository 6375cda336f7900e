"""Reference values for @sifaka/metrics from scikit-learn and scipy.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    VENV/bin/python generate.py ../../../packages/metrics/test/golden
    pnpm biome check --write ../../../packages/metrics/test/golden

Takes a few minutes, mostly for scipy's bootstrap.

AUCs per group are scikit-learn's. Each variant averages them by the definition of the system that it names.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
from scipy.stats import bootstrap
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss, ndcg_score, roc_auc_score

warnings.filterwarnings("ignore")


def make_rows(rng, num_groups=60):
    """Rows of users with different rates of 1s, some with a single class. Scores are rounded, so that some tie."""
    groups, labels, a, b = [], [], [], []
    for group in range(num_groups):
        size = rng.integers(1, 13)
        label = (rng.random(size) < rng.beta(0.8, 0.8)).astype(int)
        signal = label + rng.normal(0, 1.2, size)
        noisy = label + rng.normal(0, 2.0, size)
        if group % 10 == 7:
            signal[:] = signal[0]  # a user whose scores are all equal
        groups += [1000 - 7 * group] * size
        labels += label.tolist()
        a += np.round(signal, 1).tolist()
        b += np.round(noisy, 1).tolist()
    order = rng.permutation(len(groups))
    return tuple(np.array(column)[order] for column in (groups, labels, a, b))


def group_slices(groups):
    return [np.flatnonzero(groups == g) for g in np.unique(groups)]


def torchrec_auc(labels, scores):
    """TorchRec ranks by a descending argsort, which gives ties different ranks. This one is stable."""
    sorted_labels = labels[np.argsort(-scores, kind="stable")]
    rank = np.arange(len(labels), 0, -1)
    positives = labels.sum()
    return ((sorted_labels * rank).sum() - positives * (positives + 1) / 2) / (positives * (len(labels) - positives))


def cornac_auc(labels, scores):
    return np.mean(scores[labels == 1][:, None] > scores[labels == 0][None, :])


def gaucs(scores, labels, groups):
    slices = group_slices(groups)
    two_class = [rows for rows in slices if 0 < labels[rows].sum() < len(rows)]
    aucs = [roc_auc_score(labels[rows], scores[rows]) for rows in two_class]
    sizes = [len(rows) for rows in two_class]
    distinct = [rows for rows in two_class if len(set(scores[rows])) > 1]
    everything = {"groups": len(slices), "usableGroups": len(two_class), "usableSamples": sum(sizes)}
    return {
        "bySamples": {**everything, "value": np.average(aucs, weights=sizes)},
        "mean": {**everything, "value": np.mean(aucs)},
        "byPositives": {**everything, "value": np.average(aucs, weights=[labels[rows].sum() for rows in two_class])},
        "meanDroppingTied": {
            "groups": len(slices),
            "usableGroups": len(distinct),
            "usableSamples": sum(len(rows) for rows in distinct),
            "value": np.mean([torchrec_auc(labels[rows], scores[rows]) for rows in distinct]),
        },
        "meanLosingTies": {
            **everything,
            "value": np.mean([cornac_auc(labels[rows], scores[rows]) for rows in two_class]),
        },
        "singleClassAsZero": {**everything, "value": np.dot(aucs, sizes) / len(labels)},
    }


def mean_ndcg(scores, labels, groups, k):
    values = []
    for rows in group_slices(groups):
        if labels[rows].sum() == 0:
            continue
        # scikit-learn refuses lists of one row, in which the relevant row is first.
        values.append(1.0 if len(rows) == 1 else ndcg_score([labels[rows]], [scores[rows]], k=k))
    return np.mean(values)


def bootstrap_interval(statistic, num_groups):
    result = bootstrap(
        (np.arange(num_groups),),
        statistic,
        n_resamples=20_000,
        vectorized=False,
        method="percentile",
        rng=np.random.default_rng(2),
    )
    low, high = result.confidence_interval
    return {"low": low, "high": high}


def main(folder):
    groups, labels, a, b = make_rows(np.random.default_rng(1))
    probabilities = np.round(1 / (1 + np.exp(-(1.5 * a - 1))), 3)
    observed, predicted = calibration_curve(labels, probabilities, n_bins=10, strategy="uniform")

    slices = group_slices(groups)

    def pooled(chosen):
        return np.concatenate([slices[g] for g in chosen])

    def auc_difference(chosen):
        rows = pooled(chosen)
        return roc_auc_score(labels[rows], a[rows]) - roc_auc_score(labels[rows], b[rows])

    usable = np.array([0 < labels[rows].sum() < len(rows) for rows in slices])
    sizes = np.array([len(rows) for rows in slices]) * usable
    per_group = [
        np.array([roc_auc_score(labels[r], s[r]) if ok else 0 for r, ok in zip(slices, usable)]) for s in (a, b)
    ]

    def gauc_difference(chosen):
        return np.average(per_group[0][chosen] - per_group[1][chosen], weights=sizes[chosen])

    golden = {
        "groups": groups.tolist(),
        "labels": labels.tolist(),
        "a": a.tolist(),
        "b": b.tolist(),
        "probabilities": probabilities.tolist(),
        "auc": {"a": roc_auc_score(labels, a), "b": roc_auc_score(labels, b)},
        "gauc": gaucs(a, labels, groups),
        "logLoss": log_loss(labels, probabilities),
        "logLossOfCertainAndWrong": log_loss([1, 0], [0.0, 1.0]),
        "calibration": {"observed": observed.tolist(), "predicted": predicted.tolist()},
        "ndcg": {str(k): mean_ndcg(a, labels, groups, k) for k in (1, 3, 5, 100)},
        "ndcgOfOneList": ndcg_score([labels], [a], k=20),
        "bootstrap": {
            "auc": bootstrap_interval(auc_difference, len(slices)),
            "gauc": bootstrap_interval(gauc_difference, len(slices)),
        },
    }
    Path(folder, "metrics.json").write_text(json.dumps(golden, default=float) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
