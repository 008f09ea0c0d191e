"""Printed codes: QR symbols as PNG, SVG and print PDF, one at a time or in batches of up to 100,000.

Pure functions over plain dataclasses: no models, no settings, no network.

- Nothing is handed out that zxing-cpp has not decoded back to its own payload.
- A size in millimetres is kept exactly; black is CMYK ``0 0 0 1``; fonts are embedded.
- The same job always makes the same bytes; a job that was killed goes on at its first missing chunk.
"""
