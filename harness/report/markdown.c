/* SPDX-License-Identifier: MIT
 *
 * markdown.c - the answer as Markdown, for a pull request: one short table, and what is behind it folded away.
 *
 * Names come with the data: each is escaped for where it stands, in a table or between HTML tags.
 */
#include "report.h"

#include <math.h>
#include <string.h>

static void markdown_text(const char *text, FILE *out) {
    for (; *text; text++) {
        if (strchr("\\|<>*_`[]&~", *text))
            fputc('\\', out);
        fputc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
    }
}

/* A paragraph; nothing for no words. */
static void markdown_say(hy_words words, FILE *out) {
    if (words.text[0] == '\0')
        return;
    markdown_text(words.text, out);
    fputs(".\n\n", out);
}

/* "0.54 (0.53–0.55) faster" */
static void markdown_judgement(const hy_judgement *j, FILE *out) {
    if (isfinite(j->ratio))
        fprintf(out, "%.2f ", j->ratio);
    if (isfinite(j->low) && j->low < j->high)
        fprintf(out, "(%.2f–%.2f) ", j->low, j->high);
    fputs(j->word, out);
    fputs(" | ", out);
}

static void markdown_answer(const hy_study *study, FILE *out) {
    const hy_choice choice = hy_choose(study);
    fputs("| ", out);
    markdown_text(study->name, out);
    if (!choice.take) {
        fputs(" | nobody got through everything | | | |\n", out);
        return;
    }
    fputs(hy_choice_open(study, &choice) ? " | (no verdict) **" : " | **", out);
    markdown_text(choice.take->spec, out);
    fputs("** | ", out);
    markdown_judgement(&choice.take->speed, out);
    markdown_judgement(&choice.take->size, out);
    if (choice.savers) {
        const hy_entry *const s = choice.saver[0];
        markdown_text(s->spec, out);
        fprintf(out, ": %.2f× the memory in %.2f× the time", s->footprint / choice.take->footprint,
                s->time.middle / choice.take->time.middle);
    }
    fputs(" |\n", out);
}

static void markdown_answers(const hy_report *report, FILE *out) {
    const hy_entry *const base = report->studies[0].baseline;
    fputs("## Which allocator for this trace\n\n| trace | choose | time to ", out);
    markdown_text(base ? base->spec : "n/a", out);
    fputs("’s | memory to ", out);
    markdown_text(base ? base->spec : "n/a", out);
    fputs("’s | for less memory |\n|:--|:--|:--|:--|:--|\n", out);
    for (size_t i = 0; i < report->count; i++)
        markdown_answer(&report->studies[i], out);
    fputs(
        "\nRatios with 95 % intervals; below 1 is faster, or smaller. Verdicts hold together for all comparisons of a "
        "campaign (Holm), beyond a margin of 2 %.\n\n",
        out);
    for (size_t i = 0; i < report->count; i++)
        markdown_say(hy_choice_withheld(&report->studies[i]), out);
}

static void markdown_table(const hy_study *study, FILE *out) {
    for (const hy_column *c = hy_columns_main; c->key; c++)
        fprintf(out, "| %s %s", c->title, c[1].key ? "" : "|\n");
    for (const hy_column *c = hy_columns_main; c->key; c++)
        fprintf(out, "|%s%s", hy_column_is_text(c) ? ":--" : "--:", c[1].key ? "" : "|\n");
    for (size_t i = 0; i < study->count; i++)
        for (const hy_column *c = hy_columns_main; c->key; c++) {
            fputs("| ", out);
            markdown_text(hy_column_show(c, study, &study->entries[i]).text, out);
            fputs(c[1].key ? " " : " |\n", out);
        }
    fputc('\n', out);
}

static void markdown_study(const hy_study *study, FILE *out) {
    fputs("<details><summary>", out);
    hy_html(out, study->name);
    fputs(": all allocators</summary>\n\n", out);
    markdown_table(study, out);
    markdown_say(hy_finding_fastest(study), out);
    markdown_say(hy_finding_leanest(study), out);
    markdown_say(hy_finding_limits(study), out);
    markdown_say(hy_finding_failures(study), out);
    hy_words control = {""};
    hy_say(&control, "%s", study->control.text[0] ? study->control.text : "No control (the same allocator twice)");
    markdown_say(control, out);
    fputs("</details>\n\n", out);
}

void hy_print_markdown(const hy_report *report, FILE *out) {
    markdown_answers(report, out);
    for (size_t i = 0; i < report->count; i++)
        markdown_study(&report->studies[i], out);
}
