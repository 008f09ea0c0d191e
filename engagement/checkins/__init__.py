"""Check-in (签到): once a business day, with streaks, make-ups, freezes and rewards.

Invariants:
- One row a (member, campaign, business day): fifty taps are one check-in and one reward.
- The standing (streak, longest, tally, last day) equals what its rows say; it moves only by a compare-and-set on the
  tally in the transaction that writes the row.
- A make-up never pays what was already paid, and a rule added later never pays for days before it.
- Make-up cards never go below zero, and each change of them is an entry with a unique source.
"""
