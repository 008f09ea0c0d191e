"""The ground: what it promises to every slice."""
