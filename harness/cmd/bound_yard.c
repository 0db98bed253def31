/* SPDX-License-Identifier: MIT
 *
 * bound_yard.c - `heapyard bound --yard`: the least memory in which a trace succeeds on an allocator, beside the
 * limits.
 */
#include "bound_rows.h"
#include "compile.h"
#include "measure.h"
#include "report.h"
#include "text_table.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TIMEOUT ((uint64_t)600 * 1000000000) /* ns, of one try */
#define MOST_TIMES 64u                       /* the live bytes, */
#define MOST_MORE ((uint64_t)64 << 20)       /* and so much more: the largest yard */

/* ----------------------------------------------------------------------------------------------------- finding ---- */

static int find_yard(const bound_options *o, bound_row *row, size_t spec, const hy_prepared *prepared) {
    const hy_least_yard_plan plan = {.prepared = prepared,
                                     .spec = o->specs.text[spec],
                                     .live = row->asked,
                                     .precision = o->precision,
                                     .most = row->asked * MOST_TIMES + MOST_MORE,
                                     .seed = o->limits.seed,
                                     .timeout = TIMEOUT,
                                     .stop = cmd_listen_for_stop()};
    char doing[512];
    hy_error error;
    snprintf(doing, sizeof doing, "least yard of %s on %s", plan.spec, row->name);
    cmd_show_bar(spec, o->specs.count, 0, doing);
    const int r = hy_least_yard_find(&plan, &row->yards[spec], &error);
    if (r == -EINTR)
        return cmd_fail("stopped; nothing of %s was stored", row->name);
    return r < 0 ? cmd_fail("%s", error.text) : 0;
}

int bound_find_yards(const bound_options *o, bound_row *row) {
    const hy_prepare_order order = {.path = row->path, .form = HY_FORM_SERIAL};
    hy_prepared prepared;
    hy_error error;
    if (hy_prepare(&order, &prepared, &error) < 0)
        return cmd_fail("%s", error.text);
    row->yards = calloc(o->specs.count, sizeof *row->yards);
    int r = row->yards ? 0 : cmd_fail("no memory for %zu allocators", o->specs.count);
    for (size_t i = 0; r == 0 && i < o->specs.count; i++)
        r = find_yard(o, row, i, &prepared);
    cmd_show_bar(o->specs.count, o->specs.count, 0, NULL);
    hy_prepared_free(&prepared);
    return r;
}

/* ----------------------------------------------------------------------------------------------------- telling ---- */

char *bound_tries(const hy_least_yard *yard) {
    json_t *const list = json_array();
    for (size_t i = 0; i < yard->count; i++) {
        const hy_yard_try *const t = &yard->tries[i];
        json_array_append_new(list,
                              json_pack("[I, o]", (json_int_t)t->bytes,
                                        t->failed == UINT64_MAX ? json_null() : json_integer((json_int_t)t->failed)));
    }
    char *const text = json_dumps(list, JSON_COMPACT);
    json_decref(list);
    return text;
}

static void put_yard(hy_table *table, const bound_row *row, const char *spec, const hy_least_yard *yard) {
    hy_table_row *const to = hy_table_add(table);
    const double bytes = (double)yard->bytes;
    size_t i = 0;
    snprintf(to->cell[i++], HY_TABLE_CELL, "%.150s", row->name);
    snprintf(to->cell[i++], HY_TABLE_CELL, "%.150s", spec);
    if (!yard->bytes) {
        snprintf(to->cell[i], HY_TABLE_CELL, "%.150s", yard->outcome);
        return;
    }
    hy_cell_put_bytes(to->cell[i++], bytes);
    hy_cell_put(to->cell[i++], bytes / (double)row->asked, "%.3f×", bytes / (double)row->asked);
    hy_cell_put(to->cell[i++], bytes / (double)row->limits.upper, "%.3f×", bytes / (double)row->limits.upper);
    hy_cell_put_bytes(to->cell[i++], (double)yard->too_small);
    hy_cell_put_count(to->cell[i++], (double)yard->count);
}

static void print_yard_table(const bound_row *rows, size_t count, const bound_options *options) {
    static const char *const headings[] = {"trace",    "allocator",     "least yard", "of lower, as asked",
                                           "of upper", "was too small", "tried"};
    hy_table table = {.headings = headings, .columns = sizeof headings / sizeof *headings, .words = 2};
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < options->specs.count; k++)
            put_yard(&table, &rows[i], options->specs.text[k], &rows[i].yards[k]);
    puts("");
    hy_table_print(&table, options->format == HY_FORMAT_MARKDOWN);
    hy_table_free(&table);
}

static void print_yard_words(const bound_row *row, const char *spec, const hy_least_yard *yard) {
    if (!yard->bytes) {
        printf("%s has no least yard on %s: %s\n", spec, row->name, yard->detail);
        return;
    }
    printf("%s gets along with %s bytes on %s, %.3f times the most bytes alive; of %zu yards from %s to %s bytes none "
           "smaller was enough.\n",
           spec, hy_show_count(yard->bytes).text, row->name, (double)yard->bytes / (double)row->asked, yard->count,
           hy_show_count(yard->tries[0].bytes).text, hy_show_count(yard->tries[yard->count - 1].bytes).text);
}

void bound_print_yards(const bound_row *rows, size_t count, const bound_options *options) {
    print_yard_table(rows, count, options);
    puts("");
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < options->specs.count; k++)
            print_yard_words(&rows[i], options->specs.text[k], &rows[i].yards[k]);
    puts(
        "More memory need not be enough where less is; what was not tried is not known (--format json has all tries).");
}

void bound_print_yards_csv(const bound_row *rows, size_t count, const bound_options *options) {
    puts("trace,hash,spec,version,outcome,yard,too_small,tried,asked,lower,upper,detail");
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < options->specs.count; k++) {
            const hy_least_yard *const y = &rows[i].yards[k];
            hy_csv(stdout, rows[i].name);
            printf(",%016" PRIx64 ",", rows[i].hash);
            hy_csv(stdout, options->specs.text[k]);
            putchar(',');
            hy_csv(stdout, y->version);
            printf(",%s,%" PRIu64 ",%" PRIu64 ",%zu,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",", y->outcome, y->bytes,
                   y->too_small, y->count, rows[i].asked, rows[i].limits.lower, rows[i].limits.upper);
            hy_csv(stdout, y->detail);
            putchar('\n');
        }
}
