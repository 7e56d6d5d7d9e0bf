"""What accounts are worth: methods over a book, and the engines on plain sequences, which need none.

    from kam.value import Value, Clv
    value = Value(book)
    print(value.contribution(day), value.abc(day), value.rfm(day))
    run = value.clv(day, rate=0.01)                         # lifetime value of every account that bought
    run.apply()
    print(frame(run.rows("account_clv")))                   # pandas by Arrow where it is installed, else plain rows

    model = Clv.fit("mbgnbd", x=[2, 0, 5], tx=[30.4, 0.0, 20.0], t=[38.9, 39.0, 39.0])
    expected, alive = model.predict([2], [30.4], [38.9], horizon=13)

Sequences may be lists, array.array, numpy arrays: whatever array.array takes. Lists of the book are Rows, as elsewhere.
"""
from __future__ import annotations

import array
import ctypes
import json
from decimal import Decimal
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

from . import Book, Context, DayLike, Row, Rows, Run, Why
from ._c import DAY_END, DAY_FIRST, K, Handle, choice, day_number, flags_of, lib, made, do, struct_of, text_of

__all__ = ["Value", "Clv", "Purchases", "Effort", "Logistic", "kmeans", "standardize", "silhouette", "forecast", "score",
           "frame"]

Numbers = Sequence[float]


def _doubles(values: Iterable[float]) -> Any:
    numbers = array.array("d", values)
    return (ctypes.c_double * len(numbers)).from_buffer(numbers) if len(numbers) else (ctypes.c_double * 0)()


def _wholes(values: Iterable[int], kind: Any) -> Any:
    numbers = list(map(int, values))
    return (kind * len(numbers))(*numbers)


def frame(rows: Rows) -> Any:
    """A list as a pandas DataFrame, through the Arrow C data interface; where pyarrow or pandas is not installed, as a
    list of dicts of the fields that have a value."""
    try:
        import pandas  # type: ignore[import]  # noqa: F401
        import pyarrow  # type: ignore[import]
    except ImportError:
        return [dict(row) for row in rows]
    return pyarrow.table(rows).to_pandas()


# ---------------------------------------------------------------- over a book

class Effort(NamedTuple):
    """Where our time goes; shares are exact to four places. The lists are by phase: trust, need, product, close."""
    minutes: List[int]
    share: List[Decimal]
    target: List[Decimal]
    difference: List[Decimal]
    untagged: int
    untimed: int
    accounts: int
    top: int
    time_share: Decimal
    revenue_share: Decimal
    profit_share: Decimal


def _points(number: int) -> Decimal:
    return Decimal(number).scaleb(-4)


def _number(value: Any) -> float:
    if isinstance(value, Decimal) and Decimal(repr(float(value))) == value:
        return float(value)
    raise TypeError(f"{value!r} is no number that JSON can say exactly")


def _document(document: Union[str, Any]) -> str:
    """JSON of a document; decimals become numbers."""
    return document if isinstance(document, str) else json.dumps(document, ensure_ascii=False, default=_number)


def _flags(external: bool, returns: str) -> int:
    policy = {"period": 0, "order": K["KAM_VALUE_RETURNS_BY_ORDER"], "exclude": K["KAM_VALUE_RETURNS_EXCLUDED"]}
    if returns not in policy:
        raise ValueError(f"returns is period, order or exclude, not {returns!r}")
    return policy[returns] | (K["KAM_VALUE_EXTERNAL"] if external else 0)


class Value:
    """What the ledger of a book says of its accounts. Windows: from_ and to (the first day behind); without both the
    twelve months that end with as_of. Options of all sums: currency, external (sales between our own companies left
    out), returns ("period": they lower that of their day; "order": that of the order they name; "exclude": they lower
    nothing). Options of a run besides: settings, a dict of shared_costs and rfm as kam/value.h tells."""

    def __init__(self, book: Book):
        self.book = book

    def _options(self, name: str, given: Mapping[str, Any]) -> Any:
        options = {key.rstrip("_"): value for key, value in given.items()}
        if "external" in options or "returns" in options:
            options["flags"] = _flags(options.pop("external", False), options.pop("returns", "period"))
        if "settings" in options:
            options["settings"] = _document(options["settings"])
        for key in ("from", "to"):
            if key in options:
                options[key] = day_number(options[key], DAY_FIRST if key == "from" else DAY_END)
        if ("from" in options) != ("to" in options):
            options.setdefault("from", DAY_FIRST)
            options.setdefault("to", DAY_END)
        return ctypes.byref(struct_of(name, **options))

    def _list(self, function: Any, name: str, as_of: DayLike, options: Mapping[str, Any]) -> Rows:
        return self.book._rows(function, self._options(name, options), day_number(as_of))

    def run(self, as_of: DayLike = None, **options: Any) -> Run:
        """A value run: revenue, contribution, ABC and RFM of every account with a ledger row in the window."""
        return Run(self.book._made(lib.kam_value_run, self._options("kam_value_options", options), day_number(as_of)),
                   self.book, self.book.kinds)

    def _column(self, as_of: DayLike, options: Mapping[str, Any], of: Any) -> Dict[int, Any]:
        with self.run(as_of, **options) as run, run.rows("account_value") as rows:
            return {row.account: of(row) for row in rows}

    def contribution(self, as_of: DayLike = None, adjusted: bool = False, **options: Any) -> Dict[int, Decimal]:
        """Contribution of each account, `adjusted` by its risk factor; run(...).why(account) explains one."""
        return self._column(as_of, options, lambda row: row.adjusted if adjusted else row.contribution)

    def abc(self, as_of: DayLike = None, including: bool = False, **options: Any) -> Dict[int, str]:
        """"A", "B" or "C" of each account; the one that crosses a cut is in, or with `including` out. share_a and share_b
        (8000, 9500) are the cuts in 10^-4."""
        return self._column(as_of, options, lambda row: row.abc_incl if including else row.abc)

    def rfm(self, as_of: DayLike = None, ties: str = "quantile", **options: Any) -> Dict[int, Tuple[int, int, int]]:
        """Scores 1 to 5 of recency, frequency and money of each account with an order; equal values share a score
        ("quantile") or are split into equal fifths ("ntile")."""
        by = {"quantile": "q7", "ntile": "ntile"}[ties]
        names = [f"{measure}_{by}" for measure in "rfm"]
        found = self._column(as_of, options, lambda row: tuple(row[name] for name in names))
        return {account: scores for account, scores in found.items() if None not in scores}

    def cells(self, as_of: DayLike = None, **options: Any) -> Dict[int, str]:
        """The named cell of recency, frequency and money of each account with an order; settings may give cut points
        and cells of your own."""
        return {a: cell for a, cell in self._column(as_of, options, lambda row: row.rfm_cell).items() if cell is not None}

    def shared_costs(self, shared_costs: Sequence[Mapping[str, Any]], as_of: DayLike = None, **options: Any) -> Rows:
        """Each account's part of shared costs ({"name", "kind", "driver", "amount"}; driver: visits, orders, revenue or
        hours), to the cent; rows of SHARED_COST, those without an account are what nobody drives. run(settings=
        {"shared_costs": ...}) has them in the contribution."""
        return self._list(lib.kam_value_shared_costs, "kam_value_options", as_of,
                          {**options, "settings": {"shared_costs": shared_costs}})

    def clv(self, as_of: DayLike = None, model: Optional[str] = None, unit: str = "week", months: int = 12,
            rate: float = 0.0, from_: DayLike = None, currency: Optional[str] = None, external: bool = False,
            returns: str = "period") -> Run:
        """A lifetime value run: "bgnbd", "mbgnbd", "pnbd", "nbd", or None = the likeliest that is identified. Applied,
        it gives accounts the attributes clv_12m and p_alive."""
        options = struct_of("kam_clv_options", model=choice("CLV", model) if model else 0, unit=choice("CLV", unit),
                            months=months, rate=rate, currency=currency, flags=_flags(external, returns))
        setattr(options, "from", 0 if from_ is None else day_number(from_))
        return Run(self.book._made(lib.kam_clv_run, ctypes.byref(options), day_number(as_of)), self.book, self.book.kinds)

    def periods(self, period: str, as_of: DayLike = None, **options: Any) -> Rows:
        """Sums per account and "month", "quarter" or "year"; rows of ACCOUNT_PERIOD."""
        return self.book._rows(lib.kam_value_periods, self._options("kam_value_options", options), choice("PERIOD", period),
                               day_number(as_of))

    def companies(self, as_of: DayLike = None, **options: Any) -> Rows:
        """Sums per account and own company; rows of COMPANY_VALUE."""
        return self._list(lib.kam_value_companies, "kam_value_options", as_of, options)

    def groups(self, as_of: DayLike = None, **options: Any) -> Rows:
        """Sums up the tree of accounts; rows of GROUP_VALUE."""
        return self._list(lib.kam_value_groups, "kam_value_options", as_of, options)

    def profiles(self, as_of: DayLike = None, **options: Any) -> Rows:
        """How accounts buy; rows of PURCHASE_PROFILE."""
        return self._list(lib.kam_value_profiles, "kam_value_options", as_of, options)

    def declines(self, as_of: DayLike = None, figure: Optional[str] = None, **options: Any) -> Rows:
        """The alarm: who buys less than a year or a period ago, or is silent; rows of DECLINE, most lost first. Options:
        figure ("revenue", "gross_profit", "contribution"), drop and silence in 10^-4, currency."""
        if figure:
            options["figure"] = self.book.kinds["account_value"].field(figure).id
        return self._list(lib.kam_value_declines, "kam_decline_options", as_of, options)

    def whitespace(self, as_of: DayLike = None, like: Optional[str] = None, **options: Any) -> Rows:
        """What others buy and an account does not; rows of WHITESPACE. Options: from_, to, least in 10^-4, like (a field
        of account)."""
        if like:
            options["like"] = self.book.kinds["account"].field(like).id
        return self._list(lib.kam_value_whitespace, "kam_whitespace_options", as_of, options)

    def rebates(self, contracts: Union[str, Sequence[Mapping[str, Any]]], as_of: DayLike = None) -> Rows:
        """What is owed back under framework contracts; rows of REBATE in their order."""
        raw = _document(contracts).encode()
        return self.book._rows(lib.kam_value_rebates, raw, len(raw), day_number(as_of))

    def forecasts(self, as_of: DayLike = None, **options: Any) -> Rows:
        """Proposals of sales and cost, month by month; rows of FORECAST to look at and save. Options: months, history,
        version, currency."""
        return self._list(lib.kam_value_forecasts, "kam_forecast_options", as_of, options)

    def variance(self, as_of: DayLike = None, version: Optional[str] = None) -> Rows:
        """Actual against stored forecasts; rows of FORECAST_VARIANCE."""
        return self.book._rows(lib.kam_value_forecast_variance, version.encode() if version else None, day_number(as_of))

    def attention(self, as_of: DayLike = None, top: int = 2000, **options: Any) -> Tuple[Effort, Rows]:
        """Where our time goes (against 40/30/20/10, and on the top accounts), and rows of EFFORT: how active each account
        is. top: which part of the accounts is the top, 10^-4."""
        effort, rows = struct_of("kam_effort"), ctypes.c_void_p()
        do(lib.kam_value_effort, ctypes.byref(effort), ctypes.byref(rows), self.book._p,
           self._options("kam_value_options", options), top, day_number(as_of), kinds=self.book.kinds)
        share, target, difference = ([_points(v) for v in getattr(effort, name)]
                                     for name in ("share", "target", "difference"))
        found = Effort(list(effort.minutes), share, target, difference, effort.untagged, effort.untimed, effort.accounts, effort.top,
                       _points(effort.time_share), _points(effort.revenue_share), _points(effort.profit_share))
        return found, Rows(rows.value or 0, self.book, self.book.kinds)

    def card_why(self, card: int, as_of: DayLike = None) -> Why:
        """What stands on a segment card: its tests, its answers, and what is measured of its segment."""
        return Why(self.book._made(lib.kam_segment_card_why, card, day_number(as_of)), self.book, self.book.kinds)

    def segmentation_why(self, sheet: int, as_of: DayLike = None) -> Why:
        """How far a segmentation work sheet is."""
        return Why(self.book._made(lib.kam_segmentation_why, sheet, day_number(as_of)), self.book, self.book.kinds)


# ---------------------------------------------------------------- lifetime value on plain sequences

class Clv(Handle):
    """A fitted model of purchases ("bgnbd", "mbgnbd", "pnbd", "nbd", "bgbb") or of spending ("gg"); frozen."""
    __slots__ = ()
    _end = lib.kam_clv_free

    @staticmethod
    def _rows(x: Sequence[int], tx: Optional[Numbers] = None, t: Optional[Numbers] = None, m: Optional[Numbers] = None,
              weight: Optional[Sequence[int]] = None) -> Any:
        columns: Dict[str, Any] = {"x": _wholes(x, ctypes.c_int32)}
        for name, given in (("tx", tx), ("t", t), ("m", m)):
            if given is not None:
                columns[name] = _doubles(given)
        if weight is not None:
            columns["weight"] = _wholes(weight, ctypes.c_int64)
        if len({len(column) for column in columns.values()}) > 1:
            raise ValueError("the columns are not of one length")
        return struct_of("kam_clv_rows", n=len(columns["x"]), **columns)

    @classmethod
    def fit(cls, model: str, x: Sequence[int], tx: Optional[Numbers] = None, t: Optional[Numbers] = None,
            m: Optional[Numbers] = None, weight: Optional[Sequence[int]] = None, ctx: Optional[Context] = None) -> "Clv":
        """By maximum likelihood; never fails for what the data say: see status."""
        rows = cls._rows(x, tx, t, m, weight)
        return cls(made(lib.kam_clv_fit, ctx and ctx._p, choice("CLV", model), ctypes.byref(rows)), ctx)

    @classmethod
    def from_json(cls, text: str, ctx: Optional[Context] = None) -> "Clv":
        """A model that json() wrote."""
        raw = text.encode()
        return cls(made(lib.kam_clv_from_json, ctx and ctx._p, raw, len(raw)), ctx)

    def json(self) -> str:
        """The model as a small JSON object."""
        return text_of(lib.kam_clv_to_json, self._p).decode()

    def figure(self, name: str, none: float = float("nan")) -> float:
        """One figure: "r", "alpha", "log_likelihood", "gradient" ...; "se_r" is the standard error of r."""
        error = name.startswith("se_")
        number = choice("CLV", name[3:] if error else name) + (K["KAM_CLV_SE"] if error else 0)
        return lib.kam_clv_figure(self._p, number, none)

    @property
    def status(self) -> str:
        """"ok", "not_identified", "no_repeat" or "bad_input"."""
        names = {K[f"KAM_CLV_{name}"]: name.lower() for name in ("OK", "NOT_IDENTIFIED", "NO_REPEAT", "BAD_INPUT")}
        return names[int(self.figure("status", 0))]

    @property
    def params(self) -> Dict[str, float]:
        """The parameters that the model has, by name."""
        none = float("-inf")
        found = {name: self.figure(name, none) for name in ("r", "alpha", "a", "b", "s", "beta", "p", "q", "gamma", "delta")}
        return {name: value for name, value in found.items() if value != none}

    def predict(self, x: Sequence[int], tx: Numbers, t: Numbers, horizon: float) -> Tuple[List[float], List[float]]:
        """Purchases expected within `horizon`, and the probability that each account still buys."""
        rows = self._rows(x, tx, t)
        expected, alive = (ctypes.c_double * rows.n)(), (ctypes.c_double * rows.n)()
        do(lib.kam_clv_predict, expected, alive, self._p, ctypes.byref(rows), horizon)
        return list(expected), list(alive)

    def spend(self, x: Sequence[int], m: Numbers) -> List[float]:
        """What the next purchase of each account is expected to be worth ("gg")."""
        rows = self._rows(x, m=m)
        out = (ctypes.c_double * rows.n)()
        do(lib.kam_clv_spend, out, self._p, ctypes.byref(rows))
        return list(out)

    def value(self, spending: "Clv", x: Sequence[int], tx: Numbers, t: Numbers, m: Numbers, step: float, steps: int,
              rate: float = 0.0) -> List[float]:
        """Discounted value of what each account will still buy in `steps` steps of length `step`."""
        rows = self._rows(x, tx, t, m)
        out = (ctypes.c_double * rows.n)()
        do(lib.kam_clv_value, out, self._p, spending._p, ctypes.byref(rows), step, steps, rate)
        return list(out)


class Purchases(Handle):
    """Purchases of a file or ledger on their way to x, tx and t: one per account and day, in any order."""
    __slots__ = ()
    _end = lib.kam_purchases_free

    def __init__(self, until: DayLike, holdout: DayLike = None, unit: str = "week", decimals: int = 2,
                 ctx: Optional[Context] = None):
        options = struct_of("kam_purchases_options", until=day_number(until), unit=choice("CLV", unit), decimals=decimals,
                            holdout=0 if holdout is None else day_number(holdout))
        super().__init__(made(lib.kam_purchases_new, ctx and ctx._p, ctypes.byref(options)), ctx)

    def feed(self, account: Sequence[int], day: Sequence[DayLike], amount: Optional[Sequence[int]] = None) -> None:
        """Adds rows; amounts in minor units."""
        accounts, days = _wholes(account, ctypes.c_int64), _wholes(map(day_number, day), ctypes.c_int32)
        amounts = _wholes(amount, ctypes.c_int64) if amount is not None else None
        if len(days) != len(accounts) or amounts is not None and len(amounts) != len(accounts):
            raise ValueError("the columns are not of one length")
        do(lib.kam_purchases_feed, self._p, accounts, days, amounts, len(accounts))

    def rows(self) -> Dict[str, List[Any]]:
        """account, x, tx, t, m and later (purchases in the hold-out) of those with a purchase, by account."""
        found = struct_of("kam_clv_rows")
        account, later = ctypes.POINTER(ctypes.c_int64)(), ctypes.POINTER(ctypes.c_int32)()
        do(lib.kam_purchases_rows, ctypes.byref(found), ctypes.byref(account), ctypes.byref(later), self._p)
        return {"account": account[:found.n], "x": found.x[:found.n], "tx": found.tx[:found.n], "t": found.t[:found.n],
                "m": found.m[:found.n], "later": later[:found.n]}


# ---------------------------------------------------------------- groups, chances, series

def _table(table: Sequence[Numbers]) -> Tuple[Any, int, int]:
    columns = len(table[0]) if len(table) else 1
    if any(len(row) != columns for row in table):
        raise ValueError("the rows are not of one length")
    return _doubles(value for row in table for value in row), len(table), columns


def standardize(table: Sequence[Numbers]) -> Tuple[List[List[float]], List[float], List[float]]:
    """Each column at mean 0 and deviation 1; the means and deviations."""
    x, n, columns = _table(table)
    mean, sd = (ctypes.c_double * columns)(), (ctypes.c_double * columns)()
    do(lib.kam_standardize, mean, sd, x, n, columns)
    return [list(x[i * columns:(i + 1) * columns]) for i in range(n)], list(mean), list(sd)


def kmeans(table: Sequence[Numbers], k: int, restarts: int = 10, seed: int = 0, farthest: bool = False,
           first_column: int = 0, ctx: Optional[Context] = None) -> Tuple[List[int], List[List[float]], float]:
    """k groups of rows: the group of each row, the centres, and the sum of squared distances. farthest: one start
    without chance, from the largest value of first_column."""
    x, n, columns = _table(table)
    options = struct_of("kam_kmeans_options", k=k, restarts=restarts, seed=seed, first_column=first_column,
                        flags=flags_of("KMEANS", farthest=farthest))
    group, centre, inertia = (ctypes.c_uint32 * n)(), (ctypes.c_double * (k * columns))(), ctypes.c_double()
    do(lib.kam_kmeans, group, centre, ctypes.byref(inertia), ctx and ctx._p, x, n, columns, ctypes.byref(options))
    return list(group), [list(centre[i * columns:(i + 1) * columns]) for i in range(k)], inertia.value


def silhouette(table: Sequence[Numbers], group: Sequence[int], k: int, most: int = 0) -> float:
    """How well rows lie in their groups, -1 to 1; `most` rows are looked at, 0 = all."""
    x, n, columns = _table(table)
    out = ctypes.c_double()
    do(lib.kam_silhouette, ctypes.byref(out), None, x, n, columns, _wholes(group, ctypes.c_uint32), k, most)
    return out.value


class Logistic(Handle):
    """A logistic regression; frozen."""
    __slots__ = ("columns",)
    columns: int
    _end = lib.kam_logistic_free

    @classmethod
    def fit(cls, table: Sequence[Numbers], y: Sequence[int], ctx: Optional[Context] = None) -> "Logistic":
        """By maximum likelihood; status tells whether it has a highest point."""
        x, n, columns = _table(table)
        found = cls(made(lib.kam_logistic_fit, ctx and ctx._p, x, _wholes(y, ctypes.c_int32), n, columns), ctx)
        found.columns = columns
        return found

    def _figures(self, first: str) -> List[float]:
        return [lib.kam_logistic_figure(self._p, K[first] + i, float("nan")) for i in range(self.columns + 1)]

    @property
    def coefficients(self) -> List[float]:
        """The constant, then one for each column."""
        return self._figures("KAM_LOGISTIC_COEFFICIENT")

    @property
    def errors(self) -> List[float]:
        """Standard errors of the coefficients."""
        return self._figures("KAM_LOGISTIC_SE")

    @property
    def identified(self) -> bool:
        return lib.kam_logistic_figure(self._p, K["KAM_LOGISTIC_STATUS"], 0) == 1

    def predict(self, table: Sequence[Numbers]) -> List[float]:
        """The probability that y is 1, for each row."""
        x, n, _ = _table(table)
        out = (ctypes.c_double * n)()
        do(lib.kam_logistic_predict, out, self._p, x, n)
        return list(out)


def score(p: Numbers, y: Sequence[int]) -> Dict[str, Any]:
    """How good probabilities are: auc, brier, base_brier, and ten bands of (count, predicted, observed)."""
    found = struct_of("kam_score")
    do(lib.kam_score_measure, ctypes.byref(found), None, _doubles(p), _wholes(y, ctypes.c_int32), len(p))
    bands = list(zip(found.count, found.predicted, found.observed))
    return {"auc": found.auc, "brier": found.brier, "base_brier": found.base_brier, "bands": bands}


def forecast(series: Numbers, horizon: int, season: int = 12) -> Dict[str, Any]:
    """Holt-Winters with damped trend, and the naive baseline beside it: values, naive, seasonal, alpha, beta, gamma, phi,
    mae, naive_mae."""
    out, naive, fit = (ctypes.c_double * horizon)(), (ctypes.c_double * horizon)(), struct_of("kam_forecast_fit")
    do(lib.kam_forecast, out, naive, ctypes.byref(fit), _doubles(series), len(series), season, horizon, None)
    figures = {name: getattr(fit, name) for name in ("alpha", "beta", "gamma", "phi", "mae", "naive_mae")}
    return {"values": list(out), "naive": list(naive), "seasonal": bool(fit.seasonal), **figures}
