/* SPDX-License-Identifier: MIT
 *
 * wanderer.h - what the program that is moved (wanderer_parts.c, wanderer_drive.c) and those who move it agree on.
 *
 * The wanderer is compiled to a relocatable object, loaded by image.h and run on a stack of its own.  All that it has
 * is in one image: code, tables, a heap of 64-byte slots in pages, its stack.  Its host finds these by their symbols.
 */
#ifndef HY_WANDERER_H
#define HY_WANDERER_H

#include <stdint.h>

#define WANDERER_PAGE 4096u
#define WANDERER_PAGES 128u /* of its heap */
#define WANDERER_SLOT 64u   /* 64 of them in a page: one word of bits */
#define WANDERER_STACK (256u * 1024u)

#define WANDERER_KEYS 1024u /* things that may be in its list */
#define WANDERER_BUCKETS 128u
#define WANDERER_DEEDS 4u    /* functions in its tables */
#define WANDERER_CHANGES 48u /* things put in or taken out in a round */
#define WANDERER_SEASON 48u  /* rounds of putting in, then as many of taking out */

/* How its references are written down: -DWANDERER_LINKS=… */
#define WANDERER_PLAIN 0      /* addresses */
#define WANDERER_HANDLES 1    /* numbers in a table of addresses */
#define WANDERER_RELATIVE 2   /* distances from where the reference lies */
#define WANDERER_REGISTERED 3 /* addresses, and a map that says where they lie */

/* Why it calls its host. */
typedef enum wanderer_call {
    WANDERER_SAFEPOINT, /* it may be moved now; the answer is 1: come to an end */
    WANDERER_WANTS_PAGE /* a page that shares its frame wants one of its own; the answer is 1: it has */
} wanderer_call;

/* A number for everything: the same in the wanderer and in the model that knows its answer. */
static inline uint64_t wanderer_mix(uint64_t x) {
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdu;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53u;
    return x ^ x >> 33;
}

/* The key of the n-th change of a round, and whether that round puts in. */
static inline uint64_t wanderer_key(uint64_t round, uint64_t n) {
    return wanderer_mix(round * WANDERER_CHANGES + n + 1) % WANDERER_KEYS;
}

static inline int wanderer_puts_in(uint64_t round) {
    return round / WANDERER_SEASON % 2 == 0;
}

/* What its functions do with a value. */
static inline uint64_t wanderer_deed(unsigned which, uint64_t value) {
    switch (which) {
    case 0: return value + 0x9e3779b97f4a7c15u;
    case 1: return value ^ value << 13;
    case 2: return value * 0x2545f4914f6cdd1du;
    default: return ~value;
    }
}

#endif
