"""The admin of the channels."""

from members.channels.admin import funnel

__all__ = ["funnel"]
