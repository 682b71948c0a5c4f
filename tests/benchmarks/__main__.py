"""`python -m tests.benchmarks [SIZE ...]`: the table of the README, and what the plans of all statements show."""
from __future__ import annotations

import os
import sys

from tests.benchmarks.filling import built
from tests.benchmarks.jobs import JOBS
from tests.benchmarks.measuring import Measured, measure
from tests.benchmarks.plans import known

SIZES = (1000, 20_000)


def _line(one: Measured) -> str:
    counts = "/".join(map(str, dict.fromkeys(one.statements)))
    times = [f"{value:.1f}" for value in one.times]
    if one.rows:
        times = [f"{value:.1f} ({value / rows * 1000:.0f} µs a row)" for value, rows in zip(one.times, one.rows, strict=True)]
    grown = [f"{value:.{places}f}" for value, places in ((one.ratio, 2), (one.exponent, 2), (one.times_floor, 1))]
    return f"| {' | '.join([one.job.name, counts, *times, *grown])} |"


def main(sizes: tuple[int, ...]) -> None:
    print(f"load {', '.join(f'{value:.1f}' for value in os.getloadavg())} on {os.cpu_count()} processors\n")
    apps = [(size, built(size)) for size in sizes]
    heads = ["job", "statements", *(f"{size:,} charges, CPU ms" for size in sizes), "ratio", "exponent", "times the yardstick"]
    print(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
    found = []
    for job in JOBS:
        found.append(measure(job, apps))
        print(_line(found[-1]), flush=True)
    print()
    for one in found:
        for finding in sorted(one.findings):
            print(f"{one.job.name}: {finding}: {known(one.job.name, finding) or 'NOT KNOWN'}")
    print(f"\nload {', '.join(f'{value:.1f}' for value in os.getloadavg())} at the end")
    if not all(known(one.job.name, finding) for one in found for finding in one.findings):
        raise SystemExit("a plan reads or sorts more than is known")


if __name__ == "__main__":
    main(tuple(sorted(int(one.replace("_", "")) for one in sys.argv[1:])) or SIZES)
