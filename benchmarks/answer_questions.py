"""The loop of a contender's process. answer-questions.mjs describes the questions."""

import gc
import json
import re
import sys
import time
import traceback


def answer_questions(start, set_up):
    works = {}
    work = None
    for line in sys.stdin:
        question = json.loads(line)
        action = question["do"]
        try:
            if action == "start":
                answer = start()
            elif action == "setUp":
                work = works[question["key"]] = set_up(question["workload"], question["options"], question["folder"])
                answer = {"check": work.check()}
            elif action == "run":
                answer = run(works[question["key"]], question["times"])
            elif action == "tearDown":
                work = None
                del works[question["key"]]
                gc.collect()
                answer = {}
            elif action == "memory":
                answer = memory()
        except Exception:  # the driver prints any failure
            answer = {"reason": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


def run(work, times):
    wall, cpu = [], []
    for _ in range(times):
        cpu_started, started = time.process_time(), time.perf_counter()
        work.run()
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append((time.process_time() - cpu_started) * 1000)
    return {"milliseconds": wall, "cpuMilliseconds": cpu}


def memory():
    with open("/proc/self/status") as file:
        status = file.read()
    mebibytes = lambda name: int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1024  # noqa: E731
    return {"peakMiB": mebibytes("VmHWM"), "presentMiB": mebibytes("VmRSS")}
