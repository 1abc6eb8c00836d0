#!/usr/bin/env python3
"""Says how a test run ended, after a second look at what failed in it.

    verdict.py BUILD_DIR STATUS_OF_MESON_TEST

Tests of elements, pipelines and the browser play video in real time against real programs, several at once: on a
machine that others starve, one of them may fail in which alone nothing is wrong. A few such failures are run once more,
each alone. What fails again is a fault; so are failures in numbers, and any of the suites that wait for nobody. Who
passes only the second time is named, because that is to be mended as well.

Closes with one line, the same in any language: N passed, N failed, N skipped.
"""

import collections
import json
import os
import subprocess
import sys

REAL_TIME = {"elements", "pipelines", "browser"}
A_FEW = 3  # more than these fail for a reason


def results_of(build, log):
    """(suite, name, result) of each test, as `meson test` wrote them down."""
    with open(os.path.join(build, "meson-logs", log), encoding="utf-8") as lines:
        for line in lines:
            test = json.loads(line)
            suite, _, name = test["name"].rpartition(" / ")
            yield suite.rpartition(":")[2], name, test["result"]


def is_failure(result):
    return result not in ("OK", "EXPECTEDFAIL", "SKIP")


def passes_alone(build, suite, name):
    print(f"\n{suite} / {name} failed beside others; once more, alone", flush=True)
    done = subprocess.run(["meson", "test", "-C", build, "--no-rebuild", "--print-errorlogs", "--logbase", "again",
                           "--num-processes", "1", "--suite", suite, name])
    return done.returncode == 0


def main():
    build, status = sys.argv[1], int(sys.argv[2])
    results = list(results_of(build, "testlog.json"))
    failed = [(suite, name) for suite, name, result in results if is_failure(result)]
    by_chance = []
    # What ran alone, or nearly, has had its look.
    if len(failed) <= A_FEW < len(results) and all(suite in REAL_TIME for suite, _ in failed):
        by_chance = [test for test in failed if passes_alone(build, *test)]
    for suite, name in by_chance:
        print(f"PASSED ONLY ALONE: {suite} / {name}; why it failed beside others is printed above")
    if failed and len(by_chance) == len(failed):
        status = 0
    counts = collections.Counter(result for _, _, result in results)
    failures = len(failed) - len(by_chance)
    print(f"{len(results) - failures - counts['SKIP']} passed, {failures} failed, {counts['SKIP']} skipped")
    return min(status, 1)


if __name__ == "__main__":
    sys.exit(main())
