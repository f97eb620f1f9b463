"""Writes the h5ad files of tests/data/h5ad, which tests/h5ad.rs reads. Run by hand:

    python -m venv venv && venv/bin/pip install anndata && venv/bin/python write_h5ad.py ../data/h5ad

Four cells x five genes. Counts: counts[i, j] = (7 i + 3 j) mod 5, which is 0 where a sparse
matrix has no entry; "log" is counts / 4, "scaled" is counts - 1.5.
"""

import sys
from pathlib import Path

import anndata
import h5py
import numpy
import pandas
from scipy import sparse

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
counts = numpy.fromfunction(lambda i, j: (7 * i + 3 * j) % 5, (4, 5)).astype("float32")
cells = [f"cell {i}" for i in range(4)]
genes = ["TP53", "MYC", "ISG15", "MX1", "IFI6"]


def data(matrix, **more):
    obs = pandas.DataFrame(
        {
            "type": pandas.Categorical(["B", "T", None, "B"], categories=["T", "B"]),
            "depth": [1.5, 2.0, 0.25, 4.0],
            "batch": [1, 2, 1, 2],
            "good": [True, False, True, True],
            "note": ["a", "b,c", "", "µ"],
            "age": pandas.array([30, None, 50, 60], dtype="Int64"),
        },
        index=cells,
    )
    return anndata.AnnData(matrix, obs=obs, var=pandas.DataFrame(index=genes), **more)


data(counts).write_h5ad(folder / "dense.h5ad")
data(sparse.csr_matrix(counts)).write_h5ad(folder / "csr.h5ad")
data(sparse.csc_matrix(counts)).write_h5ad(folder / "csc_gzip.h5ad", compression="gzip")

layered = data(counts - 1.5, layers={"counts": sparse.csr_matrix(counts), "log": counts / 4})
layered.write_h5ad(folder / "layers.h5ad")

raw = data(counts / 4)
raw.var.index = [f"ENSG0000000000{j}" for j in range(5)]
raw.var["feature_name"] = pandas.Categorical(genes)
raw.raw = raw
raw = raw[:, :3].copy()
raw.X = raw.X - 1.5
raw.write_h5ad(folder / "raw.h5ad")

# Old categories: codes with a group __categories beside them.
with h5py.File(folder / "dense.h5ad") as new, h5py.File(folder / "categories.h5ad", "w") as old:
    for name in ["X", "var"]:
        new.copy(name, old)
    obs = old.create_group("obs")
    obs.attrs["_index"] = "index"
    obs["index"] = new["obs/_index"][...]
    obs["type"] = new["obs/type/codes"][...]
    obs["__categories/type"] = new["obs/type/categories"][...]
    obs.attrs["column-order"] = numpy.array(["type"], dtype=h5py.string_dtype())

# An identifier of a filter that needs a plugin, set by hand in a file written with shuffle.
with h5py.File(folder / "csr.h5ad") as new, h5py.File(folder / "zstd.h5ad", "w") as old:
    for name in ["obs", "var"]:
        new.copy(name, old)
    old.create_dataset("X", data=counts, chunks=(4, 5), shuffle=True)
content = (folder / "zstd.h5ad").read_bytes()
shuffle = b"\x02\x00\x08\x00\x01\x00\x01\x00shuffle"
assert content.count(shuffle) == 1, content.count(shuffle)
(folder / "zstd.h5ad").write_bytes(content.replace(shuffle, b"\x0f\x7d" + shuffle[2:]))
