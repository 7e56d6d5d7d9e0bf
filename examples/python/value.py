"""What accounts are worth, from Python: contribution, classes, scores, who still buys, forecasts, groups of accounts.

    kam demo --out build/demo
    export KAM_LIBRARY=build/libkam.so PYTHONPATH=bindings/python
    python3 examples/python/value.py build/demo/acme.kam 2026-05-31

Results come as pandas DataFrames, handed over column by column through the Arrow C data interface, where pandas and
pyarrow are installed; elsewhere as plain lists. The book is not changed.
"""
from __future__ import annotations

import math
import sys
from typing import Any

import kam
from kam.value import Value, forecast, frame, kmeans, standardize


def show(title: str, found: Any, first: int = 5) -> None:
    """The first rows of a DataFrame or of a list of dicts."""
    print(f"\n{title}")
    if isinstance(found, list):
        for row in found[:first]:
            print("  " + ", ".join(f"{name} {value}" for name, value in row.items()))
    else:
        print(found.head(first).to_string(index=False))


def main(path: str, day: str) -> None:
    as_of = kam.day(day)
    with kam.open_file(path, read_only=True) as book:
        value = Value(book)
        with value.run(as_of) as run:
            show("Most revenue", frame(run.rows("account_value")))
            best = next(run.rows("account_value")).account
            print(run.why(best).text())
        with value.clv(as_of, rate=0.01) as run:
            show(f"Lifetime value by {run.record.name}", frame(run.rows("account_clv")))
        show("Buying less", frame(value.declines(as_of)))
        show("What others buy and they do not", frame(value.whitespace(as_of, like="industry")))
        effort, rows = value.attention(as_of)
        print(f"\nTime on the top accounts: {effort.time_share:.1%}, which bring {effort.revenue_share:.1%} of the "
              "revenue")
        show("Attention", frame(rows))
        months = [0.0] * 12
        for row in value.periods("month", as_of):
            month = row["from"].year * 12 + row["from"].month - as_of.year * 12 - as_of.month
            months[month % 12] += float(row.revenue)
        ahead = forecast(months, horizon=3)
        print(f"\nRevenue of the next three months: {[round(v) for v in ahead['values']]}, "
              f"naive {[round(v) for v in ahead['naive']]}")
        rows = [row for row in value.run(as_of).rows("account_value") if row.orders]
        table, _, _ = standardize([[row.recency_days, row.orders, math.log1p(max(float(row.revenue), 0))]
                                   for row in rows])
        group, _, inertia = kmeans(table, 4, restarts=20)
        sizes = sorted((group.count(k) for k in range(4)), reverse=True)
        print(f"\nFour groups of {len(rows)} accounts: {sizes}, inertia {inertia:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
