// The negative binomial likelihood of counts: its mean over all, and its gradients. A block has
// eight warps; its lanes are samples, so that a warp reads a gene of 32 samples at once, and it
// takes GENES genes.
#include "common.cuh"

constexpr u32 GENES = 256;
constexpr double FEW = 12.0;

// The derivative of ln gamma: the recurrence up to 8, then the asymptotic series (Abramowitz &
// Stegun 1964, 6.3.18).
__device__ inline double digamma(double x) {
    double sum = 0.0;
    while (x < 8.0) {
        sum -= 1.0 / x;
        x += 1.0;
    }
    double r = 1.0 / (x * x);
    double series = r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 -
                    r * (1.0 / 132 - r * 691.0 / 32760)))));
    return sum + log(x) - 0.5 / x - series;
}

// ln gamma(k + theta) - ln gamma(theta), and its derivative in theta.
__device__ inline void rising(double k, double theta, double &value, double &slope) {
    if (k <= FEW && k == floor(k)) {
        value = 0.0;
        slope = 0.0;
        for (double j = 0.0; j < k; j += 1.0) {
            value += log(theta + j);
            slope += 1.0 / (theta + j);
        }
    } else {
        value = lgamma(k + theta) - lgamma(theta);
        slope = digamma(k + theta) - digamma(theta);
    }
}

// The sum over the warps of a block, lane by lane, in the first warp.
__device__ inline double over_warps(double value) {
    __shared__ double parts[THREADS / LANES][LANES];
    u32 lane = threadIdx.x % LANES, warp = threadIdx.x / LANES;
    parts[warp][lane] = value;
    __syncthreads();
    double sum = 0.0;
    if (warp == 0) {
        for (u32 part = 0; part < THREADS / LANES; part++) sum += parts[part][lane];
    }
    __syncthreads();
    return sum;
}

// Of every sample the greatest logit of a part of the genes and the sum of e^(logit - greatest):
// [parts, batch] each. Grid: (groups of samples, parts).
KERNEL(gsae_counts_shares, const float *__restrict__ logits, double *__restrict__ greatest,
       double *__restrict__ sums, u32 genes, u32 batch) {
    __shared__ float tops[THREADS / LANES][LANES];
    u32 lane = threadIdx.x % LANES, warp = threadIdx.x / LANES;
    u32 sample = blockIdx.x * LANES + lane;
    u32 end = min(genes, (blockIdx.y + 1) * GENES);
    bool there = sample < batch;
    float top = -INFINITY;
    for (u32 gene = blockIdx.y * GENES + warp; there && gene < end; gene += THREADS / LANES) {
        top = fmaxf(top, logits[(u64)gene * batch + sample]);
    }
    tops[warp][lane] = top;
    __syncthreads();
    for (u32 other = 0; other < THREADS / LANES; other++) top = fmaxf(top, tops[other][lane]);
    double sum = 0.0;
    for (u32 gene = blockIdx.y * GENES + warp; there && gene < end; gene += THREADS / LANES) {
        sum += exp((double)logits[(u64)gene * batch + sample] - top);
    }
    sum = over_warps(sum);
    if (warp == 0 && there) {
        greatest[(u64)blockIdx.y * batch + sample] = top;
        sums[(u64)blockIdx.y * batch + sample] = sum;
    }
}

// The parts of every sample together, in place of the first part.
KERNEL(gsae_counts_join, double *__restrict__ greatest, double *__restrict__ sums, u32 parts,
       u32 batch) {
    for (u64 sample = first_element(); sample < batch; sample += all_threads()) {
        double top = greatest[sample];
        for (u32 part = 1; part < parts; part++) {
            top = fmax(top, greatest[(u64)part * batch + sample]);
        }
        double sum = 0.0;
        for (u32 part = 0; part < parts; part++) {
            u64 at = (u64)part * batch + sample;
            sum += sums[at] * exp(greatest[at] - top);
        }
        greatest[sample] = top;
        sums[sample] = sum;
    }
}

// Of every count the mean times the slope in the mean, and the slope in ln theta with the other
// sign; of every part and sample the loss and the sum of the former. Grid as above.
KERNEL(gsae_counts_terms, const float *__restrict__ logits, const float *__restrict__ counts,
       const float *__restrict__ log_theta, const double *__restrict__ library,
       const double *__restrict__ greatest, const double *__restrict__ sums,
       float *__restrict__ in_mean, float *__restrict__ in_theta, double *__restrict__ losses,
       double *__restrict__ weighted, u32 genes, u32 batch) {
    u32 lane = threadIdx.x % LANES, warp = threadIdx.x / LANES;
    u32 sample = blockIdx.x * LANES + lane;
    u32 end = min(genes, (blockIdx.y + 1) * GENES);
    bool there = sample < batch;
    double loss = 0.0, total = 0.0;
    for (u32 gene = blockIdx.y * GENES + warp; there && gene < end; gene += THREADS / LANES) {
        u64 at = (u64)gene * batch + sample;
        double k = counts[at], theta = exp((double)log_theta[gene]);
        double share = exp((double)logits[at] - greatest[sample]) / sums[sample];
        double mean = fmax(library[sample] * share, 2.2250738585072014e-308);
        double ratio = log1p(mean / theta);
        loss += theta * ratio;
        double slope = -ratio - (k - mean) / (theta + mean);
        if (k > 0.0) {
            double value, more;
            rising(k, theta, value, more);
            loss -= value - lgamma(k + 1.0) + k * (log(mean / theta) - ratio);
            slope += more;
        }
        double own = k - mean * (k + theta) / (theta + mean);
        total += own;
        in_mean[at] = (float)own;
        in_theta[at] = (float)(-theta * slope);
    }
    loss = over_warps(loss);
    total = over_warps(total);
    if (warp == 0 && there) {
        losses[(u64)blockIdx.y * batch + sample] = loss;
        weighted[(u64)blockIdx.y * batch + sample] = total;
    }
}

// The sums of the parts of every sample, in place of the first part.
KERNEL(gsae_counts_add, double *__restrict__ parts_of, u32 parts, u32 batch) {
    for (u64 sample = first_element(); sample < batch; sample += all_threads()) {
        double sum = 0.0;
        for (u32 part = 0; part < parts; part++) sum += parts_of[(u64)part * batch + sample];
        parts_of[sample] = sum;
    }
}

// The gradient in the logits, in place of `in_mean`.
KERNEL(gsae_counts_logits, const float *__restrict__ logits, const double *__restrict__ greatest,
       const double *__restrict__ sums, const double *__restrict__ weighted,
       float *__restrict__ in_mean, double factor, u32 batch, u64 n) {
    for (u64 at = first_element(); at < n; at += all_threads()) {
        u32 sample = (u32)(at % batch);
        double share = exp((double)logits[at] - greatest[sample]) / sums[sample];
        in_mean[at] = (float)((share * weighted[sample] - in_mean[at]) * factor);
    }
}
