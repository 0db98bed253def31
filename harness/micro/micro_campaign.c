/* SPDX-License-Identifier: MIT
 *
 * micro_campaign.c - see micro_campaign.h.
 */
#include "micro_campaign.h"

#include "capture.h"
#include "micro_cells.h"
#include "random.h"
#include "timing.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST 60000000000u /* ns of a cell, after which it hangs */
enum { MOST_BENCHMARKS = 128 };

/* A line of heapyard-micro's list. */
typedef struct benchmark {
    char name[40];
    unsigned threads;
    bool memory;
    size_t unit; /* those of one name are measured together */
} benchmark;

typedef struct campaign {
    const hy_micro_plan *plan;
    hy_micro_results *results;
    hy_micro_end *end;
    char program[HY_PATH_SIZE];
    hy_serving *serving; /* of each entry */
    benchmark list[MOST_BENCHMARKS];
    size_t count, units;
    int nothing, output, complaints;
    unsigned position;
} campaign;

/* -------------------------------------------------------------------------------------------------------- list ---- */

static bool is_wanted(const regex_t *filter, const benchmark *b) {
    char name[64];
    snprintf(name, sizeof name, b->threads > 1 ? "%s/threads:%u" : "%s", b->name, b->threads);
    return !filter || regexec(filter, name, 0, NULL, 0) == 0;
}

static void read_list(campaign *c, FILE *list, const regex_t *filter) {
    benchmark b = {.threads = 0};
    char what[16];
    while (c->count < MOST_BENCHMARKS && fscanf(list, "%39s %u %15s", b.name, &b.threads, what) == 3) {
        if (!is_wanted(filter, &b))
            continue;
        b.memory = strcmp(what, "memory") == 0;
        b.unit = c->count > 0 && strcmp(c->list[c->count - 1].name, b.name) == 0 ? c->units - 1 : c->units++;
        c->list[c->count++] = b;
    }
}

static int make_list(campaign *c, hy_error *error) {
    char command[HY_PATH_SIZE + 16];
    regex_t filter;
    if (c->plan->filter && regcomp(&filter, c->plan->filter, REG_EXTENDED | REG_NOSUB) != 0)
        return hy_fail(error, -EINVAL, "\"%s\" is no extended regular expression", c->plan->filter);
    snprintf(command, sizeof command, "'%s' --list", c->program);
    FILE *const list = popen(command, "re");
    if (list)
        read_list(c, list, c->plan->filter ? &filter : NULL);
    if (c->plan->filter)
        regfree(&filter);
    if (!list || pclose(list) != 0)
        return hy_fail(error, -EIO, "%s could not be asked what it measures", c->program);
    return c->count > 0 ? 0 : hy_fail(error, -EINVAL, "no benchmark matches \"%s\"", c->plan->filter);
}

/* ------------------------------------------------------------------------------------------------ preparations ---- */

static int plan_serving(campaign *c, size_t entry, hy_error *error) {
    const hy_micro_entry *const e = &c->results->entries[entry];
    hy_serving *const serving = &c->serving[entry];
    char *const argv[] = {c->program, NULL};
    if (e->role == HY_MICRO_NULL)
        return hy_find_part(HY_PART_LIBRARY, "libheapyard-nothing.so", serving->library, error);
    const int r = hy_serving_plan(e->spec, serving, error);
    return r < 0 ? r : hy_serving_prove(serving, argv, error);
}

static int prepare(campaign *c, hy_error *error) {
    int r = hy_find_part(HY_PART_PROGRAM, "heapyard-micro", c->program, error);
    if (r == 0)
        r = make_list(c, error);
    c->serving = calloc(c->results->count, sizeof *c->serving);
    if (!c->serving)
        abort();
    for (size_t i = 0; r == 0 && i < c->results->count; i++)
        r = plan_serving(c, i, error);
    if (r < 0)
        return r;
    c->nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    c->output = hy_capture_open(error);
    c->complaints = c->output < 0 ? c->output : hy_capture_open(error);
    return c->complaints < 0 ? c->complaints : 0;
}

/* ------------------------------------------------------------------------------------------------------- cells ---- */

/* "time ns 8.25" of pair/16 with two threads is the figure pair/16/threads:2. */
static void note_line(campaign *c, const benchmark *b, size_t entry, unsigned round, const char *metric,
                      const char *unit, double value) {
    char threads[24] = "", name[128];
    if (b->threads > 1)
        snprintf(threads, sizeof threads, "/threads:%u", b->threads);
    const bool time = strcmp(metric, "time") == 0;
    snprintf(name, sizeof name, "%s%s%s%s", b->name, threads, time ? "" : "/", time ? "" : metric);
    name[sizeof c->results->figures->name - 1] = '\0';
    hy_micro_note(c->results, name, unit, entry, round, value);
    if (c->plan->cells)
        hy_micro_cells_write(c->plan->cells, name, unit, &c->results->entries[entry], round, c->position, value);
}

/* How many lines the cell has said. */
static unsigned note_cell(campaign *c, const benchmark *b, size_t entry, unsigned round) {
    char metric[32], unit[8];
    double value;
    unsigned lines = 0;
    lseek(c->output, 0, SEEK_SET);
    FILE *const said = fdopen(dup(c->output), "r");
    if (!said)
        abort();
    for (; fscanf(said, "%31s %7s %lf", metric, unit, &value) == 3; lines++)
        note_line(c, b, entry, round, metric, unit, value);
    fclose(said);
    return lines;
}

static void say_failure(campaign *c, const benchmark *b, size_t entry, const hy_timing *timing) {
    char said[200], how[64];
    hy_capture_last_line(c->complaints, said, sizeof said);
    if (timing->timed_out)
        snprintf(how, sizeof how, "did not end");
    else if (WIFSIGNALED(timing->status))
        snprintf(how, sizeof how, "was killed by signal %d (%s)", WTERMSIG(timing->status),
                 strsignal(WTERMSIG(timing->status)));
    else
        snprintf(how, sizeof how, "ended with exit code %d", WEXITSTATUS(timing->status));
    fprintf(stderr, "heapyard: %s with %u thread%s on %s %s%s%s\n", b->name, b->threads, b->threads > 1 ? "s" : "",
            c->results->entries[entry].spec, how, said[0] ? ": " : "", said);
}

static int run_cell(campaign *c, const benchmark *b, size_t entry, unsigned round, hy_error *error) {
    char threads[16], milliseconds[16], name[sizeof b->name];
    snprintf(threads, sizeof threads, "%u", b->threads);
    snprintf(milliseconds, sizeof milliseconds, "%u", c->plan->milliseconds);
    memcpy(name, b->name, sizeof name);
    char *const argv[] = {c->program, name, threads, milliseconds, NULL};
    const hy_timing_order order = {.serving = &c->serving[entry],
                                   .argv = argv,
                                   .measured = true,
                                   .input = c->nothing,
                                   .output = c->output,
                                   .complaints = c->complaints,
                                   .padding = 16 * (unsigned)hy_random_below(~c->plan->seed, c->position, 256),
                                   .timeout = LONGEST,
                                   .stop = c->plan->stop};
    hy_timing timing;
    hy_capture_clear(c->output);
    hy_capture_clear(c->complaints);
    const int r = hy_time_program(&order, &timing, error);
    if (r < 0)
        return r;
    c->end->cells++;
    if (timing.status != 0 || note_cell(c, b, entry, round) == 0) {
        c->end->failed++;
        say_failure(c, b, entry, &timing);
    }
    c->position++;
    return 0;
}

/* ------------------------------------------------------------------------------------------------------ rounds ---- */

static bool is_due(const campaign *c, const benchmark *b, size_t entry, unsigned round) {
    const bool null = c->results->entries[entry].role == HY_MICRO_NULL;
    return b->memory ? !null && round < HY_MICRO_FEW_ROUNDS : !null || round < HY_MICRO_FEW_ROUNDS;
}

/* The entries in random order, by Fisher and Yates's shuffle. */
static void shuffle(const campaign *c, size_t turn, size_t *ret_order) {
    for (size_t i = 0; i < c->results->count; i++) {
        const size_t j = (size_t)hy_random_below(c->plan->seed, turn * c->results->count + i, i + 1);
        ret_order[i] = ret_order[j];
        ret_order[j] = i;
    }
}

/* All benchmarks of a unit on all allocators. */
static int run_unit(campaign *c, size_t unit, unsigned round, hy_error *error) {
    size_t order[c->results->count];
    shuffle(c, round * c->units + unit, order);
    for (size_t i = 0; i < c->results->count; i++)
        for (size_t b = 0; b < c->count; b++)
            if (c->list[b].unit == unit && is_due(c, &c->list[b], order[i], round)) {
                const int r = run_cell(c, &c->list[b], order[i], round, error);
                if (r < 0)
                    return r;
            }
    return 0;
}

static int run_rounds(campaign *c, hy_error *error) {
    const size_t total = c->results->rounds * c->units;
    int r = 0;
    for (size_t i = 0; r == 0 && i < total; i++) {
        size_t first = 0;
        while (c->list[first].unit != i % c->units)
            first++;
        c->plan->show_progress(i, total, c->list[first].name);
        r = run_unit(c, i % c->units, (unsigned)(i / c->units), error);
    }
    c->plan->show_progress(total, total, NULL);
    c->end->stopped = r == -EINTR;
    return r == -EINTR ? 0 : r;
}

int hy_micro_run(const hy_micro_plan *plan, hy_micro_results *results, hy_micro_end *ret_end, hy_error *error) {
    campaign c = {.plan = plan, .results = results, .end = ret_end, .nothing = -1, .output = -1, .complaints = -1};
    *ret_end = (hy_micro_end){.cells = 0};
    int r = prepare(&c, error);
    if (r == 0 && plan->cells)
        hy_micro_cells_begin(plan->cells);
    if (r == 0)
        r = run_rounds(&c, error);
    const int descriptors[] = {c.nothing, c.output, c.complaints};
    for (size_t i = 0; i < sizeof descriptors / sizeof *descriptors; i++)
        if (descriptors[i] >= 0)
            close(descriptors[i]);
    free(c.serving);
    return r;
}
