"""The outside world behind small protocols. Imports only ``core``."""
