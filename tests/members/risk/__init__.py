"""The gate before any reward."""
