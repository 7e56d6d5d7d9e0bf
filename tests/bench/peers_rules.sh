#!/bin/sh
# What others take for the scorecard workload of ../shared/bench/scorecard, where they are installed, beside ours in the
# same call: rows a second by CPU time, and ratios. Each optional: node, sqlite3, luajit, and the Python package duckdb.
# Absent ones are SKIPPED by name; every engine must give the sum of the README. Usage: peers_rules.sh BUILD-FOLDER
set -eu
build=$(cd "${1:-build}" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
work=${KAM_SHARED:-$(cd "$here/../.." && pwd)/../shared}/bench/scorecard
[ -x "$build/kam-bench" ] || { echo "peers_rules: $build/kam-bench is not built" >&2; exit 2; }
[ -f "$work/gen.c" ] || { echo "SKIPPED peers_rules: ../shared/bench/scorecard absent"; exit 0; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
${CC:-cc} -O2 "$work/gen.c" -o "$tmp/gen"
(cd "$tmp" && ./gen)
"$build/kam-bench" scorecard >"$tmp/card.json"
"$build/kam-bench" cel-block >"$tmp/block.json"
"$build/kam-bench" cel-row --rows 200000 >"$tmp/row.json"
python3 - "$tmp" "$work" <<'PY'
import json, re, shutil, subprocess, sys, time
tmp, work = sys.argv[1:]
peers = json.load(open(work + "/peers.json"))
card = json.load(open(tmp + "/card.json"))
ours = {"scorecard": card["best"]["m"], "portable": card["portable"]["m"], "row": card["row_m"],
        "cel block": json.load(open(tmp + "/block.json"))["rows_per_second"] / 1e6,
        "cel row": json.load(open(tmp + "/row.json"))["rows_per_second"] / 1e6}
print("ours, M rows/s: " + ", ".join("%s %.2f" % i for i in ours.items()) +
      "; floor %.1f, of it: best %.2f portable %.2f" % (card["floor_m"], card["best"]["of_floor"], card["portable"]["of_floor"]))
RIGHT = {1000000: 192465953.0, 20000: 3844133.5}

def say(name, rows, seconds, total):
    if abs(total - RIGHT[rows]) > 0.01:
        sys.exit("%s: the sum is %r, not %r" % (name, total, RIGHT[rows]))
    m = rows / seconds / 1e6
    print("%-28s %8.3f M/s: scorecard %6.1f, cel block %6.1f, row %5.1f, cel row %5.1f times as fast"
          % (name, m, ours["scorecard"] / m, ours["cel block"] / m, ours["row"] / m, ours["cel row"] / m))

def child(name, command, rows, text=None):
    out = subprocess.run(command, input=text, capture_output=True, text=True)
    if out.returncode:
        sys.exit("%s: %s" % (name, out.stderr[:400]))
    seconds, total = out.stdout.split()[-2:]
    say(name, rows, float(seconds), float(total))

COLUMNS = "id revenue margin growth wallet paydays employees orders recency segment industry region strategic".split()
NODE = """
const fs = require("fs");
const accounts = fs.readFileSync("%s/acc.csv", "utf8").trim().split("\\n").slice(1).map(line => {
  const c = line.split(",");
  return {revenue: +c[1], margin: +c[2], growth: +c[3], wallet: +c[4], paydays: +c[5], employees: +c[6], orders: +c[7],
          recency: +c[8], segment: c[9], industry: c[10], region: c[11], strategic: c[12] === "1"};
});
const score = a => %s;
let best = 1e9, sum = 0;
for (let run = 0; run < 5; run++) {
  const from = process.cpuUsage();
  sum = 0;
  for (const a of accounts) sum += score(a);
  best = Math.min(best, process.cpuUsage(from).user / 1e6);
}
console.log(best, sum);
""" % (tmp, peers["js"])
if shutil.which("node"):
    open(tmp + "/score.js", "w").write(NODE)
    child("node, array of objects", ["node", "--max-old-space-size=2000", tmp + "/score.js"], 1000000)
else:
    print("SKIPPED node: not installed")

def lua(text):
    text = text.replace("===", "==").replace("? ", "and ").replace(" : ", " or ")
    return text

LUA = """
local accounts, n = {}, 0
for line in io.lines("%s/acc.csv") do
  if n > 0 then
    local c = {}
    for field in line:gmatch("[^,]+") do c[#c + 1] = field end
    accounts[n] = {revenue = tonumber(c[2]), margin = tonumber(c[3]), growth = tonumber(c[4]), wallet = tonumber(c[5]),
      paydays = tonumber(c[6]), employees = tonumber(c[7]), orders = tonumber(c[8]), recency = tonumber(c[9]),
      segment = c[10], industry = c[11], region = c[12], strategic = c[13] == "1"}
  end
  n = n + 1
  if n > 20000 then break end
end
local function score(a) return %s end
local best, sum = 1e9, 0
for run = 1, 7 do
  local from = os.clock()
  sum = 0
  for i = 1, #accounts do sum = sum + score(accounts[i]) end
  best = math.min(best, os.clock() - from)
end
print(string.format("%%.9f %%.4f", best, sum))
""" % (tmp, lua(peers["js"]))
if shutil.which("luajit"):
    open(tmp + "/score.lua", "w").write(LUA)
    child("LuaJIT, tables", ["luajit", tmp + "/score.lua"], 20000)
else:
    print("SKIPPED luajit: not installed")

if shutil.which("sqlite3"):
    script = ("create table a(id int, revenue real, margin real, growth real, wallet real, paydays real, employees int, orders int,"
              " recency int, segment text, industry text, region text, strategic int);\n.mode csv\n.import --skip 1 %s/acc.csv a\n.timer on\n"
              % tmp + "select sum(%s) from a;\n" % peers["sql"] * 3)
    out = subprocess.run(["sqlite3", ":memory:"], input=script, capture_output=True, text=True).stdout
    users = [float(u) for u in re.findall(r"user ([0-9.]+)", out)]
    say("SQLite, CASE, in memory", 1000000, min(users), float(re.search(r"^([0-9.]+)\s*$", out, re.M).group(1)))
else:
    print("SKIPPED sqlite3: not installed")

try:
    import duckdb
except ImportError:
    print("SKIPPED duckdb: the Python package is not installed")
else:
    con = duckdb.connect()
    con.execute("set threads to 1")
    con.execute("create table a as select * from read_csv_auto('%s/acc.csv')" % tmp)
    sql, best, total = "select sum(%s) from a" % peers["sql"], 1e9, 0
    for _ in range(5):
        start = time.process_time()
        total = con.execute(sql).fetchone()[0]
        best = min(best, time.process_time() - start)
    say("DuckDB, one thread, CASE", 1000000, best, float(total))
PY
