"""The tables of the channels."""

from members.channels.models.codes import ChannelCode, CodeBatch, Experiment, LandingRule, PrintJob, Variant
from members.channels.models.scans import Attribution, ChannelDay, CountingMark, Scan, Scanner, Welcome
from members.channels.models.setup import PrefixRule, VerificationFile
from members.channels.models.tree import Channel, ChannelCost, WelcomeKit

__all__ = [
    "Attribution", "Channel", "ChannelCode", "ChannelCost", "ChannelDay", "CodeBatch", "CountingMark", "Experiment",
    "LandingRule", "PrefixRule", "PrintJob", "Scan", "Scanner", "Variant", "VerificationFile", "Welcome", "WelcomeKit",
]  # fmt: skip
