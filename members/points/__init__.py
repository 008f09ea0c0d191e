"""Points (积分): what a member earned, spent, holds and owes, and why.

Invariants: balance − debt = Σ entries; Σ lots = balance; one of balance and debt is zero; held = Σ open holds; entries
are gapless a member, chained by their balances, and never changed (triggers refuse it); a source earns once; a hold
ends once; an entry is reversed once; a point is spent or expired, never both. Only this slice's services write.
"""
