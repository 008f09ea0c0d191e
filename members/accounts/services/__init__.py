"""Acts on accounts: signing in and out, joining, the profile, closing and reopening."""

from members.accounts.services.closing import block, end_sessions, unblock
from members.accounts.services.membership import join
from members.accounts.services.profile import Changes, update_profile
from members.accounts.services.sessions import SignInResult, sign_in, sign_out_everywhere

__all__ = [
    "Changes", "SignInResult", "block", "end_sessions", "join", "sign_in", "sign_out_everywhere", "unblock",
    "update_profile",
]  # fmt: skip
