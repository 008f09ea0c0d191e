"""Decisions about WeChat's protocol as plain functions: no Django, no network, no clock."""
