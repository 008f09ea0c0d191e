"""What is fast and what is not: `make bench`. Only ratios of one run mean anything (see ``docs/performance.md``)."""
