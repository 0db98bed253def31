/* SPDX-License-Identifier: MIT
 *
 * partition_guess.c - `heapyard partition guess`: how much memory programs will want, from their files; and, with
 * --run, how much some of them really had.
 */
#include "partition_parts.h"

#include "elfcheck.h"
#include "paths.h"
#include "peak.h"
#include "units.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHOWN ((size_t)20) /* programs, as text */

typedef struct guess_call {
    hy_size_rule rule;
    char **paths;
    size_t count;
    const char *run;
    uint64_t milliseconds;
    hy_format format;
} guess_call;

/* ----------------------------------------------------------------------------------------------------- guesses ---- */

static int by_guess(const void *a, const void *b) {
    const hy_found *const x = a, *const y = b;
    return (x->size.guess < y->size.guess) - (x->size.guess > y->size.guess);
}

void cmd_partition_guesses_about(const hy_executables *programs, char *ret, size_t size) {
    uint64_t sum = 0, movable = 0;
    for (size_t i = 0; i < programs->count; i++) {
        sum += programs->found[i].size.guess;
        movable += programs->found[i].size.movable;
    }
    qsort(programs->found, programs->count, sizeof *programs->found, by_guess);
    const size_t count = programs->count;
    snprintf(ret, size, "%s %s, %s of them movable: guesses from %s to %s, %s in the median and %s on average",
             hy_show_count(count).text, count == 1 ? "program" : "programs", hy_show_count(movable).text,
             hy_show_bytes(programs->found[count - 1].size.guess).text,
             hy_show_bytes(programs->found[0].size.guess).text,
             hy_show_bytes(programs->found[count / 2].size.guess).text, hy_show_bytes(sum / count).text);
}

static int print_guesses(const guess_call *call, const hy_executables *programs) {
    static const hy_sheet_column columns[] = {
        {"program", "program", HY_SHEET_WORD},      {"file", "file", HY_SHEET_BYTES},
        {"loadable", "loadable", HY_SHEET_BYTES},   {"span", "span", HY_SHEET_BYTES},
        {"libraries", "libraries", HY_SHEET_BYTES}, {"stack", "stack", HY_SHEET_BYTES},
        {"heap", "heap", HY_SHEET_BYTES},           {"guess", "guess", HY_SHEET_BYTES},
    };
    hy_sheet sheet = {.name = "guesses", HY_SHEET_COLUMNS(columns)};
    char about[300];
    cmd_partition_guesses_about(programs, about, sizeof about); /* and sorts them */
    const size_t shown = call->format == HY_FORMAT_TEXT && programs->count > SHOWN + 5 ? SHOWN : programs->count;
    for (size_t i = 0; i < shown; i++) {
        const hy_elf_size *const s = &programs->found[i].size;
        hy_sheet_add(&sheet, HY_SHEET_ROW(HY_WORD(programs->found[i].path), HY_FIGURE(s->file), HY_FIGURE(s->loadable),
                                          HY_FIGURE(s->span), HY_FIGURE(s->libraries), HY_FIGURE(s->stack),
                                          HY_FIGURE(s->heap), HY_FIGURE(s->guess)));
    }
    const int code = cmd_print_sheets(&(const hy_sheet *const){&sheet}, 1, call->format);
    hy_sheet_free(&sheet);
    if (call->format == HY_FORMAT_TEXT && code == HY_EXIT_OK)
        printf("%s%s.\n", shown < programs->count ? "The largest of " : "", about);
    return code;
}

static int guess_all(const guess_call *call) {
    hy_executables programs = {.count = 0};
    int code = HY_EXIT_OK;
    for (size_t i = 0; i < call->count && code == HY_EXIT_OK; i++) {
        hy_error error;
        if (hy_executables_find(&programs, call->paths[i], &call->rule, &error) < 0)
            code = cmd_fail("%s", error.text);
    }
    if (code == HY_EXIT_OK)
        code = programs.count ? print_guesses(call, &programs) : cmd_fail("%s: no program in it", call->paths[0]);
    hy_executables_free(&programs);
    return code;
}

/* ------------------------------------------------------------------------------------------------ real programs ----
 */

typedef struct trial {
    const char *command;
    uint64_t guess, resident, mapped;
} trial;

static int by_number(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Says how far guesses are from one of the two peaks. */
static void judge(const trial *trials, size_t count, bool mapped, const char *peak) {
    double sum = 0, magnitude = 0;
    size_t under = 0;
    double *const errors = calloc(count, sizeof *errors);
    if (!errors)
        abort();
    for (size_t i = 0; i < count; i++) {
        const double truth = (double)(mapped ? trials[i].mapped : trials[i].resident);
        errors[i] = (double)trials[i].guess / truth - 1;
        sum += errors[i];
        magnitude += fabs(errors[i]);
        under += errors[i] < 0;
    }
    qsort(errors, count, sizeof *errors, by_number);
    printf(
        "Against %s, %s guesses: mean error %+.0f %%, in the median %+.0f %%, mean magnitude %.0f %%; %.0f %% are too "
        "small.\n",
        peak, hy_show_count(count).text, 100 * sum / (double)count, 100 * errors[count / 2],
        100 * magnitude / (double)count, 100.0 * (double)under / (double)count);
    free(errors);
}

static int print_trials(const guess_call *call, const trial *trials, size_t count) {
    static const hy_sheet_column columns[] = {
        {"command", "command", HY_SHEET_WORD},
        {"guess", "guess", HY_SHEET_BYTES},
        {"resident", "resident", HY_SHEET_BYTES},
        {"mapped", "mapped", HY_SHEET_BYTES},
        {"error", "guess / resident - 1", HY_SHEET_SHARE},
    };
    hy_sheet sheet = {.name = "peaks", HY_SHEET_COLUMNS(columns)};
    for (size_t i = 0; i < count; i++) {
        const trial *const t = &trials[i];
        hy_sheet_add(&sheet, HY_SHEET_ROW(HY_WORD(t->command), HY_FIGURE(t->guess), HY_FIGURE(t->resident),
                                          HY_FIGURE(t->mapped), HY_FIGURE((double)t->guess / (double)t->resident - 1)));
    }
    const int code = cmd_print_sheets(&(const hy_sheet *const){&sheet}, 1, call->format);
    hy_sheet_free(&sheet);
    if (call->format == HY_FORMAT_TEXT && count > 0) {
        judge(trials, count, false, "the memory that they had at most");
        judge(trials, count, true, "the address space that they had at most");
    }
    return code;
}

/* One command: 1 if it was measured, 0 if not, which was said; or -EPERM. */
static int try(const guess_call *call, char *const *argv, trial *ret) {
    char path[HY_PATH_SIZE];
    hy_elf_size size;
    hy_peak peak;
    hy_error error = {""};
    int r = hy_find_program(argv[0], path, &error);
    if (r == 0)
        r = hy_elf_size_guess(path, &call->rule, &size, &error);
    if (r == 0)
        r = hy_measure_peak(argv, (unsigned)call->milliseconds, &peak, &error);
    if (r == 0 && (peak.timed_out || peak.resident == 0 || peak.mapped == 0))
        r = hy_fail(&error, -ETIME, "%s %s within %llu ms", argv[0], peak.timed_out ? "did not end" : "was not seen",
                    (unsigned long long)call->milliseconds);
    if (r < 0) {
        cmd_warn(error.text);
        return r == -EPERM ? r : 0;
    }
    *ret = (trial){argv[0], size.guess, peak.resident, peak.mapped};
    return 1;
}

/* The whole file; to be freed.  NULL: that was said. */
static char *read_list(const char *path, size_t *ret_size) {
    const bool is_stdin = strcmp(path, "-") == 0;
    errno = 0;
    FILE *const in = is_stdin ? stdin : fopen(path, "re");
    char *const text = malloc(HY_RUN_SIZE + 1);
    if (!text)
        abort();
    *ret_size = in ? fread(text, 1, HY_RUN_SIZE + 1, in) : 0;
    const bool failed = !in || ferror(in);
    if (failed)
        cmd_fail("%s: %s", path, strerror(errno));
    if (in && !is_stdin)
        fclose(in);
    if (!failed)
        return text;
    free(text);
    return NULL;
}

static int try_all(const guess_call *call, const hy_run_list *list) {
    trial *const trials = calloc(list->count, sizeof *trials);
    size_t count = 0;
    int r = 0;
    if (!trials)
        abort();
    for (size_t i = 0; i < list->count && r >= 0; i++) {
        r = try(call, list->argv[i], &trials[count]);
        count += r == 1;
    }
    const int code = r < 0 ? HY_EXIT_CANNOT : print_trials(call, trials, count);
    free(trials);
    return code == HY_EXIT_OK && count == 0 ? HY_EXIT_MEASURED : code;
}

static int run_list(const guess_call *call) {
    size_t size = 0;
    hy_run_list list;
    hy_error error;
    char *const text = read_list(call->run, &size);
    if (!text)
        return HY_EXIT_INPUT;
    const int r =
        hy_run_list_parse(text, size, strcmp(call->run, "-") == 0 ? "standard input" : call->run, &list, &error);
    free(text);
    if (r < 0)
        return cmd_fail("%s", error.text);
    const int code = try_all(call, &list);
    hy_run_list_free(&list);
    return code;
}

/* --------------------------------------------------------------------------------------------------- options ---- */

enum { KEY_STACK = 256, KEY_HEAP, KEY_SHARE, KEY_LIMIT };

static const struct argp_option option_table[] = {
    {"libraries", 'l', NULL, 0, "what the program's libraries load counts too", 0},
    {"stack", KEY_STACK, "SIZE", 0, "for programs that ask for none (default 132K)", 0},
    {"heap", KEY_HEAP, "SIZE", 0, "for every program (default 132K)", 0},
    {"share", KEY_SHARE, "PERCENT", 0, "of what is loaded, for the heap too (default 0%)", 0},
    {"run", 'r', "LIST", 0, "run the commands of this file, one a line, and compare guesses with their peaks", 0},
    {"limit", KEY_LIMIT, "TIME", 0, "of each such command (default 2s)", 0},
    {"format", 'f', "FORMAT", 0, "text, csv or json", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static uint64_t take_share(const char *text) {
    char *end = NULL;
    const double percent = strtod(text, &end);
    if (end == text || strcmp(end, "%") != 0 || !(percent >= 0) || percent > 1000)
        exit(cmd_fail("--share=%s: expected 0%% to 1000%%", text));
    return (uint64_t)percent;
}

static uint64_t take_limit(const char *text) {
    uint64_t time = 0;
    if (hy_parse_time(text, &time) < 0 || time < 1000000 || time > (uint64_t)3600 * 1000000000)
        exit(cmd_fail("--limit=%s: expected 1ms to 1h", text));
    return time / 1000000;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    guess_call *const call = state->input;
    switch (key) {
    case 'l': call->rule.libraries = true; break;
    case KEY_STACK: call->rule.stack = cmd_take_size("stack", argument, 0, (uint64_t)1 << 40); break;
    case KEY_HEAP: call->rule.heap = cmd_take_size("heap", argument, 0, (uint64_t)1 << 40); break;
    case KEY_SHARE: call->rule.heap_share = take_share(argument); break;
    case KEY_LIMIT: call->milliseconds = take_limit(argument); break;
    case 'r': call->run = argument; break;
    case 'f':
        if (cmd_format(argument, &call->format) < 0)
            exit(HY_EXIT_INPUT);
        break;
    case ARGP_KEY_ARG: cmd_add_path(&call->paths, &call->count, argument); break;
    case ARGP_KEY_END:
        if ((call->count == 0) == !call->run)
            exit(cmd_fail("expected programs or folders, or --run LIST"));
        break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int cmd_partition_guess(int argc, char **argv) {
    static const struct argp argp = {
        .options = option_table,
        .parser = parse,
        .args_doc = "PROGRAM|FOLDER…",
        .doc = "How much memory a program will want: what its file loads, a stack and a heap.\v"
               "Commands of a LIST run without input, output and network.  Expect what they do otherwise to happen."};
    guess_call call = {.rule = hy_size_rule_default, .milliseconds = 2000};
    int code = cmd_parse(&argp, argc, argv, &call);
    if (code == HY_EXIT_OK)
        code = call.run ? run_list(&call) : guess_all(&call);
    free(call.paths);
    return code;
}
