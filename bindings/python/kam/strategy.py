"""Account plans from year T to T+3, the portfolio matrix, and financial ratios (kam/strategy.h).

    from kam.strategy import AccountPlan, financial_ratios
    with AccountPlan(book, account_id, 2026) as plan:           # made if there is none
        book.save(book.new("plan_csf", plan=plan.id, name="delivery", weight=100))
        for problem in plan.missing():
            print(problem.code, problem.text)
        run = plan.run("2026-12-31")                            # targets against what came
        run.apply()
        print(run.why(account_id).text("zh"))

The sections of a plan are records like any others: book.new("plan_year", plan=plan.id, ...), book.save().
"""
from __future__ import annotations

from ._book import Book
from ._c import DayLike, day_number, lib
from ._record import BookHandle, Record, Rows
from ._run import Run

__all__ = ["AccountPlan", "financial_ratios"]


class AccountPlan(BookHandle):
    """The plan of one account from base year `year`."""
    __slots__ = ()
    _end = lib.kam_account_plan_free

    def __init__(self, book: Book, account: int, year: int):
        super().__init__(book._made(lib.kam_account_plan_open, account, year), book, book.kinds)

    @property
    def record(self) -> Record:
        """Its ACCOUNT_PLAN record as of the open: mission, overview, points of preparation; change it, then
        Book.save()."""
        return Record(lib.kam_account_plan_record(self._p), self._kinds, self)

    @property
    def id(self) -> int:
        """The id that the records of its sections refer to."""
        return int(self.record.id)

    def rows(self, kind: str) -> Rows:
        """The records of a section: "plan_year", "plan_csf", "plan_unit", "plan_score", "plan_objective", "plan_item"
        ..."""
        return self._rows(lib.kam_account_plan_rows, self._kinds[kind].number)

    def missing(self) -> Rows:
        """What the plan still lacks; none: it is whole."""
        return self._rows(lib.kam_account_plan_missing)

    def gaps(self, as_of: DayLike = None) -> Rows:
        """How far each objective is from its ideal value, and who closes the gap."""
        return self._rows(lib.kam_account_plan_gaps, day_number(as_of))

    def matrix(self) -> Rows:
        """Where each unit of the portfolio stands in the directional policy matrix, and what that suggests."""
        return self._rows(lib.kam_account_plan_matrix)

    def run(self, as_of: DayLike = None) -> Run:
        """Targets against what came: a run with a list of "plan_result"."""
        return Run(self._made(lib.kam_account_plan_run, day_number(as_of)), self, self._kinds)


def financial_ratios(book: Book, account: int) -> Rows:
    """Six ratios for each fiscal year with figures, beside the industry's."""
    return book._rows(lib.kam_financial_ratios, account)
