/* SPDX-License-Identifier: MIT
 *
 * self_check.c - see self_check.h.
 */
#include "self_check.h"

#include "child.h"
#include "random.h"
#include "said.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OBJECTS 200000u /* handed over */
#define TIMEOUT ((uint64_t)120 * 1000000000)

const char *const hy_self_names[HY_SELF_FIGURES + 1] = {"floor", "stamps", "stamp", "observer", "handover", NULL};

/* The cells of a round. */
typedef enum cell { NULL_TIME, NULL_LATENCY, SYSTEM_TIME, RAW_TIME, HANDOVER, CELLS } cell;

typedef struct checking {
    const hy_prepared *trace;
    int relay; /* the program that hands objects over */
    uint64_t seed;
    const volatile sig_atomic_t *stop;
    hy_self_values *values;
} checking;

static hy_child_order order_of(const checking *c, cell which, uint64_t place) {
    static const char *const specs[CELLS] = {"null", "null", "system", "system", "null"};
    hy_child_order order = {.prepared = which == HANDOVER ? NULL : c->trace,
                            .program_fd = c->relay,
                            .lanes = which == HANDOVER,
                            .spec = specs[which],
                            .pass = which == NULL_LATENCY ? HY_PASS_LATENCY : HY_PASS_THROUGHPUT,
                            .self = which == RAW_TIME   ? HY_SELF_RAW
                                    : which == HANDOVER ? HY_SELF_HANDOVER
                                                        : HY_SELF_NOTHING,
                            .touch = HY_TOUCH_FIRST,
                            .seed = c->seed,
                            .most_bytes = UINT64_MAX,
                            .timeout = TIMEOUT,
                            .stop = c->stop};
    order.layout = hy_layout_of(HY_LAYOUT_RANDOM, HY_PASS_THROUGHPUT, c->seed, place);
    return order;
}

static double said(const hy_cell_result *result, const char *name) {
    for (size_t i = 0; i < result->metric_count; i++)
        if (strcmp(result->metrics[i].name, name) == 0)
            return result->metrics[i].value;
    return 0;
}

static void note(const hy_cell_result *result, cell which, double *figures, double *raw) {
    switch (which) {
    case NULL_TIME: figures[HY_SELF_FLOOR] = said(result, "cpu_per_op"); break;
    case NULL_LATENCY:
        figures[HY_SELF_STAMPS] = said(result, "cpu_per_op");
        figures[HY_SELF_STAMP] = said(result, "stamp_overhead");
        break;
    case SYSTEM_TIME: figures[HY_SELF_OBSERVER] = said(result, "cpu_per_op"); break;
    case RAW_TIME: *raw = said(result, "cpu_per_op"); break;
    default: figures[HY_SELF_HANDED] = said(result, "handover"); break;
    }
}

static int run_cell(const checking *c, cell which, uint64_t place, double *figures, double *raw, hy_error *error) {
    const hy_child_order order = order_of(c, which, place);
    hy_cell_result result = {.spec = order.spec};
    int r = hy_child_run(&order, &result, error);
    if (r == 0 && strcmp(result.outcome, "ok") != 0)
        r = hy_fail(error, -EIO, "a cell of the self-check, on %s: %s: %s", order.spec, result.outcome, result.detail);
    if (r == 0)
        note(&result, which, figures, raw);
    hy_said_free(&result);
    return r;
}

/* In an order of its own. */
static int run_round(const checking *c, size_t round, hy_error *error) {
    cell order[CELLS] = {NULL_TIME, NULL_LATENCY, SYSTEM_TIME, RAW_TIME, HANDOVER};
    double figures[HY_SELF_FIGURES] = {0}, raw = 0;
    int r = 0;
    for (size_t i = CELLS; i > 1; i--) {
        const size_t k = (size_t)hy_random_below(c->seed, round * CELLS + i, i);
        const cell kept = order[i - 1];
        order[i - 1] = order[k];
        order[k] = kept;
    }
    for (size_t i = 0; r == 0 && i < CELLS; i++)
        r = run_cell(c, order[i], round * CELLS + i, figures, &raw, error);
    figures[HY_SELF_STAMPS] -= figures[HY_SELF_FLOOR];
    figures[HY_SELF_OBSERVER] /= raw > 0 ? raw : 1;
    for (size_t i = 0; r == 0 && i < HY_SELF_FIGURES; i++)
        c->values->value[i][round] = figures[i];
    return r;
}

static int make_relay(int *ret_fd, hy_error *error) {
    hy_compiler *const compiler = hy_compiler_new(HY_FORM_FREE);
    int r = compiler ? 0 : hy_fail(error, -ENOMEM, "no memory for a self-check");
    for (uint64_t i = 0; r == 0 && i < 2 * OBJECTS; i++) {
        const hy_event event = {.kind = i < OBJECTS ? HY_EVENT_MALLOC : HY_EVENT_FREE,
                                .id = i % OBJECTS,
                                .size = i < OBJECTS ? 64 : 0,
                                .thread = i >= OBJECTS};
        r = hy_compiler_add(compiler, &event, error);
    }
    if (r == 0)
        return hy_compiler_finish(compiler, ret_fd, error);
    hy_compiler_free(compiler);
    return r;
}

static int make_values(size_t rounds, hy_self_values *ret_values, hy_error *error) {
    *ret_values = (hy_self_values){.rounds = rounds};
    for (size_t i = 0; i < HY_SELF_FIGURES; i++)
        if (!(ret_values->value[i] = calloc(rounds, sizeof(double))))
            return hy_fail(error, -ENOMEM, "no memory for %zu rounds", rounds);
    return 0;
}

int hy_self_check(const hy_prepared *trace, size_t rounds, uint64_t seed, const volatile sig_atomic_t *stop,
                  hy_self_values *ret_values, hy_error *error) {
    checking c = {.trace = trace, .relay = -1, .seed = seed, .stop = stop, .values = ret_values};
    int r = make_values(rounds, ret_values, error);
    if (r == 0)
        r = make_relay(&c.relay, error);
    for (size_t i = 0; r == 0 && i < rounds; i++)
        r = run_round(&c, i, error);
    if (c.relay >= 0)
        close(c.relay);
    if (r < 0)
        hy_self_free(ret_values);
    return r;
}

void hy_self_free(hy_self_values *values) {
    for (size_t i = 0; i < HY_SELF_FIGURES; i++)
        free(values->value[i]);
    *values = (hy_self_values){.rounds = 0};
}
