"""The admin's common ground: base classes, actions with a reason, the dashboard."""
