/* SPDX-License-Identifier: MIT
 *
 * html_programs.c - the chapter of real programs: their verdicts, and beside them what the replay of their traces had
 * promised.
 */
#include "html.h"
#include "predicted.h"
#include "programs_summary.h"
#include "units.h"

#include <math.h>
#include <string.h>

static int programs_read(const hy_report *report, hy_programs *ret_programs, hy_error *error) {
    int r = 0;
    *ret_programs = (hy_programs){.count = 0};
    for (size_t i = 0; r == 0 && i < report->store_count; i++)
        r = hy_programs_load(report->stores[i], hy_store_path(report->stores[i]), NULL, ret_programs, error);
    if (r == 0)
        r = hy_programs_judge(ret_programs, &HY_RULES_DEFAULT, error);
    if (r < 0)
        hy_programs_free(ret_programs);
    return r;
}

bool html_has_programs(const hy_report *report) {
    hy_programs programs = {.count = 0};
    bool any = false;
    for (size_t i = 0; !any && i < report->store_count; i++)
        any = hy_programs_load(report->stores[i], "", NULL, &programs, NULL) == 0 && programs.count > 0;
    hy_programs_free(&programs);
    return any;
}

/* ------------------------------------------------------------------------------------------------------- a table ----
 */

static void programs_figure(hy_program_figure figure, double value, FILE *out) {
    fprintf(out, "<td data-v=\"%.6g\">%s</td>", value,
            figure == HY_PROGRAM_PEAK    ? hy_show_bytes((uint64_t)value).text
            : figure >= HY_PROGRAM_MINOR ? hy_show_count((uint64_t)value).text
                                         : hy_show_time(value).text);
}

static void programs_ratio(double ratio, double low, double high, FILE *out) {
    if (isnan(ratio)) {
        fputs("<td class=\"missing\">n/a</td>", out);
        return;
    }
    fprintf(out, "<td data-v=\"%.6g\">%.3f", ratio, ratio);
    if (isfinite(low))
        fprintf(out, "<span class=\"ci\">%.3f–%.3f</span>", low, high);
    fputs("</td>", out);
}

static void programs_judged(const hy_program_entry *entry, hy_program_figure figure, bool baseline, FILE *out) {
    const hy_judgement *const j = &entry->judgement[figure];
    programs_figure(figure, entry->middle[figure], out);
    programs_ratio(j->ratio, j->low, j->high, out);
    fputs("<td class=\"text\">", out);
    if (j->word[0])
        html_word(j->word, out);
    else
        fprintf(out, "<span class=\"missing\">%s</span>", baseline ? "baseline" : "not judged");
    fputs("</td>", out);
}

/* "−12.1 ms": time that is saved is taken off. */
static void programs_saved(double saved, FILE *out) {
    fprintf(out, "<td data-v=\"%.6g\">%s%s</td>", -saved, saved > 0 ? "−" : "+", hy_show_time(fabs(saved)).text);
}

static void programs_promised(const hy_predicted *promised, FILE *out) {
    if (!promised) {
        fputs("<td class=\"missing\">n/a</td><td class=\"missing\">n/a</td><td class=\"missing\">n/a</td>"
              "<td class=\"missing\">n/a</td>",
              out);
        return;
    }
    programs_ratio(promised->replay, NAN, NAN, out);
    programs_ratio(promised->expected, NAN, NAN, out);
    programs_saved(promised->saved, out);
    programs_saved(promised->saved_truly, out);
}

static void programs_row(const hy_real_program *program, const hy_program_entry *entry,
                         const hy_predictions *predictions, FILE *out) {
    const bool baseline = entry == hy_program_baseline(program);
    fputs("<tr><th scope=\"row\">", out);
    hy_html(out, entry->spec);
    if (baseline || entry->control)
        fprintf(out, "<span class=\"tag\">%s</span>", baseline ? "baseline" : "control");
    fputs("</th>", out);
    programs_judged(entry, HY_PROGRAM_CPU, baseline, out);
    programs_promised(hy_prediction_of(predictions, entry), out);
    programs_judged(entry, HY_PROGRAM_PEAK, baseline, out);
    programs_judged(entry, HY_PROGRAM_WALL, baseline, out);
    programs_figure(HY_PROGRAM_MINOR, entry->middle[HY_PROGRAM_MINOR] + entry->middle[HY_PROGRAM_MAJOR], out);
    fprintf(out, "<td class=\"text%s\">", entry->wrong ? " failed" : "");
    hy_html(out, hy_program_ended(entry).text);
    fputs("</td></tr>\n", out);
}

static void programs_table(const hy_real_program *program, const hy_predictions *predictions, FILE *out) {
    static const char *const heads[] = {"CPU time",  "ratio",    "-verdict",    "replay’s ratio", "expected ratio",
                                        "expected",  "measured", "peak memory", "ratio",          "-verdict",
                                        "wall time", "ratio",    "-verdict",    "page faults",    "-runs"};
    fputs("<div class=\"wide\"><table><thead><tr><th scope=\"col\">allocator</th>", out);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        fprintf(out, "<th scope=\"col\"%s>%s</th>", heads[i][0] == '-' ? " class=\"text\"" : "",
                heads[i] + (heads[i][0] == '-'));
    fputs("</tr></thead><tbody>\n", out);
    for (size_t i = 0; i < program->count; i++)
        programs_row(program, &program->entry[i], predictions, out);
    fputs("</tbody></table></div>\n", out);
}

static void programs_say(hy_program_words words, FILE *out) {
    if (!words.text[0])
        return;
    fputs("<li>", out);
    hy_html(out, words.text);
    fputs(".</li>\n", out);
}

/* ---------------------------------------------------------------------------------------------- all of them ---- */

static void programs_summary_row(const hy_summary_row *row, FILE *out) {
    fputs("<tr><th scope=\"row\">", out);
    hy_html(out, row->spec);
    fprintf(out, "%s</th>", row->control ? "<span class=\"tag\">control</span>" : "");
    for (int i = 0; i < HY_PROGRAM_JUDGED; i++)
        programs_ratio(row->mean[i].ratio, row->mean[i].low, row->mean[i].high, out);
    const size_t counts[] = {row->programs, row->wrong, row->slower, row->larger};
    for (int i = 0; i < 4; i++)
        fprintf(out, "<td data-v=\"%zu\">%zu</td>", counts[i], counts[i]);
    fputs("</tr>\n", out);
}

static void programs_summary_table(const hy_programs_summary *summary, FILE *out) {
    static const char *const heads[] = {"CPU time", "wall time",       "peak memory",     "programs",
                                        "failed",   "over 5 % slower", "over 10 % larger"};
    fputs("<h3>All programs</h3>\n<p class=\"note\">Ratios to ", out);
    hy_html(out, summary->against);
    fputs(": the geometric mean over the programs of each one’s median over the rounds, with a 90 % interval of the "
          "rounds "
          "(BCa bootstrap). Slower: the lower end of a program’s own interval of CPU time is above 1.05; larger: its "
          "peak "
          "is above 1.10.</p>\n<div class=\"wide\"><table><thead><tr><th scope=\"col\">allocator</th>",
          out);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        fprintf(out, "<th scope=\"col\">%s</th>", heads[i]);
    fputs("</tr></thead><tbody>\n", out);
    for (size_t i = 0; i < summary->count; i++)
        programs_summary_row(&summary->row[i], out);
    fputs("</tbody></table></div>\n", out);
}

/* Several programs together; of one alone there is nothing to sum up. */
static int programs_all(const hy_programs *programs, FILE *out, hy_error *error) {
    hy_programs_summary summary;
    const int r = hy_programs_summarise(programs, NULL, &summary, error);
    if (r < 0)
        return r;
    if (summary.count > 0 && programs->count > 1)
        programs_summary_table(&summary, out);
    fputs("<ul class=\"note\">\n", out);
    for (size_t i = 0; programs->count > 1 && i < summary.count; i++)
        programs_say(hy_summary_sentence(&summary, &summary.row[i]), out);
    if (programs->count > 1)
        programs_say(hy_summary_conclusion(&summary), out);
    for (size_t i = 0; i < programs->skipped_count; i++) {
        fputs("<li>", out);
        hy_html(out, programs->skipped[i].name);
        fputs(": ", out);
        hy_html(out, programs->skipped[i].reason);
        fputs(".</li>\n", out);
    }
    fputs("</ul>\n", out);
    hy_programs_summary_free(&summary);
    return 0;
}

/* ----------------------------------------------------------------------------------------------------- a chapter ----
 */

static void programs_one(const hy_real_program *program, const hy_predictions *predictions, FILE *out) {
    const size_t rounds = hy_program_baseline(program)->count;
    fputs("<h3>", out);
    hy_html(out, program->name);
    fputs("</h3>\n<p class=\"note\"><code>", out);
    hy_html(out, hy_program_typed(program).text);
    fprintf(out, "</code>, %zu round%s</p>\n", rounds, rounds == 1 ? "" : "s");
    programs_table(program, predictions, out);
    fputs("<ul class=\"note\">\n", out);
    programs_say(hy_prediction_words(predictions, program), out);
    programs_say(hy_program_about_control(program), out);
    programs_say(hy_program_about_output(program), out);
    fputs("</ul>\n<details class=\"note\"><summary>Whose malloc it was, and how it was measured</summary><pre>", out);
    for (size_t i = 0; i < program->count; i++)
        if (!program->entry[i].control) {
            hy_html(out, program->entry[i].spec);
            fputs(": ", out);
            hy_html(out, program->entry[i].library);
            fputc('\n', out);
        }
    fputs("seed ", out);
    hy_html(out, program->seed);
    fputs(", ", out);
    hy_html(out, program->started);
    fputc('\n', out);
    hy_html(out, program->typed);
    fputs("</pre></details>\n", out);
}

static void programs_lede(const hy_predictions *predictions, FILE *out) {
    const hy_program_words agreement = hy_agreement_words(predictions);
    fputs(
        "<p>The programs themselves, with their malloc replaced: every allocator in every round, in random order, and "
        "the "
        "baseline twice, as the control. Ratios and verdicts are to the baseline, of CPU time (user and system), peak "
        "memory and wall time; each of the three is a family for Holm’s correction, over all programs.</p>\n"
        "<p class=\"note\">Replay times malloc and free alone, and a program spends only a part of its time in them. "
        "So "
        "<em>replay’s ratio</em> is of that part; the <em>expected ratio</em> is of the whole: the baseline’s measured "
        "CPU "
        "time, with operations × the difference in ns that replay found added (<em>expected</em>, beside what was "
        "<em>measured</em>). What replay cannot see is where blocks lie when the program works with them, and what it "
        "costs "
        "to load and start an allocator.</p>\n",
        out);
    if (!agreement.text[0]) {
        fputs("<p class=\"note\">Nothing to compare with: no results of a replay of these programs’ traces in the "
              "databases of this report.</p>\n",
              out);
        return;
    }
    fputs("<div class=\"finding\"><p>", out);
    hy_html(out, agreement.text);
    fputs(".</p></div>\n", out);
}

int html_programs(const hy_report *report, const char *folder, bool *no_gnuplot, FILE *out, hy_error *error) {
    hy_programs programs;
    hy_figure figure;
    int r = programs_read(report, &programs, error);
    if (r < 0)
        return r;
    hy_predictions predictions = hy_predict(report, &programs);
    fputs("<section id=\"programs\"><h2>Real programs</h2>\n", out);
    programs_lede(&predictions, out);
    if (predictions.count > 0)
        r = hy_write_programs_figure(report, &predictions, folder, &figure, error);
    if (r == 0 && predictions.count > 0)
        r = html_figure(folder, &figure, no_gnuplot, out, error);
    if (r == 0)
        r = programs_all(&programs, out, error);
    for (size_t i = 0; i < programs.count; i++)
        programs_one(&programs.program[i], &predictions, out);
    fputs("</section>\n", out);
    hy_predictions_free(&predictions);
    hy_programs_free(&programs);
    return r;
}
