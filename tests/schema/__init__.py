"""The API against its own description: whatever the schema allows, and much that it doesn't."""
