"""The rules of check-ins: plain arithmetic on dates and rows; the time is always an argument.

``plan`` is the shape of a campaign's settings, ``streaks`` counts days, ``payouts`` says what a day pays,
``make_ups`` which days can be filled and what that earns, ``favour`` what a running campaign may change to.
"""
