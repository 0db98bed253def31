/* SPDX-License-Identifier: MIT
 *
 * replay_phases.c - see replay_phases.h.
 */
#include "replay_phases.h"

#include "json_text.h"
#include "phase_meter.h"
#include "text_table.h"
#include "units.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const headings[] = {"phase", "allocator", "times", "operations", "ns/op",
                                       "time",  "live",      "peak",  "committed"};

typedef struct phases_print {
    hy_table table;
    bool timed, markdown;
} phases_print;

static double known(const char *text) {
    return text ? strtod(text, NULL) : NAN;
}

/* As hy_store_phases has it. */
static int add_row(void *context, int columns, const char *const *text) {
    phases_print *const p = context;
    hy_table_row *const t = hy_table_add(&p->table);
    const double operations = known(text[4]), seconds = known(text[6]);
    (void)columns;
    snprintf(t->cell[0], HY_TABLE_CELL, "%s", text[1][0] ? text[1] : "(none)");
    snprintf(t->cell[1], HY_TABLE_CELL, "%s", text[2]);
    hy_cell_put_count(t->cell[2], known(text[3]));
    hy_cell_put_count(t->cell[3], operations);
    hy_cell_put(t->cell[4], seconds / operations, "%.1f", 1e9 * seconds / operations);
    hy_cell_put_time(t->cell[5], 1e9 * seconds);
    hy_cell_put_bytes(t->cell[6], known(text[5]));
    hy_cell_put_bytes(t->cell[7], known(text[7]));
    hy_cell_put_bytes(t->cell[8], known(text[8]));
    p->timed |= !isnan(seconds);
    return 0;
}

/* What the figures are, or why there are none. */
static void print_legend(const phases_print *p, const hy_phase_facts *said) {
    const char *const start = p->markdown ? "\n" : "  ";
    if (said->threads > 1) {
        printf("%sphases: n/a, several threads say theirs, which overlap; `heapyard info --table phases` has what the "
               "trace itself tells\n",
               start);
        return;
    }
    if (said->changes > HY_PROGRAM_BOUNDS) {
        printf("%sphases: n/a, they change %s times, and more than %u are not told apart\n", start,
               hy_show_count((uint64_t)said->changes).text, HY_PROGRAM_BOUNDS);
        return;
    }
    printf("%sphases: live, peak and committed are the most while a phase lasted%s\n", start,
           p->timed ? "; ns/op and time: the median of the repetitions" : "");
    if (!p->timed && !isnan(said->operations) && said->operations / (said->changes + 1) < HY_PHASE_LENGTH)
        printf("%stime: n/a, a phase has fewer than %u operations on average, and the clock would be what is timed\n",
               start, HY_PHASE_LENGTH);
    else if (!p->timed && !isnan(said->operations))
        printf("%stime: n/a where several threads run side by side; --threads serial has it\n", start);
}

/* As JSON; to be freed. */
static char *specs_of(const hy_rows *rows) {
    json_t *const list = json_array();
    for (size_t i = 0; i < rows->count; i++)
        json_array_append_new(list, cmd_json_text(rows->row[i].spec));
    char *const text = json_dumps(list, 0);
    json_decref(list);
    return text;
}

static int print_trace(hy_store *store, const char *campaign, int64_t id, const hy_rows *rows, bool markdown,
                       hy_error *error) {
    char trace[24];
    snprintf(trace, sizeof trace, "%" PRId64, id);
    char *const specs = specs_of(rows);
    hy_phase_facts said;
    phases_print p = {.table = {.headings = headings, .columns = sizeof headings / sizeof *headings, .words = 2},
                      .markdown = markdown};
    int r = hy_store_phase_facts(store, campaign, trace, &said, error);
    if (r == 0 && !isnan(said.changes))
        r = hy_store_phases(store, campaign, trace, specs ? specs : "[]", add_row, &p, error);
    if (r == 0 && p.table.rows > 0) {
        printf(markdown ? "## Phases of %s\n\n" : "phases of %s\n", rows->trace);
        hy_table_print(&p.table, markdown);
        print_legend(&p, &said);
        puts("");
    }
    hy_table_free(&p.table);
    free(specs);
    return r;
}

int replay_phases_print(hy_store *store, const hy_campaign_end *end, const hy_rows *rows, size_t count, bool markdown,
                        hy_error *error) {
    char campaign[24];
    int r = 0;
    snprintf(campaign, sizeof campaign, "%" PRId64, end->campaign);
    for (size_t i = 0; i < count && r == 0; i++)
        r = print_trace(store, campaign, end->traces[i], &rows[i], markdown, error);
    return r;
}
