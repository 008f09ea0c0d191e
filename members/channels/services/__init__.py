"""Acts on channels: the tree, codes, scans, attribution, welcome kits, the days' sums."""

from members.channels.services.codes import create_batch
from members.channels.services.counting import count_all, note_first_order
from members.channels.services.looking_up import guarded, look_up
from members.channels.services.recording import ScanClaim
from members.channels.services.scanning import KEEP_ADDRESS_DAYS, Recorded, forget_addresses, record_scan
from members.channels.services.tree import save_channel, set_landing
from members.channels.services.welcoming import ensure_rewards, save_kit, welcome

__all__ = [
    "KEEP_ADDRESS_DAYS",
    "Recorded",
    "ScanClaim",
    "count_all",
    "create_batch",
    "ensure_rewards",
    "forget_addresses",
    "guarded",
    "look_up",
    "note_first_order",
    "record_scan",
    "save_channel",
    "save_kit",
    "set_landing",
    "welcome",
]
