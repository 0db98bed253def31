/* SPDX-License-Identifier: MIT
 *
 * decode.c - columns to events (see codec.h), in one pass, some hundred events at a time: first all but the times.
 *
 * The columns are untrusted: whatever they hold, only they are read and only the block's events are written.
 */
#include "codec.h"

#include "bytes.h"
#include "clock_decode.h"
#include "varint.h"

#include <errno.h>
#include <inttypes.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)
#define UNBORN "a broken object, or one that was not born"
#define NO_WORD 255u
#define PART 512u /* events whose times follow while they are in the cache */

/* What is left of a column. */
typedef struct column_cursor {
    const uint8_t *at, *end;
} column_cursor;

typedef struct word {
    uint64_t size;
    uint8_t kind, align, name;
} word;

/* Where the loop over a block's events stands. */
typedef struct block_cursor {
    const uint8_t *code;
    column_cursor columns[HY_COLUMNS];
    word words[HY_WORDS + 1];    /* by code; of the kind NO_WORD where there is none */
    word rare;                   /* the last rare one */
    uint64_t born;               /* the next birth number */
    uint64_t named;              /* the object named last */
    uint64_t known, thread, run; /* threads known, the current one, what is left of its run */
} block_cursor;

static inline bool next_byte(column_cursor *column, uint8_t *ret_byte) {
    if (column->at == column->end)
        return false;
    *ret_byte = *column->at++;
    return true;
}

/* NULL, or what is broken. */
static const char *next_word(column_cursor *column, word *ret_word) {
    word w = {0, 0, 0, 0};
    if (!next_byte(column, &w.kind))
        return "a word that is cut off";
    if (w.kind >= HY_EVENT_KINDS)
        return "an unknown kind of event";
    if (w.kind == HY_EVENT_ALIGNED && !next_byte(column, &w.align))
        return "a word that is cut off";
    if (w.kind == HY_EVENT_FREE && (!next_byte(column, &w.name) || w.name >= HY_NAMES))
        return "an object named in an unknown way";
    if (w.kind <= HY_EVENT_REALLOC && !hy_varint_get(&column->at, column->end, &w.size))
        return "a broken size";
    *ret_word = w;
    return NULL;
}

static int begin_block(const hy_block_start *start, const hy_columns *columns, block_cursor *cursor, hy_error *error) {
    if (columns->size[HY_COLUMN_CODE] != start->events)
        return BAD("%zu codes for %" PRIu32 " events", columns->size[HY_COLUMN_CODE], start->events);
    for (hy_column c = 0; c < HY_COLUMNS; c++)
        cursor->columns[c] = (column_cursor){columns->data[c], columns->data[c] + columns->size[c]};
    cursor->born = cursor->named = start->first_birth;
    cursor->known = start->threads;
    cursor->thread = UINT64_MAX;
    column_cursor *const words = &cursor->columns[HY_COLUMN_WORD];
    uint32_t count = 0;
    for (; words->at != words->end; count++) {
        if (count == HY_WORDS)
            return BAD("more than %u words", HY_WORDS);
        const char *const broken = next_word(words, &cursor->words[count]);
        if (broken)
            return BAD("word %" PRIu32 ": %s", count, broken);
    }
    for (; count <= HY_WORDS; count++)
        cursor->words[count].kind = NO_WORD;
    return 0;
}

static int end_block(const block_cursor *cursor, hy_error *error) {
    static const struct {
        hy_column column;
        const char *what;
    } rest[] = {{HY_COLUMN_RARE, "rare words"},      {HY_COLUMN_NAME, "names of objects"},
                {HY_COLUMN_LOW, "names of objects"}, {HY_COLUMN_MIDDLE, "names of objects"},
                {HY_COLUMN_TOP, "names of objects"}, {HY_COLUMN_THREAD, "threads"},
                {HY_COLUMN_RUN, "threads"}};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
        const column_cursor *const column = &cursor->columns[rest[i].column];
        if (column->at != column->end)
            return BAD("%s left over", rest[i].what);
    }
    return cursor->run == 0 ? 0 : BAD("threads left over");
}

/* The number behind a far name. */
static bool next_far(block_cursor *cursor, unsigned more, uint64_t *ret_far) {
    uint8_t low, middle = 0;
    uint64_t top = 0;
    if (!next_byte(&cursor->columns[HY_COLUMN_LOW], &low))
        return false;
    if (more > 0 && !next_byte(&cursor->columns[HY_COLUMN_MIDDLE], &middle))
        return false;
    if (more > 1) {
        column_cursor *const column = &cursor->columns[HY_COLUMN_TOP];
        if (!hy_varint_get(&column->at, column->end, &top) || top >> 48 != 0)
            return false;
    }
    *ret_far = top << 16 | (uint64_t)middle << 8 | low;
    return true;
}

static inline bool next_object(block_cursor *cursor, uint8_t name, uint64_t *ret_id) {
    if (name < HY_NAME_AGE) {
        cursor->named += hy_unzigzag((uint64_t)(name - HY_NAME_STEP));
    } else if (name < HY_NAME_FAR_STEP) {
        cursor->named = cursor->born - 1 - (uint64_t)(name - HY_NAME_AGE);
    } else {
        uint64_t far;
        if (name >= HY_NAMES || !next_far(cursor, (name - HY_NAME_FAR_STEP) % 3u, &far))
            return false;
        cursor->named = name < HY_NAME_FAR_AGE ? cursor->named + hy_unzigzag(far) : cursor->born - 1 - far;
    }
    *ret_id = cursor->named;
    return cursor->named < cursor->born;
}

/* Runs follow each other only when the thread changes. */
static bool next_run(block_cursor *cursor) {
    const uint64_t last = cursor->thread;
    column_cursor *const thread = &cursor->columns[HY_COLUMN_THREAD], *const run = &cursor->columns[HY_COLUMN_RUN];
    if (!hy_varint_get(&thread->at, thread->end, &cursor->thread) || !hy_varint_get(&run->at, run->end, &cursor->run))
        return false;
    if (cursor->thread == last || cursor->thread > cursor->known || cursor->thread >= UINT32_MAX || cursor->run == 0)
        return false;
    cursor->known += cursor->thread == cursor->known;
    return true;
}

/* The word of an event whose code is none of the block's words.  NULL, or what is broken. */
static const char *next_rare(block_cursor *cursor, uint8_t code) {
    return code == HY_WORDS ? next_word(&cursor->columns[HY_COLUMN_RARE], &cursor->rare) : "a word without a meaning";
}

/* The object of a realloc, or one with a far name.  NULL, or what is broken. */
static const char *next_unusual(block_cursor *cursor, const word *w, uint64_t *ret_id) {
    uint8_t name = w->name;
    if (w->kind == HY_EVENT_REALLOC && !next_byte(&cursor->columns[HY_COLUMN_NAME], &name))
        return "an object without a name";
    return next_object(cursor, name, ret_id) ? NULL : UNBORN;
}

/* The next events but for their times.  What changes with each event stands in local variables: stores into events
 * could change a block_cursor, for all the compiler knows.  NULL, or what is broken. */
static const char *next_events(block_cursor *cursor, hy_event *events, uint32_t count, uint32_t *ret_done) {
    const uint8_t *const codes = cursor->code;
    uint64_t born = cursor->born, named = cursor->named, run = cursor->run;
    uint32_t thread = (uint32_t)cursor->thread;
    for (*ret_done = 0; *ret_done < count; (*ret_done)++) {
        const uint32_t i = *ret_done;
        const word *w = &cursor->words[codes[i]];
        const char *broken = NULL;
        if (__builtin_expect(w->kind >= HY_EVENT_KINDS, 0)) {
            if ((broken = next_rare(cursor, codes[i])))
                return broken;
            w = &cursor->rare;
        }
        if (__builtin_expect(run == 0, 0)) {
            if (!next_run(cursor))
                return "a broken run of events of one thread";
            run = cursor->run;
            thread = (uint32_t)cursor->thread;
        }
        run--;
        uint64_t id = 0;
        if (w->kind <= HY_EVENT_ALIGNED) {
            id = born++;
        } else if (w->kind == HY_EVENT_FREE && w->name < HY_NAME_FAR_STEP) {
            named = w->name < HY_NAME_AGE ? named + hy_unzigzag((uint64_t)(w->name - HY_NAME_STEP))
                                          : born - 1 - (uint64_t)(w->name - HY_NAME_AGE);
            id = named;
            if (named >= born)
                return UNBORN;
        } else if (w->kind <= HY_EVENT_FREE) {
            cursor->born = born;
            cursor->named = named;
            if ((broken = next_unusual(cursor, w, &id)))
                return broken;
            named = id;
        }
        events[i] = (hy_event){.id = id, .size = w->size, .thread = thread, .kind = w->kind, .align = w->align};
    }
    cursor->code += count;
    cursor->born = born;
    cursor->named = named;
    cursor->run = run;
    return NULL;
}

static int decode_events(block_cursor *cursor, hy_clock *clock, const hy_block_start *start, hy_event *ret_events,
                         hy_error *error) {
    for (uint32_t i = 0; i < start->events; i += PART) {
        const uint32_t count = start->events - i < PART ? start->events - i : PART;
        uint32_t done;
        const char *broken = next_events(cursor, ret_events + i, count, &done);
        if (broken)
            return BAD("event %" PRIu64 ": %s", start->first_event + i + done, broken);
        broken = hy_clock_next(clock, ret_events + i, count);
        if (broken)
            return BAD("event %" PRIu64 ": %s", start->first_event + clock->event, broken);
    }
    const int r = end_block(cursor, error);
    return r < 0 ? r : hy_clock_end(clock, error);
}

int hy_columns_decode(const hy_block_start *start, const hy_columns *columns, hy_event *ret_events, hy_error *error) {
    block_cursor cursor = {.code = columns->data[HY_COLUMN_CODE]};
    hy_clock clock;
    int r = begin_block(start, columns, &cursor, error);
    if (r < 0)
        return r;
    r = hy_clock_begin(&clock, start, columns, error);
    if (r == 0)
        r = decode_events(&cursor, &clock, start, ret_events, error);
    hy_clock_clear(&clock);
    return r;
}
