/* SPDX-License-Identifier: MIT
 *
 * tables.c - one source of a library, built twice: position-independent (libheapyard-pic.so), and with absolute
 * addresses in its code that the loader has to write (libheapyard-absolute.so).
 *
 * Hundreds of functions refer to data of the library and to each other, as code does; a table holds their addresses.
 * Each is large enough that a page holds a few only.
 */
#include "tables.h"

#define EIGHT(M, n) M(n##0) M(n##1) M(n##2) M(n##3) M(n##4) M(n##5) M(n##6) M(n##7)
#define ALL(M)                                                                                                         \
    EIGHT(M, 0)                                                                                                        \
    EIGHT(M, 1)                                                                                                        \
    EIGHT(M, 2)                                                                                                        \
    EIGHT(M, 3) EIGHT(M, 4) EIGHT(M, 5) EIGHT(M, 6) EIGHT(M, 7) EIGHT(M, 10) EIGHT(M, 11) EIGHT(M, 12) EIGHT(M, 13)    \
        EIGHT(M, 14) EIGHT(M, 15) EIGHT(M, 16) EIGHT(M, 17)

static const unsigned char tables_mix[256] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};
unsigned long hy_tables_count;

/* Some arithmetic of about half a page, with the library's data in the middle of it. */
#define STEP(k) x = (x ^ (x >> 7)) * 0x9e3779b97f4a7c15ul + tables_mix[(x >> (k)) & 255];
#define STEPS(k) STEP(k) STEP(k + 1) STEP(k + 2) STEP(k + 3) STEP(k + 4) STEP(k + 5) STEP(k + 6) STEP(k + 7)
#define FUNCTION(n)                                                                                                    \
    __attribute__((noinline)) static unsigned long tables_##n(unsigned long x) {                                       \
        hy_tables_count++;                                                                                             \
        STEPS(1) STEPS(9) STEPS(17) STEPS(25) STEPS(33) return x;                                                      \
    }
ALL(FUNCTION)

#define NAME(n) tables_##n,
static unsigned long (*const tables_all[])(unsigned long) = {ALL(NAME)};

unsigned long hy_tables_sum(unsigned rounds) {
    unsigned long x = rounds;
    for (unsigned round = 0; round < rounds; round++)
        for (unsigned i = 0; i < sizeof tables_all / sizeof *tables_all; i++)
            x = tables_all[i](x);
    return x ^ hy_tables_count;
}
