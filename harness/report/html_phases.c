/* SPDX-License-Identifier: MIT
 *
 * html_phases.c - the table of what was measured in each phase that the program says it is in.
 */
#include "html.h"
#include "units.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>

typedef struct phases_context {
    FILE *out;
    size_t rows;
} phases_context;

static const char phases_head[] =
    "<h3>Phases</h3>\n<p class=\"caption\">What the program says it is doing: how often it began to, operations of all "
    "threads meanwhile, their time (median of the runs), and the most live, resident and committed bytes while it "
    "lasted, what an earlier phase left behind included. n/a: could not be told apart.</p>\n"
    "<div class=\"wide\"><table class=\"sortable\"><thead><tr><th scope=\"col\" class=\"text\">phase</th>"
    "<th scope=\"col\" class=\"text\">allocator</th><th scope=\"col\">times</th><th scope=\"col\">operations</th>"
    "<th scope=\"col\">ns/op</th><th scope=\"col\">time</th><th scope=\"col\">live</th><th scope=\"col\">peak</th>"
    "<th scope=\"col\">committed</th></tr></thead><tbody>\n";

static double known(const char *text) {
    return text ? strtod(text, NULL) : NAN;
}

/* `shown` is how people read it. */
static void phases_cell(FILE *out, double value, const char *shown) {
    if (isnan(value))
        fputs("<td class=\"missing\">n/a</td>", out);
    else
        fprintf(out, "<td data-v=\"%.9g\">%s</td>", value, shown);
}

static void phases_bytes(FILE *out, double value) {
    phases_cell(out, value, isnan(value) ? "" : hy_show_bytes((uint64_t)value).text);
}

static void phases_count(FILE *out, double value) {
    phases_cell(out, value, isnan(value) ? "" : hy_show_count((uint64_t)value).text);
}

/* As hy_store_phases has it. */
static int phases_row(void *context, int columns, const char *const *text) {
    phases_context *const c = context;
    const double operations = known(text[4]), time = 1e9 * known(text[6]), each = time / operations;
    char ns[32];
    (void)columns;
    fputs(c->rows++ ? "" : phases_head, c->out);
    fputs("<tr><th scope=\"row\">", c->out);
    hy_html(c->out, text[1][0] ? text[1] : "(none)");
    fputs("</th><td class=\"text\">", c->out);
    hy_html(c->out, text[2]);
    fputs("</td>", c->out);
    phases_count(c->out, known(text[3]));
    phases_count(c->out, operations);
    snprintf(ns, sizeof ns, "%.1f", each);
    phases_cell(c->out, each, ns);
    phases_cell(c->out, time, isnan(time) ? "" : hy_show_time(time).text);
    phases_bytes(c->out, known(text[5]));
    phases_bytes(c->out, known(text[7]));
    phases_bytes(c->out, known(text[8]));
    fputs("</tr>\n", c->out);
    return 0;
}

int html_phases(const hy_report *report, const hy_study *study, FILE *out, hy_error *error) {
    phases_context c = {.out = out};
    json_t *const list = json_array();
    (void)report;
    for (size_t i = 0; i < study->count; i++)
        json_array_append_new(list, json_string(study->entries[i].spec));
    char *const specs = json_dumps(list, 0);
    const int r =
        hy_store_phases(study->store, study->campaign_id, study->trace_id, specs ? specs : "[]", phases_row, &c, error);
    if (c.rows > 0)
        fputs("</tbody></table></div>\n", out);
    json_decref(list);
    free(specs);
    return r;
}
