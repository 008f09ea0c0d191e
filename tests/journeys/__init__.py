"""Whole journeys over HTTP."""
