"""What kam writes as iCalendar and vCard, read by two parsers that are not ours.

Usage: read_back.py KAM FOLDER      KAM: the program; FOLDER: where to make a sample book
"""
import csv
import pathlib
import subprocess
import sys

import icalendar
import vobject

kam, folder = sys.argv[1], pathlib.Path(sys.argv[2])
book = str(folder / "acme.kam")
checks = 0


def check(what, good):
    global checks
    checks += 1
    if not good:
        sys.exit(f"FAIL {what}")


def run(*arguments):
    done = subprocess.run([kam, *arguments], capture_output=True)
    check(" ".join(arguments) + ": " + done.stderr.decode(), done.returncode == 0)
    return done.stdout


def components(text):
    """Both parsers' view: (kind, uid, summary, status) of each component, sorted."""
    first, second = [], []
    for whole in icalendar.Calendar.from_ical(text, multiple=True):
        for c in whole.walk():
            if c.name in ("VEVENT", "VTODO"):
                check("a sequence number", int(c["SEQUENCE"]) >= 0)
                check("a time stamp", c.decoded("DTSTAMP").tzinfo is not None)
                first.append((c.name, str(c["UID"]), str(c["SUMMARY"]), str(c["STATUS"])))
    for calendar in vobject.readComponents(text):
        for c in list(calendar.contents.get("vevent", [])) + list(calendar.contents.get("vtodo", [])):
            second.append((c.name, c.uid.value, c.summary.value, c.status.value))
    return sorted(first), sorted(second)


run("demo", "--out", str(folder))
text = run("export", book, "activity", "--format", "icalendar").decode()
rows = list(csv.DictReader(run("export", book, "activity").decode().splitlines()))
first, second = components(text)
check("both parsers see the same activities", first == second)
check("every activity is there", len(first) == len(rows))
check("no UID twice", len({uid for _, uid, _, _ in first}) == len(first))
check("no line above 75 octets", all(len(line) <= 75 for line in text.encode().split(b"\r\n")))

text = run("plan", book, "--as-of", "2026-05-31", "--from", "2026-06-01", "--days", "28", "--format", "icalendar",
           "--lang", "zh", "--out", "-").decode()
first, second = components(text)
check("both parsers see the same plan", first == second and len(first) > 100)
check("Chinese words", any("拜访" in summary for _, _, summary, _ in first))

text = run("export", book, "contact", "--format", "vcard").decode()
names = sorted(r["name"] for r in csv.DictReader(run("export", book, "contact").decode().splitlines()))
cards = list(vobject.readComponents(text))
check("every contact is there", sorted(c.fn.value for c in cards) == names)
check("cards say who they are", all(c.uid.value and c.version.value == "4.0" for c in cards))
path = folder / "contacts.vcf"
path.write_text(text, encoding="utf-8", newline="")
again = str(folder / "again.kam")
run("import", again, "--kind", "contact", "--source", "phone", "--currency", "CNY", "--format", "vcard", str(path))
back = sorted(r["name"] for r in csv.DictReader(run("export", again, "contact").decode().splitlines()))
check("they come in again", back == names)
print(f"{checks} passed, 0 failed")
