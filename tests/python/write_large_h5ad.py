"""Writes an .h5ad of counts in CSR, larger than memory if need be, a block of cells at a time.

    python -m venv venv && venv/bin/pip install h5py
    venv/bin/python write_large_h5ad.py large.h5ad --cells 200000 --genes 20000 --density 0.05

The genes are the first of genesets/gene_ids.tsv.gz that Reactome has, then the others. Cells are
of 12 types, each with its own share of cells in which a gene is found, so that there is
something to learn; counts are 1 + Poisson(0.7).
"""

import argparse
import gzip
from pathlib import Path

import h5py
import numpy

BLOCK = 1000
TYPES = 12
GENESETS = Path(__file__).resolve().parents[2] / "genesets"


def gene_names(count):
    with gzip.open(GENESETS / "reactome.gmt.gz", "rt") as lines:
        in_sets = sorted({gene for line in lines for gene in line.rstrip("\n").split("\t")[2:]})
    with gzip.open(GENESETS / "gene_ids.tsv.gz", "rt") as lines:
        others = [line.split("\t")[0] for line in lines][1:]
    names = list(dict.fromkeys(in_sets + others))[:count]
    if len(names) < count:
        raise SystemExit(f"only {len(names)} gene names are known")
    return names


def text(group, name, values):
    data = group.create_dataset(name, data=values, dtype=h5py.string_dtype())
    data.attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})


def frame(file, name, index):
    group = file.create_group(name)
    group.attrs.update({"encoding-type": "dataframe", "encoding-version": "0.2.0", "_index": "_index"})
    group.attrs.create("column-order", [], dtype=h5py.string_dtype())
    text(group, "_index", index)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("out")
    parser.add_argument("--cells", type=int, default=200_000)
    parser.add_argument("--genes", type=int, default=20_000)
    parser.add_argument("--density", type=float, default=0.05)
    parser.add_argument("--gzip", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    random = numpy.random.default_rng(args.seed)
    genes = gene_names(args.genes)
    shares = random.lognormal(0.0, 1.0, (1, args.genes)) * random.lognormal(0.0, 0.7, (TYPES, args.genes))
    for _ in range(20):
        shares = numpy.minimum(0.95, shares * (args.density / shares.mean()))
    shares = shares.astype("float32")
    with h5py.File(args.out, "w") as file:
        file.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        frame(file, "obs", [f"cell_{cell}" for cell in range(args.cells)])
        frame(file, "var", genes)
        matrix = file.create_group("X")
        matrix.attrs.update({"encoding-type": "csr_matrix", "encoding-version": "0.1.0"})
        matrix.attrs["shape"] = [args.cells, args.genes]
        more = {"compression": "gzip", "compression_opts": 4} if args.gzip else {}
        parts = {
            name: matrix.create_dataset(name, (0,), dtype, maxshape=(None,), chunks=(65536,), **more)
            for name, dtype in [("data", "float32"), ("indices", "int32")]
        }
        starts = [0]
        for first in range(0, args.cells, BLOCK):
            count = min(BLOCK, args.cells - first)
            kinds = random.integers(0, TYPES, count)
            cells, columns = numpy.nonzero(random.random((count, args.genes), "float32") < shares[kinds])
            values = 1 + random.poisson(0.7, len(columns))
            starts.extend(starts[-1] + numpy.cumsum(numpy.bincount(cells, minlength=count)))
            for name, new in [("data", values), ("indices", columns)]:
                part = parts[name]
                old = part.shape[0]
                part.resize(old + len(new), axis=0)
                part[old:] = new
        matrix.create_dataset("indptr", data=numpy.array(starts, "int64"))
        print(f"{args.out}: {args.cells} cells x {args.genes} genes, {starts[-1]} counts")


main()
