/* SPDX-License-Identifier: MIT
 *
 * import_csv.c - events as a table, in any order of columns.  What `heapyard export --to csv` writes:
 *
 *   time,thread,kind,object,size,alignment
 *   0,0,malloc,0,24,
 *   150,0,aligned,1,100,64
 *   200,0,realloc,0,48,
 *   250,0,free,1,,
 *
 * kind and object are needed; the kinds are those of event.h.  Objects are named by any numbers, which may be used
 * again, or, in a column address, by hexadecimal addresses; then a column new has the address that realloc gave, if it
 * moved. Without times they are counted, without threads there is one.  Other columns are passed over.
 */
#include "importers.h"

#include "csv.h"
#include "words.h"

#include <errno.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

enum { TIME, THREAD, KIND, OBJECT, ADDRESS, NEW, SIZE, ALIGNMENT, COLUMNS };
static const char *const names[COLUMNS + 1] = {"time", "thread", "kind",      "object", "address",
                                               "new",  "size",   "alignment", NULL};

typedef struct table {
    hy_csv csv;
    bool has[COLUMNS];
} table;

static bool recognise(const char *line) {
    return hy_csv_has(line, "kind") && (hy_csv_has(line, "object") || hy_csv_has(line, "address"));
}

static int begin(hy_intake *intake, table *self, char *line, hy_error *error) {
    const int r = hy_csv_begin(&self->csv, line, names, error);
    for (size_t i = 0; r == 0 && i < self->csv.count; i++)
        if (self->csv.column[i] >= 0)
            self->has[self->csv.column[i]] = true;
    if (r < 0)
        return r;
    if (!self->has[KIND] || self->has[OBJECT] == self->has[ADDRESS])
        return BAD("expected the columns kind and either object or address");
    if (self->has[TIME])
        hy_intake_time(intake, 0); /* they count from the start */
    return 0;
}

static int parse_kind(const char *word, uint8_t *ret_kind, hy_error *error) {
    for (*ret_kind = 0; *ret_kind < HY_EVENT_KINDS; ++*ret_kind)
        if (strcmp(word, hy_event_name(*ret_kind)) == 0)
            return 0;
    return BAD("unknown kind \"%s\"; expected malloc, calloc, aligned, realloc, free, thread-start or thread-end",
               hy_word_show(word).text);
}

static int parse_block(const char *const *fields, const table *self, uint64_t *ret_block, hy_error *error) {
    uint64_t number;
    if (self->has[ADDRESS])
        return hy_word_address("address", fields[ADDRESS], ret_block, error);
    const int r = hy_word_number("object", fields[OBJECT], &number, error);
    if (r == 0)
        *ret_block = hy_intake_id(number);
    return r;
}

static int take_block(hy_intake *intake, const table *self, uint8_t kind, const char *const *fields, hy_error *error) {
    uint64_t block, to, size = 0, align = 0;
    int r = parse_block(fields, self, &block, error);
    to = block;
    if (r == 0 && kind == HY_EVENT_FREE)
        return hy_intake_free(intake, block, error);
    if (r == 0)
        r = hy_word_number("size", fields[SIZE], &size, error);
    if (r == 0 && kind == HY_EVENT_ALIGNED)
        r = hy_word_number("alignment", fields[ALIGNMENT], &align, error);
    if (r == 0 && kind == HY_EVENT_REALLOC && fields[NEW][0] != '\0')
        r = hy_word_address("new", fields[NEW], &to, error);
    else if (kind == HY_EVENT_REALLOC && size == 0)
        to = 0; /* a free */
    if (r < 0)
        return r;
    return kind == HY_EVENT_REALLOC ? hy_intake_realloc(intake, block, to, size, error)
                                    : hy_intake_birth(intake, kind, block, size, align, error);
}

static int read_line(hy_intake *intake, void *state, char *line, hy_error *error) {
    table *const self = state;
    const char *fields[COLUMNS];
    uint64_t time, thread;
    uint8_t kind = 0;
    if (self->csv.count == 0)
        return begin(intake, self, line, error);
    int r = hy_csv_row(&self->csv, line, fields, COLUMNS, error);
    if (r == 0)
        r = parse_kind(fields[KIND], &kind, error);
    if (r == 0 && self->has[THREAD] && (r = hy_word_number("thread", fields[THREAD], &thread, error)) == 0)
        hy_intake_thread(intake, thread);
    if (r == 0 && self->has[TIME] && (r = hy_word_number("time", fields[TIME], &time, error)) == 0)
        hy_intake_time(intake, time);
    if (r < 0)
        return r;
    return kind > HY_EVENT_FREE ? hy_intake_thread_event(intake, kind, error)
                                : take_block(intake, self, kind, fields, error);
}

const hy_importer hy_import_csv = {
    .name = "csv",
    .what = "a table with columns kind and object or address, and perhaps time, thread, size, alignment, new",
    .state = sizeof(table),
    .recognise = recognise,
    .line = read_line,
};
