"""Stores (门店) and their staff, and which members are insiders.

Invariants: a store's code is its own; a staff user stands in a store once; a staff user is at most one member and a
member at most one staff user. Insiders play along, but reports leave them out.
"""
