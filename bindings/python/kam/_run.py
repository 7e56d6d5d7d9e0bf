"""Runs over a whole book, for the package kam, and the schemes and segments they apply; scorecards are _score.py's.

The class Runs holds the methods of Book for them.
"""
from __future__ import annotations

import ctypes
from typing import Any, Dict, Mapping, Optional, Union

from ._c import (DAY_END, DAY_FIRST, Context, DayLike, Inval, choice, day_number, do, flags_of, json_text, lib, made,
                 name_text, struct_of, text_of)
from ._record import BookHandle, Record, Row, Rows
from ._score import Scorecard, Why


class Run(BookHandle):
    """A policy applied to a whole book on a day: look at it, then apply it."""
    __slots__ = ()
    _end = lib.kam_run_free

    @property
    def record(self) -> Row:
        """The RUN record: policy, version, as_of, known, counts, totals; the id once it is applied."""
        return Row(lib.kam_run_record(self._p), self._kinds)

    def rows(self, kind: str) -> Rows:
        """One of its lists: "grade_item", "account_value", "score", "plan_entry", "unplanned", "plan_change",
        "problem"."""
        return self._rows(lib.kam_run_rows, self._kinds[kind].number)

    def why(self, id: Union[int, Row, None]) -> Why:
        """Explains one entry: by account id, by id of the entry, or the row itself. Entries have ids once the run is
        applied."""
        if isinstance(id, Row):
            id = id.id or id.account
        if id is None:
            raise Inval("an entry of a run that is not applied has no id yet: explain it by its account, or give the "
                        "row")
        return Why(self._made(lib.kam_run_why, id), self, self._kinds)

    def apply(self, force: bool = False) -> int:
        """Stores the run, its entries and their effects; returns its id."""
        self._do(lib.kam_run_apply, flags_of("APPLY", force=force))
        return self.record.id


class Scheme(BookHandle):
    """A grade scheme, frozen: threads may share it."""
    __slots__ = ()
    _end = lib.kam_scheme_free

    @classmethod
    def parse(cls, document: Union[str, Mapping[str, Any]], ctx: Optional[Context] = None) -> "Scheme":
        """A scheme from its JSON, for trials."""
        raw = json_text(document)
        return cls(made(lib.kam_scheme_parse, ctx and ctx._p, raw, len(raw)), ctx)


class Segment(BookHandle):
    """A segment, a saved condition on accounts; frozen: threads may share it."""
    __slots__ = ()
    _end = lib.kam_segment_free

    @classmethod
    def parse(cls, document: Union[str, Mapping[str, Any]], ctx: Optional[Context] = None) -> "Segment":
        """A segment from its JSON, for trials."""
        raw = json_text(document)
        return cls(made(lib.kam_segment_parse, ctx and ctx._p, raw, len(raw)), ctx)

    def has(self, attributes: Record) -> bool:
        """Whether an account is in it: Account.attributes, or a record of kind "attributes" of one's own."""
        out = ctypes.c_int32()
        do(lib.kam_segment_has, ctypes.byref(out), self._p, attributes._p, kinds=attributes._kinds)
        return out.value != 0


# ---------------------------------------------------------------- over a book

class Runs(BookHandle):
    """Methods of Book: policies in force, runs, values, the report."""
    __slots__ = ()

    def scheme(self, name: str, day: DayLike = None) -> Scheme:
        """The grade scheme in force on a day."""
        return Scheme(self._made(lib.kam_scheme_open, name_text(name), day_number(day)), self)

    def grading_run(self, scheme: Union[Scheme, str], as_of: DayLike = None) -> Run:
        """Grades all accounts of a scheme's population: a Scheme, or the name of the one in force on the day."""
        of = self.scheme(scheme, as_of) if isinstance(scheme, str) else scheme
        return Run(self._made(lib.kam_grading_run, of._p, day_number(as_of)), (self, of), self._kinds)

    def scorecard(self, name: str, day: DayLike = None) -> Scorecard:
        """The scorecard in force on a day."""
        return Scorecard(self._made(lib.kam_scorecard_open, name_text(name), day_number(day)), self, self._kinds)

    def scoring_run(self, card: Union[Scorecard, str], as_of: DayLike = None) -> Run:
        """Scores all accounts that are not disqualified: by a Scorecard, or the name of the one in force on the day."""
        of = self.scorecard(card, as_of) if isinstance(card, str) else card
        return Run(self._made(lib.kam_scoring_run, of._p, day_number(as_of)), (self, of), self._kinds)

    def segment(self, name: str, day: DayLike = None) -> Segment:
        """The segment in force on a day."""
        return Segment(self._made(lib.kam_segment_open, name_text(name), day_number(day)), self)

    def segment_run(self, segment: Union[Segment, str], as_of: DayLike = None) -> Run:
        """Who is in a segment, who joined and who left: a Segment, or the name of the one in force on the day."""
        of = self.segment(segment, as_of) if isinstance(segment, str) else segment
        return Run(self._made(lib.kam_segment_run, of._p, day_number(as_of)), (self, of), self._kinds)

    def value_run(self, as_of: DayLike = None, **options: Any) -> Run:
        """Values every account with a ledger row in the window; options: from_, to, currency, and share_a and share_b
        in 10^-4."""
        return Run(self._made(lib.kam_value_run, _window(options), day_number(as_of)), self, self._kinds)

    def value_periods(self, period: str, as_of: DayLike = None, **options: Any) -> Rows:
        """Sums per account and "month", "quarter" or "year"; options as in value_run()."""
        return self._rows(lib.kam_value_periods, _window(options), choice("PERIOD", period), day_number(as_of))

    def run(self, id: int) -> Run:
        """A stored run."""
        return Run(self._made(lib.kam_run_open, id), self, self._kinds)

    def undo(self, id: int) -> Run:
        """The run that puts back what a stored one changed: look at it, then apply it."""
        return Run(self._made(lib.kam_run_undo, id), self, self._kinds)

    def report_html(self, as_of: DayLike = None, *, title: Optional[str] = None, lang: Optional[str] = None,
                    scheme: Optional[str] = None, from_: DayLike = None, to: DayLike = None, grading: int = 0,
                    scoring: int = 0, plan: int = 0) -> str:
        """The book on one HTML page that needs nothing else; grading, scoring, plan: ids of runs, 0 = the last ones
        applied. Write it as UTF-8."""
        window = (0, 0) if from_ is None and to is None else (day_number(from_, DAY_FIRST), day_number(to, DAY_END))
        options = struct_of("kam_report_options", title=title, lang=lang, scheme=scheme, grading=grading,
                            scoring=scoring, plan=plan, to=window[1])
        setattr(options, "from", window[0])
        raw = text_of(lib.kam_report_html, self._p, ctypes.byref(options), day_number(as_of), kinds=self._kinds)
        return raw.decode()


def _window(options: Dict[str, Any]) -> Any:
    given = {name.rstrip("_"): value for name, value in options.items()}
    for name, none in (("from", DAY_FIRST), ("to", DAY_END)):
        if "from" in given or "to" in given:
            given[name] = day_number(given.get(name), none)
    return ctypes.byref(struct_of("kam_value_options", **given))
