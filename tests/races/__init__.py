"""Races on real PostgreSQL, each with a control that shows the race when the guard is taken away."""
