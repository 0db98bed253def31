/* SPDX-License-Identifier: MIT
 *
 * clock_symbols.c - see clock_symbols.h.
 *
 * What a step of the coder costs is the wait for what the step before found, so
 *   1. the four states of a group take each step together, none waiting for another;
 *   2. nothing branches on what is decoded, as nobody could foretell whether a state is filled up;
 *   3. symbols are decoded some thousand at a time and times made of them afterwards, so that more groups are under way
 * at once in a processor.
 */
#include "clock_symbols.h"

#include "bytes.h"
#include "varint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)
#define STATES ((size_t)4 * HY_TIME_GROUP)

/* ---- tables ---- */

/* One context's symbols and chances; false: broken.  Without a table nothing is written. */
static bool read_chances(const uint8_t **at, const uint8_t *end, hy_clock_table *table, bool *ret_used) {
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
        for (uint32_t n = 0; table && n < chance; n++) {
            table->slots[sum + n] = (hy_rans_slot){(uint16_t)chance, (uint16_t)n};
            table->marks[sum + n] = (uint8_t)(symbol + 1);
        }
        sum += (uint32_t)chance;
        last = symbol;
    }
    *ret_used = count > 0;
    return count == 0 || sum == HY_RANS_SUM;
}

static int begin_tables(hy_clock_symbols *symbols, const hy_columns *columns, hy_error *error) {
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
    symbols->tables = malloc((tables + 1) * sizeof *symbols->tables);
    if (!symbols->tables)
        return hy_fail(error, -ENOMEM, "no memory to decode a block of events");
    memset(symbols->tables, 0, sizeof *symbols->tables);
    memset(symbols->tables->marks, HY_CLOCK_NO_SYMBOL, sizeof symbols->tables->marks);
    const hy_clock_table *tables_of[HY_TIME_CONTEXTS];
    hy_clock_table *table = symbols->tables + 1;
    at = columns->data[HY_COLUMN_CHANCE];
    for (unsigned c = 0; c < HY_TIME_CONTEXTS; c++) {
        read_chances(&at, end, table, &used[c]);
        tables_of[c] = used[c] ? table : symbols->tables;
        table += used[c] ? 1 : 0;
    }
    symbols->tables_after[0] = tables_of[0];
    for (unsigned s = 0; s <= HY_TIME_SYMBOLS; s++)
        symbols->tables_after[s + 1] = tables_of[hy_time_context(s)];
    return 0;
}

int hy_clock_symbols_begin(hy_clock_symbols *ret_symbols, const hy_columns *columns, hy_error *error) {
    const uint8_t *const words = columns->data[HY_COLUMN_TIME];
    const size_t size = columns->size[HY_COLUMN_TIME];
    if (size < STATES || size % 2 != 0)
        return BAD("its times have %zu bytes; expected %zu and pairs of bytes", size, STATES);
    for (unsigned k = 0; k < HY_TIME_GROUP; k++)
        ret_symbols->state[k] = hy_get32(words + (size_t)4 * k);
    ret_symbols->codes = columns->data[HY_COLUMN_CODE];
    ret_symbols->words = words + STATES;
    ret_symbols->words_end = words + size;
    return begin_tables(ret_symbols, columns, error);
}

void hy_clock_symbols_clear(hy_clock_symbols *symbols) {
    free(symbols->tables);
    symbols->tables = NULL;
}

/* ---- symbols ---- */

/* Words that may be taken in: the next four, and how many bits of them were. */
typedef struct next_words {
    uint64_t bits;
    uint32_t taken;
} next_words;

/* Takes one symbol out of a state.  Returns its mark. */
static inline uint8_t take(const hy_clock_table *table, uint32_t *state, next_words *words) {
    const uint32_t place = *state & (HY_RANS_SUM - 1), next = hy_rans_next(*state, &table->slots[place]);
    const uint32_t fill = 0 - (uint32_t)(next < HY_RANS_LOW); /* all bits or none */
    const uint32_t shift = fill & 16;
    *state = next << shift | ((uint32_t)words->bits & 0xffff & fill);
    words->bits >>= shift;
    words->taken += shift;
    return table->marks[place];
}

/* Where the history of an event lies in eight codes: its own is the third from the top. */
static inline uint32_t slot_of(uint64_t codes, unsigned event) {
    return hy_time_slot((uint32_t)(codes >> (40 - 8 * event)) & 0xffffff);
}

/* The marks of the next groups, which have codes before them and take at most 8 bytes of words each. */
static void next_groups(hy_clock_symbols *symbols, uint32_t groups, uint8_t *ret_marks) {
    const uint8_t *codes = symbols->codes, *words = symbols->words;
    uint32_t state[HY_TIME_GROUP];
    memcpy(state, symbols->state, sizeof state);
    for (const uint8_t *const end = codes + (size_t)HY_TIME_GROUP * groups; codes != end; codes += HY_TIME_GROUP) {
        const uint64_t eight = __builtin_bswap64(hy_get64(codes - 2));
        const uint32_t slot0 = slot_of(eight, 0), slot1 = slot_of(eight, 1), slot2 = slot_of(eight, 2);
        const uint32_t slot3 = slot_of(eight, 3);
        const hy_clock_table *const table0 = symbols->tables_after[symbols->seen[slot0]];
        const hy_clock_table *const table1 = symbols->tables_after[symbols->seen[slot1]];
        const hy_clock_table *const table2 = symbols->tables_after[symbols->seen[slot2]];
        const hy_clock_table *const table3 = symbols->tables_after[symbols->seen[slot3]];
        next_words next = {hy_get64(words), 0};
        symbols->seen[slot0] = ret_marks[0] = take(table0, &state[0], &next);
        symbols->seen[slot1] = ret_marks[1] = take(table1, &state[1], &next);
        symbols->seen[slot2] = ret_marks[2] = take(table2, &state[2], &next);
        symbols->seen[slot3] = ret_marks[3] = take(table3, &state[3], &next);
        words += next.taken / 8;
        ret_marks += HY_TIME_GROUP;
    }
    symbols->codes = codes;
    symbols->words = words;
    memcpy(symbols->state, state, sizeof state);
}

/* The same for a group where the block begins or ends, which may have fewer events.  false: the column is cut off. */
static bool next_few(hy_clock_symbols *symbols, uint32_t count, uint8_t *ret_marks) {
    uint32_t slots[HY_TIME_GROUP];
    const uint8_t *const codes = symbols->codes;
    uint32_t history = symbols->begun ? hy_time_history(codes[-2], codes[-1]) : 0;
    for (uint32_t k = 0; k < count; k++) {
        history = hy_time_history(history, codes[k]);
        slots[k] = hy_time_slot(history);
    }
    next_words next = {hy_get64(symbols->words), 0};
    const hy_clock_table *tables[HY_TIME_GROUP];
    for (uint32_t k = 0; k < count; k++)
        tables[k] = symbols->tables_after[symbols->seen[slots[k]]];
    for (uint32_t k = 0; k < count; k++)
        symbols->seen[slots[k]] = ret_marks[k] = take(tables[k], &symbols->state[k], &next);
    symbols->codes += count;
    symbols->begun = true;
    symbols->words += next.taken / 8;
    return symbols->words <= symbols->words_end;
}

uint32_t hy_clock_symbols_next(hy_clock_symbols *symbols, uint32_t count, uint8_t *ret_marks) {
    for (uint32_t i = 0; i < count;) {
        const size_t safe = (size_t)(symbols->words_end - symbols->words) / 8;
        const uint32_t left = (count - i) / HY_TIME_GROUP, groups = left < safe ? left : (uint32_t)safe;
        if (groups > 0 && symbols->begun) {
            next_groups(symbols, groups, ret_marks + i);
            i += groups * HY_TIME_GROUP;
        } else {
            const uint32_t few = count - i < HY_TIME_GROUP ? count - i : HY_TIME_GROUP;
            if (!next_few(symbols, few, ret_marks + i))
                return i;
            i += few;
        }
    }
    return count;
}

bool hy_clock_symbols_ended(const hy_clock_symbols *symbols) {
    for (unsigned k = 0; k < HY_TIME_GROUP; k++) {
        if (symbols->state[k] != HY_RANS_LOW)
            return false;
    }
    return symbols->words == symbols->words_end;
}
