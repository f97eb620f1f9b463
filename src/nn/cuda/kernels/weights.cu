// Updates of all weights by one kernel: a block takes CHUNK elements of one of up to MOST weights.
#include "common.cuh"

constexpr u32 MOST = 32;
constexpr u32 CHUNK = 4 * THREADS;

// For every weight its numbers, up to two rows of history and its gradient; how many numbers, and
// the first of the blocks that take them.
struct Weights {
    float *w[MOST];
    float *history[2][MOST];
    float *gradient[MOST];
    u64 count[MOST];
    u32 first_block[MOST];
};

// Which of the weights this block takes.
__device__ inline u32 own_weight(const Weights &all, u32 weights) {
    u32 own = 0;
    while (own + 1 < weights && all.first_block[own + 1] <= blockIdx.x) own++;
    return own;
}

// The first element of this thread, and the one after its block's last.
__device__ inline u64 chunk_start(const Weights &all, u32 own) {
    return (u64)(blockIdx.x - all.first_block[own]) * CHUNK;
}

__device__ inline u64 chunk_end(const Weights &all, u32 own) {
    u64 end = chunk_start(all, own) + CHUNK;
    return end < all.count[own] ? end : all.count[own];
}

// parts[block]: sums of the squared gradients.
KERNEL(gsae_sum_squares, Weights all, u32 weights, double *__restrict__ parts) {
    u32 own = own_weight(all, weights);
    const float *g = all.gradient[own];
    u64 end = chunk_end(all, own);
    double sum = 0.0;
    for (u64 at = chunk_start(all, own) + threadIdx.x; at < end; at += THREADS) {
        sum += (double)g[at] * (double)g[at];
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

// norm = the root of the sum of parts; factor = min(1, limit / norm). One block.
KERNEL(gsae_clip_factor, const double *__restrict__ parts, u32 count, double limit,
       float *__restrict__ factor, double *__restrict__ norm) {
    double sum = 0.0;
    for (u32 at = threadIdx.x; at < count; at += THREADS) sum += parts[at];
    double root = sqrt(block_sum(sum));
    if (threadIdx.x == 0) {
        *norm = root;
        *factor = root > limit ? (float)(limit / root) : 1.f;
    }
}

// Gradients *= the scalar, in place; nothing is read or written if that is 1.
KERNEL(gsae_clip, Weights all, u32 weights, const float *__restrict__ scalar) {
    float factor = *scalar;
    if (factor == 1.f) return;
    u32 own = own_weight(all, weights);
    float *g = all.gradient[own];
    u64 end = chunk_end(all, own);
    for (u64 at = chunk_start(all, own) + threadIdx.x; at < end; at += THREADS) g[at] *= factor;
}

KERNEL(gsae_adam, Weights all, u32 weights, float keep1, float new1, float keep2, float new2,
       float step, float root, float epsilon, float penalty, float shrink) {
    u32 own = own_weight(all, weights);
    float *w = all.w[own], *m = all.history[0][own], *v = all.history[1][own];
    const float *gradient = all.gradient[own];
    u64 end = chunk_end(all, own);
    for (u64 at = chunk_start(all, own) + threadIdx.x; at < end; at += THREADS) {
        float g = gradient[at] + penalty * w[at];
        m[at] = keep1 * m[at] + new1 * g;
        v[at] = keep2 * v[at] + new2 * g * g;
        w[at] = shrink * w[at] - step * m[at] / (sqrtf(v[at]) * root + epsilon);
    }
}

KERNEL(gsae_sgd, Weights all, u32 weights, float rate, float momentum, u32 nesterov) {
    u32 own = own_weight(all, weights);
    float *w = all.w[own], *u = all.history[0][own];
    const float *gradient = all.gradient[own];
    u64 end = chunk_end(all, own);
    for (u64 at = chunk_start(all, own) + threadIdx.x; at < end; at += THREADS) {
        float change = momentum * u[at] - rate * gradient[at];
        u[at] = change;
        w[at] += nesterov != 0 ? momentum * change - rate * gradient[at] : change;
    }
}
