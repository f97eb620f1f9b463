"""Loads one matrix with pandas, polars or anndata as samples x genes in single precision.

python load_matrix.py LIBRARY FORMAT PATH

Prints a line of JSON: seconds, KiB of the peak and KiB before, rows, columns, sum of the values.
"""

import json
import sys
import time


def peak():
    for line in open("/proc/self/status"):
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    return 0


library, kind, path = sys.argv[1:]
import numpy  # noqa: E402

if library == "pandas":
    import pandas

    version = pandas.__version__
elif library == "polars":
    import polars

    version = polars.__version__
else:
    import importlib.metadata

    import anndata

    version = importlib.metadata.version("anndata")
before = peak()
start = time.perf_counter()
if library == "pandas":
    if kind == "tsv.gz":
        names = pandas.read_csv(path, sep="\t", nrows=0).columns
        types = {name: "float32" for name in names[1:]}
        frame = pandas.read_csv(path, sep="\t", index_col=0, dtype=types | {names[0]: str})
        values = numpy.ascontiguousarray(frame.to_numpy().T)
    else:
        frame = pandas.read_parquet(path)
        values = numpy.ascontiguousarray(frame.set_index(frame.columns[0]).to_numpy("float32"))
elif library == "polars":
    if kind == "tsv.gz":
        frame = polars.read_csv(path, separator="\t")
        values = frame[:, 1:].cast(polars.Float32).to_numpy().T
    else:
        frame = polars.read_parquet(path)
        values = frame[:, 1:].to_numpy()
    values = numpy.ascontiguousarray(values, "float32")
else:
    data = anndata.read_h5ad(path)
    values = data.X
    values = values.toarray() if hasattr(values, "toarray") else numpy.asarray(values)
seconds = time.perf_counter() - start
print(
    json.dumps(
        {
            "version": version,
            "seconds": seconds,
            "kib": peak(),
            "before": before,
            "rows": int(values.shape[0]),
            "columns": int(values.shape[1]),
            "sum": float(values.sum(dtype="float64")),
        }
    )
)
