"""Risk: a verdict before any reward: allow, hold or refuse.

Invariants: judging costs no SQL while nothing is listed (counters and lists are in the process, lists at most 5 s old);
every verdict but a plain "allow" leaves a row, even if the act is rolled back; the consumer never learns why. A verdict
protects the brand's purse, not the ledger: value is guarded by its own statements, so counters may be per process.
"""
