"""Decisions of the channels: codes, the tree, landings, attribution, welcome kits."""
