"""What a page, a save, a search or a file costs at several sizes: `python -m tests.benchmarks [SIZE ...]`.

CPU medians of interleaved runs, signed in, with real access rows, trail and layout, beside a yardstick of the same run.
Figures of sizes in one run are comparable, figures of two runs are not. A new job is a line of `jobs.JOBS`.
"""
