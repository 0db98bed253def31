/* SPDX-License-Identifier: MIT
 *
 * html_answer.c - the first screen: which allocator for this trace.
 *
 * All traces at a glance, then a card for each with the reasons.  Without the script all cards stand below each other,
 * and the list of traces jumps to them; with it, one card at a time.
 */
#include "html.h"

#include <math.h>
#include <string.h>

/* The general-purpose allocator with the least mean over all traces; report->spec_count: none got through all. */
static size_t answer_best_mean(const hy_report *report, hy_overview what, double *ret_mean) {
    size_t best = report->spec_count, traces;
    for (size_t i = 0; i < report->spec_count; i++) {
        hy_entry entry = {.spec = report->specs[i]};
        hy_entry_describe(&entry);
        const double mean = hy_overview_mean(report, i, what, &traces);
        if (entry.role != HY_ROLE_GENERAL || traces < report->count || (best < report->spec_count && mean >= *ret_mean))
            continue;
        best = i;
        *ret_mean = mean;
    }
    return best;
}

/* One sentence over all traces, if there are several. */
static void answer_together(const hy_report *report, FILE *out) {
    double time = NAN, memory = NAN;
    const size_t fast = answer_best_mean(report, HY_OVERVIEW_TIME, &time);
    const size_t lean = answer_best_mean(report, HY_OVERVIEW_MEMORY, &memory);
    const hy_entry *const base = report->studies[0].baseline;
    if (fast == report->spec_count || lean == report->spec_count || !base)
        return;
    fprintf(out, "<p class=\"together\">Over all %zu traces <strong>", report->count);
    hy_html(out, report->specs[fast]);
    fprintf(out, "</strong> takes the least time, %.2f of ", time);
    hy_html(out, base->spec);
    fprintf(out, "’s, and ");
    if (fast != lean) {
        fputs("<strong>", out);
        hy_html(out, report->specs[lean]);
        fputs("</strong> ", out);
    }
    fprintf(out, "the least memory, %.2f× what is live (geometric means).</p>\n", memory);
}

/* ------------------------------------------------------------------------------------------------ at a glance ---- */

static void answer_strip_cell(const hy_study *study, const hy_choice *choice, hy_overview what, const html_scale *scale,
                              FILE *out) {
    const hy_judgement *const j = what == HY_OVERVIEW_TIME ? &choice->take->speed : &choice->take->size;
    fputs("<td class=\"picture\">", out);
    html_strip_study(scale, study, choice->take, what, out);
    fprintf(out, "</td><td class=\"text\">%.2f× ", j->ratio);
    html_word(j->word, out);
    if (what == HY_OVERVIEW_TIME && isfinite(j->low))
        fprintf(out, "<span class=\"ci\">%.2f–%.2f</span>", j->low, j->high);
    fputs("</td>", out);
}

static void answer_row(const hy_study *study, const html_scale *time, const html_scale *memory, FILE *out) {
    const hy_choice choice = hy_choose(study);
    fprintf(out, "<tr><th scope=\"row\"><a href=\"#answer-%u\">", study->number);
    hy_html(out, study->name);
    fputs("</a></th>", out);
    if (!choice.take) {
        fputs("<td colspan=\"6\" class=\"text failed\">nobody got through everything</td></tr>\n", out);
        return;
    }
    fprintf(out, "<td class=\"text\">%s<strong>", hy_choice_open(study, &choice) ? "(no verdict) " : "");
    hy_html(out, choice.take->spec);
    fprintf(out, "</strong>%s</td>", choice.take == study->baseline ? "<span class=\"tag\">baseline</span>" : "");
    answer_strip_cell(study, &choice, HY_OVERVIEW_TIME, time, out);
    answer_strip_cell(study, &choice, HY_OVERVIEW_MEMORY, memory, out);
    fputs("<td class=\"text\">", out);
    if (choice.savers) {
        const hy_entry *const s = choice.saver[0];
        hy_html(out, s->spec);
        fprintf(out, "<span class=\"ci\">%.2f× the memory in %.2f× the time</span>",
                s->footprint / choice.take->footprint, s->time.middle / choice.take->time.middle);
    } else {
        fputs("<span class=\"missing\">the same</span>", out);
    }
    fputs("</td></tr>\n", out);
}

static void answer_ratio_head(const char *what, const char *baseline, const html_scale *scale, FILE *out) {
    fprintf(out, "<th scope=\"col\" class=\"text picture\">%s, ", what);
    hy_html(out, baseline);
    fputs(" = 1", out);
    html_strip_axis(scale, out);
    fprintf(out, "</th><th scope=\"col\" class=\"text\">%s</th>", what);
}

static void answer_head(const hy_report *report, const html_scale *time, const html_scale *memory, FILE *out) {
    const hy_entry *const base = report->studies[0].baseline;
    const char *const name = base ? base->spec : "the baseline";
    fputs("<div class=\"wide\"><table class=\"answers\" id=\"glance-table\"><thead><tr><th scope=\"col\">trace</th><th "
          "scope=\"col\" class=\"text\">choose</th>",
          out);
    answer_ratio_head("time", name, time, out);
    answer_ratio_head("memory", name, memory, out);
    fputs("<th scope=\"col\" class=\"text\">for less memory</th></tr></thead><tbody>\n", out);
}

static void answer_glance(const hy_report *report, FILE *out) {
    const html_scale time = html_scale_of(report, HY_OVERVIEW_TIME, 200),
                     memory = html_scale_of(report, HY_OVERVIEW_MEMORY, 200);
    fputs("<div id=\"glance\">\n", out);
    answer_together(report, out);
    answer_head(report, &time, &memory, out);
    for (size_t i = 0; i < report->count; i++)
        answer_row(&report->studies[i], &time, &memory, out);
    fputs("</tbody></table></div>\n<p class=\"caption pictures\">● the choice, ○ other general-purpose allocators, ▷ "
          "farther to "
          "the right; short lines: the limits (null and bump for time, the least possible for memory). Left is "
          "better.</p>\n</div>\n",
          out);
}

/* -------------------------------------------------------------------------------------------------------- cards ----
 */

static void answer_reason(const char *name, hy_words words, FILE *out) {
    if (words.text[0] == '\0')
        return;
    fprintf(out, "<dt>%s</dt><dd>", name);
    hy_html(out, words.text);
    fputs(".</dd>\n", out);
}

static void answer_reasons(const hy_study *study, const hy_choice *choice, FILE *out) {
    fprintf(out, "<p class=\"take\">%s <strong>", hy_choice_verb(study, choice));
    hy_html(out, choice->take->spec);
    fputs("</strong>.</p>\n<dl>\n", out);
    answer_reason("No verdict", hy_choice_withheld(study), out);
    answer_reason("Time", hy_choice_time(study, choice), out);
    answer_reason("Memory", hy_choice_memory(study, choice), out);
    answer_reason("For less memory", hy_choice_instead(study, choice), out);
    answer_reason("How sure", hy_choice_sure(study, choice), out);
    answer_reason("Did not get through", hy_finding_failures(study), out);
    fputs("</dl>\n", out);
}

static void answer_card(const hy_study *study, FILE *out) {
    const hy_choice choice = hy_choose(study);
    fprintf(out, "<article class=\"card\" id=\"answer-%u\"><h3>", study->number);
    hy_html(out, study->name);
    fputs("</h3>\n", out);
    if (choice.take)
        answer_reasons(study, &choice, out);
    else
        fputs("<p class=\"take failed\">No general-purpose allocator got through everything.</p>\n", out);
    fprintf(out, "<p><a href=\"#trace-%u\">All about this trace</a></p></article>\n", study->number);
}

static void answer_chooser(const hy_report *report, FILE *out) {
    fputs("<nav class=\"chooser\" aria-label=\"Trace\"><a href=\"#answers\">all traces</a>", out);
    for (size_t i = 0; i < report->count; i++) {
        fprintf(out, "<a href=\"#answer-%u\">", report->studies[i].number);
        hy_html(out, report->studies[i].name);
        fputs("</a>", out);
    }
    fputs("</nav>\n", out);
}

/* What the control said, trace by trace, where there was one. */
static void answer_control(const hy_report *report, FILE *out) {
    size_t controls = 0, withheld = 0;
    for (size_t i = 0; i < report->count; i++) {
        controls += report->studies[i].aa.word[0] != '\0';
        withheld += hy_study_withheld(&report->studies[i]);
    }
    if (controls == 0)
        fputs(
            "<p class=\"note\">No control: these campaigns did not measure the same allocator twice, so nothing shows "
            "whether the machine was quiet enough.</p>\n",
            out);
    else
        fprintf(out,
                "<p class=\"note%s\">Control: the baseline was measured twice in every round, on %zu of %zu traces. ",
                withheld ? " failed" : "", controls, report->count);
    if (controls > 0 && withheld == 0)
        fputs("It was never told apart from itself.</p>\n", out);
    else if (controls > 0)
        fprintf(out, "It was told apart from itself on %zu; there, verdicts about time are withheld.</p>\n", withheld);
    for (size_t i = 0; i < report->count; i++) {
        if (!hy_study_withheld(&report->studies[i]))
            continue;
        fputs("<p class=\"note failed\">", out);
        hy_html(out, hy_choice_withheld(&report->studies[i]).text);
        fputs(".</p>\n", out);
    }
}

static void answer_rule(FILE *out) {
    fprintf(
        out,
        "<details class=\"note\"><summary>How the choice is made</summary><p>Of the general-purpose allocators that "
        "got through everything: those that are not shown to be slower than the fastest, and are shown to be faster "
        "than the baseline unless that is as fast; of these the one with the least memory. The baseline stays if "
        "nothing as fast saves more than %.0f %% of memory. A recorded program’s own work between its calls is "
        "missing here, so what it gains is less.</p></details>\n",
        100 * HY_VERDICT_MARGIN);
}

void html_answers(const hy_report *report, FILE *out) {
    fputs("<section id=\"answers\" aria-label=\"Answers\">\n", out);
    if (report->count > 1) {
        answer_chooser(report, out);
        answer_glance(report, out);
    }
    for (size_t i = 0; i < report->count; i++)
        answer_card(&report->studies[i], out);
    answer_control(report, out);
    answer_rule(out);
    fputs("</section>\n", out);
}
