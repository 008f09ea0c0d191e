"""Servers that speak the protocols of platforms, for tests and the demo; loopback only."""
