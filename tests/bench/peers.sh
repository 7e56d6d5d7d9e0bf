#!/bin/sh
# What others take for the measurements of the value room, where they are installed, beside ours: CPU seconds and ratios,
# the best of five runs of each, turn by turn. Needs the built kam-bench and, each optional, the Python packages duckdb,
# pandas, lifetimes, scikit-learn for python3 (PYTHON names another), and DUCKDB_NODE, a folder where npm has installed
# @duckdb/node-api. Absent ones are SKIPPED by name. Usage: peers.sh BUILD-FOLDER
set -eu
build=${1:-build}
[ -x "$build/kam-bench" ] || { echo "peers: $build/kam-bench is not built" >&2; exit 2; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$build/kam-bench" rfm --csv "$tmp/rfm.csv" >/dev/null
"${PYTHON:-python3}" - "$tmp" "$build" <<'PY'
import importlib, json, os, subprocess, sys, time
tmp, build = sys.argv[1:]

def ours(bench, figure):
    return json.loads(subprocess.run([build + "/kam-bench", bench], stdout=subprocess.PIPE, check=True).stdout)[figure]

def timed(run):
    start = time.process_time()
    given = run()
    return time.process_time() - start if given is None else given      # a program of its own tells its CPU time

def compare(package, what, bench, figure, run):
    our, its = zip(*((ours(bench, figure), timed(run)) for _ in range(5)))
    print("%-28s ours %.4f s, %s %.4f s: %.1f times as fast, %.2f of its time" %
          (what, min(our), package, min(its), min(its) / min(our), min(our) / min(its)))

def peer(package, *rest):
    try:
        importlib.import_module(package)
    except ImportError:
        print("SKIPPED %s: %s is not installed" % (rest[0], package))
        return
    compare(package, *rest)

RFM = """with o as (select customer_id, count(distinct invoice) f, sum(quantity * unit_price) m, max(invoice_date::date) d
           from read_csv_auto('%s/rfm.csv') where customer_id is not null and quantity > 0 and unit_price > 0 group by 1)
         select *, ntile(5) over (order by d, customer_id) r5, ntile(5) over (order by f, customer_id) f5,
           ntile(5) over (order by m, customer_id) m5, sum(m) over (order by m desc, customer_id) / sum(m) over () c from o""" % tmp

def duckdb():
    import duckdb as db
    con = db.connect()
    con.execute("set threads to 1")
    con.execute(RFM).fetchall()

NODE = """import { createRequire } from 'node:module';
const { DuckDBInstance } = createRequire(process.argv[2] + '/')('@duckdb/node-api');
const con = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();
const a = process.cpuUsage();
await con.runAndReadAll(process.argv[3]);
const b = process.cpuUsage(a);
console.log((b.user + b.system) / 1e6);"""

def duckdb_node():
    with open(tmp + "/duck.mjs", "w") as f:
        f.write(NODE)
    done = subprocess.run(["node", tmp + "/duck.mjs", os.path.abspath(os.environ["DUCKDB_NODE"]), RFM], stdout=subprocess.PIPE, check=True)
    return float(done.stdout)

def pandas():
    import pandas as pd
    d = pd.read_csv(tmp + "/rfm.csv")
    d = d[(d.quantity > 0) & (d.unit_price > 0) & d.customer_id.notna()]
    d["m"] = d.quantity * d.unit_price
    g = d.groupby("customer_id").agg(f=("invoice", "nunique"), m=("m", "sum"), r=("invoice_date", "max"))
    for c in "rfm":
        g[c + "5"] = pd.qcut(g[c].rank(method="first"), 5, labels=False)
    s = g.sort_values("m", ascending=False)
    (s.m.cumsum() / s.m.sum()).to_numpy()

def lifetimes():
    import lifetimes as lt, numpy as np
    rng = np.random.default_rng(1)
    n = 2357
    t = rng.integers(27 * 7, 39 * 7, n) / 7
    x = np.minimum(rng.poisson(rng.gamma(.25, 1 / 4.4, n) * t), 30)
    lt.BetaGeoFitter().fit(x, np.where(x > 0, t * rng.random(n), 0), t)

def sklearn():
    import numpy as np
    from sklearn.cluster import KMeans
    x = np.random.default_rng(1).random((100000, 3))
    KMeans(8, n_init=1, max_iter=25, tol=0, algorithm="lloyd").fit(x)

peer("duckdb", "CSV to RFM and ABC", "rfm", "cpu_seconds", duckdb)
if "DUCKDB_NODE" in os.environ:
    compare("DuckDB of node", "CSV to RFM and ABC", "rfm", "cpu_seconds", duckdb_node)
else:
    print("SKIPPED CSV to RFM and ABC: DUCKDB_NODE names no folder")
peer("pandas", "CSV to RFM and ABC", "rfm", "cpu_seconds", pandas)
peer("lifetimes", "BG/NBD fit, 2,357 accounts", "btyd", "fit_bgnbd_seconds", lifetimes)
peer("sklearn", "k-means, 100,000 x 3, k = 8", "kmeans", "cpu_seconds", sklearn)
PY
