/* SPDX-License-Identifier: MIT
 *
 * clock_decode.c - see clock_decode.h.
 */
#include "clock_decode.h"

#include "bytes.h"
#include "rans.h"
#include "tick.h"
#include "varint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)
#define STATES ((size_t)4 * HY_TIME_GROUP)
#define CUT "its times are cut off"
#define LATE "a time beyond 2^63 ns"
#define NO_CHANCE UINT64_MAX /* ticks of a symbol that stands for all that cannot be */

/* ---- tables ---- */

/* One context's symbols and chances; false: broken.  Without a table nothing is written. */
static bool read_chances(const uint8_t **at, const uint8_t *end, uint32_t *table, bool *ret_used) {
    if (*at == end)
        return false;
    const unsigned count = *(*at)++;
    uint32_t sum = 0;
    int last = -1;
    for (unsigned i = 0; i < count; i++) {
        if (*at == end)
            return false;
        const int symbol = *(*at)++;
        uint64_t chance;
        if (!hy_varint_get(at, end, &chance) || symbol <= last || symbol >= (int)HY_TIME_SYMBOLS || chance == 0 ||
            chance > HY_RANS_SUM - sum)
            return false;
        for (uint32_t n = 0; table && n < chance; n++)
            table[sum + n] = hy_rans_slot((unsigned)symbol, (uint32_t)chance, n);
        sum += (uint32_t)chance;
        last = symbol;
    }
    *ret_used = count > 0;
    return count == 0 || sum == HY_RANS_SUM;
}

static int begin_tables(hy_clock *clock, const hy_columns *columns, hy_error *error) {
    const uint8_t *at = columns->data[HY_COLUMN_CHANCE];
    const uint8_t *const end = at + columns->size[HY_COLUMN_CHANCE];
    bool used[HY_TIME_CONTEXTS];
    size_t tables = 0;
    for (unsigned c = 0; c < HY_TIME_CONTEXTS; c++) {
        if (!read_chances(&at, end, NULL, &used[c]))
            return BAD("broken chances of times in context %u", c);
        tables += used[c];
    }
    if (at != end)
        return BAD("chances of times left over");
    clock->tables = malloc((tables + 1) * HY_RANS_SUM * sizeof *clock->tables);
    if (!clock->tables)
        return hy_fail(error, -ENOMEM, "no memory to decode a block of events");
    for (uint32_t n = 0; n < HY_RANS_SUM; n++)
        clock->tables[n] = hy_rans_slot(HY_TIME_SYMBOLS, 0, 0);
    const uint32_t *tables_of[HY_TIME_CONTEXTS];
    uint32_t *table = clock->tables + HY_RANS_SUM;
    at = columns->data[HY_COLUMN_CHANCE];
    for (unsigned c = 0; c < HY_TIME_CONTEXTS; c++) {
        read_chances(&at, end, table, &used[c]);
        tables_of[c] = used[c] ? table : clock->tables;
        table += used[c] ? HY_RANS_SUM : 0;
    }
    clock->tables_after[0] = tables_of[0];
    for (unsigned s = 0; s <= HY_TIME_SYMBOLS; s++)
        clock->tables_after[s + 1] = tables_of[hy_time_context(s)];
    return 0;
}

/* ---- times ---- */

static bool next_stretch(hy_clock *clock) {
    return hy_varint_get(&clock->stretch, clock->stretch_end, &clock->left) && clock->left > 0 &&
           hy_varint_get(&clock->stretch, clock->stretch_end, &clock->part) && clock->part < clock->tick;
}

/* The next history's entry in `seen`. */
static inline uint8_t *look(hy_clock *clock, uint32_t *history, uint8_t code) {
    *history = hy_time_history(*history, code);
    return &clock->seen[hy_time_slot(*history)];
}

/* Takes one symbol's slot out of a state.  The words have two readable bytes beyond their end. */
static inline uint32_t take(const uint32_t *table, uint32_t *state, const uint8_t **words) {
    const uint32_t slot = table[*state & (HY_RANS_SUM - 1)], next = hy_rans_next(*state, slot);
    const uint32_t filled = next << 16 | hy_get16(*words);
    const uint32_t fill = next < HY_RANS_LOW;
    *state = fill ? filled : next;
    *words += 2 * (size_t)fill;
    return slot;
}

/* The slots of a whole group: each step for all before the next step, so that none waits for another. */
static inline void next_group(hy_clock *clock, uint32_t *ret_slots) {
    const uint8_t *const codes = clock->codes + clock->event, *words = clock->words;
    const uint32_t *const *const tables = clock->tables_after;
    uint32_t history = clock->history;
    uint8_t *const seen0 = look(clock, &history, codes[0]), *const seen1 = look(clock, &history, codes[1]);
    uint8_t *const seen2 = look(clock, &history, codes[2]), *const seen3 = look(clock, &history, codes[3]);
    const uint32_t *const table0 = tables[*seen0], *const table1 = tables[*seen1];
    const uint32_t *const table2 = tables[*seen2], *const table3 = tables[*seen3];
    const uint32_t slot0 = take(table0, &clock->state[0], &words), slot1 = take(table1, &clock->state[1], &words);
    const uint32_t slot2 = take(table2, &clock->state[2], &words), slot3 = take(table3, &clock->state[3], &words);
    *seen0 = (uint8_t)(slot0 + 1);
    *seen1 = (uint8_t)(slot1 + 1);
    *seen2 = (uint8_t)(slot2 + 1);
    *seen3 = (uint8_t)(slot3 + 1);
    ret_slots[0] = slot0;
    ret_slots[1] = slot1;
    ret_slots[2] = slot2;
    ret_slots[3] = slot3;
    clock->words = words;
    clock->history = history;
}

/* The block's last events, fewer than a group. */
static void last_group(hy_clock *clock, uint32_t *ret_slots, uint32_t count) {
    const uint8_t *seen[HY_TIME_GROUP];
    for (uint32_t k = 0; k < count; k++)
        seen[k] = look(clock, &clock->history, clock->codes[clock->event + k]);
    for (uint32_t k = 0; k < count; k++)
        ret_slots[k] = take(clock->tables_after[*seen[k]], &clock->state[k], &clock->words);
}

/* What changes with each event, in local variables: stores into events could change a hy_clock, for all the compiler
 * knows. */
typedef struct clock_now {
    uint64_t time, fine, position; /* `fine` counts since `time`, and has room for some more small numbers of ticks */
} clock_now;

/* The ticks of a symbol, without a branch for those that have low bits, which no processor could foretell.  The column
 * may be read beyond its end, as codec.h says; whether that was so is seen after each group. */
static inline uint64_t ticks_of(const hy_clock *clock, unsigned symbol, clock_now *now) {
    const unsigned width = clock->low[symbol], shift = now->position % 8;
    const uint8_t *const at = clock->bits + now->position / 8;
    uint64_t low = hy_get64(at) >> shift;
    if (__builtin_expect(width > 56, 0))
        low |= (uint64_t)at[8] << 1 << (63 - shift);
    now->position += width;
    return clock->least[symbol] | (low & clock->mask[symbol]);
}

/* Time goes on by many ticks.  NULL, or what is broken. */
static const char *pass_many(uint64_t tick, uint64_t ticks, clock_now *now) {
    if (ticks == NO_CHANCE)
        return "a time in a context without chances";
    now->time += now->fine >> 32;
    const unsigned __int128 fine = (unsigned __int128)ticks * tick + (now->fine & (HY_TICK_ONE - 1));
    if (fine >> 95 != 0 || now->time > HY_EVENT_MAX_TOTAL)
        return LATE;
    now->time += (uint64_t)(fine >> 32);
    now->fine = (uint64_t)fine & (HY_TICK_ONE - 1);
    return NULL;
}

/* NULL, or what is broken. */
static inline const char *set_times(hy_clock *clock, const uint32_t *slots, hy_event *events, uint32_t count) {
    const uint64_t tick = clock->tick, small = clock->small;
    clock_now now = {clock->time, clock->part, clock->position};
    for (uint32_t k = 0; k < count; k++) {
        const uint64_t ticks = ticks_of(clock, slots[k] & 0xff, &now);
        if (__builtin_expect(ticks < small, 1)) {
            now.fine += ticks * tick;
        } else {
            clock_now then = now;
            const char *const broken = pass_many(tick, ticks, &then);
            if (broken)
                return broken;
            now = then;
        }
        events[k].time = now.time + (now.fine >> 32);
    }
    clock->time = now.time + (now.fine >> 32);
    clock->part = now.fine & (HY_TICK_ONE - 1);
    clock->position = now.position;
    if (now.position > clock->bits_most)
        return "the low bits of its times are cut off";
    return clock->time <= HY_EVENT_MAX_TOTAL ? NULL : LATE;
}

/* The same where a stretch begins or ends inside. */
static const char *set_times_across(hy_clock *clock, const uint32_t *slots, hy_event *events, uint32_t count) {
    const char *broken = NULL;
    for (uint32_t k = 0; k < count && !broken; k++) {
        if (clock->left == 0 && !next_stretch(clock))
            return "a broken stretch of ticks";
        clock->left--;
        broken = set_times(clock, &slots[k], &events[k], 1);
    }
    return broken;
}

static const char *next_few(hy_clock *clock, hy_event *events, uint32_t count) {
    uint32_t slots[HY_TIME_GROUP];
    last_group(clock, slots, count);
    return clock->words > clock->words_end ? CUT : set_times_across(clock, slots, events, count);
}

const char *hy_clock_next(hy_clock *clock, hy_event *events, uint32_t count) {
    uint32_t i = 0;
    for (; i + HY_TIME_GROUP <= count; i += HY_TIME_GROUP) {
        uint32_t slots[HY_TIME_GROUP];
        next_group(clock, slots);
        if (clock->words > clock->words_end)
            return CUT;
        const bool usual = clock->left >= HY_TIME_GROUP;
        const char *const broken = usual ? set_times(clock, slots, events + i, HY_TIME_GROUP)
                                         : set_times_across(clock, slots, events + i, HY_TIME_GROUP);
        if (broken)
            return broken;
        clock->left -= usual ? HY_TIME_GROUP : 0;
        clock->event += HY_TIME_GROUP;
    }
    return i < count ? next_few(clock, events + i, count - i) : NULL;
}

int hy_clock_begin(hy_clock *clock, const hy_block_start *start, const hy_columns *columns, hy_error *error) {
    memset(clock, 0, sizeof *clock);
    const uint8_t *const words = columns->data[HY_COLUMN_TIME], *const stretches = columns->data[HY_COLUMN_TICK];
    const size_t size = columns->size[HY_COLUMN_TIME];
    if (size < STATES || size % 2 != 0)
        return BAD("its times have %zu bytes; expected %zu and pairs of bytes", size, STATES);
    if (columns->size[HY_COLUMN_TICK] < 8)
        return BAD("it has no length of a tick");
    clock->codes = columns->data[HY_COLUMN_CODE];
    clock->time = start->base_time;
    for (unsigned symbol = 0; symbol < HY_TIME_SYMBOLS; symbol++) {
        const unsigned beyond = symbol < HY_TIME_EXACT ? 0 : symbol - HY_TIME_EXACT;
        clock->low[symbol] = symbol < HY_TIME_EXACT ? 0 : (uint8_t)(2 + beyond / 4);
        clock->least[symbol] = symbol < HY_TIME_EXACT ? symbol : (uint64_t)(4 + beyond % 4) << (2 + beyond / 4);
        clock->mask[symbol] = ((uint64_t)1 << clock->low[symbol]) - 1;
    }
    clock->least[HY_TIME_SYMBOLS] = NO_CHANCE;
    for (unsigned k = 0; k < HY_TIME_GROUP; k++)
        clock->state[k] = hy_get32(words + (size_t)4 * k);
    clock->words = words + STATES;
    clock->words_end = words + size;
    clock->bits = columns->data[HY_COLUMN_BITS];
    clock->bits_most = 8 * (uint64_t)columns->size[HY_COLUMN_BITS];
    clock->tick = hy_get64(stretches);
    clock->stretch = stretches + 8;
    clock->stretch_end = stretches + columns->size[HY_COLUMN_TICK];
    if (clock->tick < HY_TICK_ONE || clock->tick >= HY_TICK_MOST)
        return BAD("a tick of %llu / 2^32 ns; expected 1 to 2^20 ns", (unsigned long long)clock->tick);
    clock->small = ((uint64_t)1 << 60) / clock->tick;
    return begin_tables(clock, columns, error);
}

int hy_clock_end(const hy_clock *clock, hy_error *error) {
    for (unsigned k = 0; k < HY_TIME_GROUP; k++) {
        if (clock->state[k] != HY_RANS_LOW || clock->words != clock->words_end)
            return BAD("times left over");
    }
    if (clock->stretch != clock->stretch_end || clock->left != 0)
        return BAD("stretches of ticks left over");
    if ((clock->position + 7) / 8 != clock->bits_most / 8)
        return BAD("low bits of times left over");
    if (clock->position % 8 != 0 && clock->bits[clock->position / 8] >> clock->position % 8 != 0)
        return BAD("the low bits of its times are not filled up with 0");
    return 0;
}

void hy_clock_clear(hy_clock *clock) {
    free(clock->tables);
    clock->tables = NULL;
}
