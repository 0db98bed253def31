/* SPDX-License-Identifier: MIT
 *
 * reproduce.c - `heapyard reproduce FIGURE`: the commands that make a figure of the page again; with --run, their work.
 *
 * The trace must be the one that was measured: the hash of its events is compared with the stored one.
 */
#include "command.h"

#include "recipe.h"
#include "shell_words.h"
#include "summary.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_REPORT "results/local/report"
#define DEFAULT_FOLDER "results/local/reproduce"

typedef struct arguments {
    const char *id, *report, *folder;
    bool run;
} arguments;

enum { OPTION_REPORT = 256, OPTION_RUN };

static const struct argp_option options[] = {
    {"report", OPTION_REPORT, "PATH", 0,
     "the page's folder, or the database that it was made from (" DEFAULT_REPORT ")", 0},
    {"run", OPTION_RUN, NULL, 0, "do it: measure, look for the limits, draw", 0},
    {"output", 'o', "FOLDER", 0, "where the results go, a folder for each figure (" DEFAULT_FOLDER ")", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static error_t parse(int key, char *value, struct argp_state *state) {
    arguments *const a = state->input;
    switch (key) {
    case OPTION_REPORT: a->report = value; return 0;
    case OPTION_RUN: a->run = true; return 0;
    case 'o': a->folder = value; return 0;
    case ARGP_KEY_ARG:
        if (a->id) {
            cmd_fail("one figure at a time; \"%s\" is a second one", value);
            return EINVAL;
        }
        a->id = value;
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ----------------------------------------------------------------------------------------------------- the report ----
 */

/* The databases that a page's folder names, one a line, in one block with their texts. */
static char **read_sources(const char *folder, size_t *ret_count, hy_error *error) {
    char path[4096], *text = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", folder, HY_SOURCES);
    FILE *const in = fopen(path, "re");
    if (!in) {
        hy_fail(error, -errno,
                "%s: no page of `heapyard report` is in this folder, or it is an old one; expected one, "
                "or a database",
                folder);
        return NULL;
    }
    const ssize_t got = getdelim(&text, &size, '\0', in);
    fclose(in);
    const size_t most = got > 0 ? (size_t)got / 2 + 2 : 2;
    char **const list = malloc(most * sizeof *list + (got > 0 ? (size_t)got : 0) + 1);
    if (!list)
        abort();
    *ret_count = 0;
    char *const copy = (char *)(list + most);
    snprintf(copy, (got > 0 ? (size_t)got : 0) + 1, "%s", got > 0 ? text : "");
    free(text);
    for (char *line = strtok(copy, "\n"); line; line = strtok(NULL, "\n"))
        list[(*ret_count)++] = line;
    return list;
}

/* A line is a database, and behind a tab the campaign that the page was asked for. */
static int load_page(const char *folder, hy_report *report, hy_error *error) {
    size_t count = 0;
    char **const databases = read_sources(folder, &count, error);
    if (!databases)
        return -ENOENT;
    hy_report_options wanted = {.databases = (const char *const *)databases, .count = count};
    for (size_t i = 0; i < count; i++) {
        char *const tab = strchr(databases[i], '\t');
        if (!tab)
            continue;
        *tab = '\0';
        wanted.campaign = tab[1] ? tab + 1 : NULL;
    }
    const int r = count > 0 ? hy_report_load(&wanted, report, error)
                            : hy_fail(error, -ENODATA, "%s/%s: names no database", folder, HY_SOURCES);
    report->campaign = NULL; /* it lay in the list */
    free(databases);
    return r;
}

static int load(const char *path, hy_report *report, hy_error *error) {
    const char *const databases[] = {path};
    const hy_report_options wanted = {.databases = databases, .count = 1};
    struct stat status;
    if (stat(path, &status) < 0)
        return hy_fail(error, -errno,
                       "%s: %s; expected the folder of a page that `heapyard report` made, or a database", path,
                       strerror(errno));
    if (S_ISDIR(status.st_mode))
        return load_page(path, report, error);
    return hy_report_load(&wanted, report, error);
}

/* ------------------------------------------------------------------------------------------------------ the trace ----
 */

static bool is_same_trace(const char *path, const char *hash) {
    hy_trace_summary *const summary = malloc(sizeof *summary);
    char own[20] = "";
    hy_error error;
    if (summary && hy_trace_summarise(path, summary, &error) == 0)
        snprintf(own, sizeof own, "%016" PRIx64, summary->hash);
    free(summary);
    return strcmp(own, hash) == 0;
}

/* Where the trace was, or else in traces/ here.  False: neither is the one that was measured. */
static bool settle_trace(hy_study *study) {
    char here[4096];
    if (is_same_trace(study->path, study->hash))
        return true;
    snprintf(here, sizeof here, "traces/%s.hyt", study->name);
    if (!is_same_trace(here, study->hash))
        return false;
    free(study->path);
    study->path = strdup(here);
    return study->path != NULL;
}

static const char *missing_words(const hy_study *study) {
    return access(study->path, R_OK) == 0 ? "is another trace by now" : "is not there";
}

/* The first of those that are needed and not there, or NULL. */
static const hy_study *settle_traces(hy_report *report, const hy_recipe *recipe) {
    const hy_study *missing = NULL;
    for (size_t i = 0; i < report->count; i++)
        if ((recipe->all || &report->studies[i] == recipe->study) && !settle_trace(&report->studies[i]) && !missing)
            missing = &report->studies[i];
    return missing;
}

/* ------------------------------------------------------------------------------------------------------- commands ----
 */

static void print_step(char *const *words) {
    char line[16384] = "";
    for (; *words; words++)
        hy_shell_add(line, sizeof line, *words);
    puts(line);
    fflush(stdout);
}

/* Stored text, on the line of a comment. */
static void print_clean(const char *text) {
    for (; *text; text++)
        putchar((unsigned char)*text < ' ' || *text == 127 ? '?' : *text);
}

static void print_origin(const hy_report *report, const hy_recipe *recipe, const hy_study *missing) {
    printf("# %s: %s\n", recipe->id, recipe->title);
    for (size_t i = 0; i < report->count; i++) {
        const hy_study *const study = &report->studies[i];
        if (!recipe->all && study != recipe->study)
            continue;
        fputs("# ", stdout);
        print_clean(study->path);
        printf(", hash %s%s%s\n# measured %s, campaign %s of %s: ", study->hash, study == missing ? ": " : "",
               study == missing ? missing_words(study) : "", study->started, study->campaign_id, study->database);
        print_clean(study->command);
        putchar('\n');
    }
}

/* What has nothing against it but an allocator's failure ends with 1. */
static int run_step(char **words) {
    print_step(words);
    const pid_t child = fork();
    if (child == 0) {
        execv("/proc/self/exe", words);
        _exit(HY_EXIT_INPUT);
    }
    int status = 0;
    while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (child < 0 || !WIFEXITED(status))
        return cmd_fail("heapyard %s did not end by itself", words[1]);
    return WEXITSTATUS(status) <= HY_EXIT_MEASURED ? HY_EXIT_OK : WEXITSTATUS(status);
}

static int run_steps(const hy_recipe *recipe, const char *folder) {
    hy_error error;
    if (hy_make_folder(folder, &error) < 0)
        return cmd_fail("%s", error.text);
    for (size_t i = 0; i < recipe->steps; i++) {
        const int r = run_step(recipe->step[i]);
        if (r != HY_EXIT_OK)
            return r;
    }
    puts(recipe->result);
    return access(recipe->result, R_OK) == 0
               ? HY_EXIT_OK
               : cmd_fail("%s was not drawn: nothing was measured for it, or gnuplot is missing", recipe->result);
}

static int answer(hy_report *report, const arguments *a) {
    char folder[3072];
    hy_recipe recipe;
    hy_error error;
    snprintf(folder, sizeof folder, "%s/%s", a->folder, a->id);
    int r = hy_recipe_make(report, a->id, folder, &recipe, &error);
    if (r < 0)
        return cmd_fail("%s", error.text);
    const hy_study *const missing = settle_traces(report, &recipe);
    hy_recipe_free(&recipe);
    r = hy_recipe_make(report, a->id, folder, &recipe, &error); /* with the paths of now */
    if (r < 0)
        return cmd_fail("%s", error.text);
    print_origin(report, &recipe, missing);
    if (a->run && missing)
        r = cmd_fail("%s %s; its events had the hash %s", missing->path, missing_words(missing), missing->hash);
    else if (a->run)
        r = run_steps(&recipe, folder);
    for (size_t i = 0; i < recipe.steps && !a->run; i++)
        print_step(recipe.step[i]);
    hy_recipe_free(&recipe);
    return r;
}

static void print_ids(const hy_report *report) {
    char **const ids = hy_recipe_ids(report);
    for (size_t i = 0; ids[i]; i++)
        puts(ids[i]);
    hy_recipe_ids_free(ids);
}

static int run(int argc, char **argv) {
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[FIGURE]",
        .doc = "Prints the commands that make a figure or table of the report's page again, from the campaign that it "
               "came from.  Its name stands beside it on the page; without one, all names are listed.\v"
               "Lines that begin with # say where it came from; the others can be given to a shell."};
    arguments a = {.report = DEFAULT_REPORT, .folder = DEFAULT_FOLDER};
    int r = cmd_parse(&argp, argc, argv, &a);
    if (r != 0)
        return r;
    if (a.run && !a.id)
        return cmd_fail("--run needs a figure; `heapyard reproduce` lists them");
    hy_report report;
    hy_error error;
    if (load(a.report, &report, &error) < 0)
        return cmd_fail("%s", error.text);
    if (a.id)
        r = answer(&report, &a);
    else
        print_ids(&report);
    hy_report_free(&report);
    return r;
}

const hy_command cmd_reproduce = {
    .name = "reproduce",
    .family = "tell",
    .usage = "reproduce [FIGURE] [--report FOLDER|DATABASE] [--run]",
    .summary = "the commands that make a figure of the page again, and their work",
    .examples = {"heapyard reproduce", "heapyard reproduce cc1-tradeoff",
                 "heapyard reproduce cc1-memory --report results/local/report.db --run", NULL},
    .run = run,
};
