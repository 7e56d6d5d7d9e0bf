"""Scorecards and reasons, for the package kam: why a result is what it is, points of accounts, points of rows and
columns that the program has itself.
"""
from __future__ import annotations

import array
import ctypes
import datetime
import functools
from decimal import Decimal
from typing import Any, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from ._c import (Block, Context, Field, Inval, K, T, Type, canonical, choice, column_of, day_number, do, in_blocks,
                 json_text, lib, made, name_text, numbers_of, text_of, utf8)
from ._record import BookHandle, Kinds, Record, Row, Rows


class Why(BookHandle):
    """The explanation of one result: `record` (the verdict), its reasons (iteration), the same for people (text)."""
    __slots__ = ()
    _end = lib.kam_why_free

    @property
    def record(self) -> Row:
        """The verdict: result, subject, policy, version, as_of, known, run, and whether the inputs differ now."""
        return Row(lib.kam_why_record(self._p), self._kinds)

    def rows(self) -> Rows:
        """The reasons in order."""
        return self._rows(lib.kam_why_rows)

    @property
    def result(self) -> Any:
        """What came out of it: a grade, points."""
        return self.record.result

    def __iter__(self) -> Rows:
        return self.rows()

    def text(self, lang: str = "en") -> str:
        """The same in words, "en" or "zh"."""
        return text_of(lib.kam_why_text, self._p, name_text(lang), kinds=self._kinds).decode()


class Score(Why):
    """What a scorecard gives one account, and why: a REASON per factor, then the warnings."""
    __slots__ = ("points",)

    def __init__(self, points: int, pointer: int, keep: Any, kinds: Optional[Kinds]):
        super().__init__(pointer, keep, kinds)
        #: The score, exact to four places.
        self.points: Decimal = Decimal(points).scaleb(-4)


class Reason(NamedTuple):
    """A reason code of a card: of which factor, and how far that lies below (points_above: above) its baseline."""
    code: str
    factor: str
    gap: Decimal


def _reason(function: Any, of: int, number: int) -> Optional[Reason]:
    factor, gap = ctypes.c_char_p(), ctypes.c_int64()
    code = function(of, number, ctypes.byref(factor), ctypes.byref(gap))
    return code and Reason(code.decode(), (factor.value or b"").decode(), _points(gap.value))


def _points(number: int) -> Decimal:
    return Decimal(number).scaleb(-4)


class Scorecard(BookHandle):
    """A scorecard, frozen: threads may share it."""
    __slots__ = ()
    _end = lib.kam_scorecard_free

    @classmethod
    def parse(cls, document: Union[str, Mapping[str, Any]], ctx: Optional[Context] = None) -> "Scorecard":
        """A scorecard from its JSON, for trials."""
        raw = json_text(document)
        return cls(made(lib.kam_scorecard_parse, ctx and ctx._p, raw, len(raw)), ctx)

    def score(self, attributes: Record) -> Score:
        """Scores one account: Account.attributes, or a record of kind "attributes" of one's own."""
        points, why = ctypes.c_int64(), ctypes.c_void_p()
        do(lib.kam_scorecard_score, ctypes.byref(points), ctypes.byref(why), self._p, attributes._p,
           kinds=attributes._kinds)
        return Score(points.value, why.value or 0, self, attributes._kinds)

    @property
    def reads(self) -> List[str]:
        """Names of the attributes the card reads."""
        found: List[str] = []
        while (name := lib.kam_scorecard_reads(self._p, len(found))) is not None:
            found.append(name.decode())
        return found

    def reason(self, number: int) -> Optional[Reason]:
        """What a number of Scores.reasons says."""
        return _reason(lib.kam_scorecard_reason, self._p, number)

    def scorer(self) -> "Scorer":
        """What scores rows and columns of the program's own by this card; one for each thread."""
        return Scorer(self)


class Scores(NamedTuple):
    """Points of many rows, 10^-4, as numpy takes them; then, where the card has them, one array for each of its
    reasons, the strongest first (Scorecard.reason() tells what a number says), and the points from 0 to 100, 10^-4."""
    points: Any
    reasons: List[Any]
    normal: Any


class Scorer(BookHandle):
    """A card over rows and columns the program has itself: attributes by name, no value where one is not given.

        card = kam.Scorecard.parse({"name": "credit", "title": {"en": "Credit", "zh": "信用"},
            "attributes": {"age": "int"}, "factors": [{"id": "age", "title": {"en": "Age", "zh": "年龄"},
            "attribute": "age", "bands": [{"below": 30, "points": 10}, {"from": 30, "points": 40}]}]})
        scorer = card.scorer()
        scorer(age=31)                                          # Decimal("40.0000")
        print(scorer.why().text("zh"))
        scorer.columns(age=[31, 20, None]).points               # array("q", [400000, 100000, 0])
    """
    __slots__ = ("_names", "_fields", "_texts", "_given")
    _end = lib.kam_scorer_free

    def __init__(self, card: Scorecard):
        super().__init__(made(lib.kam_scorer_new, card._p, kinds=card._kinds), card, card._kinds)
        self._names = card.reads
        self._fields = {name: Field(i, name, "", 0, None, 0, name, name, None, ())
                        for i, name in enumerate(self._names)}
        self._texts = {name for name, field in self._fields.items() if self._takes_text(field.id)}
        self._given: List[Any] = []                     # texts that the library has not copied

    def _takes_text(self, attribute: int) -> bool:
        try:
            self._do(lib.kam_scorer_set_i64, attribute, 0)
        except Type:
            return True
        return False

    def _set(self, name: str, value: Any) -> None:
        field = self._fields.get(name)
        if field is None:
            raise Inval(f'"{name}" is no attribute of the card; it reads {", ".join(self._names)}')
        if isinstance(value, float):
            self._do(lib.kam_scorer_set_f64, field.id, value)
            return
        raw = canonical(field, value)
        self._given.append(raw)
        self._do(lib.kam_scorer_set_text, field.id, raw, len(raw or b""))

    def __call__(self, *given: Mapping[str, Any], **values: Any) -> Decimal:
        lib.kam_scorer_clear(self._p)
        self._given.clear()
        for name, value in dict(*given, **values).items():
            self._set(name, value)
        return _points(self._made(lib.kam_scorer_run, kind=ctypes.c_int64))

    @property
    def normal(self) -> Optional[Decimal]:
        """The score last made, from 0 to 100; None where the card has no "normalize"."""
        found = lib.kam_scorer_normal(self._p, -1)
        return None if found < 0 else _points(found)

    def group(self, name: str) -> Optional[Decimal]:
        """What a group's factors contributed to the score last made; None where there is no such group."""
        none = -2 ** 63
        found = lib.kam_scorer_group(self._p, utf8(name), none)
        return None if found == none else _points(found)

    @property
    def reasons(self) -> List[Reason]:
        """The reason codes of the score last made, the strongest first."""
        found: List[Reason] = []
        while (reason := _reason(lib.kam_scorer_reason, self._p, len(found))) is not None:
            found.append(reason)
        return found

    @property
    def warnings(self) -> List[str]:
        """Ids of the warnings of the score last made."""
        found: List[str] = []
        while (warning := lib.kam_scorer_warning(self._p, len(found))) is not None:
            found.append(warning.decode())
        return found

    def why(self) -> Why:
        """The score last made, explained."""
        return Why(self._made(lib.kam_scorer_why), self._keep, self._kinds or _kinds_without_a_book())

    def dictionary(self, name: str, texts: Sequence[str]) -> None:
        """Gives a text attribute a dictionary: its columns are then numbers, places in `texts`; -1 or None = no
        value."""
        field = self._fields[name]
        block = Block([(0, K["KAM_T_TEXT"], texts)], len(texts))
        self._do(lib.kam_scorer_dictionary, field.id, block.struct.col, len(texts))

    def kernel(self, name: str) -> None:
        """Which loops columns() uses: "best", "portable", "avx2", "avx512"; all give the same."""
        self._do(lib.kam_scorer_kernel, choice("KERNEL", name))

    def columns(self, *given: Mapping[str, Sequence[Any]], **values: Sequence[Any]) -> Scores:
        """Scores all rows of columns at once: lists with None for no value, array.array, numpy. Values are physical, as
        Rows.columns() gives them: decimals in their last decimal, days since 1970 (or dates), enums as numbers."""
        found: List[Any] = []
        in_blocks(dict(*given, **values), self._fields, "attribute of the card",
                  lambda named, nrow: self._block(found, named, nrow))
        points, *rest = found
        return Scores(points, [column for column in rest if column.typecode == "i"],
                      next((column for column in rest if column.typecode == "q"), None))

    def _block(self, found: List[Any], named: Mapping[str, Sequence[Any]], nrow: int) -> None:
        last = max((self._fields[name].id for name in named), default=-1)
        none = [None] * nrow
        block = Block([(0, *self._column(name, named.get(name, none))) for name in self._names[:last + 1]], nrow)
        out = ctypes.POINTER(T["kam_block"])()
        do(lib.kam_scorer_block, ctypes.byref(out), self._p, ctypes.byref(block.struct), kinds=self._kinds)
        for i, col in enumerate(out.contents.col[:out.contents.ncol]):
            data = column_of(col, nrow).data
            if len(found) == i:
                found.append(array.array(data.format))
            found[i].frombytes(bytes(data))

    def _column(self, name: str, values: Sequence[Any]) -> Tuple[int, Sequence[Any]]:
        """Physical type and values of a column, by what is given; where nothing is, by what the attribute takes."""
        kind = numbers_of(values)
        if kind is not None:
            return kind, values
        types = {type(value) for value in values} - {type(None)}
        if name in self._texts:
            return K["KAM_T_I32" if int in types else "KAM_T_TEXT"], values
        if float in types:
            return K["KAM_T_F64"], values
        if Decimal in types or str in types:
            raise Type(f'column "{name}" holds texts or Decimals: give whole numbers (of a decimal those of its last '
                       "decimal, of an enum its number), days as dates, or floats")
        return K["KAM_T_I64"], [day_number(v) if isinstance(v, datetime.date) else v for v in values]


@functools.lru_cache(maxsize=None)
def _kinds_without_a_book() -> Kinds:
    """The kinds every book has, for a card that came from none."""
    from ._book import open_memory
    with open_memory(create=True) as book:
        return book.kinds
