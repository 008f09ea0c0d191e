"""Campaigns and the mechanisms they run: the kernel is ``campaigns``, each other child one mechanism."""
