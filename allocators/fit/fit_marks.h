/* SPDX-License-Identifier: MIT
 *
 * fit_marks.h - a set of addresses of one run, kept beside it.
 *
 *  1. A bit for each grain of the run, from `base` on; an address is marked when its bit is set.
 *  2. Two summaries above them: a bit for each 64-bit word below that is not empty.  So set, clear and test look at one
 *     word each, nearly always, and a search skips 4096 words in one step.
 *  3. Address space is reserved for the whole run, in `meta`; pages are committed as the run grows, given back as it
 *     shrinks.  What is committed above `limit` is zero.
 *
 * Costs 1/128 of a run of grain 16, 1/8 of a run of grain 1, and what rounds three tables up to pages.
 */
#ifndef FIT_MARKS_H
#define FIT_MARKS_H

#include "support.h"

#define FIT_MARKS_LEVELS 3u

typedef struct fit_marks_level {
    uint64_t *words;
    size_t bits;                /* in use */
    size_t reserved, committed; /* bytes */
} fit_marks_level;

typedef struct fit_marks {
    fit_marks_level level[FIT_MARKS_LEVELS];
    char *base;
    unsigned shift; /* the grain's logarithm */
    hy_pages *meta;
} fit_marks;

/* Bytes of `meta` that the marks of `size` bytes of run can take, all committed. */
size_t fit_marks_cost(const hy_pages *meta, size_t size, size_t grain);

/* An empty set of addresses base, base + grain, ... below base + size; none may be marked before fit_marks_grow.
 * False: no address space. */
bool fit_marks_reserve(fit_marks *self, hy_pages *meta, char *base, size_t size, size_t grain);
void fit_marks_release(fit_marks *self);

/* From now on addresses below `limit` may be marked.  False: no memory, and no more may be marked than before. */
bool fit_marks_grow(fit_marks *self, const char *limit);

/* From now on only addresses below `limit` may be marked; the others are forgotten, and pages are given back. */
void fit_marks_shrink(fit_marks *self, const char *limit);

/* Bytes of pages. */
static inline size_t fit_marks_committed(const fit_marks *self) {
    size_t committed = 0;
    for (unsigned i = 0; i < FIT_MARKS_LEVELS; i++)
        committed += self->level[i].committed;
    return committed;
}

/* Forgets all. */
void fit_marks_clear_all(fit_marks *self);

/* The first thing wrong with the summaries, or NULL.  Looks at every word. */
const char *fit_marks_check(const fit_marks *self);

/* For the functions below. */
#define FIT_MARKS_NONE SIZE_MAX
size_t fit_marks_bit_from(const fit_marks *self, size_t bit);  /* the first marked one at or above */
size_t fit_marks_bit_below(const fit_marks *self, size_t bit); /* the last marked one below */
void fit_marks_word_filled(fit_marks *self, size_t word);      /* it was empty */
void fit_marks_word_emptied(fit_marks *self, size_t word);

static inline size_t fit_marks_bit(const fit_marks *self, const char *address) {
    return (size_t)(address - self->base) >> self->shift;
}

static inline char *fit_marks_address(const fit_marks *self, size_t bit) {
    return bit == FIT_MARKS_NONE ? NULL : self->base + (bit << self->shift);
}

static inline bool fit_marks_test(const fit_marks *self, const char *address) {
    return hy_bit_get(self->level[0].words, fit_marks_bit(self, address));
}

static inline void fit_marks_set(fit_marks *self, const char *address) {
    const size_t bit = fit_marks_bit(self, address);
    uint64_t *const word = &self->level[0].words[bit / 64];
    const uint64_t before = *word;
    *word = before | (uint64_t)1 << (bit % 64);
    if (before == 0)
        fit_marks_word_filled(self, bit / 64);
}

static inline void fit_marks_clear(fit_marks *self, const char *address) {
    const size_t bit = fit_marks_bit(self, address);
    uint64_t *const word = &self->level[0].words[bit / 64];
    const uint64_t before = *word, now = before & ~((uint64_t)1 << (bit % 64));
    *word = now;
    if (now == 0 && before != 0)
        fit_marks_word_emptied(self, bit / 64);
}

/* The first marked address at or above `address`, or NULL. */
static inline char *fit_marks_next(const fit_marks *self, const char *address) {
    const size_t bit = fit_marks_bit(self, address);
    if (bit >= self->level[0].bits)
        return NULL;
    const uint64_t rest = self->level[0].words[bit / 64] >> (bit % 64);
    if (rest)
        return fit_marks_address(self, bit + (size_t)__builtin_ctzll(rest));
    return fit_marks_address(self, fit_marks_bit_from(self, (bit / 64 + 1) * 64));
}

/* The last marked address below `address`, or NULL. */
static inline char *fit_marks_previous(const fit_marks *self, const char *address) {
    const size_t bit = fit_marks_bit(self, address);
    if (bit == 0)
        return NULL;
    const uint64_t rest = self->level[0].words[(bit - 1) / 64] << (63 - (bit - 1) % 64);
    if (rest)
        return fit_marks_address(self, bit - 1 - (size_t)__builtin_clzll(rest));
    return fit_marks_address(self, fit_marks_bit_below(self, (bit - 1) / 64 * 64));
}

#endif
