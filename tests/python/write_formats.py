"""Writes the files of tests/data/formats, which tests/more_formats.rs reads. Run by hand:

    python -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python write_formats.py ../data/formats

Four samples x five genes, counts[i, j] = (7 i + 3 j) mod 5, as in write_h5ad.py.
"""

import sys
from pathlib import Path

import h5py
import loompy
import numpy
import pandas
import polars
from cmapPy.pandasGEXpress import GCToo, write_gct, write_gctx
from scipy import sparse

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
counts = numpy.fromfunction(lambda i, j: (7 * i + 3 * j) % 5, (4, 5)).astype("float32")
samples = [f"cell {i}" for i in range(4)]
genes = ["TP53", "MYC", "ISG15", "MX1", "IFI6"]
ensembl = [f"ENSG0000000000{j}" for j in range(5)]


def text(values):
    return numpy.array([value.encode() for value in values])


numpy.string_ = numpy.bytes_  # cmapPy 4.0 uses the name that NumPy 2 dropped.

# GCT and GCTX by the Connectivity Map's own package.
gct = GCToo.GCToo(
    data_df=pandas.DataFrame(counts.T, index=ensembl, columns=samples),
    row_metadata_df=pandas.DataFrame(
        {"pr_gene_symbol": genes, "pr_is_lm": [1, 0, 1, 0, 1]}, index=ensembl
    ),
    col_metadata_df=pandas.DataFrame(
        {"type": ["B", "T", "-666", "B"], "depth": [1.5, 2.0, 0.25, 4.0]}, index=samples
    ),
)
for frame, name in [(gct.data_df, "rid"), (gct.row_metadata_df, "rid")]:
    frame.index.name = name
gct.data_df.columns.name = gct.col_metadata_df.index.name = "cid"
write_gct.write(gct, str(folder / "v1_3.gct"))
write_gctx.write(gct, str(folder / "cmap.gctx"))

# GCT 1.2 as GTEx writes it: Ensembl ids, symbols as descriptions.
with open(folder / "v1_2.gct", "w") as file:
    print("#1.2\n5\t4\nName\tDescription\t" + "\t".join(samples), file=file)
    for j in range(5):
        values = "\t".join(f"{value:g}" for value in counts[:, j])
        print(f"{ensembl[j]}.3\t{genes[j]}\t{values}", file=file)


def ten_x(path, group, features, matrix):
    """`matrix`: barcodes x features, stored as 10x does (CSC of its transpose)."""
    matrix = sparse.csr_matrix(matrix.astype("int32"))
    with h5py.File(path, "a") as file:
        top = file.create_group(group)
        top["data"], top["indices"] = matrix.data, matrix.indices.astype("int64")
        top["indptr"] = matrix.indptr.astype("int64")
        top["shape"] = numpy.array(matrix.shape[::-1], dtype="int32")
        top["barcodes"] = text([f"AAA{i}-1" for i in range(matrix.shape[0])])
        for name, values in features.items():
            top[name] = text(values)


for name in ["v3.h5", "v2.h5", "two_genomes.h5"]:
    (folder / name).unlink(missing_ok=True)
with_antibody = numpy.hstack([counts, [[9], [8], [7], [6]]])
ten_x(
    folder / "v3.h5",
    "matrix",
    {
        "features/id": [*ensembl, "CD3"],
        "features/name": [*genes, "CD3_TotalSeqB"],
        "features/feature_type": ["Gene Expression"] * 5 + ["Antibody Capture"],
        "features/genome": ["GRCh38"] * 5 + [""],
    },
    with_antibody,
)
old = {"genes": ensembl, "gene_names": genes}
ten_x(folder / "v2.h5", "GRCh38", old, counts)
ten_x(folder / "two_genomes.h5", "GRCh38", old, counts)
ten_x(folder / "two_genomes.h5", "mm10", old, counts + 1)

(folder / "cells.loom").unlink(missing_ok=True)
loompy.create(
    str(folder / "cells.loom"),
    {"": counts.T, "spliced": counts.T / 4},
    {"Gene": numpy.array(genes), "Accession": numpy.array(ensembl)},
    {"CellID": numpy.array(samples), "type": numpy.array(["B", "T", "", "B"])},
)

wide = pandas.DataFrame(counts, index=samples, columns=genes)
wide.to_parquet(folder / "pandas.parquet")
long = wide.T.astype("float64").reset_index(names="gene")
polars.from_pandas(long).write_parquet(folder / "polars.parquet")

# Formats that are recognised and not read.
for name, groups in {
    "x.h5seurat": ["assays/RNA", "meta.data"],
    "x.h5mu": ["mod/rna", "obs", "var"],
    "other.h5": ["alpha", "beta"],
}.items():
    with h5py.File(folder / name, "w") as file:
        for group in groups:
            file.create_group(group)
