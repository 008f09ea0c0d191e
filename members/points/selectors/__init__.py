"""Reads of the points: the member's statement, the brand's figures, and the checks of the book."""
