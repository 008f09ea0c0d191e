"""Promises of the engagement slices."""
