"""Who the brand knows: visitors, members, their identities and what they agreed to.

Invariants: one (platform, app, openid) is one person; a visitor becomes a member once, with one member number and the
joining parts called once; a token dies with its version, with a block and with a merge; a birthday changes at most once
a year; consents are added, never changed; openid and session key never leave the server.
"""
