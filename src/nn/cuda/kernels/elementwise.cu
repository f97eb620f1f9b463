// Activations and losses: a number, or a sum, from each element.
#include "common.cuh"

enum Activation { RELU = 1, LEAKY_RELU, ELU, TANH, SIGMOID, SOFTPLUS };
constexpr float LEAK = 0.01f;

__device__ inline float sigmoid(float x) {
    if (x >= 0.f) return 1.f / (1.f + expf(-x));
    float e = expf(x);
    return e / (1.f + e);
}

__device__ inline float activated(u32 kind, float x) {
    switch (kind) {
    case RELU: return x > 0.f ? x : 0.f;
    case LEAKY_RELU: return x > 0.f ? x : LEAK * x;
    case ELU: return x > 0.f ? x : expm1f(x);
    case TANH: return tanhf(x);
    case SIGMOID: return sigmoid(x);
    case SOFTPLUS: return x > 0.f ? x + log1pf(expf(-x)) : log1pf(expf(x));
    default: return x;
    }
}

// The gradient in the input, from the activation y and the gradient in it.
__device__ inline float activation_slope(u32 kind, float y, float g) {
    switch (kind) {
    case RELU: return y > 0.f ? g : 0.f;
    case LEAKY_RELU: return y > 0.f ? g : LEAK * g;
    case ELU: return y > 0.f ? g : g * (y + 1.f);
    case TANH: return g * (1.f - y * y);
    case SIGMOID: return g * y * (1.f - y);
    case SOFTPLUS: return -g * expm1f(-y);
    default: return g;
    }
}

KERNEL(gsae_activation, u32 kind, const float *__restrict__ x, float *__restrict__ y, u64 n) {
    for (u64 at = first_element(); at < n; at += all_threads()) y[at] = activated(kind, x[at]);
}

KERNEL(gsae_activation_gradient, u32 kind, const float *__restrict__ y,
       const float *__restrict__ g, float *__restrict__ out, u64 n) {
    for (u64 at = first_element(); at < n; at += all_threads()) {
        out[at] = activation_slope(kind, y[at], g[at]);
    }
}

// y[row, :] += bias[row].
KERNEL(gsae_add_bias, float *__restrict__ y, const float *__restrict__ bias, u32 batch, u64 n) {
    for (u64 at = first_element(); at < n; at += all_threads()) y[at] += bias[at / batch];
}

enum Loss { SQUARED = 0, CROSS_ENTROPY, LOGIT_CROSS_ENTROPY };
constexpr float LOWEST_LN = -100.f;
constexpr float LEAST_VARIANCE = 1e-12f;

__device__ inline float cut_ln(float p) {
    float ln = logf(p);
    return ln < LOWEST_LN ? LOWEST_LN : ln;
}

__device__ inline float loss(u32 kind, float p, float t) {
    switch (kind) {
    case CROSS_ENTROPY: return -(t * cut_ln(p) + (1.f - t) * cut_ln(1.f - p));
    case LOGIT_CROSS_ENTROPY: {
        float above = p > 0.f ? p : 0.f, below = p > 0.f ? -p : p;
        return above - t * p + log1pf(expf(below));
    }
    default: return (p - t) * (p - t);
    }
}

__device__ inline float loss_slope(u32 kind, float p, float t) {
    switch (kind) {
    case CROSS_ENTROPY: {
        float variance = p * (1.f - p);
        return (p - t) / (variance < LEAST_VARIANCE ? LEAST_VARIANCE : variance);
    }
    case LOGIT_CROSS_ENTROPY: return sigmoid(p) - t;
    default: return 2.f * (p - t);
    }
}

__device__ inline float loss_target_slope(u32 kind, float p, float t) {
    switch (kind) {
    case CROSS_ENTROPY: return cut_ln(1.f - p) - cut_ln(p);
    case LOGIT_CROSS_ENTROPY: return -p;
    default: return 2.f * (t - p);
    }
}

// parts[block]: sums of the loss.
KERNEL(gsae_loss, u32 kind, const float *__restrict__ p, const float *__restrict__ t,
       double *__restrict__ parts, u64 n) {
    double sum = 0.0;
    for (u64 at = first_element(); at < n; at += all_threads()) sum += loss(kind, p[at], t[at]);
    sum = block_sum(sum);
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

// out = factor * (the loss's slope in the prediction, or in the target), times the scalar g.
KERNEL(gsae_loss_gradient, u32 kind, u32 in_target, const float *__restrict__ p,
       const float *__restrict__ t, const float *__restrict__ g, float factor,
       float *__restrict__ out, u64 n) {
    float scale = *g * factor;
    for (u64 at = first_element(); at < n; at += all_threads()) {
        float slope = in_target != 0 ? loss_target_slope(kind, p[at], t[at])
                                     : loss_slope(kind, p[at], t[at]);
        out[at] = scale * slope;
    }
}

// y becomes factor * (y - t); parts[block]: sums of (y - t)^2.
KERNEL(gsae_squared_error, float *__restrict__ y, const float *__restrict__ t,
       double *__restrict__ parts, float factor, u64 n) {
    double sum = 0.0;
    for (u64 at = first_element(); at < n; at += all_threads()) {
        float difference = y[at] - t[at];
        sum += difference * difference;
        y[at] = factor * difference;
    }
    sum = block_sum(sum);
    if (threadIdx.x == 0) parts[blockIdx.x] = sum;
}

// out = factor * the sum of parts. One block.
KERNEL(gsae_finish_sum, const double *__restrict__ parts, u32 count, double factor,
       float *__restrict__ out) {
    double sum = 0.0;
    for (u32 at = threadIdx.x; at < count; at += THREADS) sum += parts[at];
    sum = block_sum(sum);
    if (threadIdx.x == 0) *out = (float)(factor * sum);
}

// out = x times the scalar.
KERNEL(gsae_scale, const float *__restrict__ x, const float *__restrict__ scalar,
       float *__restrict__ out, u64 n) {
    float factor = *scalar;
    for (u64 at = first_element(); at < n; at += all_threads()) out[at] = factor * x[at];
}
