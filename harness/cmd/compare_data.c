/* SPDX-License-Identifier: MIT
 *
 * compare_data.c - verdicts for programs: CSV and JSON, the same names in both.
 */
#include "compare_print.h"
#include "json_text.h"
#include "report.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

/* The figures of a row, in order; NAN: none. */
typedef struct figure {
    const char *name;
    double value;
} figure;

enum { FIGURES = 17 };

static void list_figures(const hy_compared *c, const hy_comparison *row, figure *ret) {
    const double control = c->control_count ? c->control[c->control_count - 1].time.ratio : NAN;
    const figure figures[FIGURES] = {
        {"rounds", (double)row->rounds},
        {"ns_per_op", row->ours},
        {"baseline_ns_per_op", row->theirs},
        {"time", row->time.ratio},
        {"time_low", row->time.low},
        {"time_high", row->time.high},
        {"time_p", row->time.p},
        {"time_p_adjusted", row->time.p_adjusted},
        {"time_delta", row->time.delta},
        {"peak_resident", row->our_size},
        {"baseline_peak_resident", row->their_size},
        {"memory", row->size.ratio},
        {"memory_low", row->size.low},
        {"memory_high", row->size.high},
        {"null_ns_per_op", c->null_time},
        {"control", control},
        {"warm_up", (double)c->trial->warm_up},
    };
    for (int i = 0; i < FIGURES; i++)
        ret[i] = figures[i];
}

static const char *time_word(const hy_comparison *row) {
    return isnan(row->time.ratio) ? "" : row->time.word;
}

static const char *size_word(const hy_comparison *row) {
    return isnan(row->size.ratio) ? "" : row->size.word;
}

static const char *control_word(const hy_compared *c) {
    for (size_t i = 0; i < c->control_count; i++)
        if (hy_word_differs(c->control[i].time.word))
            return c->control[i].time.word;
    return c->control_count ? c->control[0].time.word : "";
}

/* Which replay the memory is of: that of all threads side by side, or of one thread in trace order. */
static const char *memory_of(const hy_compared *c) {
    return c->trial->side_by_side ? "threads" : "serial";
}

/* "other", "again", "baseline"; of two databases the baseline is the reference. */
static const char *const sides[] = {"other", "again", "baseline"};

/* --------------------------------------------------------------------------------------------------------- CSV ---- */

static void print_csv_row(const hy_compared *c, const hy_comparison *row) {
    figure figures[FIGURES];
    list_figures(c, row, figures);
    const char *const words[] = {c->trial->name, row->spec,      sides[row->side], memory_of(c),
                                 time_word(row), size_word(row), control_word(c)};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        hy_csv(stdout, words[i]);
        putchar(',');
    }
    for (int i = 0; i < FIGURES; i++) {
        if (!isnan(figures[i].value))
            printf("%.9g", figures[i].value);
        putchar(',');
    }
    hy_csv(stdout, row->problem ? row->problem : "");
    putchar('\n');
}

void compare_print_csv(const hy_comparisons *all) {
    static const hy_trial trial;
    static const hy_compared none = {.trial = &trial};
    static const hy_comparison nothing;
    figure figures[FIGURES];
    list_figures(&none, &nothing, figures);
    fputs("trace,spec,side,memory_of,time_verdict,memory_verdict,control_verdict,", stdout);
    for (int i = 0; i < FIGURES; i++)
        printf("%s,", figures[i].name);
    puts("problem");
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < all->trace[i].count; k++)
            print_csv_row(&all->trace[i], &all->trace[i].row[k]);
}

/* -------------------------------------------------------------------------------------------------------- JSON ---- */

static void set_number(json_t *object, const char *name, double value) {
    if (!isnan(value))
        json_object_set_new(object, name, json_real(value));
}

static json_t *json_row(const hy_compared *c, const hy_comparison *row) {
    figure figures[FIGURES];
    json_t *const json = json_pack("{s:o, s:o, s:s}", "trace", cmd_json_text(c->trial->name), "spec",
                                   cmd_json_text(row->spec), "side", sides[row->side]);
    json_object_set_new(json, "memory_of", json_string(memory_of(c)));
    list_figures(c, row, figures);
    for (int i = 0; i < FIGURES; i++)
        set_number(json, figures[i].name, figures[i].value);
    if (time_word(row)[0])
        json_object_set_new(json, "time_verdict", json_string(time_word(row)));
    if (size_word(row)[0])
        json_object_set_new(json, "memory_verdict", json_string(size_word(row)));
    if (row->problem && row->problem[0])
        json_object_set_new(json, "problem", cmd_json_text(row->problem));
    return json;
}

static json_t *json_control(const hy_compared *c, const hy_control *control) {
    json_t *const json = json_pack("{s:o, s:o, s:s}", "trace", cmd_json_text(c->trial->name), "spec",
                                   cmd_json_text(control->spec), "verdict", control->time.word);
    if (control->database)
        json_object_set_new(json, "database", cmd_json_text(control->database));
    set_number(json, "time", control->time.ratio);
    set_number(json, "time_low", control->time.low);
    set_number(json, "time_high", control->time.high);
    set_number(json, "time_p", control->time.p);
    return json;
}

/* What OLD has and NEW has not: {"trace": …, "spec": …}, without "spec" for a whole trace. */
static json_t *json_gone(const hy_comparisons *all) {
    json_t *const gone = json_array();
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < all->trace[i].gone_count; k++)
            json_array_append_new(gone, json_pack("{s:o, s:o}", "trace", cmd_json_text(all->trace[i].trial->name),
                                                  "spec", cmd_json_text(all->trace[i].gone[k])));
    for (size_t i = 0; i < all->gone_count; i++)
        json_array_append_new(gone, json_pack("{s:o}", "trace", cmd_json_text(all->gone[i])));
    return gone;
}

void compare_print_json(const hy_comparisons *all, const char *rounds) {
    json_t *const rows = json_array(), *const controls = json_array();
    for (size_t i = 0; i < all->count; i++) {
        const hy_compared *const c = &all->trace[i];
        for (size_t k = 0; k < c->count; k++)
            json_array_append_new(rows, json_row(c, &c->row[k]));
        for (size_t k = 0; k < c->control_count; k++)
            json_array_append_new(controls, json_control(c, &c->control[k]));
    }
    json_t *const json = json_pack("{s:f, s:I, s:o, s:o}", "margin", all->rules.margin, "worse",
                                   (json_int_t)hy_comparisons_worse(all), "comparisons", rows, "controls", controls);
    if (all->old)
        json_object_set_new(json, "not_compared", json_gone(all));
    if (all->few.text[0])
        json_object_set_new(json, "too_few", json_string(all->few.text));
    if (rounds[0])
        json_object_set_new(json, "rounds", json_string(rounds));
    json_dumpf(json, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    putchar('\n');
    json_decref(json);
}
