#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# db_bench.hyt: two threads of RocksDB's benchmark write, read and overwrite keys drawn at random.
. "$(dirname "$0")/common.sh"
need db_bench rocksdb-tools
made
"$HEAPYARD" record -o "$OUT/db_bench.hyt" -- db_bench --benchmarks=fillrandom,compact,readrandom,overwrite,compact,readrandom \
    --num=30000 --threads=2 --seed=12345 --db=db --compression_type=none --write_buffer_size=1048576 \
    --disable_auto_compactions --max_background_jobs=2 >answer 2>&1
