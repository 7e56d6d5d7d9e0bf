"""One account on one day, for the package kam."""
from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, Optional

from ._c import DAY_END, DAY_FIRST, DayLike, day_number, lib, name_text
from ._record import BookHandle, Record, Row, Rows
from ._run import Why

if TYPE_CHECKING:
    from ._book import Book


class Account(BookHandle):
    """One account on one day, for a screen."""
    __slots__ = ("_attributes",)
    _end = lib.kam_account_free

    def __init__(self, book: "Book", id: int, as_of: DayLike = None):
        self._attributes: Any = None
        super().__init__(book._made(lib.kam_account_open, id, day_number(as_of)), book, book.kinds)

    @property
    def attributes(self) -> Record:
        """The account as rules and scorecards see it: its fields, its facts, and what is computed of it (revenue_12m,
        recency_days ...), as of its day. Each reading is new; the record read before is closed by it."""
        before = self._attributes and self._attributes()
        if before is not None:
            before.close()
        found = Record(self._made(lib.kam_account_attributes), self._kinds, self)
        self._attributes = weakref.ref(found)
        return found

    @property
    def record(self) -> Record:
        """Its record as of the day: change it, then Book.save()."""
        return Record(lib.kam_account_record(self._p), self._kinds, self)

    def refresh(self) -> None:
        """Reads the record again."""
        self._do(lib.kam_account_refresh)

    def fact(self, kind: str, name: Optional[str] = None) -> Row:
        """The fact that holds on the day: "grade" of a scheme, "class" of a dimension, "owner", "tier", "lifecycle"."""
        return Row(self._made(lib.kam_account_fact, self._kinds[kind].number, name_text(name)), self._kinds)

    def why(self, kind: str, name: Optional[str] = None) -> Why:
        """Why that fact holds."""
        return Why(self._made(lib.kam_account_why, self._kinds[kind].number, name_text(name)), self, self._kinds)

    def rows(self, kind: str, from_: DayLike = None, to: DayLike = None) -> Rows:
        """What belongs to it in [from_, to), newest first: "ledger", "activity", "contact", "grade", "timeline" ..."""
        return self._rows(lib.kam_account_rows, self._kinds[kind].number, day_number(from_, DAY_FIRST),
                          day_number(to, DAY_END))

    def value(self, from_: DayLike = None, to: DayLike = None) -> Row:
        """What it was worth in [from_, to); without both the twelve months that end with the day."""
        none = (0, 0) if from_ is None and to is None else (DAY_FIRST, DAY_END)
        return Row(self._made(lib.kam_account_value, day_number(from_, none[0]), day_number(to, none[1])), self._kinds)
