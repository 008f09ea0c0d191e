"""The tables that a check-in writes, in an order in which they can be filled."""

KEEP = (
    "checkins_checkin", "checkins_checkinstanding", "points_pointsaccount", "points_pointsentry", "points_pointslot",
)  # fmt: skip
