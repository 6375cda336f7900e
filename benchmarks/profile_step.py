"""Profiles the LEMUR step in PyTorch: `benchmarks/.venv/bin/python benchmarks/profile_step.py`."""

import argparse
import os
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--steps", type=int, default=20)
parser.add_argument("--folder", default=Path(__file__).parent.parent / ".cache" / "benchmarks")
given = parser.parse_args()
threads, steps = given.threads, given.steps
os.environ["OMP_NUM_THREADS"] = str(threads)

import torch  # noqa: E402  (reads the environment on import)
from torch.profiler import ProfilerActivity, profile  # noqa: E402

from workloads.lemur_step import set_up  # noqa: E402

torch.set_num_threads(threads)
work = set_up(given.folder, threads)
for _ in range(5):
    work.run()
with profile(activities=[ProfilerActivity.CPU]) as profiled:
    for _ in range(steps):
        work.run()
events = sorted(profiled.key_averages(), key=lambda event: -event.self_cpu_time_total)
total = sum(event.self_cpu_time_total for event in events)
print(f"PyTorch {torch.__version__}, {threads} threads; mean of {steps} steps\n")
print(f"{'operation':<60}{'calls':>8}{'ms':>10}{'%':>8}")
for event in events[:30]:
    spent = event.self_cpu_time_total
    print(f"{event.key[:58]:<60}{event.count / steps:>8.1f}{spent / steps / 1000:>10.2f}{100 * spent / total:>8.1f}")
print(f"{'all':<60}{sum(event.count for event in events) / steps:>8.0f}{total / steps / 1000:>10.2f}{100:>8.1f}")
