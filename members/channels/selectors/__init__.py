"""Reads of the channels."""

from members.channels.selectors.codes import Landing, Resolved, get_code, get_gift_state

__all__ = ["Landing", "Resolved", "get_code", "get_gift_state"]
