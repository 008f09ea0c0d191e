"""Reads of the channels."""
