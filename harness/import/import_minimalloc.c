/* SPDX-License-Identifier: MIT
 *
 * import_minimalloc.c - packing problems (the format of minimalloc, see problem.h): id,lower,upper,size.
 *
 *   1. A buffer is born at `lower` and dies at `upper`: two moments, which are the trace's times.
 *   2. At one moment, deaths come before births (a buffer lives until just before `upper`); else the order of the
 * lines.
 *
 * Lines come in any order, so all must be there before the first event can be said: 80 to 180 bytes for each buffer.
 */
#include "importers.h"

#include "csv.h"
#include "words.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

enum { ID, LOWER, UPPER, SIZE, ALIGNMENT, COLUMNS };
static const char *const names[COLUMNS + 1] = {"id", "lower", "upper", "size", "alignment", NULL};

typedef struct moment {
    uint64_t time, size, align;
    uint64_t buffer; /* by line */
    bool birth;
} moment;

typedef struct problem {
    hy_csv csv;
    moment *moments;
    size_t count, capacity;
    bool aligned; /* there is such a column */
} problem;

static bool recognise(const char *line) {
    return hy_csv_has(line, "lower") && hy_csv_has(line, "upper") && hy_csv_has(line, "size");
}

static int add(problem *self, moment m, hy_error *error) {
    if (self->count == self->capacity) {
        const size_t capacity = self->capacity ? 2 * self->capacity : 1024;
        moment *const grown = realloc(self->moments, capacity * sizeof *grown);
        if (!grown)
            return hy_fail(error, -ENOMEM, "no memory for %zu buffers", capacity / 2);
        self->moments = grown;
        self->capacity = capacity;
    }
    self->moments[self->count++] = m;
    return 0;
}

static int begin(problem *self, char *line, hy_error *error) {
    const int r = hy_csv_begin(&self->csv, line, names, error);
    bool has[COLUMNS] = {false};
    for (size_t i = 0; r == 0 && i < self->csv.count; i++)
        if (self->csv.column[i] >= 0)
            has[self->csv.column[i]] = true;
    self->aligned = has[ALIGNMENT];
    for (size_t i = LOWER; r == 0 && i <= SIZE; i++)
        if (!has[i])
            return BAD("no column \"%s\"; expected id, lower, upper and size", names[i]);
    return r;
}

static int read_line(hy_intake *intake, void *state, char *line, hy_error *error) {
    problem *const self = state;
    const char *fields[COLUMNS];
    uint64_t lower, upper, size, align = 0;
    if (self->csv.count == 0)
        return begin(self, line, error);
    int r = hy_csv_row(&self->csv, line, fields, COLUMNS, error);
    if (r == 0)
        r = hy_word_number("lower", fields[LOWER], &lower, error);
    if (r == 0)
        r = hy_word_number("upper", fields[UPPER], &upper, error);
    if (r == 0)
        r = hy_word_number("size", fields[SIZE], &size, error);
    if (r == 0 && self->aligned)
        r = hy_word_number("alignment", fields[ALIGNMENT], &align, error);
    if (r < 0)
        return r;
    if (lower >= upper)
        return BAD("the buffer lives from %" PRIu64 " to %" PRIu64 "; expected upper above lower", lower, upper);
    const uint64_t buffer = self->count / 2;
    r = add(self, (moment){.time = lower, .size = size, .align = align, .buffer = buffer, .birth = true}, error);
    return r < 0 ? r : add(self, (moment){.time = upper, .buffer = buffer}, error);
}

static int compare(const void *a, const void *b) {
    const moment *const x = a, *const y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->birth != y->birth)
        return x->birth < y->birth ? -1 : 1;
    return (x->buffer > y->buffer) - (x->buffer < y->buffer);
}

static int say(hy_intake *intake, const moment *m, hy_error *error) {
    const uint64_t block = hy_intake_id(m->buffer);
    hy_intake_time(intake, m->time);
    if (!m->birth)
        return hy_intake_free(intake, block, error);
    return hy_intake_birth(intake, m->align ? HY_EVENT_ALIGNED : HY_EVENT_MALLOC, block, m->size, m->align, error);
}

static int end(hy_intake *intake, void *state, hy_error *error) {
    problem *const self = state;
    int r = 0;
    if (self->count > 0)
        qsort(self->moments, self->count, sizeof *self->moments, compare);
    if (error && self->count > 0)
        hy_intake_time(intake, 0);
    for (size_t i = 0; error && r == 0 && i < self->count; i++)
        r = say(intake, &self->moments[i], error);
    free(self->moments);
    return r;
}

const hy_importer hy_import_minimalloc = {
    .name = "minimalloc",
    .what = "a packing problem: a table with columns id, lower, upper, size, and perhaps alignment",
    .state = sizeof(problem),
    .recognise = recognise,
    .line = read_line,
    .end = end,
};
