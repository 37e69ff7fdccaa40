#!/usr/bin/env bash
# Fuzzes every target, or those named, for so many seconds each; what breaks a promise is left in fuzz/artifacts.
#
#   fuzz/run.sh [--seconds N] [--jobs N] [--runs N] [TARGET...]
#
# With --runs, so many inputs are tried, the same each time: what passes once, passes again.
#
# Coverage is measured with flags that the stable compiler has, so neither nightly nor cargo-fuzz is needed. Sanitizers
# are not: chaffinch forbids unsafe code. Inputs start from the fixtures and are kept in fuzz/corpus, which git ignores.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

seconds=60 jobs=1 runs=
while [[ ${1-} == --* ]]; do
    case $1 in
        --seconds) seconds=$2 ;;
        --jobs) jobs=$2 ;;
        --runs) runs=$2 ;;
        *) echo "usage: fuzz/run.sh [--seconds N] [--jobs N] [--runs N] [TARGET...]" >&2; exit 2 ;;
    esac
    shift 2
done

binary=${FUZZ_BINARY-}
if [ -z "$binary" ]; then
    host=$(rustc -vV | sed -n 's/^host: //p')
    flags='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters'
    flags+=' -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1'
    # With a target named, build scripts and macros are built without the flags.
    RUSTFLAGS=$flags cargo build --quiet --release --target "$host"
    binary=target/$host/release/fuzz
fi

(($#)) || set -- $(CHAFFINCH_TARGET=none "$binary" 2>&1 | sed -n 's/.*must be one of //p' | tr -d ,)
mkdir -p artifacts
status=0
for target; do
    mkdir -p "corpus/$target" "found/$target"
    case $target in
        seeds) for file in ../seeds/*.toml; do head -c 3000 "$file" > "corpus/$target/$(basename "$file")"; done ;;
        *) for file in ../fixtures/*/raw.txt; do
               { printf '\1\7\2'; head -c 1500 "$file"; } > "corpus/$target/$(basename "$(dirname "$file")")"
           done ;;
    esac
    echo "== $target"
    bounds=(-max_total_time="$seconds" -fork="$jobs" -ignore_crashes=0)
    [ -z "$runs" ] || bounds=(-runs="$runs" -seed=1)
    CHAFFINCH_TARGET=$target "$binary" "corpus/$target" "found/$target" "${bounds[@]}" -timeout=60 \
        -rss_limit_mb=1024 -max_len=6000 -artifact_prefix="artifacts/$target-" \
        -print_final_stats=1 > "artifacts/$target.log" 2>&1 || status=1
    grep -E '^#[0-9]+' "artifacts/$target.log" | tail -n 1
    grep -hE 'panicked at|ERROR: libFuzzer|SUMMARY' "artifacts/$target.log" | head -n 5 || true
done
exit "$status"
