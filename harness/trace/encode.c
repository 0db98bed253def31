/* SPDX-License-Identifier: MIT
 *
 * encode.c - events to columns, all but the times (see codec.h).
 *
 * 1. Births carry no object: the n-th birth is object first_birth + n.
 * 2. An event's word says the rest: kind, alignment and size, or how a free names its object.  The 255 most frequent
 *    words of the block have numbers of one byte.
 * 3. An object is named by a small step from the one named before, else by a small age, else by the smaller of the two.
 * 4. Threads: runs.
 */
#include "codec.h"

#include "varint.h"

#include <errno.h>
#include <stdlib.h>

size_t hy_column_limit(hy_column column, uint32_t events) {
    static const struct {
        size_t per_event, fixed;
    } limits[HY_COLUMNS] = {
        [HY_COLUMN_CODE] = {1, 0},
        [HY_COLUMN_WORD] = {0, HY_WORDS * (2 + HY_VARINT_MAX)},
        [HY_COLUMN_RARE] = {12, 0},
        [HY_COLUMN_NAME] = {1, 0},
        [HY_COLUMN_LOW] = {1, 0},
        [HY_COLUMN_MIDDLE] = {1, 0},
        [HY_COLUMN_TOP] = {7, 0},
        [HY_COLUMN_THREAD] = {5, 0},
        [HY_COLUMN_RUN] = {3, 0},
        [HY_COLUMN_TICK] = {1, 32},
        [HY_COLUMN_CHANCE] = {0, HY_TIME_CONTEXTS * (1 + 3 * HY_TIME_SYMBOLS)},
        [HY_COLUMN_TIME] = {2, 4 * HY_TIME_GROUP},
        [HY_COLUMN_BITS] = {8, 0},
    };
    return limits[column].fixed + limits[column].per_event * events;
}

/* ---- names ---- */

typedef struct object_name {
    uint8_t name;
    uint64_t far; /* the number behind a far name */
} object_name;

static object_name name_of(uint64_t id, uint64_t last, uint64_t born) {
    const uint64_t step = hy_zigzag(id - last), age = born - 1 - id;
    if (step < HY_NAME_AGE - HY_NAME_STEP)
        return (object_name){(uint8_t)(HY_NAME_STEP + step), 0};
    if (age < HY_NAME_FAR_STEP - HY_NAME_AGE)
        return (object_name){(uint8_t)(HY_NAME_AGE + age), 0};
    const uint64_t far = step <= age ? step : age;
    const unsigned more = far > 0xffff ? 2 : far > 0xff ? 1 : 0;
    return (object_name){(uint8_t)((step <= age ? HY_NAME_FAR_STEP : HY_NAME_FAR_AGE) + more), far};
}

/* ---- words ---- */

typedef struct event_word {
    uint64_t size;
    uint8_t kind, align, name, zero;
} event_word;

typedef struct word_slot {
    event_word word;
    uint32_t count; /* 0: free */
    uint32_t code;  /* HY_WORDS: none */
} word_slot;

typedef struct word_table {
    word_slot *slots;
    uint32_t mask;
    uint32_t used;
} word_table;

static bool has_size(const event_word *word) {
    return word->kind <= HY_EVENT_REALLOC;
}

static bool same_word(const event_word *a, const event_word *b) {
    return a->size == b->size && a->kind == b->kind && a->align == b->align && a->name == b->name;
}

static word_slot *word_find(const word_table *table, const event_word *word) {
    const uint64_t key =
        (word->size * 0x9e3779b97f4a7c15u) ^ ((uint64_t)word->kind << 16 | (uint64_t)word->align << 8 | word->name);
    uint32_t at = (uint32_t)(key * 0xbf58476d1ce4e5b9u >> 40) & table->mask;
    while (table->slots[at].count != 0 && !same_word(&table->slots[at].word, word))
        at = (at + 1) & table->mask;
    return &table->slots[at];
}

static int word_grow(word_table *table) {
    const uint32_t size = table->slots ? 2 * (table->mask + 1) : 1024;
    word_table grown = {calloc(size, sizeof *grown.slots), size - 1, table->used};
    if (!grown.slots)
        return -ENOMEM;
    for (uint32_t i = 0; table->slots && i <= table->mask; i++) {
        if (table->slots[i].count > 0)
            *word_find(&grown, &table->slots[i].word) = table->slots[i];
    }
    free(table->slots);
    *table = grown;
    return 0;
}

static int word_count(word_table *table, const event_word *word) {
    if ((!table->slots || table->used > table->mask / 2) && word_grow(table) < 0)
        return -ENOMEM;
    word_slot *const slot = word_find(table, word);
    table->used += slot->count == 0;
    slot->word = *word;
    slot->code = HY_WORDS;
    slot->count++;
    return 0;
}

static uint8_t *word_put(uint8_t *at, const event_word *word) {
    *at++ = word->kind;
    if (word->kind == HY_EVENT_ALIGNED)
        *at++ = word->align;
    if (word->kind == HY_EVENT_FREE)
        *at++ = word->name;
    return has_size(word) ? hy_varint_put(at, word->size) : at;
}

/* The more frequent first; else in an order that does not depend on the table's. */
static int compare_slots(const void *left, const void *right) {
    const word_slot *const a = *(word_slot *const *)left, *const b = *(word_slot *const *)right;
    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    if (a->word.size != b->word.size)
        return a->word.size < b->word.size ? -1 : 1;
    const int x = a->word.kind << 16 | a->word.align << 8 | a->word.name;
    const int y = b->word.kind << 16 | b->word.align << 8 | b->word.name;
    return x - y;
}

/* Gives numbers to the most frequent words and writes the list of them.  A word that is there once gets none. */
static int word_choose(const word_table *table, hy_columns *columns) {
    word_slot **const order = malloc((table->used + 1) * sizeof(word_slot *));
    if (!order)
        return -ENOMEM;
    uint32_t used = 0;
    for (uint32_t i = 0; i <= table->mask; i++) {
        if (table->slots[i].count > 1)
            order[used++] = &table->slots[i];
    }
    qsort(order, used, sizeof(word_slot *), compare_slots);
    uint8_t *at = columns->data[HY_COLUMN_WORD];
    for (uint32_t i = 0; i < used && i < HY_WORDS; i++) {
        order[i]->code = i;
        at = word_put(at, &order[i]->word);
    }
    columns->size[HY_COLUMN_WORD] = (size_t)(at - columns->data[HY_COLUMN_WORD]);
    free(order);
    return 0;
}

/* ---- events ---- */

/* What names depend on. */
typedef struct name_state {
    uint64_t born, last;
} name_state;

static event_word word_of(const hy_event *event, name_state *state, object_name *ret_name) {
    event_word word = {event->size, event->kind, event->align, 0, 0};
    if (event->kind == HY_EVENT_REALLOC || event->kind == HY_EVENT_FREE) {
        *ret_name = name_of(event->id, state->last, state->born);
        state->last = event->id;
    }
    if (event->kind == HY_EVENT_FREE)
        word.name = ret_name->name;
    state->born += hy_event_is_birth(event) ? 1 : 0;
    return word;
}

typedef struct word_sinks {
    uint8_t *at[HY_COLUMNS];
} word_sinks;

static void put_far(word_sinks *sinks, object_name name) {
    if (name.name < HY_NAME_FAR_STEP)
        return;
    *sinks->at[HY_COLUMN_LOW]++ = (uint8_t)name.far;
    if (name.far > 0xff)
        *sinks->at[HY_COLUMN_MIDDLE]++ = (uint8_t)(name.far >> 8);
    if (name.far > 0xffff)
        sinks->at[HY_COLUMN_TOP] = hy_varint_put(sinks->at[HY_COLUMN_TOP], name.far >> 16);
}

static void encode_words(const hy_block_start *start, const hy_event *events, const word_table *table,
                         hy_columns *columns) {
    word_sinks sinks;
    name_state state = {start->first_birth, start->first_birth};
    for (hy_column c = HY_COLUMN_CODE; c <= HY_COLUMN_TOP; c++)
        sinks.at[c] = columns->data[c];
    sinks.at[HY_COLUMN_WORD] += columns->size[HY_COLUMN_WORD];
    for (uint32_t i = 0; i < start->events; i++) {
        object_name name = {0, 0};
        const event_word word = word_of(&events[i], &state, &name);
        const uint32_t code = word_find(table, &word)->code;
        *sinks.at[HY_COLUMN_CODE]++ = (uint8_t)code;
        if (code == HY_WORDS)
            sinks.at[HY_COLUMN_RARE] = word_put(sinks.at[HY_COLUMN_RARE], &word);
        if (word.kind == HY_EVENT_REALLOC)
            *sinks.at[HY_COLUMN_NAME]++ = name.name;
        put_far(&sinks, name);
    }
    for (hy_column c = HY_COLUMN_CODE; c <= HY_COLUMN_TOP; c++)
        columns->size[c] = (size_t)(sinks.at[c] - columns->data[c]);
}

static int encode_events(const hy_block_start *start, const hy_event *events, hy_columns *columns) {
    word_table table = {NULL, 0, 0};
    name_state state = {start->first_birth, start->first_birth};
    int r = 0;
    for (uint32_t i = 0; r == 0 && i < start->events; i++) {
        object_name name;
        const event_word word = word_of(&events[i], &state, &name);
        r = word_count(&table, &word);
    }
    if (r == 0)
        r = word_choose(&table, columns);
    if (r == 0)
        encode_words(start, events, &table, columns);
    free(table.slots);
    return r;
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

int hy_columns_encode(const hy_block_start *start, const hy_event *events, hy_columns *ret_columns, hy_error *error) {
    encode_threads(start, events, ret_columns);
    int r = encode_events(start, events, ret_columns);
    if (r == 0)
        r = hy_columns_encode_times(start, events, ret_columns);
    return r < 0 ? hy_fail(error, r, "no memory to encode a block of events") : 0;
}
