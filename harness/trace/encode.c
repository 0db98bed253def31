/* SPDX-License-Identifier: MIT
 *
 * encode.c - events to columns (see codec.h).
 *
 * 1. Births carry no object: the n-th birth is object first_birth + n.
 * 2. Sizes: few sizes make up most requests, so the 255 most frequent of a block have codes of one byte.
 * 3. Times: the low bits of a time are noise that no compressor can shrink; they are packed apart from the widths,
 *    which do compress.
 * 4. Threads: runs.
 */
#include "codec.h"

#include "varint.h"

#include <errno.h>
#include <stdlib.h>

size_t hy_column_limit(hy_column column, uint32_t events) {
    static const size_t per_event[HY_COLUMNS] = {1, 5, 3, 0, 1, 10, 10, 1, 1, 8};
    const size_t fixed = column == HY_COLUMN_WORD ? HY_SIZE_WORDS * HY_VARINT_MAX : column == HY_COLUMN_OBJECT;
    return fixed + per_event[column] * events;
}

static bool has_size(const hy_event *event) {
    return event->kind <= HY_EVENT_REALLOC;
}

static bool names_object(const hy_event *event) {
    return event->kind == HY_EVENT_REALLOC || event->kind == HY_EVENT_FREE;
}

static unsigned width_of(uint64_t value) {
    return value ? 64u - (unsigned)__builtin_clzll(value) : 0;
}

/* ---- sizes: which ones get a code of one byte ---- */

typedef struct size_slot {
    uint64_t size;
    uint32_t count; /* 0: free */
    uint32_t code;  /* HY_SIZE_WORDS: none */
} size_slot;

typedef struct size_table {
    uint32_t mask;
    uint32_t used;
    size_slot slots[];
} size_table;

static size_slot *size_find(size_table *table, uint64_t size) {
    uint32_t at = (uint32_t)(size * 0x9e3779b97f4a7c15u >> 40) & table->mask;
    while (table->slots[at].count != 0 && table->slots[at].size != size)
        at = (at + 1) & table->mask;
    return &table->slots[at];
}

static int compare_slots(const void *left, const void *right) {
    const size_slot *const a = *(size_slot *const *)left, *const b = *(size_slot *const *)right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->size < b->size ? -1 : a->size > b->size;
}

static size_table *size_table_create(uint32_t events) {
    uint32_t slots = 16;
    while (slots < 2 * events)
        slots *= 2;
    size_table *const table = calloc(1, sizeof *table + slots * sizeof table->slots[0]);
    if (table)
        table->mask = slots - 1;
    return table;
}

static void size_table_count(size_table *table, const hy_event *events, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        if (!has_size(&events[i]))
            continue;
        size_slot *const slot = size_find(table, events[i].size);
        table->used += slot->count == 0;
        slot->size = events[i].size;
        slot->code = HY_SIZE_WORDS;
        slot->count++;
    }
}

/* Gives codes to the most frequent sizes and writes the list of them.  A size that is there once gets none. */
static int size_table_choose(size_table *table, hy_columns *columns) {
    size_slot **const order = malloc((table->used + 1) * sizeof(size_slot *));
    if (!order)
        return -ENOMEM;
    uint32_t used = 0;
    for (uint32_t i = 0; i <= table->mask; i++) {
        if (table->slots[i].count > 1)
            order[used++] = &table->slots[i];
    }
    qsort(order, used, sizeof(size_slot *), compare_slots);
    uint8_t *at = columns->data[HY_COLUMN_WORD];
    for (uint32_t i = 0; i < used && i < HY_SIZE_WORDS; i++) {
        order[i]->code = i;
        at = hy_varint_put(at, order[i]->size);
    }
    columns->size[HY_COLUMN_WORD] = (size_t)(at - columns->data[HY_COLUMN_WORD]);
    free(order);
    return 0;
}

static int encode_sizes(const hy_block_start *start, const hy_event *events, hy_columns *columns) {
    size_table *const table = size_table_create(start->events);
    if (!table)
        return -ENOMEM;
    size_table_count(table, events, start->events);
    if (size_table_choose(table, columns) < 0) {
        free(table);
        return -ENOMEM;
    }
    uint8_t *code = columns->data[HY_COLUMN_SIZE], *rare = columns->data[HY_COLUMN_RARE];
    for (uint32_t i = 0; i < start->events; i++) {
        if (!has_size(&events[i]))
            continue;
        const size_slot *const slot = size_find(table, events[i].size);
        *code++ = (uint8_t)slot->code;
        if (slot->code == HY_SIZE_WORDS)
            rare = hy_varint_put(rare, events[i].size);
    }
    columns->size[HY_COLUMN_SIZE] = (size_t)(code - columns->data[HY_COLUMN_SIZE]);
    columns->size[HY_COLUMN_RARE] = (size_t)(rare - columns->data[HY_COLUMN_RARE]);
    free(table);
    return 0;
}

/* ---- the other columns ---- */

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

static void encode_times(const hy_block_start *start, const hy_event *events, hy_columns *columns) {
    bit_sink sink = {columns->data[HY_COLUMN_TIME_BITS], 0, 0};
    uint64_t time = start->base_time;
    for (uint32_t i = 0; i < start->events; i++) {
        const uint64_t passed = events[i].time - time;
        const unsigned width = width_of(passed);
        columns->data[HY_COLUMN_TIME_WIDTH][i] = (uint8_t)width;
        if (width > 1)
            bits_put(&sink, passed & (((uint64_t)1 << (width - 1)) - 1), width - 1);
        time = events[i].time;
    }
    if (sink.bits > 0)
        *sink.at++ = (uint8_t)sink.held;
    columns->size[HY_COLUMN_TIME_WIDTH] = start->events;
    columns->size[HY_COLUMN_TIME_BITS] = (size_t)(sink.at - columns->data[HY_COLUMN_TIME_BITS]);
}

static void encode_threads(const hy_block_start *start, const hy_event *events, hy_columns *columns) {
    uint8_t *thread = columns->data[HY_COLUMN_THREAD], *run = columns->data[HY_COLUMN_RUN];
    for (uint32_t i = 0, next; i < start->events; i = next) {
        for (next = i + 1; next < start->events && events[next].thread == events[i].thread;)
            next++;
        thread = hy_varint_put(thread, events[i].thread);
        run = hy_varint_put(run, next - i);
    }
    columns->size[HY_COLUMN_THREAD] = (size_t)(thread - columns->data[HY_COLUMN_THREAD]);
    columns->size[HY_COLUMN_RUN] = (size_t)(run - columns->data[HY_COLUMN_RUN]);
}

static void encode_kinds(const hy_block_start *start, const hy_event *events, hy_columns *columns) {
    uint8_t *align = columns->data[HY_COLUMN_ALIGN];
    for (uint32_t i = 0; i < start->events; i++) {
        columns->data[HY_COLUMN_KIND][i] = events[i].kind;
        if (events[i].kind == HY_EVENT_ALIGNED)
            *align++ = events[i].align;
    }
    columns->size[HY_COLUMN_KIND] = start->events;
    columns->size[HY_COLUMN_ALIGN] = (size_t)(align - columns->data[HY_COLUMN_ALIGN]);
}

void hy_columns_encode_objects(const hy_block_start *start, const hy_event *events, hy_object_mode mode,
                               uint8_t *ret_data, size_t *ret_size) {
    uint64_t born = start->first_birth, last = start->first_birth;
    uint8_t *at = ret_data;
    *at++ = (uint8_t)mode;
    for (uint32_t i = 0; i < start->events; i++) {
        born += hy_event_is_birth(&events[i]) ? 1 : 0;
        if (!names_object(&events[i]))
            continue;
        const uint64_t id = events[i].id;
        at = hy_varint_put(at, mode == HY_OBJECT_AGE ? born - 1 - id : hy_zigzag(id - last));
        last = id;
    }
    *ret_size = (size_t)(at - ret_data);
}

int hy_columns_encode(const hy_block_start *start, const hy_event *events, hy_columns *ret_columns, hy_error *error) {
    encode_kinds(start, events, ret_columns);
    encode_threads(start, events, ret_columns);
    encode_times(start, events, ret_columns);
    hy_columns_encode_objects(start, events, HY_OBJECT_AGE, ret_columns->data[HY_COLUMN_OBJECT],
                              &ret_columns->size[HY_COLUMN_OBJECT]);
    if (encode_sizes(start, events, ret_columns) < 0)
        return hy_fail(error, -ENOMEM, "no memory to encode a block of events");
    return 0;
}
