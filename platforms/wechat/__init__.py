"""WeChat mini-programs: signing in, mini-program codes, checks of texts and pictures, and the messages WeChat pushes.

Invariants: every call ends within ``WECHAT_TOTAL_SECONDS``, and none is made inside a transaction. A call whose outcome
is unknown is never sent again. A token is forgotten only if it is the one that was refused, and never forced anew. The
session key is not stored, a login code goes to WeChat once, a pushed message acts once, and no event has an openid.
"""
