"""
Claims of speed, each measured beside its own limit on the same database in the same run.

``python -m bench reserve|reconcile|import|all [--json] [--rounds N] [--scale S]``. Absolute figures belong to the
machine; only the ratio counts: 1.0 is the limit, more is better, for rates and times alike.
"""
