"""Promises of check-ins."""
