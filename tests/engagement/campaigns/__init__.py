"""Promises of the campaign kernel."""
