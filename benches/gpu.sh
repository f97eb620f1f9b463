#!/usr/bin/env bash
# Checks and times gsae on a machine with a GPU that need have neither cargo nor a network.
#
#   benches/gpu.sh pack FOLDER [EXPRESSION LABELS]   here: build, and put all it takes in FOLDER
#   FOLDER/gpu.sh run [OUT]                          there: check and time, results in OUT
#
# `pack` needs NVIDIA's compiler (README, "On a GPU"). EXPRESSION (a file, or a 10x folder) and
# LABELS, whose column `condition` says which cells were stimulated, are trained on with the
# pathways of Reactome. `run` needs NVIDIA's driver, cuBLAS and cuRAND; PyTorch, for times beside
# ours, if it is there. GSAE_TIMES=no leaves the times out.
set -euo pipefail

pack() {
    local here folder
    here=$(cd "$(dirname "$0")/.." && pwd)
    folder=$(mkdir -p "$1" && cd "$1" && pwd)
    shift
    [[ $# == 0 || $# == 2 ]] || { echo "give EXPRESSION and LABELS, or neither" && exit 2; }
    local data=()
    for file in "$@"; do data+=("$(realpath "$file")"); done
    cd "$here"
    export CUDA_COMPUTE_CAP="${CUDA_COMPUTE_CAP:-75}"
    cargo build --release --features cuda --bin gsae --test gpu --bench gpu_step \
        --message-format json-render-diagnostics >"$folder/build.json"
    cargo test --release --features cuda --lib --no-run \
        --message-format json-render-diagnostics >>"$folder/build.json"
    local work
    work=$(mktemp -d)
    built() { grep "$1" "$folder/build.json" | grep -o '"executable":"[^"]*"' | cut -d'"' -f4; }
    strip -s -o "$work/gsae" "$(built '"kind":\["bin"\]' | tail -1)"
    strip -s -o "$work/gpu" "$(built '"name":"gpu"' | tail -1)"
    strip -s -o "$work/gpu_step" "$(built '"name":"gpu_step"' | tail -1)"
    strip -s -o "$work/kernels" "$(built '"kind":\["lib"\]' | tail -1)"
    rm "$folder/build.json"
    cp benches/peers/pytorch_gpu.py "$work"
    cp examples/pbmc3k/expression.tsv.gz "$work/demo.tsv.gz"
    if ((${#data[@]} == 2)); then
        cp -r "${data[0]}" "$work/expression"
        cp "${data[1]}" "$work/labels.tsv"
    fi
    # The programs have most of their bytes in common: one dictionary over all of them.
    tar -C "$work" -cf - . | xz -T2 -6 --lzma2=dict=256MiB >"$folder/gsae-gpu.tar.xz"
    rm -r "$work"
    cp benches/gpu.sh "$folder"
    du -h "$folder/gsae-gpu.tar.xz"
}

# Says what comes and does it; goes on when it fails.
part() {
    echo "== $1 =="
    shift
    "$@" || { failed=1 && echo "FAILED: $*"; }
}

fits() {
    local device
    for device in cpu cuda; do
        ./gsae fit --expression demo.tsv.gz --gene-sets reactome --epochs 20 --evidence none \
            --no-report --device "$device" --out "demo_$device" --verbose || return
    done
    ./gsae fit --expression demo.tsv.gz --gene-sets reactome --epochs 20 --evidence none \
        --no-report --device cuda --out demo_again --quiet || return
    cmp demo_cuda/activity.tsv demo_again/activity.tsv && echo "the same bits twice"
}

labelled() {
    local device
    for device in cpu cuda; do
        ./gsae fit --expression expression --gene-sets reactome --samples labels.tsv \
            --no-report --device "$device" --out "cells_$device" --verbose || return
        ./gsae compare --activity "cells_$device/activity.tsv" --samples labels.tsv \
            --by condition --out "compare_$device.tsv" || return
    done
}

times() {
    GSAE_BENCH_PEERS="$work" ./gpu_step
}

run() {
    local here out torch
    here=$(cd "$(dirname "$0")" && pwd)
    out=$(mkdir -p "${1:-gsae-gpu-results}" && cd "${1:-gsae-gpu-results}" && pwd)
    work=$(mktemp -d)
    failed=0
    trap 'rm -rf "$work"' EXIT
    xz -dc "$here/gsae-gpu.tar.xz" | tar -C "$work" -xf -
    cd "$work"
    # cuBLAS and cuRAND of a PyTorch, where the system has none.
    torch=$(python3 -c 'import nvidia, glob, os
print(":".join(d for p in nvidia.__path__ for d in glob.glob(os.path.join(p, "*", "lib"))))' \
        2>/dev/null || true)
    export LD_LIBRARY_PATH="${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$torch"
    exec > >(tee "$out/gpu.log") 2>&1
    nvidia-smi || true
    part "every kernel" ./kernels nn::cuda --nocapture
    if [[ "${GSAE_TIMES:-yes}" == yes ]]; then
        part "every layer, option and model against the CPU" ./gpu --nocapture --include-ignored
    else
        part "every layer, option and model against the CPU" ./gpu --nocapture
    fi
    part "the demo's cells" fits
    if [[ -e expression ]]; then part "labelled cells" labelled; fi
    if command -v compute-sanitizer >/dev/null; then
        for tool in memcheck racecheck initcheck; do
            part "$tool" compute-sanitizer --tool "$tool" --error-exitcode 1 \
                ./gpu gene_superset --test-threads 1
        done
    fi
    if [[ "${GSAE_TIMES:-yes}" == yes ]]; then part "times" times; fi
    for table in compare_*.tsv; do [[ ! -e "$table" ]] || cp "$table" "$out"; done
    exit "$failed"
}

case "${1:-}" in
pack | run) "$@" ;;
*)
    sed -n '2,11s/^# \{0,1\}//p' "$0"
    exit 2
    ;;
esac
