// The masked layer: a sparse matrix by its lines (starts, across) times a dense one, and the
// gradient of its values. A block has four warps and takes one line; `order` names the lines,
// the longest first, so that none is left to run alone at the end.
#include "common.cuh"

constexpr u32 WARPS = 4;
// Columns of the batch that a warp takes at once: four a lane.
constexpr u32 TILE = 128;
// Tiles of its own line that a warp keeps in registers for the gradient.
constexpr u32 TILES = 8;

struct Quad {
    float v[4];
};

// Which columns of a tile a lane's four numbers are.
template <bool WIDE> __device__ inline u32 column(u32 lane, u32 k) {
    return WIDE ? 4 * lane + k : lane + LANES * k;
}

// Four numbers of a row; WIDE: the row is aligned to 16 bytes and a multiple of 4 long.
template <bool WIDE>
__device__ inline Quad load(const float *row, u32 first, u32 lane, u32 batch) {
    Quad quad;
    if (WIDE) {
        u32 at = first + 4 * lane;
        float4 four = make_float4(0.f, 0.f, 0.f, 0.f);
        if (at < batch) four = *reinterpret_cast<const float4 *>(row + at);
        quad.v[0] = four.x;
        quad.v[1] = four.y;
        quad.v[2] = four.z;
        quad.v[3] = four.w;
    } else {
#pragma unroll
        for (u32 k = 0; k < 4; k++) {
            u32 at = first + column<false>(lane, k);
            quad.v[k] = at < batch ? row[at] : 0.f;
        }
    }
    return quad;
}

template <bool WIDE>
__device__ void product(const u32 *order, const u32 *starts, const u32 *across, const u32 *twin,
                        const float *values, const float *bias, const float *scale,
                        const float *x, float *y, u32 batch) {
    __shared__ float parts[WARPS][TILE];
    u32 line = order[blockIdx.x];
    u32 first = blockIdx.y * TILE;
    u32 lane = threadIdx.x % LANES;
    u32 warp = threadIdx.x / LANES;
    u32 end = starts[line + 1];
    Quad sum = {{0.f, 0.f, 0.f, 0.f}};
#pragma unroll 4
    for (u32 entry = starts[line] + warp; entry < end; entry += WARPS) {
        float value = values[twin == nullptr ? entry : twin[entry]];
        Quad quad = load<WIDE>(x + (u64)across[entry] * batch, first, lane, batch);
#pragma unroll
        for (u32 k = 0; k < 4; k++) sum.v[k] = fmaf(value, quad.v[k], sum.v[k]);
    }
#pragma unroll
    for (u32 k = 0; k < 4; k++) parts[warp][column<WIDE>(lane, k)] = sum.v[k];
    __syncthreads();
    u32 at = first + threadIdx.x;
    if (at < batch) {
        float total = 0.f;
#pragma unroll
        for (u32 part = 0; part < WARPS; part++) total += parts[part][threadIdx.x];
        if (scale != nullptr) total *= *scale;
        if (bias != nullptr) total += bias[line];
        y[(u64)line * batch + at] = total;
    }
}

// y[line, :] = scale * sum over the line's entries of value * x[across, :], + bias[line].
// `twin`: where an entry's value is, if values are in the order of the other direction.
// Grid: (lines, tiles), WARPS warps.
KERNEL(gsae_product, const u32 *__restrict__ order, const u32 *__restrict__ starts,
       const u32 *__restrict__ across, const u32 *__restrict__ twin,
       const float *__restrict__ values, const float *__restrict__ bias,
       const float *__restrict__ scale, const float *__restrict__ x, float *__restrict__ y,
       u32 batch, u32 wide) {
    if (wide != 0) {
        product<true>(order, starts, across, twin, values, bias, scale, x, y, batch);
    } else {
        product<false>(order, starts, across, twin, values, bias, scale, x, y, batch);
    }
}

template <bool WIDE>
__device__ void values_gradient(const u32 *order, const u32 *starts, const u32 *across,
                                const u32 *place, const float *own, const float *other,
                                const float *scale, float *out, u32 batch, u32 entries) {
    u32 line = order[blockIdx.x];
    u32 first = blockIdx.y * (TILES * TILE);
    u32 lane = threadIdx.x % LANES;
    u32 warp = threadIdx.x / LANES;
    float factor = scale == nullptr ? 1.f : *scale;
    Quad mine[TILES];
#pragma unroll
    for (u32 tile = 0; tile < TILES; tile++) {
        mine[tile] = load<WIDE>(own + (u64)line * batch, first + tile * TILE, lane, batch);
    }
    float *to = out + (u64)blockIdx.y * entries;
    u32 end = starts[line + 1];
    for (u32 entry = starts[line] + warp; entry < end; entry += WARPS) {
        const float *row = other + (u64)across[entry] * batch;
        float sum = 0.f;
#pragma unroll
        for (u32 tile = 0; tile < TILES; tile++) {
            if (first + tile * TILE < batch) {
                Quad quad = load<WIDE>(row, first + tile * TILE, lane, batch);
#pragma unroll
                for (u32 k = 0; k < 4; k++) sum = fmaf(mine[tile].v[k], quad.v[k], sum);
            }
        }
        sum = warp_sum(sum);
        if (lane == 0) to[place == nullptr ? entry : place[entry]] = factor * sum;
    }
}

// out[group, place] = scale * own[line, :] . other[across, :] over the group's columns.
// Grid: (lines, groups of TILES tiles), WARPS warps.
KERNEL(gsae_values_gradient, const u32 *__restrict__ order, const u32 *__restrict__ starts,
       const u32 *__restrict__ across, const u32 *__restrict__ place,
       const float *__restrict__ own, const float *__restrict__ other,
       const float *__restrict__ scale, float *__restrict__ out, u32 batch, u32 entries,
       u32 wide) {
    if (wide != 0) {
        values_gradient<true>(order, starts, across, place, own, other, scale, out, batch,
                              entries);
    } else {
        values_gradient<false>(order, starts, across, place, own, other, scale, out, batch,
                               entries);
    }
}

// out[i] = the sum of parts[0..count, i].
KERNEL(gsae_sum_parts, const float *__restrict__ parts, float *__restrict__ out, u64 n,
       u32 count) {
    for (u64 at = first_element(); at < n; at += all_threads()) {
        float sum = 0.f;
        for (u32 part = 0; part < count; part++) sum += parts[part * n + at];
        out[at] = sum;
    }
}

// out[i] = from[order[i]].
KERNEL(gsae_reorder, const float *__restrict__ from, const u32 *__restrict__ order,
       float *__restrict__ out, u64 n) {
    for (u64 at = first_element(); at < n; at += all_threads()) out[at] = from[order[at]];
}
