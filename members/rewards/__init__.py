"""Rewards: the one door through which value leaves.

Invariants: one (source, key) grants once, for ever (unique key); a budget is never overspent (guarded stock statement);
a grant is revoked at most once (guarded change of state); what can't be given leaves nothing behind. Kinds of rewards
belong to the slices above, which register them in ``contract.kinds``.
"""
