#!/bin/sh
# What others take for the measurements of the value room, where they are installed, beside ours: CPU seconds and ratios.
# Needs the built kam-bench and, each optional, the Python packages duckdb, pandas, lifetimes, scikit-learn for python3.
# Absent ones are SKIPPED by name. Usage: peers.sh BUILD-FOLDER
set -eu
build=${1:-build}
[ -x "$build/kam-bench" ] || { echo "peers: $build/kam-bench is not built" >&2; exit 2; }
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
for name in btyd rfm kmeans; do "$build/kam-bench" $name >"$tmp/$name.json"; done
"$build/kam-bench" rfm --csv "$tmp/rfm.csv" >/dev/null
python3 - "$tmp" <<'PY'
import importlib, json, sys, time
tmp = sys.argv[1]
ours = {n: json.load(open("%s/%s.json" % (tmp, n))) for n in ("btyd", "rfm", "kmeans")}

def peer(package, what, our, run):
    try:
        importlib.import_module(package)
    except ImportError:
        print("SKIPPED %s: %s is not installed" % (what, package))
        return
    best = None
    for _ in range(3):
        start = time.process_time()
        run()
        took = time.process_time() - start
        best = took if best is None or took < best else best
    print("%-28s ours %.4f s, %s %.4f s: %.1f times as fast" % (what, our, package, best, best / our))

RFM = """with o as (select customer_id, count(distinct invoice) f, sum(quantity * unit_price) m, max(invoice_date::date) d
           from read_csv_auto('%s/rfm.csv') where customer_id is not null and quantity > 0 and unit_price > 0 group by 1)
         select *, ntile(5) over (order by d, customer_id) r5, ntile(5) over (order by f, customer_id) f5,
           ntile(5) over (order by m, customer_id) m5, sum(m) over (order by m desc, customer_id) / sum(m) over () c from o""" % tmp

def duckdb():
    import duckdb as db
    con = db.connect()
    con.execute("set threads to 1")
    con.execute(RFM).fetchall()

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

peer("duckdb", "CSV to RFM and ABC", ours["rfm"]["cpu_seconds"], duckdb)
peer("pandas", "CSV to RFM and ABC", ours["rfm"]["cpu_seconds"], pandas)
peer("lifetimes", "BG/NBD fit, 2,357 accounts", ours["btyd"]["fit_bgnbd_seconds"], lifetimes)
peer("sklearn", "k-means, 100,000 x 3, k = 8", ours["kmeans"]["cpu_seconds"], sklearn)
PY
