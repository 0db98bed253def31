/* SPDX-License-Identifier: MIT
 *
 * table_file.c - see table_file.h.
 */
#include "table_file.h"

#include "event.h"
#include "source.h"
#include "spec.h"
#include "words.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 256
#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

static const char blanks[] = " \t,\r\n";

/* ---- lines ---- */

static int parse_figure(const char *what, const char *word, double *ret, hy_error *error) {
    char *end;
    if (!word)
        return BAD("%s is missing", what);
    errno = 0;
    *ret = strtod(word, &end);
    if (*end || !isfinite(*ret) || *ret < 0 || *ret > 1e18)
        return BAD("%s is \"%s\"; expected a number from 0 to 1e18", what, hy_word_show(word).text);
    return 0;
}

static int parse_one_size(const char *word, uint64_t *ret, hy_error *error) {
    if (hy_parse_size(word, ret) < 0 || *ret == 0 || *ret > HY_EVENT_MAX_SIZE)
        return BAD("the size is \"%s\"; expected 1 or more, such as 24, 4K or 16-64", hy_word_show(word).text);
    return 0;
}

/* "24" or "24-4000". */
static int parse_sizes(char *word, hy_table_entry *entry, hy_error *error) {
    char *const dash = strchr(word, '-');
    if (dash)
        *dash = '\0';
    int r = parse_one_size(word, &entry->from, error);
    entry->to = entry->from;
    if (r == 0 && dash)
        r = parse_one_size(dash + 1, &entry->to, error);
    return r == 0 && entry->to < entry->from ? BAD("sizes from %" PRIu64 " to %" PRIu64, entry->from, entry->to) : r;
}

static int table_phase(hy_size_table *table, double weight, hy_error *error) {
    if (table->phase_count == HY_TABLE_PHASES)
        return BAD("more than %u phases", HY_TABLE_PHASES);
    hy_table_phase *const grown = realloc(table->phases, (table->phase_count + 1) * sizeof *grown);
    if (!grown)
        return hy_fail(error, -ENOMEM, "no memory for %zu phases", table->phase_count + 1);
    table->phases = grown;
    grown[table->phase_count++] = (hy_table_phase){.first = table->count, .end = table->count, .weight = weight};
    table->weight += weight;
    return 0;
}

static int table_entry(hy_size_table *table, hy_table_entry entry, hy_error *error) {
    const int r = table->phase_count ? 0 : table_phase(table, 1, error);
    if (r < 0)
        return r;
    if (table->count == HY_TABLE_ROWS)
        return BAD("more than %u sizes", HY_TABLE_ROWS);
    hy_table_entry *const grown = realloc(table->entries, (table->count + 1) * sizeof *grown);
    if (!grown)
        return hy_fail(error, -ENOMEM, "no memory for %zu sizes", table->count + 1);
    hy_table_phase *const phase = &table->phases[table->phase_count - 1];
    entry.rate_below = phase->rate;
    table->entries = grown;
    grown[table->count++] = entry;
    phase->end = table->count;
    phase->rate += entry.rate;
    phase->live += entry.live;
    phase->bytes += entry.live * ((double)entry.from + (double)entry.to) / 2;
    return 0;
}

static int table_line(hy_size_table *table, char *line, uint64_t largest, hy_error *error) {
    char *state, *const first = strtok_r(line, blanks, &state);
    hy_table_entry entry = {.from = 0};
    double weight = 0;
    if (!first || first[0] == '#')
        return 0;
    const bool phase = strcmp(first, "phase") == 0;
    int r = phase ? 0 : parse_sizes(first, &entry, error);
    if (r == 0 && !phase)
        r = parse_figure("the rate", strtok_r(NULL, blanks, &state), &entry.rate, error);
    if (r == 0)
        r = phase ? parse_figure("the phase's share", strtok_r(NULL, blanks, &state), &weight, error)
                  : parse_figure("the number of living blocks", strtok_r(NULL, blanks, &state), &entry.live, error);
    const char *const more = strtok_r(NULL, blanks, &state);
    if (r == 0 && more)
        return BAD("\"%s\" is too much", hy_word_show(more).text);
    if (r < 0)
        return r;
    if (phase)
        return weight > 0 ? table_phase(table, weight, error) : BAD("a phase of no births");
    return entry.to <= largest ? table_entry(table, entry, error) : 0;
}

/* ---- files ---- */

static int table_check(const hy_size_table *table, hy_error *error) {
    if (table->phase_count == 0)
        return BAD("no sizes in it");
    for (size_t i = 0; i < table->phase_count; i++)
        if (table->phases[i].rate <= 0)
            return BAD("nothing is asked for in phase %zu: all rates are 0", i + 1);
    return 0;
}

static int table_lines(hy_size_table *table, FILE *from, uint64_t largest, uint64_t *ret_number, hy_error *error) {
    char line[LINE_MAX_BYTES];
    int r = 0;
    for (*ret_number = 1; r == 0 && fgets(line, sizeof line, from); (*ret_number)++) {
        if (strlen(line) + 1 == sizeof line)
            r = BAD("longer than %d bytes", LINE_MAX_BYTES - 2);
        else
            r = table_line(table, line, largest, error);
        if (r < 0)
            return r;
    }
    return 0;
}

static int table_from(FILE *from, const char *name, uint64_t largest, hy_size_table *ret, hy_error *error) {
    hy_size_table table = {.count = 0};
    uint64_t number;
    hy_error why;
    int r = table_lines(&table, from, largest, &number, &why);
    if (r < 0)
        hy_fail(error, r, "%s: line %" PRIu64 ": %s", name, number, why.text);
    else if (ferror(from))
        r = hy_fail(error, -EIO, "%s: cannot be read: %s", name, strerror(errno));
    else if ((r = table_check(&table, &why)) < 0)
        hy_fail(error, r, "%s: %s", name, why.text);
    if (r < 0)
        hy_size_table_clear(&table);
    else
        *ret = table;
    return r;
}

int hy_size_table_read(const char *path, uint64_t largest, hy_size_table *ret, hy_error *error) {
    FILE *from;
    int r = hy_source_stream(path, &from, error);
    if (r < 0)
        return r;
    r = table_from(from, path, largest, ret, error);
    fclose(from);
    return r;
}

int hy_size_table_parse(const char *text, size_t size, const char *name, uint64_t largest, hy_size_table *ret,
                        hy_error *error) {
    FILE *const from = fmemopen((void *)(uintptr_t)text, size, "rb");
    if (!from)
        return hy_fail(error, -errno, "%s: %s", name, strerror(errno));
    const int r = table_from(from, name, largest, ret, error);
    fclose(from);
    return r;
}

void hy_size_table_clear(hy_size_table *table) {
    free(table->entries);
    free(table->phases);
    *table = (hy_size_table){.count = 0};
}
