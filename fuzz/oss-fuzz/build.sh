#!/bin/bash -eu
# Builds every target with its dictionary and its seeds into $OUT. Beside OSS-Fuzz's own variables,
# FUZZ_BUILD_FLAGS replaces the flags of `cargo fuzz build`, for a try without nightly Rust:
#   SRC=/tmp/src OUT=/tmp/out FUZZ_BUILD_FLAGS="--sanitizer none" fuzz/oss-fuzz/build.sh
cd "$SRC/docsift"
target_dir=$SRC/docsift-target
# shellcheck disable=SC2086 # flags are words
cargo fuzz build ${FUZZ_BUILD_FLAGS:---release --debug-assertions} --target-dir "$target_dir"
# The flags of the fuzzer are not for the tool that writes the dictionaries.
env -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS -u CFLAGS -u CXXFLAGS \
    cargo run --quiet --package xtask --target-dir "$target_dir" -- fuzz --dictionaries "$OUT"

seeds=$OUT/seeds.zip
zip --quiet --junk-paths "$seeds" corpus/synthetic/* corpus/regress/*/*
for source in fuzz/fuzz_targets/*.rs; do
    name=$(basename "$source" .rs)
    cp "$target_dir"/*/release/"$name" "$OUT/$name"
    cp "$seeds" "$OUT/${name}_seed_corpus.zip"
    printf '[libfuzzer]\nmax_len = 262144\ntimeout = 20\ndict = %s.dict\n' "$name" >"$OUT/$name.options"
done
rm "$seeds"
