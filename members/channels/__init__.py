"""Channels (渠道) and their printed codes: who came from where, and what it cost.

Invariants: a code is unique and its check symbol holds; a scan id is counted once; a person has one attribution, whose
first touch never changes; a kit is given once a person; the day's row is the sum of its scans and attributions (a
reconciliation check compares them); a code carries no one-time value, so guessing one wins nothing; addresses are
forgotten after 90 days.
"""
