"""Acts on channels: the tree, codes, scans, attribution, welcome kits, the day's sums."""
