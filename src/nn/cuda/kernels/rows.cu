// What is computed row by row of [rows, batch], a warp a row; and copies that transpose.
#include "common.cuh"

__device__ inline u32 own_row() { return (blockIdx.x * blockDim.x + threadIdx.x) / LANES; }

// out[row] = scale * the sum of the row.
KERNEL(gsae_row_sums, const float *__restrict__ x, const float *__restrict__ scale,
       double factor, float *__restrict__ out, u32 rows, u32 batch) {
    u32 row = own_row(), lane = threadIdx.x % LANES;
    if (row >= rows) return;
    const float *own = x + (u64)row * batch;
    double sum = 0.0;
    for (u32 at = lane; at < batch; at += LANES) sum += own[at];
    sum = warp_sum(sum) * factor;
    if (lane == 0) out[row] = (float)(scale == nullptr ? sum : sum * *scale);
}

// The least and the greatest value of every row.
KERNEL(gsae_row_range, const float *__restrict__ x, float *__restrict__ least,
       float *__restrict__ most, u32 rows, u32 batch) {
    u32 row = own_row(), lane = threadIdx.x % LANES;
    if (row >= rows) return;
    const float *own = x + (u64)row * batch;
    float low = own[0], high = own[0];
    for (u32 at = lane; at < batch; at += LANES) {
        low = fminf(low, own[at]);
        high = fmaxf(high, own[at]);
    }
    for (u32 distance = LANES / 2; distance > 0; distance /= 2) {
        low = fminf(low, __shfl_xor_sync(ALL_LANES, low, distance));
        high = fmaxf(high, __shfl_xor_sync(ALL_LANES, high, distance));
    }
    if (lane == 0) {
        least[row] = low;
        most[row] = high;
    }
}

// The mean of every row and its variance, divided by the count.
KERNEL(gsae_row_moments, const float *__restrict__ x, double *__restrict__ means,
       double *__restrict__ variances, u32 rows, u32 batch) {
    u32 row = own_row(), lane = threadIdx.x % LANES;
    if (row >= rows) return;
    const float *own = x + (u64)row * batch;
    double sum = 0.0;
    for (u32 at = lane; at < batch; at += LANES) sum += own[at];
    double mean = warp_sum(sum) / batch;
    double squares = 0.0;
    for (u32 at = lane; at < batch; at += LANES) {
        double deviation = own[at] - mean;
        squares += deviation * deviation;
    }
    squares = warp_sum(squares);
    if (lane == 0) {
        means[row] = mean;
        variances[row] = squares / batch;
    }
}

// running = keep * running + (1 - keep) * factor * newest.
KERNEL(gsae_move_towards, float *__restrict__ running, const double *__restrict__ newest,
       double keep, double factor, u64 n) {
    for (u64 at = first_element(); at < n; at += all_threads()) {
        running[at] = (float)(keep * running[at] + (1.0 - keep) * factor * newest[at]);
    }
}

// y = (x - mean) / sqrt(variance + epsilon) * weight + bias.
KERNEL(gsae_normalise, const float *__restrict__ x, const double *__restrict__ means,
       const double *__restrict__ variances, double epsilon, const float *__restrict__ weight,
       const float *__restrict__ bias, float *__restrict__ y, u32 rows, u32 batch) {
    u32 row = own_row(), lane = threadIdx.x % LANES;
    if (row >= rows) return;
    float mean = (float)means[row];
    float scale = (float)(1.0 / sqrt(variances[row] + epsilon)) * weight[row];
    for (u32 at = lane; at < batch; at += LANES) {
        u64 place = (u64)row * batch + at;
        y[place] = (x[place] - mean) * scale + bias[row];
    }
}

// The gradients of x, weight and bias; `training`: mean and variance are the batch's own.
KERNEL(gsae_normalise_gradient, const float *__restrict__ x, const double *__restrict__ means,
       const double *__restrict__ variances, double epsilon, const float *__restrict__ weight,
       const float *__restrict__ g, u32 training, float *__restrict__ gx,
       float *__restrict__ gweight, float *__restrict__ gbias, u32 rows, u32 batch) {
    u32 row = own_row(), lane = threadIdx.x % LANES;
    if (row >= rows) return;
    double mean = means[row], inverse = 1.0 / sqrt(variances[row] + epsilon);
    const float *own = x + (u64)row * batch;
    const float *theirs = g + (u64)row * batch;
    double sum = 0.0, product = 0.0;
    for (u32 at = lane; at < batch; at += LANES) {
        sum += theirs[at];
        product += theirs[at] * ((own[at] - mean) * inverse);
    }
    sum = warp_sum(sum);
    product = warp_sum(product);
    double scale = weight[row] * inverse;
    for (u32 at = lane; at < batch; at += LANES) {
        double slope = theirs[at];
        if (training != 0) slope -= (sum + (own[at] - mean) * inverse * product) / batch;
        gx[(u64)row * batch + at] = (float)(scale * slope);
    }
    if (lane == 0) {
        gweight[row] = (float)product;
        gbias[row] = (float)sum;
    }
}

constexpr u32 SIDE = 32;

// out[f, i] = matrix[rows[i], f]; without `rows` row i is taken. out: [features, count]. A block
// of 256 threads takes a square of SIDE; grid: (squares of features, squares of rows).
KERNEL(gsae_gather, const float *__restrict__ matrix, const u32 *__restrict__ rows,
       float *__restrict__ out, u32 features, u32 count) {
    __shared__ float square[SIDE][SIDE + 1];
    u32 across = threadIdx.x % SIDE, down = threadIdx.x / SIDE;
    u32 feature = blockIdx.x * SIDE + across;
    for (u32 step = down; step < SIDE; step += THREADS / SIDE) {
        u32 at = blockIdx.y * SIDE + step;
        if (feature < features && at < count) {
            u64 row = rows == nullptr ? at : rows[at];
            square[step][across] = matrix[row * features + feature];
        }
    }
    __syncthreads();
    u32 at = blockIdx.y * SIDE + across;
    for (u32 step = down; step < SIDE; step += THREADS / SIDE) {
        u32 own = blockIdx.x * SIDE + step;
        if (own < features && at < count) out[(u64)own * count + at] = square[across][step];
    }
}
