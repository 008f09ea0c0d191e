"""The points once more, as small as they can be: pure Python, no database, one member.

Amounts are kept by last usable day; what an act took is remembered with the act. The ledger must agree with this after
every step, whatever happens in which order and whatever the clock does.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

NEVER = date(9999, 12, 31)
Days = dict[date, int]


class Refused(Exception):
    """The act is refused; the argument is the code of the refusal."""


@dataclass
class Line:
    """An entry: its delta, what it moved by day, and (a hold) its state and what was captured."""

    kind: str
    delta: int
    lots: Days
    own: date | None = None
    is_reversed: bool = False
    state: str = ""
    captured: int = 0


@dataclass
class Account:
    """One member's points."""

    lots: Days = field(default_factory=dict)
    debt: int = 0
    lines: list[Line] = field(default_factory=list)

    @property
    def balance(self) -> int:
        """Everything in the lots, also what has passed and is not yet booked."""
        return sum(self.lots.values())

    @property
    def held(self) -> int:
        """What open holds have."""
        return sum(-line.delta for line in self.lines if line.state == "open")

    def earn(self, points: int, until: date, kind: str = "earn") -> Line:
        """Debt first, the rest into its lot."""
        repaid = min(points, self.debt)
        self.debt -= repaid
        return self._write(kind, points, self._add({until: points - repaid}), own=until)

    def spend(self, points: int, on: date, kind: str = "spend") -> Line:
        """First to expire first, and only what is still usable."""
        if self.debt:
            raise Refused("points.in_debt")
        if points > sum(amount for day, amount in self.lots.items() if day >= on):
            raise Refused("points.insufficient")
        line = self._write(kind, -points, self._take(points, [day for day in sorted(self.lots) if day >= on]))
        line.state = "open" if kind == "hold" else ""
        return line

    def expire(self, on: date) -> None:
        """Each lot whose last day has passed is a line of its own, oldest first."""
        for day in sorted(self.lots):
            if day < on and self.lots[day]:
                self._write("expire", -self.lots[day], self._add({day: -self.lots[day]}))

    def end(self, hold: Line, captured: int, state: str, on: date, grace: int) -> None:
        """Capture, release or expire: the part that is not used goes back, last to expire first."""
        if hold.state != "open":
            raise Refused("points.hold_ended")
        hold.state, hold.captured = state, captured
        self._return("release", hold, -hold.delta - captured, skip=0, on=on, grace=grace)

    def reverse(self, line: Line, on: date, grace: int) -> None:
        """Once; an earning is clawed back into debt, a spending returns."""
        if line.kind not in {"earn", "spend", "adjust"} and line.state != "captured":
            raise Refused("points.not_reversible")
        if line.is_reversed:
            raise Refused("points.already_reversed")
        line.is_reversed = True
        if line.delta > 0:
            self.expire(on)
            order = sorted(self.lots, key=lambda day: (day != line.own, day))
            moved = self._take(min(line.delta, self.balance), order)
            self.debt += line.delta + sum(moved.values())
            self._write("reverse", -line.delta, moved)
        elif line.kind == "hold":
            unused = -line.delta - line.captured
            self._return("reverse", line, line.captured, skip=unused, on=on, grace=grace)
        else:
            self._return("reverse", line, -line.delta, skip=0, on=on, grace=grace)

    def _return(self, kind: str, of: Line, points: int, *, skip: int, on: date, grace: int) -> None:
        if not points:
            return
        repaid = min(points, self.debt)
        self.debt -= repaid
        back: Days = {}
        left = points - repaid
        for day in sorted(of.lots, reverse=True):
            passed_over = min(skip, -of.lots[day])
            skip -= passed_over
            given = min(-of.lots[day] - passed_over, left)
            left -= given
            home = day if day >= on else on + timedelta(days=grace)
            back[home] = back.get(home, 0) + given
        self._write(kind, points, self._add(back))

    def _take(self, points: int, order: list[date]) -> Days:
        taken: Days = {}
        for day in order:
            amount = min(points, self.lots[day])
            points -= amount
            if amount:
                taken[day] = -amount
        return self._add(taken)

    def _add(self, moves: Days) -> Days:
        for day, amount in moves.items():
            self.lots[day] = self.lots.get(day, 0) + amount
        return {day: amount for day, amount in moves.items() if amount}

    def _write(self, kind: str, delta: int, lots: Days, own: date | None = None) -> Line:
        self.lines.append(Line(kind, delta, lots, own))
        return self.lines[-1]
