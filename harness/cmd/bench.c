/* SPDX-License-Identifier: MIT
 *
 * bench.c - `heapyard bench`: the micro suite of Google Benchmark over every allocator, one process each, and the
 * results joined into one file that Google Benchmark's compare.py reads.  With --compare: bench_compare.h.
 */
#include "bench_compare.h"

#include "environment.h"
#include "paths.h"
#include "registry.h"

#include <errno.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

typedef enum bench_format { BENCH_CONSOLE, BENCH_JSON, BENCH_CSV } bench_format;

typedef struct bench_options {
    hy_specs specs;
    char **passed; /* --benchmark_… flags that go to every child */
    size_t passed_count;
    const char *out; /* --benchmark_out */
    bench_format format;
    bool only_list;
    bool compare;
    bench_compare compared;
} bench_options;

static const char default_specs[] = "null,bump,first-fit,best-fit,segregated,system,jemalloc,mimalloc,tcmalloc";
static const char default_compared[] = "system,jemalloc,mimalloc,tcmalloc,segregated";

/* ------------------------------------------------------------------------------------------------ the children ---- */

/* Runs heapyard-bench for one spec; its results go to `json` and its stdout to `out` (descriptors).  0, or an exit code
 * after saying so. */
static int run_child(const bench_options *options, const char *program, const char *spec, int json, int out) {
    hy_environment environment;
    hy_error error;
    if (hy_spec_environment(&hy_registry, (hy_text){spec, strlen(spec)}, &environment, &error) < 0)
        return cmd_fail("%s", error.text);
    char *argv[options->passed_count + 6];
    char out_flag[64];
    size_t n = 0;
    snprintf(out_flag, sizeof out_flag, "--benchmark_out=/proc/self/fd/%d", json);
    argv[n++] = (char *)program;
    argv[n++] = (char *)spec;
    argv[n++] = out_flag;
    argv[n++] = "--benchmark_out_format=json";
    argv[n++] = options->format == BENCH_CSV ? "--benchmark_format=csv" : "--benchmark_format=console";
    memcpy(&argv[n], options->passed, options->passed_count * sizeof *argv);
    argv[n + options->passed_count] = NULL;
    fflush(stdout);
    const pid_t child = fork();
    if (child < 0)
        return cmd_fail("cannot start %s: %s", program, strerror(errno));
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        hy_environment_apply(&environment);
        dup2(out, STDOUT_FILENO);
        execv(program, argv);
        _exit(127);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFSIGNALED(status)) {
        cmd_fail("%s: the benchmark died of signal %d (%s)", spec, WTERMSIG(status), strsignal(WTERMSIG(status)));
        return HY_EXIT_MEASURED;
    }
    return WEXITSTATUS(status);
}

/* ------------------------------------------------------------------------------------------------- the results ---- */

/* Adds a child's JSON to the whole: its benchmarks to the list, its context under the allocator's name. */
static int merge(json_t *whole, const char *spec, FILE *in) {
    json_error_t why;
    json_t *const one = json_loadf(in, 0, &why);
    if (!one)
        return -EINVAL; /* nothing matched the filter, or the child died: said elsewhere */
    json_t *const context = json_object_get(one, "context");
    json_t *contexts = json_object_get(json_object_get(whole, "context"), "allocators");
    if (!contexts) {
        json_t *const shared = json_deep_copy(context);
        json_object_del(shared, "allocator");
        json_object_del(shared, "allocator_version");
        json_object_del(shared, "threads");
        contexts = json_object();
        json_object_set_new(shared, "allocators", contexts);
        json_object_set_new(whole, "context", shared);
        json_object_set_new(whole, "benchmarks", json_array());
    }
    json_t *const mine = json_object();
    json_object_set(mine, "version", json_object_get(context, "allocator_version"));
    json_object_set(mine, "threads", json_object_get(context, "threads"));
    json_object_set_new(contexts, spec, mine);
    json_array_extend(json_object_get(whole, "benchmarks"), json_object_get(one, "benchmarks"));
    json_decref(one);
    return 0;
}

/* CSV lines of a child, without the header that an earlier child has printed already. */
static void copy_csv(FILE *from, bool header) {
    char *line = NULL;
    size_t room = 0;
    rewind(from);
    while (getline(&line, &room, from) > 0)
        if (header || strncmp(line, "name,", 5) != 0)
            fputs(line, stdout);
    free(line);
}

static int measure_one(const bench_options *options, const char *program, size_t i, json_t *whole) {
    FILE *const json = tmpfile(), *const text = tmpfile(); /* without names, so that nothing is ever left behind */
    if (!json || !text)
        return cmd_fail("cannot make a temporary file: %s", strerror(errno));
    const bool direct = options->format == BENCH_CONSOLE;
    int r = run_child(options, program, options->specs.text[i], fileno(json), direct ? STDOUT_FILENO : fileno(text));
    if (options->format == BENCH_CSV)
        copy_csv(text, i == 0);
    if (!options->only_list && merge(whole, options->specs.text[i], json) < 0 && r == 0)
        r = HY_EXIT_MEASURED;
    fclose(text);
    fclose(json);
    return r;
}

static int write_results(const bench_options *options, json_t *whole) {
    if (options->format == BENCH_JSON) {
        json_dumpf(whole, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    if (options->out && json_dump_file(whole, options->out, JSON_INDENT(2)) < 0)
        return cmd_fail("cannot write %s: %s", options->out, strerror(errno));
    return 0;
}

static int measure(const bench_options *options) {
    char program[HY_PATH_SIZE];
    hy_error error;
    if (hy_find_part(HY_PART_PROGRAM, "heapyard-bench", program, &error) < 0)
        return cmd_fail("%s", error.text);
    json_t *const whole = json_object();
    int worst = 0;
    for (size_t i = 0; i < options->specs.count; i++) {
        const int r = measure_one(options, program, i, whole);
        worst = r > worst ? r : worst;
    }
    if (!options->only_list && json_object_size(whole) > 0) {
        const int r = write_results(options, whole);
        worst = r > worst ? r : worst;
    }
    json_decref(whole);
    return worst;
}

/* ------------------------------------------------------------------------------------------------ command line ---- */

static const char *after(const char *argument, const char *prefix) {
    const size_t size = strlen(prefix);
    return strncmp(argument, prefix, size) == 0 ? argument + size : NULL;
}

/* Takes one of Google Benchmark's flags.  0, or an exit code. */
static int take_flag(bench_options *options, char *argument) {
    const char *value = after(argument, "--benchmark_out=");
    if (value) {
        options->out = value;
        FILE *const probe = fopen(value, "a"); /* better now than after an hour */
        if (!probe)
            return cmd_fail("cannot write %s: %s", value, strerror(errno));
        fclose(probe);
        return 0;
    }
    value = after(argument, "--benchmark_format=");
    if (value) {
        options->format = strcmp(value, "json") == 0  ? BENCH_JSON
                          : strcmp(value, "csv") == 0 ? BENCH_CSV
                                                      : BENCH_CONSOLE;
        return strcmp(value, "console") == 0 || options->format != BENCH_CONSOLE
                   ? 0
                   : cmd_fail("--benchmark_format=%s: expected console, json or csv", value);
    }
    value = after(argument, "--benchmark_out_format=");
    if (value)
        return strcmp(value, "json") == 0 ? 0 : cmd_fail("--benchmark_out_format=%s: only json can be joined", value);
    if (after(argument, "--benchmark_list_tests"))
        options->only_list = true;
    options->passed[options->passed_count++] = argument;
    return 0;
}

enum { OPTION_COMPARE = 256 };

static const struct argp_option table[] = {
    {"allocators", 'a', "SPEC,…", 0, "Allocators to measure", 0},
    {"compare", OPTION_COMPARE, NULL, 0, "Through malloc itself, in rounds, each allocator against the best other", 0},
    {0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    bench_options *const options = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &options->compared; return 0;
    case 'a': return cmd_add_specs(&options->specs, argument) < 0 ? EINVAL : 0;
    case OPTION_COMPARE: options->compare = true; return 0;
    case ARGP_KEY_ARG: argp_error(state, "\"%s\" is not understood; allocators are given with -a", argument); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* All that is said on the command line must be of the one kind or of the other. */
static int check(const bench_options *options) {
    if (options->compared.given && !options->compare)
        return cmd_fail("--%s is of measuring in rounds; expected --compare beside it", options->compared.given);
    if (options->compare && (options->passed_count > 0 || options->out || options->format != BENCH_CONSOLE))
        return cmd_fail("--compare does not use Google Benchmark; expected no --benchmark_… beside it");
    if (options->compared.format == HY_FORMAT_GBENCH)
        return cmd_fail("--compare answers as text, csv, json or markdown; gbench is what comes without it");
    return 0;
}

static int run(int argc, char **argv) {
    static const struct argp_child children[] = {{&bench_compare_argp, 0, "Compared:", 1}, {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .children = children,
        .doc = "Runs the micro benchmarks.  All flags of Google Benchmark work: --benchmark_filter=REGEX, "
               "--benchmark_repetitions=N, --benchmark_min_time=SECONDS, --benchmark_out=FILE.json …\v"
               "Each allocator is called through the harness's table of functions, so that any of them can be "
               "measured.  Compared, each serves as malloc (LD_PRELOAD) to a small program in C, as it would serve any "
               "other: a process for each benchmark, allocator and round, all allocators right after each other in "
               "random order, `system` (or the first) once more as the control.  A benchmark with two threads is "
               "measured beside the same with one.  What is compared are medians of the ratios of the rounds; exit "
               "code 1 if something did not end well."};
    bench_options options = {.passed = calloc((size_t)argc, sizeof(char *)), .compared = BENCH_COMPARE_DEFAULT};
    int kept = 0, r = 0;
    for (int i = 0; i < argc && r == 0; i++) {
        if (after(argv[i], "--benchmark_") || after(argv[i], "--v="))
            r = take_flag(&options, argv[i]);
        else
            argv[kept++] = argv[i];
    }
    argv[kept] = NULL;
    if (r == 0)
        r = cmd_parse(&argp, kept, argv, &options);
    if (r == 0)
        r = check(&options);
    if (r == 0 && options.specs.count == 0)
        r = cmd_add_specs(&options.specs, options.compare ? default_compared : default_specs) < 0 ? HY_EXIT_INPUT : 0;
    if (r == 0)
        r = options.compare ? bench_compare_run(&options.compared, &options.specs) : measure(&options);
    cmd_free_specs(&options.specs);
    free(options.passed);
    return r;
}

const hy_command cmd_bench = {
    .name = "bench",
    .family = "measure",
    .usage = "bench [-a SPEC,…] [--benchmark_…] | --compare [-r ROUNDS]",
    .summary = "micro benchmarks: Google Benchmark's, or compared in rounds through malloc",
    .examples = {"heapyard bench --benchmark_filter=pair",
                 "heapyard bench -a segregated,mimalloc --benchmark_repetitions=5 --benchmark_out=x.json",
                 "heapyard bench --compare -a system,mimalloc,segregated --filter 'pair|ring'",
                 "/usr/bin/python3 /usr/share/benchmark/compare.py benchmarks old.json new.json", NULL},
    .run = run,
};
