"""Reference weights of @sifaka/baselines' logistic regression, from scikit-learn.

    python -m venv VENV && VENV/bin/pip install -r requirements.txt
    VENV/bin/python generate.py ../../../packages/baselines/test/golden
    pnpm biome check --write ../../../packages/baselines/test/golden

The constant is a column of its own, so that it has the penalty too. The last two columns sum to the first one.
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

PENALTY = 0.5


def main(folder):
    rng = np.random.default_rng(7)
    numbers = np.round(rng.normal(size=(60, 2)) * [1, 20], 2)
    group = rng.integers(0, 2, 60)
    features = np.column_stack([np.ones(60), numbers, group, 1 - group])
    labels = (rng.random(60) < 1 / (1 + np.exp(-(numbers[:, 0] - 0.05 * numbers[:, 1] + group)))).astype(int)
    model = LogisticRegression(C=1 / PENALTY, fit_intercept=False, solver="newton-cholesky", tol=1e-12, max_iter=500)
    model.fit(features, labels)
    golden = {
        "penalty": PENALTY,
        "numbers": numbers.tolist(),
        "group": group.tolist(),
        "labels": labels.tolist(),
        "weights": model.coef_[0].round(8).tolist(),
    }
    Path(folder, "logistic-regression.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
