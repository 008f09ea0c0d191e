"""What other slices register with the stores: what happens when a member becomes an insider or stops being one."""

from collections.abc import Callable

from core.registry import Registry

# Parts: ``act(member_key, is_insider)``.
insider_changed: Registry[Callable[[int, bool], None]] = Registry("insider part")
