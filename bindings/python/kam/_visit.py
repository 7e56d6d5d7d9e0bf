"""Visits, for the package kam: plans of visits, the routing engine by itself, and the class Visits: methods of Book."""
from __future__ import annotations

import ctypes
import datetime
from typing import Any, Callable, Mapping, Optional, Sequence, Tuple, Union

from ._c import (Context, DayLike, T, choice, day_number, do, flags_of, json_text, lib, made, name_text, shielded,
                 struct_of, text_of, utf8)
from ._record import BookHandle, Record, Rows
from ._run import Run


class Route(BookHandle):
    """A routing problem of its own, beside any book: who visits whom on which day, and in which order."""
    __slots__ = ()
    _end = lib.kam_route_free

    def __init__(self, text: Union[str, Mapping[str, Any]], format: str = "json", ctx: Optional[Context] = None):
        """format: "json" (as kam/route.h has it, or the document itself), "cordeau" or "vrplib"."""
        raw = json_text(text)
        super().__init__(made(lib.kam_route_parse, ctx and ctx._p, utf8(format), raw, len(raw)), ctx)

    def solve(self, iterations: int, seed: int = 1) -> int:
        """Searches on from the best plan so far; returns what it costs, in figure("unit") to one of the problem."""
        out = ctypes.c_int64()
        do(lib.kam_route_solve, ctypes.byref(out), self._p, seed, iterations)
        return out.value

    def figure(self, name: str) -> int:
        """"cost", "unit", "missing", "unplanned", "iterations", "memory", "days", "vehicles", "customers"."""
        return int(lib.kam_route_figure(self._p, choice("ROUTE", name)))

    def text(self, format: str = "json") -> str:
        """The best plan so far, as "json" or "res"."""
        return text_of(lib.kam_route_write, self._p, utf8(format)).decode()


class VisitPlan(BookHandle):
    """The question of a visit plan: window, people, cadence (Book.visit_plan()). Its runs are the answers."""
    __slots__ = ()
    _end = lib.kam_visit_plan_free

    def run(self, as_of: DayLike = None) -> Run:
        """Plans on the book as it is: lists "plan_entry", "unplanned", "plan_change", "problem". Planning again after
        something has happened is the same call."""
        return Run(self._made(lib.kam_visit_plan_run, day_number(as_of)), self, self._kinds)

    def slots(self, account: int, as_of: DayLike = None) -> Rows:
        """Days of the window that suit one more visit to an account, the least way first; rows of SLOT."""
        return self._rows(lib.kam_visit_slots, account, day_number(as_of))

    def day(self, representative: int, day: DayLike = None) -> Rows:
        """The visits planned for one representative on one day, in the best order as they are now."""
        return self._rows(lib.kam_visit_day, representative, day_number(day))

    def tour(self, representative: int, accounts: Sequence[int], as_of: DayLike = None) -> Rows:
        """A tour of several days through the accounts, region by region and city by city."""
        ids = (ctypes.c_int64 * len(accounts))(*accounts)
        return self._rows(lib.kam_visit_tour, representative, ids, len(accounts), day_number(as_of))

    def cities(self, representative: int = 0, as_of: DayLike = None) -> Rows:
        """Cities for a tour, the best first by the four criteria; rows of CITY_RANK. representative 0 = all."""
        return self._rows(lib.kam_visit_cities, representative, day_number(as_of))

    def alignment(self, extra: int = 0, as_of: DayLike = None) -> Rows:
        """Accounts that had better change hands, with `extra` representatives more; rows of ALIGNMENT."""
        return self._rows(lib.kam_visit_alignment, extra, day_number(as_of))


Travel = Callable[[int, int], Union[int, Tuple[int, int]]]


def _travel(travel: Travel) -> Callable:
    """The library's callback: the way between two accounts, 0 = home."""
    def way(user: Any, from_: int, to: int, metres: Any, seconds: Any) -> int:
        found = travel(from_, to)
        metres[0], seconds[0] = found if isinstance(found, tuple) else (found, seconds[0])
        return 0
    kind: Callable = dict(T["kam_visit_plan_options"]._fields_)["travel"]
    result: Callable = kind(shielded(way))
    return result


# ---------------------------------------------------------------- over a book

class Visits(BookHandle):
    """Methods of Book: what is due, plans, tasks, check-in."""
    __slots__ = ()

    def visit_plan(self, start: DayLike = None, days: int = 28, *, representatives: Sequence[int] = (),
                   frozen_days: int = 0, cadence: Optional[str] = None, visits_a_day: int = 0, calls_a_day: int = 0,
                   seed: int = 1, iterations: int = 0, day_begin: int = 0, day_end: int = 0, driving_a_day: int = 0,
                   visit_minutes: int = 0, speed: int = 0, detour: int = 0, pause_begin: int = 0, pause_end: int = 0,
                   move_metres: int = 0, travel: Optional[Travel] = None) -> VisitPlan:
        """Sets up a plan: from `start` (None = the day after as_of of the run), of these representatives (ids; none =
        all). Planned activities of the first `frozen_days` stay as they are. With `day_end` (minutes of the day) a day
        has room for what its hours hold. travel(from_, to) answers the way between two accounts (ids; 0 = home) in
        metres, or metres and seconds."""
        people = (ctypes.c_int64 * len(representatives))(*representatives)
        options = struct_of("kam_visit_plan_options", days=days, frozen_days=frozen_days, cadence=cadence,
                            nrepresentative=len(representatives), visits_a_day=visits_a_day, calls_a_day=calls_a_day,
                            representative=people if representatives else None, seed=seed, iterations=iterations)
        hours = dict(day_begin=day_begin, day_end=day_end, driving_a_day=driving_a_day, visit_minutes=visit_minutes,
                     speed=speed, detour=detour, pause_begin=pause_begin, pause_end=pause_end, move_metres=move_metres,
                     travel=_travel(travel) if travel else None)
        for name, value in hours.items():
            if value:
                setattr(options, name, value)
        setattr(options, "from", 0 if start is None else day_number(start))
        pointer = self._made(lib.kam_visit_plan_new, ctypes.byref(options))
        return VisitPlan(pointer, (self, options.travel), self._kinds)

    def due(self, as_of: DayLike = None, *, cadence: Optional[str] = None, representative: int = 0) -> Rows:
        """Who is due or overdue on a day; representative 0 = all."""
        return self._rows(lib.kam_visit_due, name_text(cadence), representative, day_number(as_of))

    def visit_tasks(self, as_of: DayLike = None, *, representative: int = 0) -> Rows:
        """What is owed beside the cadence: proposals, invitations, thanks, callbacks, alerts; rows of DUE."""
        return self._rows(lib.kam_visit_tasks, representative, day_number(as_of))

    def visit_week(self, as_of: DayLike = None, *, cadence: Optional[str] = None, representative: int = 0) -> Rows:
        """The ISO week of a day and the one after it; rows of TIMELINE."""
        return self._rows(lib.kam_visit_week, name_text(cadence), representative, day_number(as_of))

    def visit_festival(self, holiday: DayLike, channel: str, accounts: Sequence[int], *, before: int = 0,
                       representative: int = 0) -> int:
        """Plans greetings for a holiday of the calendar, `before` days before it, by channel "LETTER", "CALL" ...;
        representative 0 = each account's owner. Returns how many were planned: nobody is greeted twice."""
        ids = (ctypes.c_int64 * len(accounts))(*accounts)
        out = ctypes.c_int64()
        do(lib.kam_visit_festival, ctypes.byref(out), self._p, day_number(holiday), before, choice("CHANNEL", channel),
           representative, ids, len(accounts), kinds=self._kinds)
        return out.value

    def visit_reviews(self, days: int, as_of: DayLike = None) -> Rows:
        """Representatives whose plan nobody has reviewed for `days`; rows of DUE."""
        return self._rows(lib.kam_visit_reviews, days, day_number(as_of))

    def visit_check(self, activity: Record, cadence: Optional[str] = None) -> Rows:
        """What is to be said against an activity before it is saved; rows of PROBLEM."""
        return self._rows(lib.kam_visit_check, activity._p, name_text(cadence))

    def visit_attainment(self, by: str, from_: DayLike, to: DayLike, as_of: DayLike = None, *,
                         verified: bool = False) -> Rows:
        """Plan against done in [from_, to), by "account", "grade", "representative" or "territory"."""
        return self._rows(lib.kam_visit_attainment, choice("ATTAINMENT_BY", by), day_number(from_), day_number(to),
                          flags_of("ATTAIN", verified=verified), day_number(as_of))

    def visit_checkin(self, activity: Record, at: Union[int, datetime.datetime], latitude: Optional[float] = None,
                      longitude: Optional[float] = None, system: str = "WGS84") -> None:
        """Checks in to a visit, at an aware datetime or ms UTC, and saves it with the distance to the account; system
        "WGS84" or "GCJ02"."""
        ms = at if isinstance(at, int) else round(at.timestamp() * 1000)
        self._do(lib.kam_visit_checkin, activity._p, ms, round((latitude or 0) * 1e6), round((longitude or 0) * 1e6),
                 choice("COORD_SYSTEM", system))

    def held(self, activity: Record) -> Optional[int]:
        """Saves an activity as held and plans its follow-up; returns that one's id, None = none was."""
        return self._made(lib.kam_visit_held, activity._p, kind=ctypes.c_int64) or None
