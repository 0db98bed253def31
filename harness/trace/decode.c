/* SPDX-License-Identifier: MIT
 *
 * decode.c - columns to events (see codec.h), some thousand events at a time: first all but the times, then those.
 *
 * What costs is a branch that goes another way than foretold.  So births and most frees take the same steps, whatever a
 * word says stands in it as numbers (word_explain), and threads are noted ahead for some events at a time.
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
#define AT_ONCE 8u /* events that a thread is noted for */

/* What is left of a column. */
typedef struct column_cursor {
    const uint8_t *at, *end;
} column_cursor;

/* A word, and what it does to the numbers of objects. */
typedef struct word {
    hy_event event; /* with its kind, size and alignment */
    uint8_t name;   /* of a free */
    bool unusual;   /* what follows does not tell all */
    uint8_t births; /* 1 or 0 */
    int8_t by_age;  /* -1: the object is named by its age; 0: by a step */
    int16_t step;   /* to the object named, from the one before or, by age, from the next birth */
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
    word w = {.name = 0};
    if (!next_byte(column, &w.event.kind))
        return "a word that is cut off";
    if (w.event.kind >= HY_EVENT_KINDS)
        return "an unknown kind of event";
    if (w.event.kind == HY_EVENT_ALIGNED && !next_byte(column, &w.event.align))
        return "a word that is cut off";
    if (w.event.kind == HY_EVENT_FREE && (!next_byte(column, &w.name) || w.name >= HY_NAMES))
        return "an object named in an unknown way";
    if (w.event.kind <= HY_EVENT_REALLOC && !hy_varint_get(&column->at, column->end, &w.event.size))
        return "a broken size";
    *ret_word = w;
    return NULL;
}

/* What a word of the block does. */
static void word_explain(word *w) {
    const bool birth = w->event.kind <= HY_EVENT_ALIGNED, near = w->name < HY_NAME_FAR_STEP;
    w->unusual = !birth && !(w->event.kind == HY_EVENT_FREE && near);
    w->births = birth;
    if (w->unusual || birth)
        return;
    w->by_age = w->name < HY_NAME_AGE ? 0 : -1;
    w->step = (int16_t)(w->name < HY_NAME_AGE ? hy_unzigzag((uint64_t)(w->name - HY_NAME_STEP))
                                              : (uint64_t)HY_NAME_AGE - w->name - 1);
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
        word_explain(&cursor->words[count]);
    }
    for (; count <= HY_WORDS; count++) {
        cursor->words[count].event.kind = NO_WORD;
        cursor->words[count].unusual = true;
    }
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

/* The threads of the next events, a few too many at a time.  Returns how many there are; fewer: a broken run. */
static uint32_t next_threads(block_cursor *cursor, uint32_t count, uint32_t *ret_threads) {
    for (uint32_t i = 0; i < count;) {
        if (cursor->run == 0 && !next_run(cursor))
            return i;
        const uint32_t few = cursor->run < count - i ? (uint32_t)cursor->run : count - i;
        const uint32_t thread = (uint32_t)cursor->thread;
        for (uint32_t *at = ret_threads + i, *const end = at + few; at < end; at += AT_ONCE) {
            for (uint32_t k = 0; k < AT_ONCE; k++)
                at[k] = thread;
        }
        cursor->run -= few;
        i += few;
    }
    return count;
}

/* An event of a rare word, a realloc, a far name, or of a thread.  NULL, or what is broken. */
static const char *next_unusual(block_cursor *cursor, uint8_t code, hy_event *ret_event) {
    const word *w = &cursor->words[code];
    if (w->event.kind == NO_WORD) {
        const char *const broken =
            code == HY_WORDS ? next_word(&cursor->columns[HY_COLUMN_RARE], &cursor->rare) : "a word without a meaning";
        if (broken)
            return broken;
        w = &cursor->rare;
    }
    *ret_event = w->event;
    if (w->event.kind <= HY_EVENT_ALIGNED) {
        ret_event->id = cursor->born++;
    } else if (w->event.kind <= HY_EVENT_FREE) {
        uint8_t name = w->name;
        if (w->event.kind == HY_EVENT_REALLOC && !next_byte(&cursor->columns[HY_COLUMN_NAME], &name))
            return "an object without a name";
        return next_object(cursor, name, &ret_event->id) ? NULL : UNBORN;
    }
    return NULL;
}

/* The next events but for their times.  What changes with each event stands in local variables: stores into events
 * could change a block_cursor, for all the compiler knows.  Births and most frees take the same steps, without a
 * branch.  NULL, or what is broken. */
static const char *next_events(block_cursor *cursor, hy_event *events, uint32_t count, uint32_t *ret_done) {
    uint32_t threads[HY_CLOCK_PART + AT_ONCE];
    const uint32_t known = next_threads(cursor, count, threads);
    const uint8_t *const codes = cursor->code;
    uint64_t born = cursor->born, named = cursor->named;
    uint32_t i = 0;
    const char *broken = NULL;
    for (; i < known; i++) {
        const word *const w = &cursor->words[codes[i]];
        if (__builtin_expect(w->unusual, 0)) {
            cursor->born = born;
            cursor->named = named;
            if ((broken = next_unusual(cursor, codes[i], &events[i])))
                break;
            born = cursor->born;
            named = cursor->named;
        } else {
            named = (__builtin_expect_with_probability(w->by_age, 1, 0.5) ? born : named) + (uint64_t)(int64_t)w->step;
            const uint64_t id = __builtin_expect_with_probability(w->births, 1, 0.5) ? born : named;
            born += w->births;
            events[i] = w->event;
            events[i].id = id;
            if (__builtin_expect(id >= born, 0)) {
                broken = UNBORN;
                break;
            }
        }
        events[i].thread = threads[i];
    }
    cursor->code += count;
    cursor->born = born;
    cursor->named = named;
    *ret_done = i;
    return !broken && known < count ? "a broken run of events of one thread" : broken;
}

static int decode_events(block_cursor *cursor, hy_clock *clock, const hy_block_start *start, hy_event *ret_events,
                         hy_error *error) {
    for (uint32_t i = 0; i < start->events; i += HY_CLOCK_PART) {
        const uint32_t count = start->events - i < HY_CLOCK_PART ? start->events - i : HY_CLOCK_PART;
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
