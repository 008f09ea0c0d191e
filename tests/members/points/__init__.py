"""The promises of the points."""
