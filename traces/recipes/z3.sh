#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# z3.hyt: the solver z3 decides problems one after the other: a timetable of integers, factors of bit vectors, and
# stores into arrays.
. "$(dirname "$0")/common.sh"
need z3 z3

awk 'BEGIN {
    print "(reset)"
    for (i = 0; i < 160; i++) printf "(declare-const t%d Int)\n(assert (and (>= t%d 0) (<= t%d 200)))\n", i, i, i
    for (i = 0; i < 160; i++)
        for (k = 1; k <= 4; k++) {
            j = (i * 7 + k * 11) % 160
            if (i != j) printf "(assert (or (>= (- t%d t%d) %d) (>= (- t%d t%d) %d)))\n", i, j, 2 + (i + k) % 5, j, i, 3 + k
        }
    for (i = 0; i + 3 < 160; i++) printf "(assert (<= (+ t%d (* 2 t%d) (- t%d)) %d))\n", i, i + 1, i + 3, 300 + i
    print "(check-sat)"
    for (n = 1; n <= 6; n++) {
        printf "(reset)\n(declare-const x (_ BitVec 32))\n(declare-const y (_ BitVec 32))\n"
        printf "(assert (= (bvmul x y) (_ bv%d 32)))\n(assert (bvult x #x00004000))\n(assert (bvult y #x00004000))\n", (2039 + 22 * n) * (4093 + 6 * n)
        printf "(assert (bvugt x #x00000001))\n(assert (bvugt y x))\n(check-sat)\n"
    }
    print "(reset)\n(declare-const m0 (Array Int Int))"
    for (i = 0; i < 40; i++) printf "(declare-const i%d Int)\n(declare-const m%d (Array Int Int))\n(assert (= m%d (store m%d i%d %d)))\n", i, i + 1, i + 1, i, i, i * 7
    for (i = 0; i < 40; i += 2) printf "(assert (distinct i%d i%d))\n(assert (> (select m40 i%d) %d))\n", i, i + 1, i, i % 30
    print "(check-sat)" }' >work.smt2
made
"$HEAPYARD" record -o "$OUT/z3.hyt" -- z3 work.smt2
