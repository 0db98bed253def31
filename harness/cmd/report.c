/* SPDX-License-Identifier: MIT
 *
 * report.c - `heapyard report`: from the results database to a page, or to a table on stdout.
 */
#include "command.h"

#include "merge_answer.h"
#include "program_answer.h"
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_DATABASE "results/local/results.db"
#define DEFAULT_FOLDER "results/local/report"

typedef struct arguments {
    hy_report_options options;
    const char *databases[64];
    const char *folder, *format;
    const char *against;
    bool merge, programs, summary;
} arguments;

enum { OPTION_MERGE = 256, OPTION_PROGRAMS, OPTION_SUMMARY, OPTION_AGAINST };

static error_t parse(int key, char *value, struct argp_state *state) {
    arguments *const a = state->input;
    switch (key) {
    case 'o': a->folder = value; return 0;
    case 'f': a->format = value; return 0;
    case 'b': a->options.baseline = value; return 0;
    case 'c': a->options.campaign = value; return 0;
    case OPTION_MERGE: a->merge = true; return 0;
    case OPTION_PROGRAMS: a->programs = true; return 0;
    case OPTION_SUMMARY: a->summary = true; return 0;
    case OPTION_AGAINST: a->against = value; return 0;
    case ARGP_KEY_ARG:
        if (a->options.count == sizeof a->databases / sizeof *a->databases)
            argp_error(state, "more than %zu databases", sizeof a->databases / sizeof *a->databases);
        a->databases[a->options.count++] = value;
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_option options[] = {
    {"output", 'o', "FOLDER", 0, "where the page goes (" DEFAULT_FOLDER ")", 0},
    {"format", 'f', "FORMAT", 0,
     "html (the page); on stdout text, csv, json, markdown (for a pull request), gbench (times as Google Benchmark's "
     "JSON); hgrm (latency histograms for HdrHistogram's plotters: a file each in -o FOLDER, else on stdout)",
     0},
    {"baseline", 'b', "SPEC", 0, "what times are compared with (system)", 0},
    {"campaign", 'c', "ID", 0, "this campaign instead of each trace's newest", 0},
    {"merge", OPTION_MERGE, NULL, 0,
     "how often to merge, instead: of a database of `heapyard sweep merge`, as text, csv, json or markdown; pictures "
     "go "
     "to -o FOLDER (merge, beside the database)",
     0},
    {"programs", OPTION_PROGRAMS, NULL, 0,
     "real programs, instead: what `heapyard run --compare` stored, as text, csv, json or markdown, beside what "
     "replays "
     "in the databases predicted",
     0},
    {"summary", OPTION_SUMMARY, NULL, 0, "with --programs: all programs together only", 0},
    {"against", OPTION_AGAINST, "SPEC", 0, "with --programs: what the summary compares with (their baseline)", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static int make_page(const hy_report *report, const char *folder) {
    bool no_gnuplot = false;
    hy_error error;
    if (hy_write_page(report, folder, &no_gnuplot, &error) < 0)
        return cmd_fail("%s", error.text);
    if (no_gnuplot)
        fprintf(stderr, "heapyard: %s; the page has its tables, without pictures\n", error.text);
    for (size_t i = 0; i < report->count; i++)
        hy_print_findings(&report->studies[i], stdout);
    char *const absolute = realpath(folder, NULL);
    printf("%s/index.html\n", absolute ? absolute : folder);
    free(absolute);
    return HY_EXIT_OK;
}

static int print_histograms(const hy_report *report, const char *folder) {
    size_t written;
    hy_error error;
    if (hy_write_hgrm(report, folder, &written, &error) < 0)
        return cmd_fail("%s", error.text);
    if (folder)
        printf("%zu histograms in %s\n", written, folder);
    return HY_EXIT_OK;
}

typedef enum report_format { HTML, TEXT, CSV, JSON, MARKDOWN, GBENCH, HGRM } report_format;

static int find_format(const char *word, report_format *ret_format) {
    static const char *const words[] = {"html", "text", "csv", "json", "markdown", "gbench", "hgrm", NULL};
    for (int i = 0; words[i]; i++) {
        if (strcmp(word, words[i]) == 0) {
            *ret_format = (report_format)i;
            return 0;
        }
    }
    cmd_fail("unknown format \"%s\"; expected html, text, csv, json, markdown, gbench or hgrm%s", word,
             hy_did_you_mean(word, strlen(word), words, NULL).text);
    return -EINVAL;
}

static int answer(const hy_report *report, report_format format, const char *folder) {
    hy_error error;
    int r = 0;
    switch (format) {
    case TEXT: hy_print_text(report, stdout); break;
    case CSV: hy_print_csv(report, stdout); break;
    case JSON: r = hy_print_json(report, stdout, &error); break;
    case MARKDOWN: hy_print_markdown(report, stdout); break;
    case GBENCH: r = hy_print_gbench(report, stdout, &error); break;
    case HGRM: return print_histograms(report, folder);
    default: return make_page(report, folder ? folder : DEFAULT_FOLDER);
    }
    return r < 0 ? cmd_fail("%s", error.text) : HY_EXIT_OK;
}

static int report_merge(const arguments *a) {
    hy_format format = HY_FORMAT_TEXT;
    if (a->options.count > 1 || a->options.baseline)
        return cmd_fail("--merge is about one database, and has immediate merging as its baseline");
    if (a->format && cmd_format(a->format, &format) < 0)
        return HY_EXIT_INPUT;
    return merge_answer(a->databases[0], a->options.campaign, a->folder, format);
}

static int report_programs(const arguments *a) {
    program_wish wish = {.against = a->against, .only_summary = a->summary};
    if (a->merge || a->options.baseline || a->folder)
        return cmd_fail("--programs answers on standard output, each program with the baseline that it was run with; "
                        "expected no --merge, --baseline or --output beside it");
    if (a->format && cmd_format(a->format, &wish.format) < 0)
        return HY_EXIT_INPUT;
    return program_answer(&a->options, &wish);
}

static int report_all(const arguments *a) {
    report_format format = HTML;
    if (a->format && find_format(a->format, &format) < 0)
        return HY_EXIT_INPUT;
    hy_report report;
    hy_error error;
    if (hy_report_load(&a->options, &report, &error) < 0)
        return cmd_fail("%s", error.text);
    const int r = answer(&report, format, a->folder);
    hy_report_free(&report);
    return r;
}

static int run(int argc, char **argv) {
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[DATABASE…]",
        .doc = "Makes a page with tables and figures out of results, and says what was found.\v"
               "Each trace is shown in the newest campaign that measured it."};
    arguments a = {.merge = false};
    const int r = cmd_parse(&argp, argc, argv, &a);
    if (r != 0)
        return r;
    if (a.options.count == 0)
        a.databases[a.options.count++] = DEFAULT_DATABASE;
    a.options.databases = a.databases;
    if (!a.programs && (a.summary || a.against))
        return cmd_fail("--%s is of real programs; expected --programs beside it", a.summary ? "summary" : "against");
    return a.programs ? report_programs(&a) : a.merge ? report_merge(&a) : report_all(&a);
}

const hy_command cmd_report = {
    .name = "report",
    .family = "tell",
    .usage = "report [DATABASE…] [-o FOLDER] [--format html|text|csv|json|markdown|gbench|hgrm]",
    .summary = "a page of tables and figures, and what they say",
    .examples = {"heapyard report -o /tmp/report results/local/results.db",
                 "heapyard report --format markdown > comment.md", "heapyard report --merge",
                 "heapyard report --programs programs.db replays.db", NULL},
    .run = run,
};
