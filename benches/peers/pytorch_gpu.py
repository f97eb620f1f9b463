"""Training steps of a masked autoencoder in PyTorch on a GPU, in the ways open to its users.

    python pytorch_gpu.py MAP GENES SETS SUPERSETS BATCH

MAP holds little-endian uint32 pairs (set, gene). The script answers every line "KIND STEPS" on
standard input by a JSON line: milliseconds a step (all of them timed together, the GPU waited for
at the end) and the peak of allocated GPU memory in MB, or an error. KIND is dense (a dense weight
times a 0/1 mask, as the peers write it), compile (the same through torch.compile), graphs (that
with CUDA graphs) or sparse (torch.sparse CSR times dense). Samples are on the GPU; Adam is the fused one.
"""

import json
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

GPU = torch.device("cuda")


class MaskedLinear(nn.Linear):
    def __init__(self, mask):
        super().__init__(mask.shape[1], mask.shape[0], device=GPU)
        self.register_buffer("mask", mask)

    def forward(self, x):
        return F.linear(x, self.weight * self.mask, self.bias)


class SparseLinear(nn.Module):
    """The values of a CSR matrix as parameter."""

    def __init__(self, rows, columns, shape):
        super().__init__()
        order = torch.argsort(rows * shape[1] + columns)
        index = torch.stack([rows[order], columns[order]])
        pattern = torch.sparse_coo_tensor(index, torch.ones(len(order)), shape).to(GPU)
        pattern = pattern.coalesce().to_sparse_csr()
        self.shape = shape
        self.register_buffer("starts", pattern.crow_indices())
        self.register_buffer("across", pattern.col_indices())
        self.values = nn.Parameter(0.02 * torch.randn(len(order), device=GPU))
        self.bias = nn.Parameter(torch.zeros(shape[0], device=GPU))

    def forward(self, x):
        weight = torch.sparse_csr_tensor(self.starts, self.across, self.values, self.shape)
        return torch.sparse.mm(weight, x.t()).t() + self.bias


def build(kind, pairs, genes, sets, supersets):
    torch.manual_seed(7)
    if kind == "sparse":
        first = SparseLinear(pairs[:, 0], pairs[:, 1], (sets, genes))
        last = SparseLinear(pairs[:, 1], pairs[:, 0], (genes, sets))
    else:
        mask = torch.zeros(sets, genes, device=GPU)
        mask[pairs[:, 0].to(GPU), pairs[:, 1].to(GPU)] = 1.0
        first, last = MaskedLinear(mask), MaskedLinear(mask.t().contiguous())
    model = nn.Sequential(
        first, nn.ELU(),
        nn.Linear(sets, supersets, device=GPU), nn.ELU(),
        nn.Linear(supersets, sets, device=GPU), nn.ELU(),
        last,
    )
    if kind == "compile":
        return torch.compile(model)
    if kind == "graphs":
        return torch.compile(model, mode="reduce-overhead")
    return model


def main():
    path, *sizes = sys.argv[1:]
    genes, sets, supersets, batch = map(int, sizes)
    pairs = torch.from_numpy(np.fromfile(path, dtype="<u4").astype("int64").reshape(-1, 2))
    samples = 4 * batch
    data = torch.rand(samples, genes, device=GPU)
    steps = {}

    def step_of(kind):
        model = build(kind, pairs, genes, sets, supersets)
        optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

        def step():
            x = data[torch.randint(samples, (batch,), device=GPU)]
            optimizer.zero_grad()
            F.mse_loss(model(x), x).backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 10.0)
            optimizer.step()

        for _ in range(3):
            step()
        if any(parameter.grad is None for parameter in model.parameters()):
            raise RuntimeError("a parameter has no gradient")
        return step

    for line in sys.stdin:
        kind, count = line.split()
        try:
            if kind not in steps:
                steps.clear()
                torch.cuda.empty_cache()
                steps[kind] = step_of(kind)
            torch.cuda.reset_peak_memory_stats()
            torch.cuda.synchronize()
            start = time.perf_counter()
            for _ in range(int(count)):
                steps[kind]()
            torch.cuda.synchronize()
            milliseconds = 1e3 * (time.perf_counter() - start) / int(count)
            peak = torch.cuda.max_memory_allocated() / 1e6
            answer = {"milliseconds": milliseconds, "megabytes": peak}
        except Exception as error:  # What PyTorch cannot do is a result, too.
            answer = {"error": str(error).splitlines()[0][:200]}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    if not torch.cuda.is_available():
        sys.exit("PyTorch sees no GPU")
    print(json.dumps({"torch": torch.__version__, "gpu": torch.cuda.get_device_name()}), flush=True)
    main()
