/* SPDX-License-Identifier: MIT
 *
 * sweep_plan.c - what a sweep would measure, and how long that may take (--dry-run).
 */
#include "expect.h"
#include "sweep.h"
#include "units.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static size_t count_opening(const hy_sweep *sweep) {
    size_t count = 0;
    for (size_t i = 1; i < sweep->replay.plan.spec_count; i++)
        count += sweep->probed[i].ok;
    return count;
}

/* Earlier results, if there are any: a plan makes no file. */
static int expect(const hy_sweep *sweep, bool try_cells, hy_expectation *ret_expectation) {
    const hy_replay_options *const o = &sweep->replay;
    hy_store *store = NULL;
    hy_error error;
    struct stat status;
    const bool exists = stat(o->database, &status) == 0 && (S_ISDIR(status.st_mode) || status.st_size > 0);
    if (exists && hy_store_open(o->database, false, &store, &error) < 0)
        return cmd_fail("%s", error.text);
    const int r = hy_campaign_expect(&o->plan, store, try_cells, ret_expectation, &error);
    hy_store_close(store);
    return r < 0 ? cmd_fail("%s", error.text) : 0;
}

/* -------------------------------------------------------------------------------------------------------- text ---- */

/* The first setting that was refused in the same words. */
static size_t first_alike(const hy_sweep *sweep, size_t setting) {
    size_t i = 1;
    while (sweep->probed[i].ok || strcmp(sweep->probed[i].outcome, sweep->probed[setting].outcome) != 0 ||
           strcmp(sweep->probed[i].detail, sweep->probed[setting].detail) != 0)
        i++;
    return i;
}

/* Each reason once, with the settings that it is the reason for. */
static void print_refused(const hy_sweep *sweep) {
    const hy_campaign_plan *const plan = &sweep->replay.plan;
    for (size_t i = 1; i < plan->spec_count; i++) {
        if (sweep->probed[i].ok || first_alike(sweep, i) != i)
            continue;
        printf("  %s: %s\n", sweep->probed[i].outcome, sweep->probed[i].detail);
        for (size_t j = i; j < plan->spec_count; j++)
            if (!sweep->probed[j].ok && first_alike(sweep, j) == i)
                printf("    %s\n", plan->specs[j]);
    }
}

static void print_settings(const hy_sweep *sweep) {
    const hy_campaign_plan *const plan = &sweep->replay.plan;
    const size_t opening = count_opening(sweep), refused = plan->spec_count - 1 - opening;
    printf("settings: %zu, and null beside them", opening);
    if (sweep->again > 0)
        printf(" (%zu more mean the same as one of them)", sweep->again);
    puts("");
    for (size_t i = 1; i < plan->spec_count; i++)
        if (sweep->probed[i].ok)
            printf("  %s\n", plan->specs[i]);
    if (refused > 0)
        printf("not measured: %zu, which cannot be opened\n", refused);
    print_refused(sweep);
}

static void print_traces(const hy_campaign_plan *plan, const uint64_t *events) {
    printf("traces: %zu\n", plan->trace_count);
    for (size_t i = 0; i < plan->trace_count; i++)
        printf("  %s: %s events\n", plan->traces[i], hy_show_count(events[i]).text);
}

static void print_passes(const hy_campaign_plan *plan) {
    const char *joint = "passes: ";
    for (hy_pass pass = 0; pass < HY_PASSES; pass++) {
        if (!plan->pass[pass])
            continue;
        const unsigned times = hy_campaign_times(plan, pass);
        printf("%s%s, %u time%s", joint, hy_pass_names[pass], times, times > 1 ? "s" : "");
        joint = "; ";
    }
    puts("");
}

/* "2 h 5 min", "3 min 20 s", "12 s" */
static hy_number show_duration(double seconds) {
    hy_number n;
    const unsigned long all = (unsigned long)ceil(seconds);
    if (all >= 3600)
        snprintf(n.text, sizeof n.text, "%lu h %lu min", all / 3600, all / 60 % 60);
    else if (all >= 60)
        snprintf(n.text, sizeof n.text, "%lu min %lu s", all / 60, all % 60);
    else
        snprintf(n.text, sizeof n.text, "%lu s", all);
    return n;
}

static void print_bases(const hy_expectation *e) {
    static const char *const words[HY_BASES] = {
        [HY_BASIS_SAME] = "measured before",
        [HY_BASIS_ALIKE] = "by other settings on the same trace",
        [HY_BASIS_SCALED] = "by other traces, for each event",
        [HY_BASIS_TRIED] = "by settings tried now, for each event",
        [HY_BASIS_NONE] = "none, because it is refused",
        [HY_BASIS_UNKNOWN] = "not known",
    };
    const char *joint = "  of the cells' times, ";
    for (hy_basis basis = 0; basis < HY_BASES; basis++) {
        if (e->basis[basis] == 0)
            continue;
        printf("%s%zu: %s", joint, e->basis[basis], words[basis]);
        joint = "; ";
    }
    puts("");
}

static void print_time(const hy_campaign_plan *plan, const hy_expectation *e) {
    fputs("expected time: ", stdout);
    if (e->basis[HY_BASIS_UNKNOWN] > 0 && e->seconds <= 0)
        puts("unknown");
    else
        printf("%s %s\n", e->basis[HY_BASIS_UNKNOWN] ? "more than" : "about", show_duration(e->seconds).text);
    print_bases(e);
    printf("  a setting that is too slow for a trace costs %s there, once (--timeout)\n",
           hy_show_time((double)plan->timeout).text);
}

static void print_text(const hy_sweep *sweep, const hy_expectation *e) {
    const hy_campaign_plan *const plan = &sweep->replay.plan;
    print_settings(sweep);
    print_traces(plan, e->events);
    print_passes(plan);
    printf("cells: %s\n", hy_show_count(e->cells).text);
    print_time(plan, e);
}

/* -------------------------------------------------------------------------------------------------------- JSON ---- */

static void print_json(const hy_sweep *sweep, const hy_expectation *e) {
    const hy_campaign_plan *const plan = &sweep->replay.plan;
    json_t *const settings = json_array(), *const refused = json_array(), *const traces = json_array();
    for (size_t i = 1; i < plan->spec_count; i++) {
        const hy_probed *const p = &sweep->probed[i];
        if (p->ok)
            json_array_append_new(settings, json_string(plan->specs[i]));
        else
            json_array_append_new(refused, json_pack("{s:s, s:s, s:s}", "spec", plan->specs[i], "outcome", p->outcome,
                                                     "reason", p->detail));
    }
    for (size_t i = 0; i < plan->trace_count; i++)
        json_array_append_new(traces,
                              json_pack("{s:s, s:I}", "trace", plan->traces[i], "events", (json_int_t)e->events[i]));
    json_t *const all =
        json_pack("{s:o, s:o, s:o, s:I, s:I}", "settings", settings, "refused", refused, "traces", traces, "cells",
                  (json_int_t)e->cells, "unknown", (json_int_t)e->basis[HY_BASIS_UNKNOWN]);
    if (e->basis[HY_BASIS_UNKNOWN] == 0 || e->seconds > 0)
        json_object_set_new(all, "expected_seconds", json_real(e->seconds));
    json_dumpf(all, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(4));
    puts("");
    json_decref(all);
}

int sweep_print_plan(const hy_sweep *sweep) {
    hy_expectation e;
    const int r = expect(sweep, true, &e);
    if (r != 0)
        return r;
    if (sweep->replay.format == HY_FORMAT_JSON)
        print_json(sweep, &e);
    else
        print_text(sweep, &e);
    free(e.events);
    return HY_EXIT_OK;
}

int sweep_announce(const hy_sweep *sweep) {
    hy_expectation e;
    const int r = expect(sweep, false, &e);
    if (r != 0)
        return r;
    fprintf(stderr, "heapyard: %zu settings, %zu trace%s: %s cells", count_opening(sweep),
            sweep->replay.plan.trace_count, sweep->replay.plan.trace_count == 1 ? "" : "s",
            hy_show_count(e.cells).text);
    if (e.basis[HY_BASIS_UNKNOWN] == 0)
        fprintf(stderr, ", about %s", show_duration(e.seconds).text);
    fprintf(stderr, "; into %s\n", sweep->replay.database);
    free(e.events);
    return 0;
}
