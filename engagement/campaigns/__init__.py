"""Campaigns: the kernel that every mechanism runs on.

Invariants
- What is published is frozen: a ``CampaignVersion`` is written once, (campaign, number) is unique, no code updates one.
- A campaign is published at most once from its draft; two publishes at once make one version.
- A campaign that was published changes only in the members' favour, with a reason, as a new version and an audit row.
- Whether a campaign is open follows from the clock at reading; the sweep only writes down what is already true.
- A refused publish leaves nothing behind.
"""
