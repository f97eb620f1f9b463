// A CUDA driver, cuBLAS and cuRAND that run on the host, for machines without a GPU: the parts that
// candle and gsae call, with memory in main memory and kernels as in kernels/host.hpp. The
// kernels are gsae's own and candle's, compiled from their sources; CANDLE_KERNELS is a generated
// file that includes and registers the latter.
#define GSAE_HOST
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "all.cu"

#include CANDLE_KERNELS

#define API extern "C" __attribute__((visibility("default")))

typedef u64 Pointer;
enum { OK = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_DEVICE = 101, NOT_FOUND = 500,
       LAUNCH_TIMEOUT = 702 };

static int context, stream_number, event;

API int cuInit(unsigned) { return OK; }
API int cuDeviceGetCount(int *count) { return *count = 1, OK; }
API int cuDeviceGet(int *device, int number) {
    *device = number;
    return number == 0 ? OK : INVALID_DEVICE;
}
API int cuDeviceGetName(char *name, int length, int) {
    snprintf(name, length, "the host");
    return OK;
}
API int cuDeviceGetAttribute(int *value, int, int) { return *value = 1, OK; }
API int cuDeviceTotalMem_v2(size_t *bytes, int) { return *bytes = 8ull << 30, OK; }
API int cuDevicePrimaryCtxRetain(void **own, int) { return *own = &context, OK; }
API int cuDevicePrimaryCtxRelease_v2(int) { return OK; }
API int cuCtxGetCurrent(void **own) { return *own = &context, OK; }
API int cuCtxSetCurrent(void *) { return OK; }
API int cuCtxSynchronize() { return OK; }
API int cuCtxSetFlags(unsigned) { return OK; }
API int cuGetErrorName(int, const char **name) { return *name = "an error of the fake driver", OK; }
API int cuGetErrorString(int code, const char **text) {
    static char message[64];
    snprintf(message, sizeof message, "error %d of the fake driver", code);
    return *text = message, OK;
}

API int cuMemGetInfo_v2(size_t *left, size_t *all) {
    *left = *all = 8ull << 30;
    return OK;
}
API int cuDeviceGetMemPool(void **pool, int) { return *pool = &context, OK; }
API int cuMemPoolSetAttribute(void *, int, void *) { return OK; }
API int cuMemPoolGetAttribute(void *, int, u64 *value) { return *value = 0, OK; }
// Fresh memory holds no numbers, so that what is read before it is written shows.
API int cuMemAlloc_v2(Pointer *to, size_t bytes) {
    if (bytes == 0) return INVALID_VALUE;
    void *memory = nullptr;
    if (posix_memalign(&memory, 256, bytes) != 0) return OUT_OF_MEMORY;
    memset(memory, 0xff, bytes);
    *to = (Pointer)memory;
    return OK;
}
API int cuMemAllocAsync(Pointer *to, size_t bytes, void *) { return cuMemAlloc_v2(to, bytes); }
API int cuMemFree_v2(Pointer at) { return free((void *)at), OK; }
API int cuMemFreeAsync(Pointer at, void *) { return free((void *)at), OK; }
API int cuMemsetD8Async(Pointer at, unsigned char value, size_t n, void *) {
    return memset((void *)at, value, n), OK;
}
API int cuMemcpyHtoDAsync_v2(Pointer to, const void *from, size_t bytes, void *) {
    return memcpy((void *)to, from, bytes), OK;
}
API int cuMemcpyDtoHAsync_v2(void *to, Pointer from, size_t bytes, void *) {
    return memcpy(to, (void *)from, bytes), OK;
}
API int cuMemcpyDtoDAsync_v2(Pointer to, Pointer from, size_t bytes, void *) {
    return memmove((void *)to, (void *)from, bytes), OK;
}

API int cuStreamCreate(void **own, unsigned) { return *own = &stream_number, OK; }
API int cuStreamDestroy_v2(void *) { return OK; }
API int cuStreamSynchronize(void *) { return OK; }
API int cuStreamIsCapturing(void *, int *status) { return *status = 0, OK; }
API int cuStreamWaitEvent(void *, void *, unsigned) { return OK; }
API int cuEventCreate(void **own, unsigned) { return *own = &event, OK; }
API int cuEventDestroy_v2(void *) { return OK; }
API int cuEventRecord(void *, void *) { return OK; }
API int cuEventSynchronize(void *) { return OK; }

API int cuModuleLoadData(void **module, const void *) { return *module = &context, OK; }
API int cuModuleUnload(void *) { return OK; }
API int cuModuleGetFunction(void **function, void *, const char *name) {
    auto found = host::kernels().find(name);
    if (found == host::kernels().end()) {
        fprintf(stderr, "the fake driver has no kernel %s\n", name);
        return NOT_FOUND;
    }
    *function = found->second;
    return OK;
}
API int cuLaunchKernel(void *function, unsigned x, unsigned y, unsigned z, unsigned threads,
                       unsigned down, unsigned deep, unsigned, void *, void **arguments, void **) {
    if (x * y * z == 0 || threads == 0 || down != 1 || deep != 1 || threads > 1024) {
        fprintf(stderr, "a grid of %u x %u x %u blocks of %u x %u x %u threads\n", x, y, z, threads,
                down, deep);
        return INVALID_VALUE;
    }
    // The host runs one kernel at a time.
    static std::mutex running;
    std::lock_guard<std::mutex> alone(running);
    if (!host::run((host::Call *)function, {x, y, z}, threads, arguments)) return LAUNCH_TIMEOUT;
    return OK;
}

API int cublasCreate_v2(void **own) { return *own = &context, OK; }
API int cublasDestroy_v2(void *) { return OK; }
API int cublasSetStream_v2(void *, void *) { return OK; }

// C = alpha op(A) op(B) + beta C, all column by column.
template <typename T>
static void gemm(bool ta, bool tb, int m, int n, int k, T alpha, const T *a, int lda, const T *b,
                 int ldb, T beta, T *c, int ldc) {
    for (int j = 0; j < n; j++) {
        for (int i = 0; i < m; i++) {
            double sum = 0.0;
            for (int l = 0; l < k; l++) {
                sum += (double)a[ta ? l + (u64)i * lda : i + (u64)l * lda] *
                       (double)b[tb ? j + (u64)l * ldb : l + (u64)j * ldb];
            }
            T &own = c[i + (u64)j * ldc];
            own = (T)(alpha * sum + (beta == 0 ? 0 : beta * own));
        }
    }
}

enum { REAL_32F = 0 };

API int cublasGemmStridedBatchedEx(void *, int ta, int tb, int m, int n, int k, const float *alpha,
                                   const float *a, int atype, int lda, long long sa,
                                   const float *b, int btype, int ldb, long long sb,
                                   const float *beta, float *c, int ctype, int ldc, long long sc,
                                   int batches, int, int) {
    if (atype != REAL_32F || btype != REAL_32F || ctype != REAL_32F) return INVALID_VALUE;
    for (int at = 0; at < batches; at++) {
        gemm<float>(ta, tb, m, n, k, *alpha, a + at * sa, lda, b + at * sb, ldb, *beta,
                    c + at * sc, ldc);
    }
    return OK;
}
API int cublasDgemmStridedBatched(void *, int ta, int tb, int m, int n, int k, const double *alpha,
                                  const double *a, int lda, long long sa, const double *b, int ldb,
                                  long long sb, const double *beta, double *c, int ldc,
                                  long long sc, int batches) {
    for (int at = 0; at < batches; at++) {
        gemm<double>(ta, tb, m, n, k, *alpha, a + at * sa, lda, b + at * sb, ldb, *beta,
                     c + at * sc, ldc);
    }
    return OK;
}

API int curandCreateGenerator(void **own, int) { return *own = &context, OK; }
API int curandDestroyGenerator(void *) { return OK; }
API int curandSetPseudoRandomGeneratorSeed(void *, u64) { return OK; }
API int curandSetStream(void *, void *) { return OK; }
