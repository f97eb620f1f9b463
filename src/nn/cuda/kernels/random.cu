// The random numbers of the CPU, on the device: ChaCha with 8 rounds (Bernstein 2008), so that
// the same seed drops and corrupts the same elements on both.
#include "common.cuh"

struct Key {
    u32 word[8];
};

__device__ inline u32 rotated(u32 value, u32 by) { return (value << by) | (value >> (32 - by)); }

__device__ inline void quarter(u32 &a, u32 &b, u32 &c, u32 &d) {
    a += b;
    d = rotated(d ^ a, 16);
    c += d;
    b = rotated(b ^ c, 12);
    a += b;
    d = rotated(d ^ a, 8);
    c += d;
    b = rotated(b ^ c, 7);
}

// The 16 words of one block of a stream.
__device__ inline void chacha8(const Key &key, u64 counter, u64 stream, u32 out[16]) {
    u32 start[16] = {0x61707865u, 0x3320646eu, 0x79622d32u, 0x6b206574u,
                     key.word[0], key.word[1], key.word[2], key.word[3],
                     key.word[4], key.word[5], key.word[6], key.word[7],
                     (u32)counter, (u32)(counter >> 32), (u32)stream, (u32)(stream >> 32)};
#pragma unroll
    for (u32 at = 0; at < 16; at++) out[at] = start[at];
#pragma unroll
    for (u32 round = 0; round < 4; round++) {
        quarter(out[0], out[4], out[8], out[12]);
        quarter(out[1], out[5], out[9], out[13]);
        quarter(out[2], out[6], out[10], out[14]);
        quarter(out[3], out[7], out[11], out[15]);
        quarter(out[0], out[5], out[10], out[15]);
        quarter(out[1], out[6], out[11], out[12]);
        quarter(out[2], out[7], out[8], out[13]);
        quarter(out[3], out[4], out[9], out[14]);
    }
#pragma unroll
    for (u32 at = 0; at < 16; at++) out[at] += start[at];
}

// Element i has word i of the stream: it stays if the word is at least `least`.
KERNEL(gsae_dropout, const float *__restrict__ x, float *__restrict__ out, Key key, u64 stream,
       u32 least, float factor, u64 n) {
    for (u64 block = first_element(); block * 16 < n; block += all_threads()) {
        u32 words[16];
        chacha8(key, block, stream, words);
#pragma unroll
        for (u32 k = 0; k < 16; k++) {
            u64 at = block * 16 + k;
            if (at < n) out[at] = words[k] >= least ? factor * x[at] : 0.f;
        }
    }
}

// Chunks of elements have words of their own, `words_apart` words an element. Below `low` an
// element becomes its row's entry of `least`, or 0 where there is none; below `high`, of `most`.
KERNEL(gsae_corrupt, const float *__restrict__ x, float *__restrict__ out, Key key, u64 stream,
       u32 low, u32 high, const float *__restrict__ least, const float *__restrict__ most,
       u32 batch, u32 chunk, u32 words_apart, u64 n) {
    for (u64 block = first_element(); block * 16 < n; block += all_threads()) {
        u64 start = block * 16 / chunk * chunk;
        u32 words[16];
        chacha8(key, (start * words_apart + (block * 16 - start)) / 16, stream, words);
#pragma unroll
        for (u32 k = 0; k < 16; k++) {
            u64 at = block * 16 + k;
            if (at < n) {
                float value = x[at];
                if (words[k] < low) {
                    value = least == nullptr ? 0.f : least[at / batch];
                } else if (words[k] < high) {
                    value = most[at / batch];
                }
                out[at] = value;
            }
        }
    }
}
