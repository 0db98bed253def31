/* SPDX-License-Identifier: MIT
 *
 * attack_page.c - the results of `heapyard attack` as a page: what passes silently against what it costs, the matrix,
 * and each fault in words.  One file without any reference to the outside, but for the picture's data beside it.
 */
#include "attack.h"

#include "attack_css.h"
#include "fault_list.h"
#include "report.h"
#include "wilson.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct page {
    const hy_attack_plan *plan;
    const hy_attack_result *result;
    FILE *out;
} page;

/* ------------------------------------------------------------------------------------------------------ matrix ---- */

static void write_cell(const page *p, const hy_attack_cell *cell) {
    unsigned moment;
    const hy_outcome outcome = hy_attack_outcome(cell, &moment);
    const bool mixed = hy_attack_count(cell, outcome) < cell->runs;
    const char letters[] = {hy_outcome_letter(outcome), moment == HY_NEVER ? '\0' : hy_moment_letter(moment), '\0'};
    fprintf(p->out, "<td class=\"%s\" title=\"%s%s%s: ", hy_outcome_name(outcome), hy_outcome_words(outcome),
            moment == HY_NEVER ? "" : " ", moment == HY_NEVER ? "" : hy_moment_name(moment));
    hy_html(p->out, cell->words[outcome]);
    fprintf(p->out, "\">%s%s</td>", letters, mixed ? "*" : "");
}

static void write_row(const page *p, size_t f) {
    const hy_fault *const fault = p->plan->fault[f];
    if (f == 0 || fault->class != p->plan->fault[f - 1]->class)
        fprintf(p->out, "<tr><th colspan=\"%zu\">%s</th></tr>\n", p->plan->target_count + 1,
                hy_fault_class_name(fault->class));
    fprintf(p->out, "<tr><th scope=\"row\"><a href=\"#%s\">%s</a></th>", fault->name, fault->name);
    for (size_t t = 0; t < p->plan->target_count; t++)
        write_cell(p, attack_cell(p->plan, p->result, f, t));
    fputs("</tr>\n", p->out);
}

static void write_matrix(const page *p) {
    fputs("<section id=\"matrix\"><h2>The matrix</h2>\n<p class=\"note\">D detected with a message · t ended without a "
          "word · c crashed · . prevented · S silent: corrupted or disclosed · - not applicable · H did not come to an "
          "end · M took memory without end · ? invalid. o at the operation · f at the free · l later · x at exit. "
          "* not in every run. A cell's words appear when it is pointed at.</p>\n<div class=\"wide\"><table><thead>"
          "<tr><th></th>",
          p->out);
    for (size_t t = 0; t < p->plan->target_count; t++) {
        fputs("<th scope=\"col\"><span>", p->out);
        hy_html(p->out, p->plan->target[t].name);
        fputs("</span></th>", p->out);
    }
    fputs("</tr></thead><tbody>\n", p->out);
    for (size_t f = 0; f < p->plan->fault_count; f++)
        write_row(p, f);
    fputs("</tbody></table></div></section>\n", p->out);
}

/* -------------------------------------------------------------------------------------------------------- cost ---- */

static void write_number(const page *p, double value, const char *format) {
    fputs("<td class=\"n\">", p->out);
    if (isfinite(value))
        fprintf(p->out, strcmp(format, "2") == 0 ? "%.2f" : "%.1f", value);
    else
        fputs("n/a", p->out);
    fputs("</td>", p->out);
}

static void write_sums_row(const page *p, size_t t) {
    static const hy_outcome shown[] = {HY_SILENT, HY_DETECTED, HY_TRAPPED, HY_CRASHED, HY_PREVENTED, HY_NOT_APPLICABLE};
    const hy_predictability *const known = &p->result->predictable[t];
    const hy_price *const price = &p->result->price[t];
    fputs("<tr><th scope=\"row\">", p->out);
    hy_html(p->out, p->plan->target[t].name);
    fputs("</th>", p->out);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        fprintf(p->out, "<td class=\"n\">%zu</td>", attack_count(p->plan, p->result, t, -1, shown[i]));
    write_number(p, known->measured ? known->small_bits : (double)NAN, "1");
    write_number(p, known->measured ? known->large_bits : (double)NAN, "1");
    fprintf(p->out, "<td class=\"n\">%s%" PRIu64 "</td>", known->small_reuse >= 10000 ? "&gt;" : "",
            known->small_reuse);
    write_number(p, price->hot_ns, "1");
    write_number(p, price->working_ns, "1");
    write_number(p, price->resident, "2");
    fputs("<td>", p->out);
    const char *const served_by = p->plan->target[t].served_by, *const slash = strrchr(served_by, '/');
    hy_html(p->out, slash ? slash + 1 : served_by);
    fputs("</td></tr>\n", p->out);
}

static void write_sums(const page *p) {
    fputs("<div class=\"wide\"><table><thead><tr><th>allocator</th><th>silent</th><th>detected</th><th>trapped</th>"
          "<th>crashed</th><th>prevented</th><th>n/a</th><th>bits small</th><th>bits large</th><th>reuse</th>"
          "<th>ns hot</th><th>ns 10 k live</th><th>resident / live</th><th>served by</th></tr></thead><tbody>\n",
          p->out);
    for (size_t t = 0; t < p->plan->target_count; t++)
        write_sums_row(p, t);
    fprintf(p->out,
            "</tbody></table></div>\n<p class=\"note\">Faults by their most frequent outcome in %u run%s each. bits: "
            "entropy of the first block's address (32 B, 1 MiB) over %u starts. reuse: pairs until a freed block of 32 "
            "B is given out again, first percentile. ns: CPU time of a pair of malloc and free of 32 B, and of one "
            "among 10 000 live blocks; resident: memory over live bytes there. The least of %u rounds.</p>\n",
            p->plan->repetitions, p->plan->repetitions == 1 ? "" : "s", p->plan->starts, p->plan->prices);
}

typedef int make_figure(const hy_attack_plan *plan, const hy_attack_result *result, const char *folder,
                        hy_figure *ret_figure, hy_error *error);

static void write_figure(const page *p, const char *folder, make_figure *make, const char *caption) {
    hy_figure made, *const figure = &made;
    hy_error error;
    int r = make(p->plan, p->result, folder, figure, &error);
    if (r == 0 && figure->rows > 0)
        r = hy_draw_figure(folder, figure, &error);
    fputs("<figure>", p->out);
    if (figure->drawn) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.svg", folder, figure->base);
        hy_inline_svg(path, figure->base, figure->title, p->out, &error);
    } else {
        fputs("<p class=\"note\">Not drawn: ", p->out);
        hy_html(p->out, r < 0 ? error.text : "nothing was measured");
        fputs(".</p>", p->out);
    }
    fprintf(p->out, "<figcaption>%s</figcaption></figure>\n", caption);
}

static void draw(const page *p, const char *folder) {
    write_figure(p, folder, attack_draw_pareto,
                 "Lower is safer, left is faster; the line is the Pareto front: nobody is both safer and faster than "
                 "those on it. <a href=\"allocators.csv\">allocators</a> <a href=\"cells.csv\">cells</a>");
    write_figure(
        p, folder, attack_draw_foretell,
        "What can be foretold of addresses; farther right is harder. Left, the entropy of the first block's "
        "address; right, after how many pairs of malloc and free a freed block is given out again, at the first "
        "percentile of 100 tries.");
}

/* ------------------------------------------------------------------------------------------------------ faults ---- */

static void write_fact(const page *p, const char *name, const char *text) {
    fprintf(p->out, "<dt>%s</dt><dd>", name);
    hy_html(p->out, text);
    fputs("</dd>\n", p->out);
}

static void write_ends(const page *p, const hy_target *target, const hy_attack_cell *cell) {
    for (hy_outcome outcome = 0; outcome < HY_OUTCOMES; outcome++)
        for (unsigned moment = 0; moment < HY_MOMENTS; moment++) {
            const unsigned count = cell->count[outcome][moment];
            const hy_share share = hy_wilson(count, cell->runs, 0.95);
            if (count == 0)
                continue;
            fputs("<tr><th scope=\"row\">", p->out);
            hy_html(p->out, target->name);
            fprintf(p->out, "</th><td class=\"%s\">%s%s%s</td><td class=\"n\">%u of %u</td><td>%.0f–%.0f %%</td><td>",
                    hy_outcome_name(outcome), hy_outcome_words(outcome), moment == HY_NEVER ? "" : " ",
                    moment == HY_NEVER ? "" : hy_moment_name(moment), count, cell->runs, 100 * share.low,
                    100 * share.high);
            hy_html(p->out, cell->words[outcome]);
            fputs("</td></tr>\n", p->out);
        }
}

/* On the first target that has one. */
static void write_drawings(const page *p, size_t f) {
    for (size_t t = 0; t < p->plan->target_count; t++) {
        const char *const drawing = p->result->drawing[f * p->plan->target_count + t];
        if (!drawing)
            continue;
        fputs("<p class=\"note\">The heap of ", p->out);
        hy_html(p->out, p->plan->target[t].name);
        fputs(", as it sees itself:</p>\n<div class=\"wide\"><pre>", p->out);
        hy_html(p->out, drawing);
        fputs("</pre></div>\n", p->out);
        return;
    }
}

static void write_fault(const page *p, size_t f) {
    const hy_fault *const fault = p->plan->fault[f];
    char weakness[32];
    snprintf(weakness, sizeof weakness, "CWE-%u", fault->cwe);
    fprintf(p->out, "<h3 id=\"%s\">%s</h3>\n<p>", fault->name, fault->name);
    hy_html(p->out, fault->story);
    fputs("</p>\n<dl>", p->out);
    write_fact(p, "does", fault->summary);
    write_fact(p, "class", hy_fault_class_name(fault->class));
    write_fact(p, "weakness", weakness);
    write_fact(p, "origin", fault->origin);
    write_fact(p, "probes", fault->condition);
    write_fact(p, "correct", fault->correct);
    fputs("</dl>\n", p->out);
    write_drawings(p, f);
    fputs("<details><summary>under each allocator</summary><div class=\"wide\"><table><tbody>\n", p->out);
    for (size_t t = 0; t < p->plan->target_count; t++)
        write_ends(p, &p->plan->target[t], attack_cell(p->plan, p->result, f, t));
    fputs("</tbody></table></div></details>\n", p->out);
}

/* -------------------------------------------------------------------------------------------------------- page ---- */

static void write_page(const page *p, const char *command, const char *folder) {
    fputs("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n<meta name=\"viewport\" "
          "content=\"width=device-width, initial-scale=1\">\n<title>heapyard attack</title>\n<style>\n",
          p->out);
    fputs(attack_css, p->out);
    fprintf(p->out,
            "</style></head><body>\n<header><h1>Who notices?</h1>\n<p>%zu faults that no program may make, each in a "
            "process of its own under each of %zu allocators, %u times.</p>\n<p class=\"note\">Made by <code>",
            p->plan->fault_count, p->plan->target_count, p->plan->repetitions);
    hy_html(p->out, command);
    fputs("</code></p></header>\n<main>\n<section id=\"cost\"><h2>Security and cost</h2>\n", p->out);
    draw(p, folder);
    write_sums(p);
    fputs("</section>\n", p->out);
    write_matrix(p);
    fputs("<section id=\"faults\"><h2>Each fault in words</h2>\n", p->out);
    for (size_t f = 0; f < p->plan->fault_count; f++)
        write_fault(p, f);
    fputs("</section>\n</main></body></html>\n", p->out);
}

typedef void write_file(FILE *out, const hy_attack_plan *plan, const hy_attack_result *result);

static int write_data(const page *p, const char *folder, const char *name, write_file *write, hy_error *error) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *const out = fopen(path, "we");
    if (!out)
        return hy_fail(error, -errno, "%s: %s", path, strerror(errno));
    write(out, p->plan, p->result);
    const bool bad = ferror(out) != 0;
    return fclose(out) == 0 && !bad ? 0 : hy_fail(error, -EIO, "%s: cannot be written", path);
}

int attack_write_page(const hy_attack_plan *plan, const hy_attack_result *result, const char *command,
                      const char *folder, hy_error *error) {
    char path[4096];
    int r = hy_make_folder(folder, error);
    if (r < 0)
        return r;
    snprintf(path, sizeof path, "%s/index.html", folder);
    const page p = {plan, result, fopen(path, "we")};
    if (!p.out)
        return hy_fail(error, -errno, "%s: %s", path, strerror(errno));
    write_page(&p, command, folder);
    const bool bad = ferror(p.out) != 0;
    if (fclose(p.out) != 0 || bad)
        return hy_fail(error, -EIO, "%s: cannot be written", path);
    r = write_data(&p, folder, "cells.csv", attack_write_csv, error);
    return r < 0 ? r : write_data(&p, folder, "allocators.csv", attack_write_targets, error);
}
