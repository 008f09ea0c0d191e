"""A platform for demonstrations and tests: the login code ``demo-<name>`` signs that person in, as often as wanted.

It exists only where ``SANDBOX_ENABLED`` is set, which outside demo mode stops the start (``core.checks`` E002).
"""
