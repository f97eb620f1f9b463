"""One training step of a variational autoencoder in PyTorch.

    python pytorch_vae.py GENES LATENT BATCH THREADS

Genes to means and log-variances, a draw, back to genes by logits; binary cross-entropy plus the
Kullback-Leibler divergence; default Adam. The script answers every line with a number of steps on
standard input by a JSON list: milliseconds a step.
"""

import json
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F


def main():
    genes, latent, batch, threads = map(int, sys.argv[1:])
    torch.set_num_threads(threads)
    torch.manual_seed(7)
    samples = 4 * batch
    data = torch.rand(samples, genes)
    mean = nn.Linear(genes, latent)
    log_variance = nn.Linear(genes, latent)
    decoder = nn.Linear(latent, genes)
    parts = nn.ModuleList([mean, log_variance, decoder])
    optimizer = torch.optim.Adam(parts.parameters(), lr=1e-3)

    def step():
        x = data[torch.randint(samples, (batch,))]
        optimizer.zero_grad()
        m, v = mean(x), log_variance(x)
        z = m + torch.randn_like(m) * torch.exp(0.5 * v)
        data_loss = F.binary_cross_entropy_with_logits(decoder(z), x)
        divergence = -0.5 * (1 + v - m * m - v.exp()).sum() / (batch * genes)
        loss = data_loss + divergence
        loss.backward()
        optimizer.step()
        return loss.item()

    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            start = time.perf_counter()
            step()
            times.append(1e3 * (time.perf_counter() - start))
        print(json.dumps(times), flush=True)


if __name__ == "__main__":
    print(json.dumps(torch.__version__), flush=True)
    main()
