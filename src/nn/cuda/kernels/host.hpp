// The kernels on the host, for tests where no GPU is: every thread of a block is a fiber, and a
// fiber that waits for the others of its warp or block lets them run. Blocks run one by one.
#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <ucontext.h>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __shared__ static
#define __forceinline__ inline
#define __restrict__
using std::max;
using std::min;

struct dim3 {
    unsigned x, y, z;
};
static dim3 blockIdx, blockDim, gridDim, threadIdx;

struct float4 {
    float x, y, z, w;
};
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

namespace host {

constexpr unsigned WARP = 32;

struct Fiber {
    ucontext_t context;
    std::vector<char> stack;
    bool done;
    // What it gave to its warp, of the two latest exchanges.
    double given[2];
    unsigned exchanges;
};

// How many of a group wait, and how often all of it has met.
struct Barrier {
    unsigned waiting = 0, meetings = 0, members = 0;
};

static std::vector<Fiber> fibers;
static std::vector<Barrier> warps;
static Barrier block;
static ucontext_t scheduler;
static unsigned current;
static bool stuck;

inline void yield() { swapcontext(&fibers[current].context, &scheduler); }

inline void meet(Barrier &barrier) {
    unsigned meeting = barrier.meetings;
    if (++barrier.waiting == barrier.members) {
        barrier.waiting = 0;
        barrier.meetings++;
        return;
    }
    while (barrier.meetings == meeting && !stuck) yield();
}

// A thread that has returned is waited for no longer.
inline void leave(Barrier &barrier) {
    barrier.members--;
    if (barrier.members > 0 && barrier.waiting == barrier.members) {
        barrier.waiting = 0;
        barrier.meetings++;
    }
}

template <typename T> T exchange(T value, unsigned with) {
    static_assert(sizeof(T) <= sizeof(double), "a number");
    Fiber &own = fibers[current];
    unsigned slot = own.exchanges++ % 2;
    std::memcpy(&own.given[slot], &value, sizeof(T));
    unsigned warp = current / WARP;
    meet(warps[warp]);
    T other;
    std::memcpy(&other, &fibers[warp * WARP + with].given[slot], sizeof(T));
    return other;
}

struct Call {
    virtual void run(void **arguments) = 0;
    virtual ~Call() = default;
};

template <typename... A> struct CallOf : Call {
    void (*kernel)(A...);
    explicit CallOf(void (*kernel)(A...)) : kernel(kernel) {}
    template <size_t... I> void with(void **arguments, std::index_sequence<I...>) {
        kernel(*static_cast<std::decay_t<A> *>(arguments[I])...);
    }
    void run(void **arguments) override { with(arguments, std::index_sequence_for<A...>{}); }
};

inline std::map<std::string, Call *> &kernels() {
    static std::map<std::string, Call *> all;
    return all;
}

struct Register {
    template <typename... A> Register(const char *name, void (*kernel)(A...)) {
        kernels()[name] = new CallOf<A...>(kernel);
    }
};

static Call *running;
static void **running_arguments;

static void entry() {
    running->run(running_arguments);
    fibers[current].done = true;
    leave(warps[current / WARP]);
    leave(block);
    yield();
}

} // namespace host

#define KERNEL(name, ...)                                                                        \
    static void name(__VA_ARGS__);                                                               \
    static host::Register register_##name(#name, name);                                          \
    static void name(__VA_ARGS__)

inline void __syncthreads() { host::meet(host::block); }

template <typename T> T __shfl_xor_sync(unsigned, T value, unsigned distance, int = 32) {
    return host::exchange(value, (host::current % host::WARP) ^ distance);
}

namespace host {

// Runs a kernel on a grid; whether its threads did not wait for each other forever.
inline bool run(Call *kernel, dim3 grid, unsigned threads, void **arguments) {
    running = kernel;
    running_arguments = arguments;
    gridDim = grid;
    blockDim = {threads, 1, 1};
    fibers.resize(std::max<size_t>(fibers.size(), threads));
    stuck = false;
    for (unsigned number = 0; number < grid.x * grid.y * grid.z; number++) {
        blockIdx = {number % grid.x, number / grid.x % grid.y, number / grid.x / grid.y};
        block = Barrier{0, 0, threads};
        warps.assign((threads + WARP - 1) / WARP, Barrier{});
        for (unsigned t = 0; t < threads; t++) {
            Fiber &fiber = fibers[t];
            fiber.stack.resize(64 << 10);
            fiber.done = false;
            fiber.exchanges = 0;
            warps[t / WARP].members++;
            getcontext(&fiber.context);
            fiber.context.uc_stack.ss_sp = fiber.stack.data();
            fiber.context.uc_stack.ss_size = fiber.stack.size();
            fiber.context.uc_link = &scheduler;
            makecontext(&fiber.context, entry, 0);
        }
        auto meetings = [] {
            unsigned all = block.meetings;
            for (Barrier &warp : warps) all += warp.meetings;
            return all;
        };
        unsigned left = threads, idle = 0;
        while (left > 0) {
            unsigned before = left, met = meetings();
            for (unsigned t = 0; t < threads; t++) {
                if (fibers[t].done) continue;
                current = t;
                threadIdx = {t, 0, 0};
                swapcontext(&scheduler, &fibers[t].context);
                if (fibers[t].done) left--;
            }
            idle = left == before && meetings() == met ? idle + 1 : 0;
            if (idle > 2) {
                stuck = true;
                return false;
            }
        }
    }
    return true;
}

} // namespace host

// Runs a kernel by its name; 0, or 1 if there is none, or 2 if its threads wait for each other
// forever.
extern "C" int gsae_host_launch(const char *name, unsigned across, unsigned down,
                                unsigned threads, void **arguments) {
    auto found = host::kernels().find(name);
    if (found == host::kernels().end()) return 1;
    return host::run(found->second, {across, down, 1}, threads, arguments) ? 0 : 2;
}
