"""One training step of a masked autoencoder in PyTorch, as the peers write it:
a dense weight times a 0/1 mask, default Adam.

    python pytorch_step.py MAP GENES SETS SUPERSETS BATCH THREADS masked|dense

MAP holds little-endian uint32 pairs (set, gene). The script answers every line
with a number of steps on standard input by a JSON line: milliseconds a step and
the growth of the peak resident memory since before the model was made.
"""

import json
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F


class MaskedLinear(nn.Linear):
    def __init__(self, mask):
        super().__init__(mask.shape[1], mask.shape[0])
        self.register_buffer("mask", mask)

    def forward(self, x):
        return F.linear(x, self.weight * self.mask, self.bias)


def peak_kib():
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith("VmHWM"):
                return int(line.split()[1])
    return 0


def main():
    path, *sizes, decoder = sys.argv[1:]
    genes, sets, supersets, batch, threads = map(int, sizes)
    torch.set_num_threads(threads)
    torch.manual_seed(7)
    samples = 4 * batch
    data = torch.rand(samples, genes)
    before = peak_kib()

    pairs = torch.from_numpy(np.fromfile(path, dtype="<u4").astype("int64").reshape(-1, 2))
    mask = torch.zeros(sets, genes)
    mask[pairs[:, 0], pairs[:, 1]] = 1.0
    if decoder == "masked":
        last = MaskedLinear(mask.t().contiguous())
    else:
        last = nn.Linear(sets, genes)
    model = nn.Sequential(
        MaskedLinear(mask), nn.ReLU(),
        nn.Linear(sets, supersets), nn.ReLU(),
        nn.Linear(supersets, sets), nn.ReLU(),
        last,
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step():
        x = data[torch.randint(samples, (batch,))]
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), x)
        loss.backward()
        optimizer.step()
        return loss.item()

    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            start = time.perf_counter()
            step()
            times.append(1e3 * (time.perf_counter() - start))
        print(json.dumps({"milliseconds": times, "kib": peak_kib() - before}), flush=True)


if __name__ == "__main__":
    print(json.dumps({"torch": torch.__version__}), flush=True)
    main()
