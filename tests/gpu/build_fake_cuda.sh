#!/usr/bin/env bash
# Builds a CUDA that runs on the host, in the folder given, from gsae's kernels and candle's.
#   tests/gpu/build_fake_cuda.sh FOLDER
#   LD_LIBRARY_PATH=FOLDER gsae fit --device cuda ...
# Needs a C++ compiler, and candle's kernels where cargo keeps sources (after a build with the
# feature cuda). Slow: for small data, to see that every step works, not how fast.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
# Only what was built is at hand: the crates for this machine.
host=$(rustc -vV | sed -n 's/^host: //p')
candle=$(cd "$here" &&
    cargo metadata --format-version 1 --features cuda --offline --filter-platform "$host" |
    grep -o '"manifest_path":"[^"]*candle-kernels[^"]*' | head -1 | sed 's/.*:"//; s/Cargo.toml$/src/')

# A copy, without what is for half precision, which is not used here.
copy="$out/candle"
mkdir -p "$copy/cuda/std"
files="affine binary cast fill reduce ternary unary"
for file in $files; do cp "$candle/$file.cu" "$copy"; done
cp "$candle"/*.cuh "$copy"
chmod -R u+w "$copy"
sed -i '1i #pragma once' "$copy"/*.cuh
for header in cuda.h cuda_fp16.h cuda_bf16.h cuda_fp8.h compatibility.cuh; do : >"$copy/$header"; done
echo '#pragma once' >"$copy/cuda/std/limits"

# candle's kernels in a namespace of their own, and every one of them under its name.
generated="$out/candle_kernels.hpp"
{
    echo '#include <cstdint>'
    echo '#include <cmath>'
    echo '#include <limits>'
    echo 'namespace cuda { namespace std = ::std; }'
    echo 'struct __nv_fp8_e4m3 { unsigned char __x; __nv_fp8_e4m3(float); };'
    echo 'enum { __NV_E4M3 };'
    echo 'float __nv_cvt_fp8_to_halfraw(unsigned char, int);'
    echo 'float __half2float(float);'
    echo 'namespace candle {'
    echo 'using std::isnan;'
    echo 'inline float normcdff(float x) { return 0.5f * erfcf(-x * 0.70710678f); }'
    echo 'inline double normcdf(double x) { return 0.5 * erfc(-x * 0.7071067811865476); }'
    echo 'inline float rsqrtf(float x) { return 1 / sqrtf(x); }'
    echo 'struct float2 { float x, y; };'
    echo 'inline float2 make_float2(float x, float y) { return {x, y}; }'
    echo 'template <typename T> T atomicAdd(T *at, T value) { T old = *at; *at += value; return old; }'
    for file in $files; do echo "#include \"$file.cu\""; done
    echo '}'
} >"$generated"
include=(-I "$here/src/nn/cuda/kernels" -I "$copy" -DGSAE_HOST)
c++ -E -P -x c++ -std=c++17 "${include[@]}" "$generated" -include "$here/src/nn/cuda/kernels/host.hpp" |
    grep -o 'extern "C" *void *[a-z0-9_]*' | sed 's/.* //' | sort -u |
    grep -E '_(f32|f64|u8|u32|i64)(_|$)' | while read -r name; do
    echo "static host::Register register_$name(\"$name\", candle::$name);"
done >>"$generated"

c++ -x c++ -std=c++17 -O1 -g -shared -fPIC -fpermissive -w ${FAKE_CUDA_FLAGS:-} "${include[@]}" \
    -DCANDLE_KERNELS="\"$generated\"" -o "$out/libcuda.so.1" "$here/tests/gpu/fake_cuda.cpp"
ln -sf libcuda.so.1 "$out/libcublas.so.13"
ln -sf libcuda.so.1 "$out/libcurand.so.10"
