"""Exports made in the background: asked, made by the worker, kept encrypted for their owner alone, fetched, gone.

Whether they may leave is asked three times: when asked, when made (as the owner is then), and at each fetch.
"""

from sistra.services.export_runs.asking import Run, cancel, may_ask, own, queue, status
from sistra.services.export_runs.carrying import LOST_AFTER, abandon, carry_out, keep_alive, recover, waiting
from sistra.services.export_runs.fetching import Fetched, expire, expired, fetch
from sistra.services.export_runs.makers import MAKERS, Built, Maker

__all__ = [
    "LOST_AFTER",
    "MAKERS",
    "Built",
    "Fetched",
    "Maker",
    "Run",
    "abandon",
    "cancel",
    "carry_out",
    "expire",
    "expired",
    "fetch",
    "keep_alive",
    "may_ask",
    "own",
    "queue",
    "recover",
    "status",
    "waiting",
]
