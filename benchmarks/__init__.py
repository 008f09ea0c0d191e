"""What is fast and what is not: `make bench`. Only ratios of one run are worth anything (see ``docs/performance.md``)."""
