"""The consumer API's manners: tokens, strict input, problem documents, limits, cursors, schema."""
