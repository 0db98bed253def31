/* SPDX-License-Identifier: MIT
 *
 * micro_cells.c - see micro_cells.h.
 */
#include "micro_cells.h"

#include <errno.h>
#include <string.h>

const char *const hy_micro_roles[] = {"rival", "control", "null"};

static const char heading[] = "round,position,figure,unit,allocator,role,value\n";

void hy_micro_cells_begin(FILE *file) {
    fputs(heading, file);
}

void hy_micro_cells_write(FILE *file, const char *figure, const char *unit, const hy_micro_entry *entry, unsigned round,
                          unsigned position, double value) {
    fprintf(file, "%u,%u,%s,%s,\"%s\",%s,%.9g\n", round, position, figure, unit, entry->spec,
            hy_micro_roles[entry->role], value);
    fflush(file);
}

/* A line, as it was written. */
typedef struct cell {
    unsigned round, position;
    char figure[64], unit[8], allocator[1024], role[8];
    double value;
} cell;

static bool read_cell(const char *line, cell *ret) {
    return sscanf(line, "%u,%u,%63[^,],%7[^,],\"%1023[^\"]\",%7[^,],%lf", &ret->round, &ret->position, ret->figure,
                  ret->unit, ret->allocator, ret->role, &ret->value) == 7 &&
           ret->round < HY_MICRO_MOST_ROUNDS;
}

static size_t entry_of(const hy_micro_results *results, const cell *c) {
    size_t i = 0;
    while (i < results->count && (strcmp(results->entries[i].spec, c->allocator) != 0 ||
                                  strcmp(hy_micro_roles[results->entries[i].role], c->role) != 0))
        i++;
    return i;
}

/* Once to count the rounds, then (`note`) once more for the values.  How many lines there are; -EINVAL. */
static long read_lines(FILE *file, const char *path, hy_micro_results *results, bool note, hy_error *error) {
    char line[2048];
    long count = 0;
    rewind(file);
    if (!fgets(line, sizeof line, file) || strcmp(line, heading) != 0)
        return hy_fail(error, -EINVAL, "%s: no cells of micro benchmarks; expected \"round,position,…\" in line 1",
                       path);
    for (; fgets(line, sizeof line, file); count++) {
        cell c;
        if (!read_cell(line, &c))
            return hy_fail(error, -EINVAL, "%s: line %ld is not understood", path, count + 2);
        const size_t entry = entry_of(results, &c);
        if (entry == results->count)
            continue;
        if (note)
            hy_micro_note(results, c.figure, c.unit, entry, c.round, c.value);
        else if (c.round >= results->rounds)
            results->rounds = c.round + 1;
    }
    return count;
}

int hy_micro_cells_read(const char *path, hy_micro_results *results, hy_error *error) {
    FILE *const file = fopen(path, "r");
    if (!file)
        return hy_fail(error, -errno, "%s: cannot be read: %s", path, strerror(errno));
    results->rounds = 0;
    long r = read_lines(file, path, results, false, error);
    if (r >= 0)
        r = read_lines(file, path, results, true, error);
    fclose(file);
    if (r >= 0 && results->rounds == 0)
        return hy_fail(error, -EINVAL, "%s: has none of the allocators that were asked for", path);
    return r < 0 ? (int)r : 0;
}
