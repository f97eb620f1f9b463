// What all kernels share. Matrices are feature-major, [features, batch] with the batch
// contiguous, as on the CPU. Every sum has one order, which depends on sizes alone: no atomics.
#pragma once

typedef unsigned int u32;
typedef unsigned long long u64;

#ifdef GSAE_HOST
#include "host.hpp"
#else
#define KERNEL(name, ...) extern "C" __global__ void __launch_bounds__(256) name(__VA_ARGS__)
#endif

constexpr u32 LANES = 32;
constexpr u32 ALL_LANES = 0xffffffffu;
// Threads of a block whose threads each take elements of their own, and of a block that sums.
constexpr u32 THREADS = 256;

__device__ inline u64 first_element() { return (u64)blockIdx.x * blockDim.x + threadIdx.x; }

__device__ inline u64 all_threads() { return (u64)gridDim.x * blockDim.x; }

// The sum over a warp, in every lane.
template <typename T> __device__ inline T warp_sum(T value) {
    for (u32 distance = LANES / 2; distance > 0; distance /= 2) {
        value += __shfl_xor_sync(ALL_LANES, value, distance);
    }
    return value;
}

// The sum over a block of THREADS threads, in its first thread.
__device__ inline double block_sum(double value) {
    __shared__ double parts[THREADS / LANES];
    value = warp_sum(value);
    if (threadIdx.x % LANES == 0) parts[threadIdx.x / LANES] = value;
    __syncthreads();
    double sum = 0.0;
    if (threadIdx.x == 0) {
        for (u32 part = 0; part < THREADS / LANES; part++) sum += parts[part];
    }
    __syncthreads();
    return sum;
}
