/* SPDX-License-Identifier: MIT
 *
 * clock_encode.c - the times of events to columns (see codec.h).
 *
 * 1. Times become ticks (tick.h), if the block then has few stretches.
 * 2. The ticks since the event before become a symbol and, if they are many, low bits that are noise.
 * 3. A first pass finds each symbol's context: the symbol that the same history of codes had last time, as known before
 *    its group of 4 (so that decoding can look up 4 at once; it costs nothing that could be measured).  The counts of
 *    symbols by context are the chances that a second pass, backwards, codes with.
 */
#include "codec.h"

#include "bytes.h"
#include "rans.h"
#include "tick.h"
#include "varint.h"

#include <errno.h>
#include <stdlib.h>

typedef struct time_work {
    uint64_t *ticks; /* of each event */
    hy_stretch *stretches;
    uint8_t *symbols, *contexts; /* of each event */
    uint8_t seen[HY_TIME_SLOTS]; /* the context that a history leaves behind */
    uint32_t counts[HY_TIME_CONTEXTS][HY_TIME_SYMBOLS];
    uint16_t chances[HY_TIME_CONTEXTS][HY_TIME_SYMBOLS];
} time_work;

/* More stretches than that cost more than they win. */
static uint32_t most_stretches(uint32_t events) {
    return 2 + events / 16;
}

static void encode_ticks(const hy_block_start *start, const hy_event *events, time_work *work, hy_columns *columns) {
    uint64_t tick = hy_tick_find(start->base_time, events, start->events);
    uint32_t stretches = hy_tick_count(tick, start->base_time, events, start->events, work->ticks, work->stretches,
                                       most_stretches(start->events));
    if (stretches == 0) {
        tick = HY_TICK_ONE;
        stretches = hy_tick_count(tick, start->base_time, events, start->events, work->ticks, work->stretches, 1);
    }
    uint8_t *at = columns->data[HY_COLUMN_TICK];
    hy_put64(at, tick);
    at += 8;
    for (uint32_t i = 0; i < stretches; i++) {
        at = hy_varint_put(at, work->stretches[i].events);
        at = hy_varint_put(at, work->stretches[i].offset);
    }
    columns->size[HY_COLUMN_TICK] = (size_t)(at - columns->data[HY_COLUMN_TICK]);
}

/* ---- symbols ---- */

/* Bits go into bytes from the lowest up. */
typedef struct bit_sink {
    uint8_t *at;
    uint64_t held;
    unsigned bits; /* held, below 8 between calls */
} bit_sink;

static void bits_put(bit_sink *sink, uint64_t value, unsigned width) {
    if (width > 32) {
        bits_put(sink, value & 0xffffffff, 32);
        value >>= 32;
        width -= 32;
    }
    sink->held |= value << sink->bits;
    for (sink->bits += width; sink->bits >= 8; sink->bits -= 8) {
        *sink->at++ = (uint8_t)sink->held;
        sink->held >>= 8;
    }
}

static uint8_t symbol_of(uint64_t ticks, bit_sink *sink) {
    if (ticks < HY_TIME_EXACT)
        return (uint8_t)ticks;
    const unsigned low = 61 - (unsigned)__builtin_clzll(ticks);
    bits_put(sink, ticks & (((uint64_t)1 << low) - 1), low);
    return (uint8_t)(HY_TIME_EXACT + (low - 2) * 4 + (ticks >> low & 3));
}

static void find_symbols(const hy_block_start *start, time_work *work, hy_columns *columns) {
    const uint8_t *const codes = columns->data[HY_COLUMN_CODE];
    bit_sink sink = {columns->data[HY_COLUMN_BITS], 0, 0};
    uint32_t history = 0, slots[HY_TIME_GROUP];
    for (uint32_t i = 0; i < start->events; i++) {
        const uint32_t turn = i % HY_TIME_GROUP;
        history = hy_time_history(history, codes[i]);
        slots[turn] = hy_time_slot(history);
        work->symbols[i] = symbol_of(work->ticks[i], &sink);
        work->contexts[i] = work->seen[slots[turn]];
        work->counts[work->contexts[i]][work->symbols[i]]++;
        for (uint32_t k = 0; turn == HY_TIME_GROUP - 1 && k < HY_TIME_GROUP; k++)
            work->seen[slots[k]] = hy_time_context(work->symbols[i - turn + k]);
    }
    if (sink.bits > 0)
        *sink.at++ = (uint8_t)sink.held;
    columns->size[HY_COLUMN_BITS] = (size_t)(sink.at - columns->data[HY_COLUMN_BITS]);
}

/* ---- the entropy coder ---- */

static uint8_t *put_chances(const uint16_t *chances, uint8_t *at) {
    uint8_t *const count = at++;
    *count = 0;
    for (unsigned s = 0; s < HY_TIME_SYMBOLS; s++) {
        if (chances[s] == 0)
            continue;
        (*count)++;
        *at++ = (uint8_t)s;
        at = hy_varint_put(at, chances[s]);
    }
    return at;
}

static void encode_chances(time_work *work, hy_columns *columns) {
    uint8_t *at = columns->data[HY_COLUMN_CHANCE];
    for (unsigned c = 0; c < HY_TIME_CONTEXTS; c++) {
        hy_rans_chances(work->counts[c], HY_TIME_SYMBOLS, work->chances[c]);
        at = put_chances(work->chances[c], at);
        /* From here on the counts are what stands before each symbol. */
        for (uint32_t s = 0, before = 0; s < HY_TIME_SYMBOLS; s++) {
            work->counts[c][s] = before;
            before += work->chances[c][s];
        }
    }
    columns->size[HY_COLUMN_CHANCE] = (size_t)(at - columns->data[HY_COLUMN_CHANCE]);
}

static void encode_symbols(const hy_block_start *start, const time_work *work, hy_columns *columns) {
    uint8_t *const column = columns->data[HY_COLUMN_TIME];
    uint8_t *const end = column + hy_column_limit(HY_COLUMN_TIME, start->events), *at = end;
    uint32_t state[HY_TIME_GROUP];
    for (unsigned k = 0; k < HY_TIME_GROUP; k++)
        state[k] = HY_RANS_LOW;
    for (uint32_t i = start->events; i-- > 0;) {
        const unsigned c = work->contexts[i], s = work->symbols[i];
        uint32_t *const own = &state[i % HY_TIME_GROUP];
        *own = hy_rans_put(*own, work->counts[c][s], work->chances[c][s], &at);
    }
    columns->size[HY_COLUMN_TIME] = sizeof state + (size_t)(end - at);
    memmove(column + sizeof state, at, (size_t)(end - at));
    for (unsigned k = 0; k < HY_TIME_GROUP; k++)
        hy_put32(column + (size_t)4 * k, state[k]);
}

int hy_columns_encode_times(const hy_block_start *start, const hy_event *events, hy_columns *ret_columns) {
    const uint32_t count = start->events;
    time_work *const work = calloc(1, sizeof *work);
    uint64_t *const ticks = malloc(count * sizeof *ticks);
    hy_stretch *const stretches = malloc(most_stretches(count) * sizeof *stretches);
    uint8_t *const bytes = malloc(2 * (size_t)count);
    const int r = work && ticks && stretches && bytes ? 0 : -ENOMEM;
    if (r == 0) {
        work->ticks = ticks;
        work->stretches = stretches;
        work->symbols = bytes;
        work->contexts = bytes + count;
        encode_ticks(start, events, work, ret_columns);
        find_symbols(start, work, ret_columns);
        encode_chances(work, ret_columns);
        encode_symbols(start, work, ret_columns);
    }
    free(bytes);
    free(stretches);
    free(ticks);
    free(work);
    return r;
}
