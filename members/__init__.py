"""What the brand knows of its people and the value they hold. Imports only ``platforms`` and ``core``."""
