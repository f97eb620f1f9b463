"""Enrichment and per-sample scores by GSEApy and decoupler.

    python enrichment_scores.py FOLDER THREADS

FOLDER holds sets.gmt, ranking.rnk, genes.txt and expression.f32 (samples x genes, little-endian,
row by row). The script answers every line `TOOL METHOD` on standard input by a JSON line: the
milliseconds of one call, without reading data and without the first call's compilation, or null
where the tool is not installed.
"""

import contextlib
import io
import json
import os
import sys
import time

folder, threads = sys.argv[1], int(sys.argv[2])
os.environ["NUMBA_NUM_THREADS"] = str(threads)

import numpy as np
import pandas as pd

versions = {}
try:
    import gseapy

    versions["gseapy"] = gseapy.__version__
except ImportError:
    gseapy = None
try:
    import decoupler

    versions["decoupler"] = decoupler.__version__
except ImportError:
    decoupler = None
if not versions:
    sys.exit("neither GSEApy nor decoupler is installed")


def load():
    sets = {}
    with open(f"{folder}/sets.gmt") as lines:
        for line in lines:
            name, _, *genes = line.rstrip("\n").split("\t")
            sets[name] = genes
    ranking = pd.read_csv(f"{folder}/ranking.rnk", sep="\t", header=None, index_col=0)[1]
    genes = open(f"{folder}/genes.txt").read().split()
    values = np.fromfile(f"{folder}/expression.f32", dtype="<f4").reshape(-1, len(genes))
    samples = [f"sample{i}" for i in range(len(values))]
    return sets, ranking, pd.DataFrame(values, index=samples, columns=genes)


sets, ranking, expression = load()
by_gene = expression.T.copy()
net = pd.DataFrame(
    [(name, gene, 1.0) for name, genes in sets.items() for gene in genes],
    columns=["source", "target", "weight"],
)
sizes = {"min_size": 15, "max_size": 500, "outdir": None, "threads": threads, "seed": 1}


def gseapy_call(method):
    if method == "prerank":
        gseapy.prerank(ranking, sets, permutation_num=1000, no_plot=True, **sizes)
    elif method == "ssgsea":
        gseapy.ssgsea(by_gene, sets, sample_norm_method="rank", **sizes)
    elif method == "gsva":
        gseapy.gsva(by_gene, sets, kcdf="Gaussian", **sizes)
    else:
        raise ValueError(method)


def decoupler_call(method):
    getattr(decoupler.mt, method)(expression, net, tmin=15)


def main():
    calls = {"gseapy": gseapy_call, "decoupler": decoupler_call}
    warm = set()
    for line in sys.stdin:
        tool, method = line.split()
        if tool not in versions:
            print("null", flush=True)
            continue
        with contextlib.redirect_stdout(io.StringIO()):
            # GSEApy is compiled beforehand.
            if tool == "decoupler" and method not in warm:
                calls[tool](method)
                warm.add(method)
            start, used = time.perf_counter(), time.process_time()
            calls[tool](method)
            elapsed = [time.perf_counter() - start, time.process_time() - used]
        print(json.dumps([1e3 * seconds for seconds in elapsed]), flush=True)


if __name__ == "__main__":
    print(json.dumps(versions), flush=True)
    main()
