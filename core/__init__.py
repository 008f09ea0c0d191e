"""The ground that every slice stands on; it has no business words.

Invariants kept here: one durable transaction a command; an idempotency key has one effect and one answer; an event
is written with its effect and acts once a handler; shared stock never goes below zero; an approval needs two people.
"""
