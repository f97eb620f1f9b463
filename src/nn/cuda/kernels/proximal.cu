// What penalties that are not smooth do to weights.
#include "common.cuh"

KERNEL(gsae_soft_threshold, float *__restrict__ w, double threshold, u64 n) {
    for (u64 at = first_element(); at < n; at += all_threads()) {
        double rest = fabs((double)w[at]) - threshold;
        w[at] = rest <= 0.0 ? 0.f : (float)copysign(rest, (double)w[at]);
    }
}

KERNEL(gsae_clamp_at_zero, float *__restrict__ w, u64 n) {
    for (u64 at = first_element(); at < n; at += all_threads()) {
        if (w[at] < 0.f) w[at] = 0.f;
    }
}

KERNEL(gsae_clear, float *__restrict__ w, const u32 *__restrict__ positions, u64 count) {
    for (u64 at = first_element(); at < count; at += all_threads()) w[positions[at]] = 0.f;
}

// The weights of a line, scaled by max(0, 1 - threshold sqrt(n) / norm). A warp a line from
// `first` on.
KERNEL(gsae_shrink_lines, const u32 *__restrict__ starts, const u32 *__restrict__ twin,
       float *__restrict__ w, u32 first, u32 count, double threshold) {
    u32 warp = (blockIdx.x * blockDim.x + threadIdx.x) / LANES;
    u32 lane = threadIdx.x % LANES;
    if (warp >= count) return;
    u32 start = starts[first + warp], end = starts[first + warp + 1];
    double squares = 0.0;
    for (u32 entry = start + lane; entry < end; entry += LANES) {
        double value = w[twin == nullptr ? entry : twin[entry]];
        squares += value * value;
    }
    double norm = sqrt(warp_sum(squares));
    double factor = 0.0;
    if (norm > 0.0) factor = fmax(0.0, 1.0 - threshold * sqrt((double)(end - start)) / norm);
    for (u32 entry = start + lane; entry < end; entry += LANES) {
        u32 at = twin == nullptr ? entry : twin[entry];
        w[at] = (float)((double)w[at] * factor);
    }
}
