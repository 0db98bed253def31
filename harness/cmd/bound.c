/* SPDX-License-Identifier: MIT
 *
 * bound.c - `heapyard bound`: how little memory a trace could do with.
 */
#include "bound_rows.h"
#include "problem.h"
#include "spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPTION_ALIGN = 512,
    OPTION_CAPACITY,
    OPTION_CSV,
    OPTION_SEED,
    OPTION_STEPS,
    OPTION_TIME,
    OPTION_YARD,
    OPTION_PRECISION
};

static const struct argp_option table[] = {
    {"align", OPTION_ALIGN, "BYTES", 0, "round sizes up to this (default 16 for a trace, 1 for a problem)", 0},
    {"time", OPTION_TIME, "TIME", 0, "to search in, for each trace (default 10s)", 0},
    {"steps", OPTION_STEPS, "N", 0, "steps of the search instead of a time: the same answer on every machine", 0},
    {"seed", OPTION_SEED, "N", 0, "of the search (default 1)", 0},
    {"capacity", OPTION_CAPACITY, "BYTES", 0, "stop when it fits in this; exit code 1 if it does not", 0},
    {"csv", OPTION_CSV, "FILE", 0, "write the buffers and the offsets of the best packing", 0},
    {"yard", OPTION_YARD, NULL, 0, "also find the least memory in which the trace succeeds on each allocator of -a", 0},
    {"allocator", 'a', "SPEC,…", 0, "allocators for --yard", 0},
    {"precision", OPTION_PRECISION, "PART", 0, "of the least yard, such as 0.1% (default) or 0.01", 0},
    {"output", 'o', "DB", 0, "also store the limits of traces in this results database", 0},
    {"format", 'f', "FORMAT", 0, "text (default), csv, json or markdown", 0},
    {0},
};

/* ----------------------------------------------------------------------------------------------------- options ---- */

static int read_number(const char *option, const char *text, int (*parse)(const char *, uint64_t *), uint64_t least,
                       const char *expected, uint64_t *ret) {
    uint64_t n;
    if (parse(text, &n) < 0 || n < least || n > INT64_MAX) {
        cmd_fail("--%s %s: expected %s", option, text, expected);
        return EINVAL;
    }
    *ret = n;
    return 0;
}

static int read_align(const char *text, uint64_t *ret) {
    const int r = read_number("align", text, hy_parse_size, 1, "a power of two, up to 1M", ret);
    if (r == 0 && ((*ret & (*ret - 1)) != 0 || *ret > 1 << 20)) {
        cmd_fail("--align %s: expected a power of two, up to 1M", text);
        return EINVAL;
    }
    return r;
}

static int read_time(const char *text, double *ret_seconds) {
    uint64_t ns;
    const int r = read_number("time", text, hy_parse_time, 0, "a time such as 500ms, 10s or 2m", &ns);
    if (r == 0)
        *ret_seconds = (double)ns / 1e9;
    return r;
}

static int read_part(const char *text, double *ret) {
    char *end;
    const double n = strtod(text, &end);
    const double part = strcmp(end, "%") == 0 ? n / 100 : n;
    if (end == text || (*end && strcmp(end, "%") != 0) || !(part >= 0 && part < 1)) {
        cmd_fail("--precision %s: expected a part below 1, such as 0.1%% or 0.01", text);
        return EINVAL;
    }
    *ret = part;
    return 0;
}

static error_t parse(int key, char *text, struct argp_state *state) {
    bound_options *const o = state->input;
    switch (key) {
    case OPTION_ALIGN: return read_align(text, &o->align);
    case OPTION_TIME: return read_time(text, &o->limits.seconds);
    case OPTION_STEPS: return read_number("steps", text, hy_parse_count, 1, "a whole number above 0", &o->limits.steps);
    case OPTION_SEED: return read_number("seed", text, hy_parse_count, 0, "a whole number", &o->limits.seed);
    case OPTION_CAPACITY:
        return read_number("capacity", text, hy_parse_size, 1, "a size such as 4096, 64K or 2M", &o->limits.capacity);
    case OPTION_CSV: o->csv = text; return 0;
    case OPTION_YARD: o->yard = true; return 0;
    case OPTION_PRECISION: return read_part(text, &o->precision);
    case 'a': return cmd_add_specs(&o->specs, text) < 0 ? EINVAL : 0;
    case 'o': o->database = text; return 0;
    case 'f': return cmd_format(text, &o->format) < 0 ? EINVAL : 0;
    case ARGP_KEY_ARG: cmd_add_path(&o->paths, &o->count, text); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int check_options(const bound_options *o) {
    if (o->count == 0)
        return cmd_fail("no trace to bound; expected heapyard bound TRACE… or a problem.csv");
    if (o->csv && o->count > 1)
        return cmd_fail("--csv takes one packing; %zu traces were given", o->count);
    if (o->yard != (o->specs.count > 0))
        return cmd_fail(o->yard ? "--yard needs allocators; expected -a SPEC,…" : "-a does nothing without --yard");
    if (o->format == HY_FORMAT_GBENCH)
        return cmd_fail("limits have no times to show as gbench; expected text, csv, json or markdown");
    for (size_t i = 0; i < o->count; i++)
        if (strcmp(o->paths[i], "-") == 0)
            return cmd_fail("bound reads its traces twice, and standard input can be read once; expected a file");
    return 0;
}

/* ---------------------------------------------------------------------------------------------------- one input ----
 */

static int write_csv(const char *path, const hy_job *job, const hy_problem *problem) {
    FILE *const out = strcmp(path, "-") == 0 ? stdout : fopen(path, "we");
    if (!out)
        return cmd_fail("%s: %s", path, strerror(errno));
    hy_problem_write(out, job, problem);
    const bool failed = ferror(out) != 0;
    if (out != stdout && (fclose(out) != 0 || failed))
        return cmd_fail("%s: cannot be written: %s", path, strerror(errno));
    return 0;
}

/* The limits of the job, whose offsets are those of the best packing then. */
static int bound_job(const bound_options *o, bound_row *row, hy_job *job, const hy_problem *problem) {
    hy_limits_options limits = o->limits;
    hy_error error;
    limits.given = problem && problem->packed;
    row->buffers = job->count;
    row->align = job->align;
    if (hy_limits_find(job, &limits, &row->limits, &error) < 0)
        return cmd_fail("%s: %s", row->path, error.text);
    return o->csv ? write_csv(o->csv, job, problem) : 0;
}

static int bound_problem(const bound_options *o, bound_row *row, hy_problem *problem) {
    hy_problem plain;
    hy_error error;
    uint32_t moment;
    if (hy_problem_read(row->path, 1, &plain, &error) < 0)
        return cmd_fail("%s", error.text);
    const int r = hy_job_lower(&plain.job, &row->asked, &moment);
    hy_problem_clear(&plain);
    return r < 0 ? cmd_fail("%s: no memory", row->path) : bound_job(o, row, &problem->job, problem);
}

static int store_yards(const bound_options *o, const bound_row *row, hy_store *store, int64_t trace, hy_error *error) {
    int r = 0;
    for (size_t i = 0; r == 0 && row->yards && i < o->specs.count; i++) {
        const hy_least_yard *const y = &row->yards[i];
        char *const tries = bound_tries(y);
        const hy_least_yard_row stored = {.trace = trace,
                                          .spec = o->specs.text[i],
                                          .version = y->version,
                                          .outcome = y->outcome,
                                          .detail = y->detail,
                                          .yard = y->bytes,
                                          .too_small = y->too_small,
                                          .tries = tries ? tries : "[]"};
        r = hy_store_least_yard(store, &stored, error);
        free(tries);
    }
    return r;
}

static int store_limits(const bound_options *o, const bound_row *row, const hy_trace_summary *summary) {
    hy_store *store;
    hy_error error;
    int64_t trace;
    if (hy_store_open(o->database, true, &store, &error) < 0)
        return cmd_fail("%s", error.text);
    int r = hy_trace_row(store, row->path, summary, &trace, &error);
    const hy_bound_row stored = {.trace = trace,
                                 .align = row->align,
                                 .buffers = row->buffers,
                                 .asked = row->asked,
                                 .lower = row->limits.lower,
                                 .proven = row->limits.proven,
                                 .upper = row->limits.upper,
                                 .seconds = row->limits.seconds,
                                 .method = row->limits.method};
    if (r == 0)
        r = hy_store_bound(store, &stored, &error);
    if (r == 0)
        r = store_yards(o, row, store, trace, &error);
    hy_store_close(store);
    return r < 0 ? cmd_fail("%s", error.text) : 0;
}

static int bound_trace(const bound_options *o, bound_row *row) {
    static hy_trace_summary summary;
    hy_job job;
    hy_error error;
    if (hy_trace_summarise(row->path, &summary, &error) < 0)
        return cmd_fail("%s", error.text);
    if (summary.warning[0])
        cmd_warn(summary.warning);
    if (summary.objects == 0)
        return cmd_fail("%s: no allocations in it; nothing to pack", row->path);
    row->trace = true;
    row->hash = summary.hash;
    row->asked = summary.peak_bytes;
    if (hy_job_read(row->path, o->align ? o->align : 16, &job, &error) < 0)
        return cmd_fail("%s", error.text);
    int r = bound_job(o, row, &job, NULL);
    hy_job_clear(&job);
    if (r == 0 && o->yard)
        r = bound_find_yards(o, row);
    if (r == 0 && o->database)
        r = store_limits(o, row, &summary);
    return r;
}

static int bound_path(const bound_options *o, bound_row *row) {
    hy_problem problem;
    hy_error error;
    const int found = hy_problem_read(row->path, o->align ? o->align : 1, &problem, &error);
    hy_trace_name(row->path, row->name);
    if (found < 0)
        return cmd_fail("%s", error.text);
    if (!found)
        return bound_trace(o, row);
    const int r = o->database ? cmd_fail("%s: a problem is no trace; only limits of traces are stored", row->path)
                  : o->yard   ? cmd_fail("%s: a problem is no trace; no allocator can replay it", row->path)
                              : bound_problem(o, row, &problem);
    hy_problem_clear(&problem);
    return r;
}

/* --------------------------------------------------------------------------------------------------------- all ---- */

static bool over_capacity(const bound_row *rows, size_t count, uint64_t capacity) {
    for (size_t i = 0; i < count; i++)
        if (capacity && rows[i].limits.upper > capacity)
            return true;
    return false;
}

static int bound_all(const bound_options *o) {
    bound_row *const rows = calloc(o->count, sizeof *rows);
    if (!rows)
        abort();
    int r = 0;
    for (size_t i = 0; r == 0 && i < o->count; i++) {
        rows[i].path = o->paths[i];
        r = bound_path(o, &rows[i]);
    }
    if (r == 0) {
        if (!o->csv || strcmp(o->csv, "-") != 0)
            bound_print(rows, o->count, o);
        r = over_capacity(rows, o->count, o->limits.capacity) ? HY_EXIT_MEASURED : HY_EXIT_OK;
    }
    for (size_t i = 0; i < o->count; i++)
        free(rows[i].yards);
    free(rows);
    return r;
}

static int run(int argc, char **argv) {
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .args_doc = "TRACE…",
        .doc = "Prints the two limits of memory for traces: no allocator that never moves a block can do with less "
               "than the lower one; a packing that knows the future does with the upper one.\v"
               "A problem in minimalloc's CSV format (id,lower,upper,size) serves as well as a trace; offsets in it "
               "are checked, and improved if that is possible.  What a search finds in a time depends on the speed of "
               "the machine; in a number of steps it does not."};
    bound_options options = {.limits = {.seconds = 10, .seed = 1}, .precision = 0.001};
    int r = cmd_parse(&argp, argc, argv, &options);
    if (r == 0)
        r = check_options(&options);
    if (r == 0)
        r = bound_all(&options);
    free(options.paths);
    cmd_free_specs(&options.specs);
    return r;
}

const hy_command cmd_bound = {
    .name = "bound",
    .family = "judge",
    .usage = "bound TRACE… [--time 10s] [--csv FILE] [--yard -a SPEC,…] [-o DB]",
    .summary = "how little memory a trace could do with: the two limits",
    .examples = {"heapyard bound traces/python.hyt", "heapyard bound t.hyt --yard -a fit,tlsf,segregated",
                 "heapyard bound problem.csv --capacity 1M --time 1m", NULL},
    .run = run,
};
