/* SPDX-License-Identifier: MIT
 *
 * problem.c - reading a packing problem (see problem.h).
 *
 *   1. The first line says which column is what.
 *   2. Each other line becomes a row; every error names its line.
 *   3. All moments are sorted; their ranks are the ticks of the job.
 */
#include "problem.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef enum column {
    COLUMN_ID,
    COLUMN_LOWER,
    COLUMN_UPPER,
    COLUMN_SIZE,
    COLUMN_NEEDED, /* those above must be there */
    COLUMN_OFFSET = COLUMN_NEEDED,
    COLUMN_ALIGNMENT,
    COLUMNS
} column;

static const char *const column_names[COLUMNS + 1] = {"id", "lower", "upper", "size", "offset", "alignment", NULL};

#define EXPECTED "expected id,lower,upper,size and, if wanted, offset and alignment"

typedef struct row {
    hy_text id;
    uint64_t number[COLUMNS];
    size_t line;
} row;

typedef struct reading {
    const char *name; /* of the file */
    const char *at, *end;
    size_t line;
    column order[COLUMNS];
    size_t columns;
    bool has[COLUMNS];
    row *rows;
    size_t count, capacity;
    hy_error *error;
} reading;

/* ------------------------------------------------------------------------------------------------ lines, fields ----
 */

/* The next line that is not empty, without its end; false: there is none. */
static bool reading_line(reading *r, hy_text *ret_line) {
    while (r->at < r->end) {
        const char *const start = r->at;
        const char *const newline = memchr(start, '\n', (size_t)(r->end - start));
        const char *stop = newline ? newline : r->end;
        r->at = newline ? newline + 1 : r->end;
        r->line++;
        if (stop > start && stop[-1] == '\r')
            stop--;
        *ret_line = (hy_text){start, (size_t)(stop - start)};
        if (stop > start)
            return true;
    }
    return false;
}

/* Cuts the first field off a line, and the comma behind it.  False: that was the last. */
static bool take_field(hy_text *line, hy_text *ret_field) {
    const char *const comma = memchr(line->at, ',', line->size);
    const size_t size = comma ? (size_t)(comma - line->at) : line->size;
    *ret_field = (hy_text){line->at, size};
    *line = comma ? (hy_text){comma + 1, line->size - size - 1} : (hy_text){line->at + size, 0};
    return comma != NULL;
}

/* COLUMNS: no column's name. */
static column column_named(hy_text word) {
    column c = 0;
    while (c < COLUMNS && (strlen(column_names[c]) != word.size || memcmp(column_names[c], word.at, word.size) != 0))
        c++;
    return c;
}

/* What can be shown of a field. */
typedef struct shown {
    char text[40];
} shown;

static shown show(hy_text field) {
    shown s = {""};
    for (size_t i = 0; i < field.size && i < sizeof s.text - 1; i++)
        s.text[i] = field.at[i] >= ' ' && field.at[i] < 127 ? field.at[i] : '?';
    return s;
}

/* ------------------------------------------------------------------------------------------------------ header ---- */

static int read_name(reading *r, hy_text word) {
    const column c = column_named(word);
    if (c == COLUMNS) {
        const hy_hint hint = hy_did_you_mean(word.at, word.size, column_names, EXPECTED);
        return hy_fail(r->error, -EINVAL, "%s: line %zu: unknown column \"%s\"%s", r->name, r->line, show(word).text,
                       hint.text);
    }
    if (r->has[c])
        return hy_fail(r->error, -EINVAL, "%s: line %zu: column \"%s\" is there twice", r->name, r->line,
                       column_names[c]);
    r->has[c] = true;
    r->order[r->columns++] = c;
    return 0;
}

static int read_header(reading *r) {
    hy_text line, word;
    if (!reading_line(r, &line))
        return hy_fail(r->error, -EINVAL, "%s: empty; " EXPECTED, r->name);
    for (bool more = true; more;) {
        more = take_field(&line, &word);
        const int result = read_name(r, word);
        if (result < 0)
            return result;
    }
    for (column c = 0; c < COLUMN_NEEDED; c++)
        if (!r->has[c])
            return hy_fail(r->error, -EINVAL, "%s: line %zu: column \"%s\" is missing; " EXPECTED, r->name, r->line,
                           column_names[c]);
    return 0;
}

/* -------------------------------------------------------------------------------------------------------- rows ---- */

static bool parse_decimal(hy_text field, uint64_t *ret) {
    uint64_t n = 0;
    for (size_t i = 0; i < field.size; i++) {
        const unsigned digit = (unsigned)(unsigned char)field.at[i] - '0';
        if (digit > 9 || __builtin_mul_overflow(n, (uint64_t)10, &n) || __builtin_add_overflow(n, digit, &n))
            return false;
    }
    *ret = n;
    return field.size > 0 && n <= INT64_MAX;
}

static int read_field(reading *r, row *to, column c, hy_text field) {
    if (c == COLUMN_ID)
        to->id = field;
    else if (!parse_decimal(field, &to->number[c]))
        return hy_fail(r->error, -EINVAL, "%s: line %zu: %s \"%s\" is no whole number below 2^63", r->name, r->line,
                       column_names[c], show(field).text);
    return 0;
}

static int check_row(const reading *r, const row *read) {
    const uint64_t *const n = read->number;
    if (n[COLUMN_LOWER] >= n[COLUMN_UPPER])
        return hy_fail(r->error, -EINVAL,
                       "%s: line %zu: lives from %" PRIu64 " until %" PRIu64 "; expected an upper above the lower",
                       r->name, read->line, n[COLUMN_LOWER], n[COLUMN_UPPER]);
    if (n[COLUMN_SIZE] == 0)
        return hy_fail(r->error, -EINVAL, "%s: line %zu: size 0; expected at least 1", r->name, read->line);
    if (n[COLUMN_ALIGNMENT] == 0 || (n[COLUMN_ALIGNMENT] & (n[COLUMN_ALIGNMENT] - 1)) != 0)
        return hy_fail(r->error, -EINVAL, "%s: line %zu: alignment %" PRIu64 " is no power of two", r->name, read->line,
                       n[COLUMN_ALIGNMENT]);
    return 0;
}

static row *reading_add(reading *r) {
    if (r->count == r->capacity) {
        const size_t capacity = r->capacity ? r->capacity * 2 : 256;
        row *const grown = realloc(r->rows, capacity * sizeof *grown);
        if (!grown)
            return NULL;
        r->rows = grown;
        r->capacity = capacity;
    }
    row *const added = &r->rows[r->count++];
    *added = (row){.number[COLUMN_ALIGNMENT] = 1, .line = r->line};
    return added;
}

static int refuse_count(const reading *r, const char *than) {
    return hy_fail(r->error, -EINVAL, "%s: line %zu: %s fields than the %zu columns of line 1", r->name, r->line, than,
                   r->columns);
}

static int read_row(reading *r, hy_text line) {
    row *const added = reading_add(r);
    if (!added)
        return hy_fail(r->error, -ENOMEM, "%s: no memory for %zu buffers", r->name, r->count + 1);
    bool more = true;
    for (size_t i = 0; i < r->columns; i++) {
        hy_text field;
        if (!more)
            return refuse_count(r, "fewer");
        more = take_field(&line, &field);
        const int result = read_field(r, added, r->order[i], field);
        if (result < 0)
            return result;
    }
    return more ? refuse_count(r, "more") : check_row(r, added);
}

static int read_rows(reading *r) {
    hy_text line;
    int result = read_header(r);
    while (result == 0 && reading_line(r, &line))
        result = read_row(r, line);
    if (result == 0 && r->count == 0)
        return hy_fail(r->error, -EINVAL, "%s: no buffers in it", r->name);
    return result;
}

/* --------------------------------------------------------------------------------------------------------- job ---- */

static int compare_numbers(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void collect_moments(const reading *r, hy_problem *problem) {
    uint64_t *const m = problem->moments;
    size_t count = 0;
    for (size_t i = 0; i < r->count; i++) {
        m[count++] = r->rows[i].number[COLUMN_LOWER];
        m[count++] = r->rows[i].number[COLUMN_UPPER];
    }
    qsort(m, count, sizeof *m, compare_numbers);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || m[i] != m[i - 1])
            m[problem->moment_count++] = m[i];
}

static uint32_t tick_of(const hy_problem *problem, uint64_t moment) {
    size_t low = 0, high = problem->moment_count;
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        if (problem->moments[middle] <= moment)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

static int add_rows(const reading *r, hy_problem *problem) {
    for (size_t i = 0; i < r->count; i++) {
        const row *const read = &r->rows[i];
        const uint64_t *const n = read->number;
        hy_error why;
        const int result =
            hy_job_add(&problem->job, n[COLUMN_SIZE], tick_of(problem, n[COLUMN_LOWER]),
                       tick_of(problem, n[COLUMN_UPPER]), (uint32_t)__builtin_ctzll(n[COLUMN_ALIGNMENT]), &why);
        if (result < 0)
            return hy_fail(r->error, result, "%s: line %zu: %s", r->name, read->line, why.text);
        problem->job.buffers[i].offset = n[COLUMN_OFFSET];
        problem->ids[i] = read->id;
    }
    return 0;
}

static int problem_build(const reading *r, hy_problem *problem) {
    if (r->count > UINT32_MAX / 2 - 1)
        return hy_fail(r->error, -EOVERFLOW, "%s: more than %u buffers", r->name, UINT32_MAX / 2 - 1);
    problem->moments = malloc(2 * r->count * sizeof *problem->moments);
    problem->ids = malloc(r->count * sizeof *problem->ids);
    if (!problem->moments || !problem->ids)
        return hy_fail(r->error, -ENOMEM, "%s: no memory for %zu buffers", r->name, r->count);
    problem->packed = r->has[COLUMN_OFFSET];
    collect_moments(r, problem);
    return add_rows(r, problem);
}

/* Takes the text over, also on failure. */
static int problem_take(char *text, size_t size, const char *name, uint64_t align, hy_problem *ret_problem,
                        hy_error *error) {
    reading r = {.name = name, .at = text, .end = text + size, .error = error};
    hy_problem problem = {.job = {.align = align}, .text = text};
    int result = read_rows(&r);
    if (result == 0)
        result = problem_build(&r, &problem);
    free(r.rows);
    if (result == 0)
        *ret_problem = problem;
    else
        hy_problem_clear(&problem);
    return result;
}

int hy_problem_parse(const char *text, size_t size, const char *name, uint64_t align, hy_problem *ret_problem,
                     hy_error *error) {
    char *const copy = malloc(size + 1);
    if (!copy)
        return hy_fail(error, -ENOMEM, "%s: no memory for %zu bytes", name, size);
    memcpy(copy, text, size);
    return problem_take(copy, size, name, align, ret_problem, error);
}

bool hy_problem_begins(const char *text, size_t size) {
    reading r = {.at = text, .end = text + size};
    hy_text line, word;
    bool more = reading_line(&r, &line), named = false;
    while (more && !named) {
        more = take_field(&line, &word);
        named = column_named(word) != COLUMNS;
    }
    return named;
}

void hy_problem_clear(hy_problem *problem) {
    hy_job_clear(&problem->job);
    free(problem->ids);
    free(problem->moments);
    free(problem->text);
    *problem = (hy_problem){.job = problem->job};
}
