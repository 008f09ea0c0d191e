"""What the import contracts cannot see: foreign keys, lengths, topics, refusals, and that a new folder is enough."""
