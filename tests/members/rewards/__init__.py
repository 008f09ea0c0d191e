"""The one door through which value leaves."""
