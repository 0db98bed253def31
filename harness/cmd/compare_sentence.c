/* SPDX-License-Identifier: MIT
 *
 * compare_sentence.c - verdicts to be quoted.
 *
 *     On python, jemalloc took 0.88× the time of system (95 % CI 0.87–0.89): faster; it took 1.12× the memory: larger.
 */
#include "compare_print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *baseline_of(const hy_compared *c) {
    return c->count > 0 && c->row[0].side == HY_SIDE_BASELINE ? c->row[0].spec : NULL;
}

static void print_time(const hy_comparisons *all, const hy_compared *c, const hy_comparison *row) {
    const hy_judgement *const j = &row->time;
    if (strcmp(j->word, HY_WORD_WITHHELD) == 0) {
        printf("gets no verdict about time, since the A/A control was told apart from itself");
        return;
    }
    printf("took %.3f\u00d7 ", j->ratio);
    if (all->old)
        printf("the time that it took in %s, both as so many times that of %s", all->old, c->reference);
    else if (row->side == HY_SIDE_AGAIN)
        printf("its own time, measured again");
    else
        printf("the time of %s", baseline_of(c));
    if (!isnan(j->low))
        printf(" (95 %% CI %.3f\u2013%.3f)", j->low, j->high);
    printf(": %s", j->word);
}

static void print_row(const hy_comparisons *all, const hy_compared *c, const hy_comparison *row, const char *start) {
    const bool time = !isnan(row->time.ratio), size = !isnan(row->size.ratio);
    if (row->side == HY_SIDE_BASELINE || (!time && !size))
        return;
    printf("%sOn %s, %s ", start, c->trial->name, row->spec);
    if (time)
        print_time(all, c, row);
    if (size)
        printf("%s %.3f\u00d7 the memory: %s", time ? "; it took" : "took", row->size.ratio, row->size.word);
    puts(".");
}

void compare_print_sentences(const hy_comparisons *all, bool markdown) {
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < all->trace[i].count; k++)
            print_row(all, &all->trace[i], &all->trace[i].row[k], markdown ? "- " : "");
}

/* "slower and larger", "larger", "failed" */
static void print_why(const hy_comparison *row) {
    const bool slower = hy_word_worse(row->time.word), larger = hy_word_worse(row->size.word);
    printf("%s%s%s", slower ? row->time.word : "", slower && larger ? " and " : "", larger ? row->size.word : "");
    if (row->failed)
        printf("%sfailed", slower || larger ? " and " : "");
}

void compare_print_worse(const hy_comparisons *all, bool markdown) {
    const char *joint = markdown ? "\nWorse: " : "Worse: ";
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < all->trace[i].count; k++) {
            const hy_comparison *const row = &all->trace[i].row[k];
            if (!hy_comparison_worse(row))
                continue;
            printf("%s%s on %s (", joint, row->spec, all->trace[i].trial->name);
            print_why(row);
            putchar(')');
            joint = ", ";
        }
    if (joint[0] == ',')
        puts(".");
}
