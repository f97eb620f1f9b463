"""Opens the h5ad files that gsae wrote with anndata and scanpy, and works with them. Run by hand:

    gsae fit -e examples/pbmc3k/expression.tsv.gz -g reactome --epochs 2 --format h5ad,h5ad-obsm \
        --samples examples/pbmc3k/labels.tsv --out run
    python tests/python/read_h5ad.py run/activity.tsv run/activity.h5ad run/activity.obsm.h5ad

The first argument holds the activity as a table, which the files must agree with.
"""

import sys
import warnings
from pathlib import Path

import anndata
import numpy
import pandas
import scanpy

warnings.simplefilter("error", category=anndata.OldFormatWarning)
print("anndata", anndata.__version__, "scanpy", scanpy.__version__)
table = pandas.read_csv(sys.argv[1], sep="\t", index_col=0)
for name in sys.argv[2:]:
    data = anndata.read_h5ad(name)
    print(f"\n{name}\n{data}")
    print("uns[gsae]:", sorted(data.uns["gsae"]))
    if "X_gsae" in data.obsm:
        activity, sets = data.obsm["X_gsae"], data.uns["gsae"]["nodes"].index
    else:
        activity, sets = data.X, data.var_names
    assert list(data.obs_names) == [str(sample) for sample in table.index]
    assert list(sets) == list(table.columns)
    numpy.testing.assert_allclose(activity, table.to_numpy("float32"), rtol=1e-6)
    use = "X_gsae" if "X_gsae" in data.obsm else "X"
    scanpy.pp.neighbors(data, use_rep=use)
    scanpy.tl.umap(data)
    label = next((c for c in data.obs if data.obs[c].dtype == "category"), None)
    if label and use == "X":
        scanpy.tl.rank_genes_groups(data, label, method="t-test")
        for group in data.obs[label].cat.categories:
            print(f"  {group}: {data.uns['rank_genes_groups']['names'][group][0]}")
    print(f"  UMAP {data.obsm['X_umap'].shape}, labels {list(data.obs.columns)}")
    again = Path(name).with_suffix(".again.h5ad")
    data.write_h5ad(again)
    anndata.read_h5ad(again)
    again.unlink()
print("\nall read, used and written again")
