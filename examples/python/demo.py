"""The job of `kam demo` in Python: from an ERP's files to grades, scores, reasons, a visit plan and the report.

    kam demo --out build/demo
    KAM_LIBRARY=build/libkam.so PYTHONPATH=bindings/python python3 examples/python/demo.py build/demo build/demo-py [zh]

Reads DIR/input/*.csv and writes OUT/grades.csv, scores.csv, due.csv, plan.csv, unplanned.csv and report.html, byte for
byte those of the C program, and OUT/values.csv, which is the library's own export. April's files come first and are
graded, then May's; the clock is moved by hand, so that nothing depends on the day on which it is run.
"""
from __future__ import annotations

import datetime
import os
import sys
from typing import Any, Iterable, List

import kam

SCHEME, CARD = "quota-20-40-40", "key-account"
TITLE = {"en": "Huarui Industrial Parts: key accounts", "zh": "华瑞工业零件公司：大客户报告"}
APRIL, LAST, TODAY = map(datetime.date.fromisoformat, ("2026-04-30", "2026-05-31", "2026-06-01"))
FIRST_FILES = [("territory", "territories"), ("representative", "representatives"), ("calendar_day", "calendar"),
               ("absence", "absences"), ("product", "products"),
               ("account", "accounts"), ("owner", "handovers"), ("contact", "contacts"),
               ("affiliation", "affiliations"), ("ledger", "ledger"), ("activity", "activities")]
MAY_FILES = [("ledger", "ledger-2026-05"), ("activity", "activities-2026-05")]
WORDS = {"VISIT": ("visit", "拜访"), "CALL": ("phone call", "电话"), "CADENCE": ("cadence", "拜访频率"),
         "FOLLOWUP": ("follow-up", "跟进"), "REQUEST": ("customer's request", "客户要求"),
         "OTHER": ("other", "其他"), "CAPACITY": ("the days are full", "当日已满"),
         "ABSENCE": ("the representative is absent", "销售代表缺勤"),
         "NO_OWNER": ("the account has no owner", "客户没有负责人"),
         "NO_WORKING_DAY": ("nobody works on the days it fits", "无可用工作日"),
         "INACTIVE": ("the representative is not active", "销售代表已停用"), "KEPT": ("kept", "保留"),
         "MOVED": ("moved", "改期"), "ADDED": ("added", "新增"), "CANCELLED": ("cancelled", "取消")}


class Demo:
    """The book, its clock, and where files are."""

    def __init__(self, source: str, out: str, lang: str):
        self.source, self.out, self.lang = source, out, lang
        self.now = datetime.datetime(2026, 4, 30, 18, tzinfo=datetime.timezone.utc)
        self.book = kam.open_memory(ctx=kam.Context(now=lambda: self.now), create=True, currency="CNY")

    def at(self, day: datetime.date, hour: int) -> None:
        self.now = datetime.datetime(day.year, day.month, day.day, hour, tzinfo=datetime.timezone.utc)

    def deliver(self, files: List) -> None:
        for kind, name in files:
            with self.book.import_(kind, source="demo") as imp:
                imp.read(os.path.join(self.source, "input", name + ".csv"))
            for problem in imp.problems:
                raise SystemExit(f"{name}.csv:{problem.line}:{problem.column}: {problem.text}")

    def grade(self, day: datetime.date) -> kam.Run:
        run = self.book.grading_run(SCHEME, day)
        run.apply()
        return run

    # ------------------------------------------------------------ tables for people: names beside ids, labels on top

    def write(self, name: str, headings: Iterable, rows: Iterable) -> None:
        labels = [self.book.kinds[kind].field(field).label(self.lang) for kind, field in headings]
        with open(os.path.join(self.out, name), "w", encoding="utf-8", newline="") as file:
            for row in [labels, *rows]:
                file.write(",".join(map(cell, row)) + "\n")

    def who(self, id: int) -> List[Any]:
        account = self.book.get("account", id)
        return [account.ext_id, account.name, account.city]

    def reasons(self, run: kam.Run, account: int) -> str:
        text, between = ("text_zh", "；") if self.lang == "zh" else ("text", "; ")
        return between.join(reason[text] or "" for reason in run.why(account))

    def explained(self, name: str, run: kam.Run, kind: str, fields: List[str]) -> None:
        """A list of a run, each row with its reasons behind it."""
        self.write(name, WHO + [(kind, field) for field in fields + ["reason_text"]], (
            self.who(item.account) + [item[field] for field in fields] + [self.reasons(run, item.account)]
            for item in run.rows(kind)))

    def listed(self, name: str, kind: str, fields: List[str], rows: Iterable) -> None:
        """Contacts: account and representative by name, then these fields."""
        people = {person.id: person.name for person in self.book.query("representative")}
        self.write(name, WHO + [(kind, field) for field in ["representative"] + fields], (
            self.who(row.account) + [people.get(row.representative)] + [self.word(row[field]) for field in fields]
            for row in rows))

    def grades(self, run: kam.Run) -> None:
        self.explained("grades.csv", run, "grade_item", ["old", "new", "rank", "measure", "cut"])

    def score(self) -> None:
        run = self.book.scoring_run(CARD, LAST)
        run.apply()
        self.explained("scores.csv", run, "score", ["rank", "points", "old", "warnings", "missing"])

    def due(self) -> None:
        self.listed("due.csv", "due", ["grade", "channel", "last", "day", "overdue", "cause", "rule"],
                    self.book.due(TODAY))

    def plan(self) -> None:
        run = self.book.visit_plan(start=TODAY, days=28).run(LAST)
        run.apply()
        self.listed("plan.csv", "plan_entry", ["day", "channel", "order", "grade", "due", "overdue", "cause", "rule",
                                               "what", "distance"], run.rows("plan_entry"))
        self.listed("unplanned.csv", "unplanned", ["channel", "grade", "rule", "due", "code"], run.rows("unplanned"))

    def report(self) -> None:
        with open(os.path.join(self.out, "report.html"), "w", encoding="utf-8", newline="") as file:
            file.write(self.book.report_html(LAST, title=TITLE[self.lang], lang=self.lang))

    def word(self, value: Any) -> Any:
        return WORDS[value][self.lang == "zh"] if value in WORDS else value


WHO = [("account", "ext_id"), ("account", "name"), ("account", "city")]


def cell(value: Any) -> str:
    """A cell of CSV: quoted where it must be."""
    text = "" if value is None else str(value)
    plain = not any(mark in text for mark in ',;\t|"\r\n') and text.strip(" ") == text
    return text if plain else '"' + text.replace('"', '""') + '"'


def main(source: str, out: str, lang: str = "en") -> None:
    os.makedirs(out, exist_ok=True)
    demo = Demo(source, out, lang)
    with demo.book as book:
        demo.at(APRIL, 18)
        demo.deliver(FIRST_FILES)
        book.value.clv(APRIL, rate=0.01).apply()
        demo.grade(APRIL)
        demo.at(LAST, 18)
        demo.deliver(MAY_FILES)
        run = demo.grade(LAST)
        demo.grades(run)
        value = book.value_run(LAST)
        value.rows("account_value").save(os.path.join(out, "values.csv"), labels=True, lang=lang)
        value.apply()
        book.value.clv(LAST, rate=0.01).apply()
        demo.score()
        demo.at(TODAY, 8)
        demo.due()
        demo.plan()
        demo.report()
        total = value.record
        print(f"{total.accounts} accounts, revenue {total.currency} {total.total}, the largest fifth makes "
              f"{100 * total.top20_share:.1f} %; grades {run.record.counts}")
        for item in run.rows("grade_item"):
            if item.old:
                print(f"{book.get('account', item.account).name}: {item.old} -> {item.new or '-'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
