/* SPDX-License-Identifier: MIT
 *
 * attack_print.c - the results of `heapyard attack` for people: a matrix of letters, sums, and faults in words.
 *
 * A cell is the letter of its most frequent outcome, the letter of the moment, and "*" if other runs ended otherwise.
 */
#include "attack.h"

#include "fault_list.h"
#include "text_table.h"
#include "units.h"
#include "wilson.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_WIDTH = 30 };

/* ------------------------------------------------------------------------------------------------------ matrix ---- */

static const char *colour(hy_outcome outcome) {
    static const char *const codes[HY_OUTCOMES] = {
        [HY_DETECTED] = "\033[32m",  [HY_PREVENTED] = "\033[36m",     [HY_TRAPPED] = "\033[33m",
        [HY_CRASHED] = "\033[33m",   [HY_SILENT] = "\033[1;31m",      [HY_TIMED_OUT] = "\033[35m",
        [HY_TOO_LARGE] = "\033[35m", [HY_NOT_APPLICABLE] = "\033[2m", [HY_INVALID] = "\033[1;35m"};
    const char *const refused = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && !(refused && *refused) ? codes[outcome] : "";
}

static void print_cell(const hy_attack_cell *cell) {
    unsigned moment;
    const hy_outcome outcome = hy_attack_outcome(cell, &moment);
    const char *const on = colour(outcome);
    const bool mixed = hy_attack_count(cell, outcome) < cell->runs;
    const char text[] = {hy_outcome_letter(outcome), hy_moment_letter(moment), mixed ? '*' : ' ', '\0'};
    printf(" %s%s%s", on, text, *on ? "\033[0m" : "");
}

/* Names stand upright above their columns. */
static void print_heading(const hy_attack_plan *plan) {
    size_t height = 0;
    for (size_t t = 0; t < plan->target_count; t++)
        height = strlen(plan->target[t].name) > height ? strlen(plan->target[t].name) : height;
    for (size_t line = 0; line < height; line++) {
        printf("%*s", NAME_WIDTH + 2, "");
        for (size_t t = 0; t < plan->target_count; t++) {
            const char *const name = plan->target[t].name;
            const size_t above = height - strlen(name);
            printf(" %c  ", line < above ? ' ' : name[line - above]);
        }
        putchar('\n');
    }
}

static void print_matrix(const hy_attack_plan *plan, const hy_attack_result *result) {
    print_heading(plan);
    for (size_t f = 0; f < plan->fault_count; f++) {
        const hy_fault *const fault = plan->fault[f];
        if (f == 0 || fault->class != plan->fault[f - 1]->class)
            printf("%s\n", hy_fault_class_name(fault->class));
        printf("  %-*.*s", NAME_WIDTH, NAME_WIDTH, fault->name);
        for (size_t t = 0; t < plan->target_count; t++)
            print_cell(attack_cell(plan, result, f, t));
        putchar('\n');
    }
    fputs("\nD detected with a message   t ended without a word   c crashed   . prevented   S silent: corrupted or "
          "disclosed\n- not applicable   H did not come to an end   M took memory without end   ? invalid\n"
          "o at the operation   f at the free   l later   x at exit   * not in every run\n",
          stdout);
}

/* -------------------------------------------------------------------------------------------------------- sums ---- */

size_t attack_count(const hy_attack_plan *plan, const hy_attack_result *result, size_t target, int class,
                    hy_outcome outcome) {
    size_t count = 0;
    unsigned moment;
    for (size_t f = 0; f < plan->fault_count; f++)
        count += (class < 0 || (int)plan->fault[f]->class == class) &&
                 hy_attack_outcome(attack_cell(plan, result, f, target), &moment) == outcome;
    return count;
}

static void print_sums(const hy_attack_plan *plan, const hy_attack_result *result) {
    static const char *const headings[] = {"allocator", "detected", "trapped", "crashed",
                                           "prevented", "silent",   "n/a",     "other"};
    hy_table table = {.headings = headings, .columns = 8, .words = 1};
    for (size_t t = 0; t < plan->target_count; t++) {
        static const hy_outcome shown[] = {HY_DETECTED,  HY_TRAPPED, HY_CRASHED,
                                           HY_PREVENTED, HY_SILENT,  HY_NOT_APPLICABLE};
        hy_table_row *const row = hy_table_add(&table);
        size_t rest = plan->fault_count;
        snprintf(row->cell[0], HY_TABLE_CELL, "%.60s", plan->target[t].name);
        for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
            const size_t count = attack_count(plan, result, t, -1, shown[i]);
            snprintf(row->cell[i + 1], HY_TABLE_CELL, "%zu", count);
            rest -= count;
        }
        snprintf(row->cell[7], HY_TABLE_CELL, "%zu", rest);
    }
    puts("\nfaults by outcome");
    hy_table_print(&table, false);
    hy_table_free(&table);
}

static void print_silent(const hy_attack_plan *plan, const hy_attack_result *result) {
    const char *headings[HY_FAULT_CLASSES + 1] = {"allocator"};
    for (size_t class = 0; class < HY_FAULT_CLASSES; class ++)
        headings[class + 1] = hy_fault_class_name((hy_fault_class) class);
    hy_table table = {.headings = headings, .columns = HY_FAULT_CLASSES + 1, .words = 1};
    for (size_t t = 0; t < plan->target_count; t++) {
        hy_table_row *const row = hy_table_add(&table);
        snprintf(row->cell[0], HY_TABLE_CELL, "%.60s", plan->target[t].name);
        for (int class = 0; class < HY_FAULT_CLASSES; class ++) {
            size_t valid = 0;
            for (hy_outcome outcome = 0; outcome < HY_OUTCOMES; outcome++)
                if (outcome != HY_NOT_APPLICABLE && outcome != HY_INVALID)
                    valid += attack_count(plan, result, t, class, outcome);
            snprintf(row->cell[class + 1], HY_TABLE_CELL, "%zu/%zu", attack_count(plan, result, t, class, HY_SILENT),
                     valid);
        }
    }
    puts("\nsilent, of those that apply");
    hy_table_print(&table, false);
    hy_table_free(&table);
}

static void put_reuse(char *cell, uint64_t pairs) {
    snprintf(cell, HY_TABLE_CELL, pairs == 0 ? "n/a" : pairs >= 10000 ? ">10000" : "%" PRIu64, pairs);
}

static void print_figures(const hy_attack_plan *plan, const hy_attack_result *result) {
    static const char *const headings[] = {"allocator",  "bits small", "bits large",  "reuse small",
                                           "reuse page", "ns hot",     "ns 10k live", "resident/live"};
    hy_table table = {.headings = headings, .columns = 8, .words = 1};
    for (size_t t = 0; t < plan->target_count; t++) {
        const hy_predictability *const p = &result->predictable[t];
        const hy_price *const price = &result->price[t];
        hy_table_row *const row = hy_table_add(&table);
        snprintf(row->cell[0], HY_TABLE_CELL, "%.60s", plan->target[t].name);
        hy_cell_put(row->cell[1], p->measured ? p->small_bits : (double)NAN, "%.1f", p->small_bits);
        hy_cell_put(row->cell[2], p->measured ? p->large_bits : (double)NAN, "%.1f", p->large_bits);
        put_reuse(row->cell[3], p->small_reuse);
        put_reuse(row->cell[4], p->large_reuse);
        hy_cell_put(row->cell[5], price->hot_ns, "%.1f", price->hot_ns);
        hy_cell_put(row->cell[6], price->working_ns, "%.1f", price->working_ns);
        hy_cell_put(row->cell[7], price->resident, "%.2f", price->resident);
    }
    printf(
        "\nbits: entropy of the first block's address (32 B, 1 MiB) over %u starts; reuse: pairs until a freed block "
        "(32 B,\n4 KiB) is given out again, first percentile; ns: CPU time of a pair, hot and among 10 000 live "
        "blocks\n",
        plan->starts);
    hy_table_print(&table, false);
    hy_table_free(&table);
}

/* -------------------------------------------------------------------------------------------------------- tell ---- */

static void print_invalid(const hy_attack_plan *plan, const hy_attack_result *result) {
    for (size_t f = 0; f < plan->fault_count; f++)
        for (size_t t = 0; t < plan->target_count; t++) {
            const hy_attack_cell *const cell = attack_cell(plan, result, f, t);
            if (hy_attack_count(cell, HY_INVALID))
                printf("invalid: %s on %s: %s\n", plan->fault[f]->name, plan->target[t].name, cell->words[HY_INVALID]);
        }
}

void attack_print(const hy_attack_plan *plan, const hy_attack_result *result) {
    printf("%zu fault%s on %zu allocator%s, %u run%s of each\n\n", plan->fault_count, plan->fault_count == 1 ? "" : "s",
           plan->target_count, plan->target_count == 1 ? "" : "s", plan->repetitions,
           plan->repetitions == 1 ? "" : "s");
    print_matrix(plan, result);
    print_sums(plan, result);
    print_silent(plan, result);
    if (plan->starts || plan->prices)
        print_figures(plan, result);
    putchar('\n');
    print_invalid(plan, result);
    printf("Silent, of %zu faults:", plan->fault_count);
    for (size_t t = 0; t < plan->target_count; t++)
        printf("%s %s %zu", t ? "," : "", plan->target[t].name, attack_count(plan, result, t, -1, HY_SILENT));
    puts(".");
}

/* In lines of a page's width. */
static void print_story(const char *story) {
    enum { WIDTH = 100 };
    size_t column = 0;
    while (story && *story) {
        const size_t word = strcspn(story, " ");
        if (column > 0 && column + 1 + word > WIDTH) {
            putchar('\n');
            column = 0;
        }
        column += (size_t)printf("%s%.*s", column ? " " : "", (int)word, story);
        story += word + strspn(story + word, " ");
    }
    fputs(column ? "\n" : "", stdout);
}

void attack_explain(const hy_fault *fault) {
    printf("%s - %s\n", fault->name, fault->summary);
    printf("class        %s (CWE-%u)\n", hy_fault_class_name(fault->class), fault->cwe);
    printf("origin       %s\n", fault->origin);
    printf("probes       %s\n", fault->condition);
    printf("correct      %s\n", fault->correct);
    print_story(fault->story);
    if (fault->only)
        printf("only on      %s\n", fault->only);
}

static void tell_cell(const char *target, const hy_attack_cell *cell) {
    for (hy_outcome outcome = 0; outcome < HY_OUTCOMES; outcome++)
        for (unsigned moment = 0; moment < HY_MOMENTS; moment++) {
            const unsigned count = cell->count[outcome][moment];
            const hy_share share = hy_wilson(count, cell->runs, 0.95);
            if (count == 0)
                continue;
            printf("  %-20s %s%s%s", target, hy_outcome_words(outcome), moment == HY_NEVER ? "" : " ",
                   moment == HY_NEVER ? "" : hy_moment_name(moment));
            if (count < cell->runs)
                printf(", %u of %u times (%.0f to %.0f %%)", count, cell->runs, 100 * share.low, 100 * share.high);
            printf("%s%s\n", cell->words[outcome][0] ? ": " : "", cell->words[outcome]);
        }
}

void attack_tell(const hy_attack_plan *plan, const hy_attack_result *result, size_t fault) {
    for (size_t t = 0; t < plan->target_count; t++) {
        const char *const drawing = result->drawing[fault * plan->target_count + t];
        if (drawing)
            printf("the heap of %s\n%s", plan->target[t].name, drawing);
    }
    for (size_t t = 0; t < plan->target_count; t++)
        tell_cell(plan->target[t].name, attack_cell(plan, result, fault, t));
}
