"""PyTorch's contender: `python pytorch-worker.py THREADS`. It answers questions on standard input."""

import importlib
import os
import sys

threads = int(sys.argv[1])
os.environ["OMP_NUM_THREADS"] = str(threads)

import torch  # noqa: E402  (reads the environment on import)

from answer_questions import answer_questions  # noqa: E402

torch.set_num_threads(threads)
torch.set_num_interop_threads(1)


def start():
    return {"version": f"PyTorch {torch.__version__}", "device": "CPU", "threads": threads}


def set_up(workload, options, folder):
    module = importlib.import_module(f"workloads.{workload.replace('-', '_')}")
    return module.set_up(folder=folder, threads=threads, **options)


answer_questions(start, set_up)
