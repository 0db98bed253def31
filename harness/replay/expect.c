/* SPDX-License-Identifier: MIT
 *
 * expect.c - reckons a plan's time from the results of earlier campaigns (see expect.h).
 *
 * Every good cell has stored how long its process took, `cell_seconds`.  Bad at: settings that are much slower than all
 * that was measured before; at most they cost their timeout, once for each trace.
 */
#include "expect.h"

#include "cell_order.h"
#include "compile.h"
#include "said.h"
#include "summary.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRY_TIMEOUT 5000000000u /* ns, of the cell that is run where nothing is known */

/* Mean seconds of a setting's cells. */
typedef struct known {
    char *spec;
    double seconds;
} known;

typedef struct known_list {
    known *at;
    size_t count;
    double median;
} known_list;

typedef struct expect {
    const hy_campaign_plan *plan;
    hy_store *store;
    uint64_t *events;
    known_list *list;            /* [trace * HY_PASSES + pass] */
    double per_event[HY_PASSES]; /* seconds; NAN: not known */

    bool try_cells, tried[HY_PASSES];
} expect;

static known_list *list_of(const expect *e, size_t trace, hy_pass pass) {
    return &e->list[trace * HY_PASSES + pass];
}

static hy_pass pass_named(const char *name) {
    hy_pass pass = 0;
    while (pass < HY_PASSES && strcmp(name, hy_pass_names[pass]) != 0)
        pass++;
    return pass;
}

/* ----------------------------------------------------------------------------------------------- earlier cells ---- */

typedef struct reading {
    expect *e;
    size_t trace;
} reading;

/* spec, pass, seconds */
static int read_known(void *context, int columns, const char *const *text) {
    const reading *const r = context;
    const hy_pass pass = columns == 3 && text[2] ? pass_named(text[1]) : HY_PASSES;
    if (pass == HY_PASSES)
        return 0;
    known_list *const l = list_of(r->e, r->trace, pass);
    known *const grown = realloc(l->at, (l->count + 1) * sizeof *grown);
    if (!grown)
        return 1;
    l->at = grown;
    l->at[l->count].spec = strdup(text[0]);
    l->at[l->count].seconds = strtod(text[2], NULL);
    l->count += l->at[l->count].spec != NULL;
    return 0;
}

static int compare_doubles(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static void find_median(known_list *l) {
    double *const seconds = calloc(l->count + 1, sizeof *seconds);
    size_t count = 0;
    for (size_t i = 0; seconds && i < l->count; i++)
        if (strcmp(l->at[i].spec, "null") != 0) /* faster than all others */
            seconds[count++] = l->at[i].seconds;
    if (seconds)
        qsort(seconds, count, sizeof *seconds, compare_doubles);
    l->median = count ? seconds[count / 2] : NAN;
    free(seconds);
}

static int read_trace(expect *e, size_t trace, const hy_trace_summary *summary, hy_error *error) {
    char hash[17];
    snprintf(hash, sizeof hash, "%016" PRIx64, summary->hash);
    const char *const arguments[] = {hash, NULL};
    reading r = {e, trace};
    e->events[trace] = summary->events;
    const int failed =
        e->store ? hy_store_query(e->store,
                                  "SELECT c.spec, c.pass, avg(m.value) FROM trace t JOIN cell c ON c.trace = t.id "
                                  "JOIN metric m ON m.cell = c.id AND m.name = 'cell_seconds' "
                                  "WHERE t.hash = ?1 GROUP BY c.spec, c.pass",
                                  arguments, read_known, &r, error)
                 : 0;
    for (hy_pass pass = 0; pass < HY_PASSES; pass++)
        find_median(list_of(e, trace, pass));
    return failed;
}

/* pass, seconds for an event */
static int read_per_event(void *context, int columns, const char *const *text) {
    expect *const e = context;
    const hy_pass pass = columns == 2 && text[1] ? pass_named(text[0]) : HY_PASSES;
    if (pass < HY_PASSES)
        e->per_event[pass] = strtod(text[1], NULL);
    return 0;
}

static int read_all(expect *e, hy_error *error) {
    static hy_trace_summary summary;
    int r = 0;
    for (size_t i = 0; r == 0 && i < e->plan->trace_count; i++) {
        r = hy_trace_summarise(e->plan->traces[i], &summary, error);
        if (r == 0)
            r = read_trace(e, i, &summary, error);
    }
    if (r < 0 || !e->store)
        return r;
    return hy_store_query(e->store,
                          "SELECT c.pass, sum(m.value) / sum(json_extract(t.summary, '$.events')) FROM cell c "
                          "JOIN trace t ON t.id = c.trace JOIN metric m ON m.cell = c.id AND m.name = 'cell_seconds' "
                          "WHERE c.spec <> 'null' GROUP BY c.pass",
                          NULL, read_per_event, e, error);
}

/* ------------------------------------------------------------------------------------------------------ trying ---- */

static double seconds_said(const hy_cell_result *result) {
    for (size_t i = 0; i < result->metric_count; i++)
        if (strcmp(result->metrics[i].name, "cell_seconds") == 0)
            return result->metrics[i].value;
    return NAN;
}

/* One cell of this pass; seconds, or NAN if it did not end well.  A yard is walked as for the footprint at most, and
 * may be too small for anything. */
static double try_cell(const expect *e, const hy_prepared *prepared, size_t spec, hy_pass pass) {
    const hy_campaign_plan *const plan = e->plan;
    const hy_child_order order = {.prepared = prepared,
                                  .spec = plan->specs[spec],
                                  .pass = pass == HY_PASS_YARD      ? HY_PASS_FOOTPRINT
                                          : pass == HY_PASS_CONTROL ? HY_PASS_THROUGHPUT
                                                                    : pass,
                                  .touch = plan->touch,
                                  .most_bytes = plan->most_bytes,
                                  .timeout = plan->timeout < TRY_TIMEOUT ? plan->timeout : TRY_TIMEOUT};
    hy_cell_result result = {0};
    hy_error error;
    const double seconds = hy_child_run(&order, &result, &error) == 0 ? seconds_said(&result) : NAN;
    hy_said_free(&result);
    return seconds;
}

static size_t shortest_trace(const expect *e) {
    size_t trace = 0;
    for (size_t i = 1; i < e->plan->trace_count; i++)
        trace = e->events[i] < e->events[trace] ? i : trace;
    return trace;
}

/* Of the settings that open, but null, which is too fast: the first, one in the middle, and the last. */
static size_t choose_three(const hy_campaign_plan *plan, size_t ret_specs[3]) {
    size_t opening = 0, count = 0, seen = 0;
    for (size_t i = 1; i < plan->spec_count; i++)
        opening += !plan->probed || plan->probed[i].ok ? 1 : 0;
    for (size_t i = 1; i < plan->spec_count; i++) {
        if (plan->probed && !plan->probed[i].ok)
            continue;
        if (seen == 0 || seen == opening / 2 || seen == opening - 1)
            ret_specs[count++] = i;
        seen++;
    }
    return count;
}

static void try_pass(expect *e, hy_pass pass) {
    const hy_campaign_plan *const plan = e->plan;
    const size_t trace = shortest_trace(e);
    size_t specs[3], count = 0;
    double seconds[3];
    const hy_prepare_order order = {
        .path = plan->traces[trace], .form = HY_FORM_SERIAL, .window = plan->window, .most_bytes = plan->most_bytes};
    hy_prepared prepared;
    hy_error error;
    e->tried[pass] = true;
    if (hy_prepare(&order, &prepared, &error) < 0)
        return;
    for (size_t i = 0, tries = choose_three(plan, specs); i < tries; i++) {
        seconds[count] = try_cell(e, &prepared, specs[i], pass);
        count += isnan(seconds[count]) ? 0 : 1;
    }
    hy_prepared_free(&prepared);
    qsort(seconds, count, sizeof *seconds, compare_doubles);
    if (count > 0)
        e->per_event[pass] = seconds[count / 2] / (double)e->events[trace];
}

/* ------------------------------------------------------------------------------------------------------ a cell ---- */

static double expect_cell(expect *e, const hy_slot_in_time *at, hy_basis *ret_basis) {
    const known_list *const l = list_of(e, at->trace, at->pass);
    for (size_t i = 0; i < l->count; i++) {
        *ret_basis = HY_BASIS_SAME;
        if (strcmp(l->at[i].spec, e->plan->specs[at->spec]) == 0)
            return l->at[i].seconds;
    }
    *ret_basis = HY_BASIS_ALIKE;
    if (!isnan(l->median))
        return l->median;
    if (isnan(e->per_event[at->pass]) && e->try_cells && !e->tried[at->pass])
        try_pass(e, at->pass);
    *ret_basis = isnan(e->per_event[at->pass]) ? HY_BASIS_UNKNOWN
                 : e->tried[at->pass]          ? HY_BASIS_TRIED
                                               : HY_BASIS_SCALED;
    return e->per_event[at->pass] * (double)e->events[at->trace];
}

static int expect_cells(expect *e, hy_expectation *ret, hy_error *error) {
    hy_slot_in_time *const order = hy_order_make(e->plan, 0, &ret->cells);
    if (!order)
        return hy_fail(error, -ENOMEM, "no memory for the order of cells");
    for (size_t i = 0; i < ret->cells; i++) {
        const bool opens = !e->plan->probed || e->plan->probed[order[i].spec].ok;
        hy_basis basis = HY_BASIS_NONE;
        const double seconds = opens ? expect_cell(e, &order[i], &basis) : 0;
        ret->basis[basis]++;
        ret->seconds += basis == HY_BASIS_UNKNOWN ? 0 : seconds;
    }
    free(order);
    return 0;
}

static void expect_free(expect *e) {
    for (size_t i = 0; e->list && i < e->plan->trace_count * HY_PASSES; i++) {
        for (size_t j = 0; j < e->list[i].count; j++)
            free(e->list[i].at[j].spec);
        free(e->list[i].at);
    }
    free(e->list);
}

int hy_campaign_expect(const hy_campaign_plan *plan, hy_store *store, bool try_cells, hy_expectation *ret_expectation,
                       hy_error *error) {
    hy_expectation found = {.events = calloc(plan->trace_count, sizeof *found.events)};
    expect e = {.plan = plan,
                .store = store,
                .try_cells = try_cells,
                .events = found.events,
                .list = calloc(plan->trace_count * HY_PASSES, sizeof *e.list)};
    for (hy_pass pass = 0; pass < HY_PASSES; pass++)
        e.per_event[pass] = NAN;
    int r = e.list && e.events ? 0 : hy_fail(error, -ENOMEM, "no memory for a plan of %zu traces", plan->trace_count);
    if (r == 0)
        r = read_all(&e, error);
    if (r == 0)
        r = expect_cells(&e, &found, error);
    expect_free(&e);
    if (r == 0)
        *ret_expectation = found;
    else
        free(found.events);
    return r;
}
