/* SPDX-License-Identifier: MIT
 *
 * clock_decode.c - see clock_decode.h.
 */
#include "clock_decode.h"

#include "bytes.h"
#include "tick.h"
#include "varint.h"

#include <errno.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)
#define CUT "its times are cut off"
#define LATE "a time beyond 2^63 ns"

/* The width of a symbol that is not exact. */
static unsigned width_of(unsigned symbol) {
    return 2 + (symbol - HY_TIME_EXACT) / 4;
}

static uint64_t least_of(unsigned symbol) {
    return (uint64_t)(4 + (symbol - HY_TIME_EXACT) % 4) << width_of(symbol);
}

/* Symbols of more than 31 low bits mean no small number of ticks: their width and mask are never used. */
static void begin_meanings(hy_clock *clock) {
    for (unsigned symbol = 0; symbol < HY_TIME_SYMBOLS; symbol++) {
        hy_clock_meaning *const meaning = &clock->meanings[symbol + 1];
        const bool exact = symbol < HY_TIME_EXACT;
        meaning->least = exact ? symbol : least_of(symbol);
        meaning->width = exact ? 0 : width_of(symbol);
        meaning->mask = meaning->width < 32 ? ((uint32_t)1 << meaning->width) - 1 : 0;
    }
    clock->meanings[HY_CLOCK_NO_SYMBOL].least = UINT64_MAX;
}

static bool next_stretch(hy_clock *clock) {
    return hy_varint_get(&clock->stretch, clock->stretch_end, &clock->left) && clock->left > 0 &&
           hy_varint_get(&clock->stretch, clock->stretch_end, &clock->part) && clock->part < clock->tick;
}

/* What changes with each event, in local variables: stores into events could change a hy_clock, for all the compiler
 * knows. */
typedef struct clock_now {
    uint64_t time, fine, position; /* `fine` counts since `time`, and has room for some more small numbers of ticks */
} clock_now;

/* The low bits of a symbol, and more above them: at least 57 are right. */
static inline uint64_t low_bits(const uint8_t *bits, uint64_t position) {
    return hy_get64(bits + position / 8) >> position % 8;
}

/* Time goes on by many ticks.  NULL, or what is broken. */
static __attribute__((noinline)) const char *pass_many(const hy_clock *clock, unsigned mark, clock_now *now) {
    if (mark == HY_CLOCK_NO_SYMBOL)
        return "a time in a context without chances";
    uint64_t ticks = mark - 1;
    if (ticks >= HY_TIME_EXACT) {
        const unsigned width = width_of(mark - 1), first = width < 32 ? width : 32;
        const uint64_t low = low_bits(clock->bits, now->position) & (((uint64_t)1 << first) - 1);
        const uint64_t high = low_bits(clock->bits, now->position + first) & (((uint64_t)1 << (width - first)) - 1);
        now->position += width;
        ticks = least_of(mark - 1) | high << first | low;
    }
    now->time += now->fine >> 32;
    const unsigned __int128 fine = (unsigned __int128)ticks * clock->tick + (now->fine & (HY_TICK_ONE - 1));
    if (fine >> 95 != 0 || now->time > HY_EVENT_MAX_TOTAL)
        return LATE;
    now->time += (uint64_t)(fine >> 32);
    now->fine = (uint64_t)fine & (HY_TICK_ONE - 1);
    return NULL;
}

/* The times of events in the same stretch.  Whether low bits were read beyond the column's end is seen after each
 * event; codec.h says how many may be.  NULL, or what is broken. */
static const char *set_times(hy_clock *clock, const uint8_t *marks, hy_event *events, uint32_t count) {
    const hy_clock_meaning *const meanings = clock->meanings;
    const uint8_t *const bits = clock->bits;
    const uint64_t tick = clock->tick, small = clock->small, most = clock->bits_most;
    clock_now now = {clock->time, clock->part, clock->position};
    for (uint32_t i = 0; i < count; i++) {
        const hy_clock_meaning *const meaning = &meanings[marks[i]];
        const uint64_t ticks = meaning->least | (low_bits(bits, now.position) & meaning->mask);
        if (__builtin_expect(ticks < small, 1)) {
            now.position += meaning->width;
            now.fine += ticks * tick;
        } else {
            clock_now then = now;
            const char *const broken = pass_many(clock, marks[i], &then);
            if (broken) {
                clock->event += i;
                return broken;
            }
            now = then;
        }
        if (__builtin_expect(now.position > most, 0)) {
            clock->event += i;
            return "the low bits of its times are cut off";
        }
        events[i].time = now.time + (now.fine >> 32);
    }
    clock->event += count;
    clock->time = now.time + (now.fine >> 32);
    clock->part = now.fine & (HY_TICK_ONE - 1);
    clock->position = now.position;
    return clock->time <= HY_EVENT_MAX_TOTAL ? NULL : LATE;
}

const char *hy_clock_next(hy_clock *clock, hy_event *events, uint32_t count) {
    uint8_t marks[HY_CLOCK_PART];
    const uint32_t known = hy_clock_symbols_next(&clock->symbols, count, marks);
    for (uint32_t i = 0; i < known;) {
        if (clock->left == 0 && !next_stretch(clock))
            return "a broken stretch of ticks";
        const uint32_t few = clock->left < known - i ? (uint32_t)clock->left : known - i;
        const char *const broken = set_times(clock, marks + i, events + i, few);
        if (broken)
            return broken;
        clock->left -= few;
        i += few;
    }
    return known < count ? CUT : NULL;
}

int hy_clock_begin(hy_clock *clock, const hy_block_start *start, const hy_columns *columns, hy_error *error) {
    memset(clock, 0, sizeof *clock);
    const int r = hy_clock_symbols_begin(&clock->symbols, columns, error);
    if (r < 0)
        return r;
    const uint8_t *const stretches = columns->data[HY_COLUMN_TICK];
    if (columns->size[HY_COLUMN_TICK] < 8)
        return BAD("it has no length of a tick");
    clock->time = start->base_time;
    clock->bits = columns->data[HY_COLUMN_BITS];
    clock->bits_most = 8 * (uint64_t)columns->size[HY_COLUMN_BITS];
    clock->tick = hy_get64(stretches);
    clock->stretch = stretches + 8;
    clock->stretch_end = stretches + columns->size[HY_COLUMN_TICK];
    if (clock->tick < HY_TICK_ONE || clock->tick >= HY_TICK_MOST)
        return BAD("a tick of %llu / 2^32 ns; expected 1 to 2^20 ns", (unsigned long long)clock->tick);
    clock->small = ((uint64_t)1 << 63) / HY_CLOCK_PART / clock->tick;
    begin_meanings(clock);
    return 0;
}

int hy_clock_end(const hy_clock *clock, hy_error *error) {
    if (!hy_clock_symbols_ended(&clock->symbols))
        return BAD("times left over");
    if (clock->stretch != clock->stretch_end || clock->left != 0)
        return BAD("stretches of ticks left over");
    if ((clock->position + 7) / 8 != clock->bits_most / 8)
        return BAD("low bits of times left over");
    if (clock->position % 8 != 0 && clock->bits[clock->position / 8] >> clock->position % 8 != 0)
        return BAD("the low bits of its times are not filled up with 0");
    return 0;
}

void hy_clock_clear(hy_clock *clock) {
    hy_clock_symbols_clear(&clock->symbols);
}
