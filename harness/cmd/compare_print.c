/* SPDX-License-Identifier: MIT
 *
 * compare_print.c - a table of verdicts for each trace, what stands behind them, and the sentences.
 */
#include "compare_print.h"

#include "text_table.h"
#include "units.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const headings[] = {"allocator", "ns/op",   "time", "95 %",   "p",
                                       "delta",     "verdict", "peak", "memory", "verdict"};
static const char *const headings_of_two[] = {"allocator", "old ns/op", "ns/op",    "time", "95 %",   "p",
                                              "delta",     "verdict",   "old peak", "peak", "memory", "verdict"};

/* ------------------------------------------------------------------------------------------------------- table ---- */

static void put_p(char *cell, double p) {
    if (p < 0.0001)
        snprintf(cell, HY_TABLE_CELL, "<0.0001");
    else
        hy_cell_put(cell, p, "%.4f", p);
}

/* Where a page more or less does not show, one figure says it all. */
static void put_size(char *cell, const hy_judgement *j) {
    if (j->high - j->low < 0.001)
        hy_cell_put(cell, j->ratio, "%.3f", j->ratio);
    else
        hy_cell_put(cell, j->ratio, "%.3f (%.3f-%.3f)", j->ratio, j->low, j->high);
}

static void put_word(char *cell, const hy_comparison *row, const hy_judgement *j) {
    if (row->side == HY_SIDE_BASELINE)
        return;
    snprintf(cell, HY_TABLE_CELL, "%s", isnan(j->ratio) ? (row->failed ? "failed" : "n/a") : j->word);
}

static void fill_time(char (*cell)[HY_TABLE_CELL], const hy_comparison *row) {
    const hy_judgement *const j = &row->time;
    if (row->side == HY_SIDE_BASELINE)
        return;
    hy_cell_put(cell[0], j->ratio, "%.3f", j->ratio);
    hy_cell_put(cell[1], j->low, "%.3f-%.3f", j->low, j->high);
    put_p(cell[2], j->p_adjusted);
    hy_cell_put(cell[3], j->delta, "%+.2f", j->delta);
    put_word(cell[4], row, j);
}

static void fill_row(hy_table_row *t, const hy_comparison *row, bool two) {
    char(*cell)[HY_TABLE_CELL] = t->cell;
    snprintf(*cell++, HY_TABLE_CELL, "%s%s", row->spec, row->side == HY_SIDE_AGAIN ? " again" : "");
    if (two)
        hy_cell_put(*cell++, row->theirs, "%.2f", row->theirs);
    hy_cell_put(*cell++, row->ours, "%.2f", row->ours);
    fill_time(cell, row);
    cell += 5;
    if (two)
        hy_cell_put_bytes(*cell++, row->their_size);
    hy_cell_put_bytes(*cell++, row->our_size);
    if (row->side == HY_SIDE_BASELINE)
        return;
    put_size(*cell++, &row->size);
    put_word(*cell, row, &row->size);
}

static void print_table(const hy_comparisons *all, const hy_compared *c, bool markdown) {
    const bool two = all->old != NULL;
    hy_table table = {.headings = two ? headings_of_two : headings,
                      .columns =
                          two ? sizeof headings_of_two / sizeof *headings_of_two : sizeof headings / sizeof *headings,
                      .words = 1};
    for (size_t i = 0; i < c->count; i++)
        fill_row(hy_table_add(&table), &c->row[i], two);
    hy_table_print(&table, markdown);
    hy_table_free(&table);
}

/* ------------------------------------------------------------------------------------------------------ legend ---- */

static void print_heading(const hy_comparisons *all, const hy_compared *c, bool markdown) {
    printf(markdown ? "## %s" : "%s", c->trial->name);
    if (!all->old)
        printf(", against %s", c->row[0].spec);
    else
        printf(", %s against %s", all->new, all->old);
    puts(markdown ? "\n" : "");
}

static void print_controls(const hy_comparisons *all, const hy_compared *c, const char *start) {
    for (size_t i = 0; i < c->control_count; i++) {
        const hy_control *const k = &c->control[i];
        const bool told_apart = hy_word_differs(k->time.word);
        printf("%sA/A control%s%s: %s against itself", start, k->database ? " of " : "", k->database ? k->database : "",
               k->spec);
        if (isnan(k->time.ratio)) {
            puts(": not measured");
            continue;
        }
        printf(" %.3f", k->time.ratio);
        if (!isnan(k->time.low))
            printf(" (%.3f-%.3f)", k->time.low, k->time.high);
        printf(": %s%s\n", k->time.word, told_apart ? "; so no verdict about time on this trace can be trusted" : "");
    }
    if (c->control_count == 0)
        printf("%sno A/A control: fewer than %zu rounds, or none was measured\n", start,
               hy_judge_least_rounds(1, all->rules.alpha));
}

/* What OLD has and NEW has not. */
static void print_gone(const hy_comparisons *all, const char *const *gone, size_t count, const char *start,
                       const char *end) {
    for (size_t i = 0; i < count; i++)
        i ? printf(", %s", gone[i]) : printf("%sonly in %s, so not compared: %s", start, all->old, gone[i]);
    fputs(count ? end : "", stdout);
}

static void print_legend(const hy_comparisons *all, const hy_compared *c, const char *start) {
    const hy_rules *const rules = &all->rules;
    printf("%s%zu round%s; p for all comparisons together (Holm); equivalent: within %g %%\n", start, c->trial->rounds,
           c->trial->rounds == 1 ? "" : "s", 100 * rules->margin);
    if (c->trial->warm_up > 0)
        printf("%s%s\n", start, hy_trial_words_warm_up(c->trial).text);
    if (hy_trial_words_memory(c->trial).text[0])
        printf("%s%s\n", start, hy_trial_words_memory(c->trial).text);
    if (all->old && c->reference)
        printf("%stime: as so many times that of %s in the same round, then new / old\n", start, c->reference);
    else if (all->old)
        printf("%sno verdicts about time: there is no system of the same version in both, and no null\n", start);
    if (!isnan(c->null_time))
        printf("%snull, the harness alone: %.2f ns/op\n", start, c->null_time);
    print_controls(all, c, start);
    print_gone(all, c->gone, c->gone_count, start, "\n");
    for (size_t i = 0; i < c->count; i++)
        if (c->row[i].problem && c->row[i].problem[0])
            printf("%s%s: %s\n", start, c->row[i].spec, c->row[i].problem);
}

/* --------------------------------------------------------------------------------------------------------- all ---- */

static void print_prose(const hy_comparisons *all, const char *rounds, bool markdown) {
    for (size_t i = 0; i < all->count; i++) {
        print_heading(all, &all->trace[i], markdown);
        print_table(all, &all->trace[i], markdown);
        print_legend(all, &all->trace[i], markdown ? "\n" : "  ");
        puts("");
    }
    print_gone(all, all->gone, all->gone_count, "Traces ", markdown ? ".\n\n" : ".\n");
    if (rounds[0])
        printf(markdown ? "%s.\n\n" : "%s.\n", rounds);
    if (all->few.text[0])
        printf(markdown ? "%s.\n\n" : "%s.\n", all->few.text);
    compare_print_sentences(all, markdown);
    compare_print_worse(all, markdown);
}

void compare_print(const hy_comparisons *comparisons, hy_format format, const char *rounds) {
    if (format == HY_FORMAT_CSV)
        compare_print_csv(comparisons);
    else if (format == HY_FORMAT_JSON)
        compare_print_json(comparisons, rounds);
    else
        print_prose(comparisons, rounds, format == HY_FORMAT_MARKDOWN);
}
