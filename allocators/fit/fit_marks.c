/* SPDX-License-Identifier: MIT
 *
 * fit_marks.c - a set of addresses of one run (see fit_marks.h).
 *
 * Level 0 holds the marks, level n + 1 a bit for each word of level n.  The tables lie in one reservation, one behind
 * the other.
 */
#include "fit_marks.h"

#include <string.h>

#define TOP (FIT_MARKS_LEVELS - 1)

/* ------------------------------------------------------------------------------------------------------ tables ---- */

static size_t marks_bytes(size_t bits) {
    return hy_bitmap_words(bits) * sizeof(uint64_t);
}

/* Bytes of all tables for so many marks, and in `ret` those of each; NULL: not wanted. */
static size_t marks_plan(const hy_pages *meta, size_t bits, fit_marks_level *ret) {
    size_t all = 0;
    for (unsigned i = 0; i < FIT_MARKS_LEVELS; i++, bits = hy_bitmap_words(bits)) {
        const size_t bytes = hy_pages_round(meta, marks_bytes(bits));
        if (ret)
            ret[i] = (fit_marks_level){.reserved = bytes};
        all += bytes;
    }
    return all;
}

static size_t marks_align(const hy_pages *meta) {
    return hy_max(meta->granule, sizeof(uint64_t));
}

static size_t marks_bits(size_t size, unsigned shift) {
    return (size >> shift) + 1;
}

size_t fit_marks_cost(const hy_pages *meta, size_t size, size_t grain) {
    return marks_plan(meta, marks_bits(size, hy_log2_floor(grain)), NULL) + marks_align(meta);
}

bool fit_marks_reserve(fit_marks *self, hy_pages *meta, char *base, size_t size, size_t grain) {
    fit_marks marks = {.base = base, .shift = hy_log2_floor(grain), .meta = meta};
    const size_t all = marks_plan(meta, marks_bits(size, marks.shift), marks.level);
    char *table = meta->ops->reserve(meta, all, marks_align(meta));
    if (!table)
        return false;
    for (unsigned i = 0; i < FIT_MARKS_LEVELS; table += marks.level[i++].reserved)
        marks.level[i].words = (uint64_t *)(void *)table;
    *self = marks;
    return true;
}

void fit_marks_release(fit_marks *self) {
    size_t reserved = 0;
    for (unsigned i = 0; i < FIT_MARKS_LEVELS; i++)
        reserved += self->level[i].reserved;
    self->meta->ops->release(self->meta, self->level[0].words, reserved, fit_marks_committed(self));
}

/* ----------------------------------------------------------------------------------------- growing, shrinking ---- */

/* How many addresses there are below `limit`. */
static size_t marks_below(const fit_marks *self, const char *limit) {
    const size_t size = limit <= self->base ? 0 : (size_t)(limit - self->base);
    return hy_align_up(size, (size_t)1 << self->shift) >> self->shift;
}

static bool level_commit(const fit_marks *self, fit_marks_level *level, size_t bits) {
    const size_t bytes = hy_pages_round(self->meta, marks_bytes(bits));
    if (bytes <= level->committed)
        return true;
    char *const fresh = (char *)level->words + level->committed;
    const size_t more = bytes - level->committed;
    if (self->meta->ops->commit(self->meta, fresh, more) != 0)
        return false;
    if (!self->meta->zeroed)
        memset(fresh, 0, more);
    level->committed = bytes;
    return true;
}

/* From the top down: level 0 grows last, and only if all have grown. */
static bool marks_commit(fit_marks *self, unsigned i, size_t bits) {
    if (i < TOP && !marks_commit(self, i + 1, hy_bitmap_words(bits)))
        return false;
    return level_commit(self, &self->level[i], bits);
}

static void marks_set_bits(fit_marks *self, size_t bits) {
    for (unsigned i = 0; i < FIT_MARKS_LEVELS; i++, bits = hy_bitmap_words(bits))
        self->level[i].bits = bits;
}

bool fit_marks_grow(fit_marks *self, const char *limit) {
    const size_t bits = marks_below(self, limit);
    if (bits <= self->level[0].bits)
        return true;
    if (!marks_commit(self, 0, bits))
        return false;
    marks_set_bits(self, bits);
    return true;
}

/* Gives back the pages of a level above what is in use. */
static void level_decommit(const fit_marks *self, fit_marks_level *level) {
    const size_t keep = hy_pages_round(self->meta, marks_bytes(level->bits)), less = level->committed - keep;
    if (less > 0 && self->meta->ops->decommit(self->meta, (char *)level->words + keep, less) == 0)
        level->committed = keep;
}

void fit_marks_shrink(fit_marks *self, const char *limit) {
    const size_t bits = marks_below(self, limit);
    if (bits >= self->level[0].bits)
        return;
    for (size_t bit = bits; (bit = fit_marks_bit_from(self, bit)) != FIT_MARKS_NONE;)
        fit_marks_clear(self, fit_marks_address(self, bit));
    marks_set_bits(self, bits);
    for (unsigned i = 0; i < FIT_MARKS_LEVELS; i++)
        level_decommit(self, &self->level[i]);
}

void fit_marks_clear_all(fit_marks *self) {
    for (unsigned i = 0; i < FIT_MARKS_LEVELS; i++)
        memset(self->level[i].words, 0, marks_bytes(self->level[i].bits));
}

/* --------------------------------------------------------------------------------------------------- summaries ---- */

void fit_marks_word_filled(fit_marks *self, size_t word) {
    bool was_empty = true;
    for (unsigned i = 1; was_empty && i < FIT_MARKS_LEVELS; i++, word /= 64) {
        was_empty = self->level[i].words[word / 64] == 0;
        hy_bit_set(self->level[i].words, word);
    }
}

void fit_marks_word_emptied(fit_marks *self, size_t word) {
    bool is_empty = true;
    for (unsigned i = 1; is_empty && i < FIT_MARKS_LEVELS; i++, word /= 64) {
        hy_bit_clear(self->level[i].words, word);
        is_empty = self->level[i].words[word / 64] == 0;
    }
}

/* Up until a word has a bit that far, and down again to the first mark below that bit. */
size_t fit_marks_bit_from(const fit_marks *self, size_t bit) {
    unsigned i = 0;
    uint64_t rest = 0;
    while (bit < self->level[i].bits && (rest = self->level[i].words[bit / 64] >> (bit % 64)) == 0) {
        bit = bit / 64 + 1;
        if (i < TOP)
            i++;
        else
            bit *= 64; /* the word behind, as there is no level above */
    }
    if (rest == 0)
        return FIT_MARKS_NONE;
    bit += (size_t)__builtin_ctzll(rest);
    while (i-- > 0)
        bit = bit * 64 + (size_t)__builtin_ctzll(self->level[i].words[bit]);
    return bit;
}

/* The same downwards.  `bit` is at most what is in use. */
size_t fit_marks_bit_below(const fit_marks *self, size_t bit) {
    unsigned i = 0;
    uint64_t rest = 0;
    while (bit > 0 && (rest = self->level[i].words[(bit - 1) / 64] << (63 - (bit - 1) % 64)) == 0) {
        bit = (bit - 1) / 64;
        if (i < TOP)
            i++;
        else
            bit *= 64;
    }
    if (rest == 0)
        return FIT_MARKS_NONE;
    bit -= 1 + (size_t)__builtin_clzll(rest);
    while (i-- > 0)
        bit = bit * 64 + 63 - (size_t)__builtin_clzll(self->level[i].words[bit]);
    return bit;
}

/* ------------------------------------------------------------------------------------------------------- check ---- */

/* The word of a summary that stands for the words below from `first` on. */
static uint64_t level_sum(const fit_marks_level *below, size_t first, size_t count) {
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        sum |= (uint64_t)(below->words[first + i] != 0) << i;
    return sum;
}

static const char *level_check(const fit_marks_level *below, const fit_marks_level *level) {
    for (size_t i = 0; i < level->bits; i += 64) {
        const size_t count = hy_min(64, level->bits - i);
        if ((level->words[i / 64] ^ level_sum(below, i, count)) << (64 - count) != 0)
            return "a summary of marks differs from what it sums up";
    }
    return NULL;
}

/* The committed words above those in use, and the rest of the last one, must be zero. */
static const char *level_check_rest(const fit_marks_level *level) {
    const size_t bits = level->committed * 8;
    return hy_bit_next(level->words, bits, level->bits) < bits ? "something above a run's end is marked" : NULL;
}

const char *fit_marks_check(const fit_marks *self) {
    const char *wrong = NULL;
    for (unsigned i = 0; !wrong && i < FIT_MARKS_LEVELS; i++)
        wrong = level_check_rest(&self->level[i]);
    for (unsigned i = 1; !wrong && i < FIT_MARKS_LEVELS; i++)
        wrong = level_check(&self->level[i - 1], &self->level[i]);
    return wrong;
}
