/* SPDX-License-Identifier: MIT
 *
 * campaign.c - prepare the traces, find or make the campaign, run what is not there yet (see campaign.h).
 */
#include "campaign.h"

#include "cell_order.h"
#include "machine.h"
#include "rounds.h"
#include "said.h"
#include "trace_row.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A trace, ready. */
typedef struct entrant {
    char name[HY_TRACE_NAME];
    int64_t id;
    uint64_t peak_bytes;
    hy_prepared serial, threads; /* the second only if there are lanes */
    hy_prepared timed;           /* only for an open loop */
    bool lanes;
} entrant;

typedef struct campaign {
    const hy_campaign_plan *plan; /* plan_now */
    hy_campaign_plan plan_now;    /* with as many rounds as are known of */
    hy_rounds_watch watch;
    hy_store *store;
    entrant *trace;
    bool *threaded; /* of each trace */
    int64_t id;
    uint64_t seed;
} campaign;

/* ------------------------------------------------------------------------------------------------------ traces ---- */

static int prepare_form(const campaign *c, const char *path, hy_form form, bool timed, hy_prepared *ret,
                        hy_error *error) {
    const hy_prepare_order order = {
        .path = path, .form = form, .timed = timed, .window = c->plan->window, .most_bytes = c->plan->most_bytes};
    return hy_prepare(&order, ret, error);
}

static int prepare_trace(campaign *c, entrant *e, const char *path, hy_error *error) {
    static hy_trace_summary summary;
    int r = hy_trace_summarise(path, &summary, error);
    if (r < 0)
        return r;
    if (summary.warning[0] && c->plan->warn)
        c->plan->warn(c->plan->context, summary.warning);
    if (summary.objects == 0)
        return hy_fail(error, -EINVAL, "%s: no allocations in it; nothing to replay", path);
    hy_trace_name(path, e->name);
    e->peak_bytes = summary.peak_bytes;
    e->lanes = summary.threads > 1 && c->plan->threads != HY_FORM_SERIAL;
    r = prepare_form(c, path, HY_FORM_SERIAL, false, &e->serial, error);
    if (r == 0 && e->lanes)
        r = prepare_form(c, path, c->plan->threads, false, &e->threads, error);
    if (r == 0 && c->plan->open_loop > 0 && c->plan->pass[HY_PASS_LATENCY])
        r = prepare_form(c, path, e->lanes ? HY_FORM_FREE : HY_FORM_SERIAL, true, &e->timed, error);
    return r == 0 ? hy_trace_row(c->store, path, &summary, &e->id, error) : r;
}

static void close_traces(campaign *c) {
    for (size_t i = 0; c->trace && i < c->plan->trace_count; i++) {
        hy_prepared_free(&c->trace[i].serial);
        hy_prepared_free(&c->trace[i].threads);
        hy_prepared_free(&c->trace[i].timed);
    }
    free(c->trace);
    free(c->threaded);
}

static int prepare_traces(campaign *c, hy_error *error) {
    c->trace = calloc(c->plan->trace_count, sizeof *c->trace);
    c->plan_now.threaded = c->threaded = calloc(c->plan->trace_count + 1, sizeof *c->threaded);
    int r = c->trace && c->threaded ? 0 : hy_fail(error, -ENOMEM, "no memory for %zu traces", c->plan->trace_count);
    for (size_t i = 0; r == 0 && i < c->plan->trace_count; i++)
        c->trace[i].serial.fd = c->trace[i].threads.fd = c->trace[i].timed.fd = -1;
    for (size_t i = 0; r == 0 && i < c->plan->trace_count; i++) {
        r = prepare_trace(c, &c->trace[i], c->plan->traces[i], error);
        c->threaded[i] = c->trace[i].lanes;
        for (size_t j = 0; r == 0 && j < i; j++)
            if (c->trace[j].id == c->trace[i].id)
                r = hy_fail(error, -EINVAL, "%s: the same trace as %s; each is replayed once", c->plan->traces[i],
                            c->plan->traces[j]);
    }
    return r;
}

/* The pass threads leaves traces of one thread out; if it is the only one, there must be others. */
static int check_threads(const campaign *c, hy_error *error) {
    bool some = false;
    for (hy_pass pass = 0; pass < HY_PASSES; pass++)
        some |= c->plan->pass[pass] && pass != HY_PASS_THREADS;
    for (size_t i = 0; i < c->plan->trace_count; i++)
        some |= c->threaded[i];
    return some ? 0
                : hy_fail(error, -EINVAL,
                          "nothing to replay: the pass threads is for traces of several threads, replayed as such");
}

/* ---------------------------------------------------------------------------------------------------- campaign ---- */

static int find_campaign(campaign *c, hy_error *error) {
    const char *const arguments[] = {c->plan->command, NULL};
    const int r =
        hy_store_find_campaign(c->store, "SELECT id, seed FROM campaign WHERE command = ?1 ORDER BY id DESC LIMIT 1",
                               arguments, &c->id, &c->seed, error);
    if (r == 0 && c->id == 0)
        return hy_fail(error, -ENOENT, "nothing to resume: no campaign of this command is in the results");
    return r;
}

/* Of what the campaign has measured: one that is none of ours. */
typedef struct stranger {
    const campaign *campaign;
    char name[HY_TRACE_NAME];
} stranger;

static int find_stranger(void *context, int columns, const char *const *text) {
    stranger *const s = context;
    const campaign *const c = s->campaign;
    for (size_t i = 0; columns == 2 && i < c->plan->trace_count; i++)
        if (c->trace[i].id == strtoll(text[0], NULL, 10))
            return 0;
    snprintf(s->name, sizeof s->name, "%s", columns == 2 ? text[1] : "");
    return 0;
}

/* Cells of different traces under one name would be taken for repetitions of one measurement. */
static int check_same_traces(const campaign *c, hy_error *error) {
    char id[24];
    const char *const arguments[] = {id, NULL};
    stranger found = {.campaign = c};
    snprintf(id, sizeof id, "%" PRId64, c->id);
    const int r =
        hy_store_query(c->store, "SELECT id, name FROM trace WHERE id IN (SELECT trace FROM cell WHERE campaign = ?1)",
                       arguments, find_stranger, &found, error);
    return r < 0 || !found.name[0]
               ? r
               : hy_fail(error, -EINVAL,
                         "cannot resume: the trace %s has changed since its first cells were measured; without "
                         "--resume a new campaign begins",
                         found.name);
}

/* The machine, and what of our own doing is a condition of the measurement like it. */
static char *environment_json(const hy_campaign_plan *plan) {
    char *const machine = hy_machine_json();
    json_t *const json = machine ? json_loads(machine, 0, NULL) : NULL;
    if (json)
        json_object_set_new(json, "layout", json_string(hy_layout_names[plan->layout]));
    char *const text = json ? json_dumps(json, JSON_COMPACT) : NULL;
    json_decref(json);
    free(machine);
    return text;
}

static int start_campaign(campaign *c, hy_error *error) {
    if (c->plan->resume) {
        const int r = find_campaign(c, error);
        return r < 0 ? r : check_same_traces(c, error);
    }
    c->seed = c->plan->seed;
    char *const environment = environment_json(c->plan);
    const int r =
        hy_store_campaign(c->store, c->plan->command, c->seed, environment ? environment : "{}", &c->id, error);
    free(environment);
    return r;
}

/* ------------------------------------------------------------------------------------------------------- cells ---- */

/* Nothing stored; or, when going on, that somebody killed it: no allocator can do that. */
static bool is_missing(const campaign *c, const hy_slot_in_time *at) {
    const hy_cell_state state = hy_store_cell_state(c->store, c->id, c->trace[at->trace].id, c->plan->specs[at->spec],
                                                    hy_pass_names[at->pass], at->repetition);
    return state == HY_CELL_MISSING || (state == HY_CELL_KILLED && c->plan->resume);
}

static int read_timeout(void *context, int columns, const char *const *text) {
    hy_cell_result *const result = context;
    if (columns == 3 && text[0] && text[1] && text[2])
        snprintf(result->detail, sizeof result->detail, "not run: %s, repetition %s, was %s", text[0], text[1],
                 text[2]);
    return 0;
}

/* A pass that was too slow, and never quick enough, is not waited for again on this trace: its cells get the same
 * outcome, and the sentence says that they were not run.  Whoever is too slow for throughput, where nothing but the
 * operations themselves takes time, is so for every pass; too slow for another one says nothing of the rest. */
static bool timed_out_before(const campaign *c, hy_cell_result *result, hy_error *error) {
    char campaign_id[24], trace_id[24];
    snprintf(campaign_id, sizeof campaign_id, "%" PRId64, c->id);
    snprintf(trace_id, sizeof trace_id, "%" PRId64, result->trace);
    const char *const arguments[] = {campaign_id, trace_id, result->spec, result->pass, NULL};
    hy_store_query(c->store,
                   "SELECT pass, repetition, detail FROM cell s WHERE campaign = ?1 AND trace = ?2 AND spec = ?3"
                   " AND pass IN (?4, 'throughput') AND outcome = 'timeout' AND detail NOT LIKE 'not run:%'"
                   " AND NOT EXISTS (SELECT 1 FROM cell WHERE campaign = ?1 AND trace = ?2 AND spec = ?3"
                   " AND pass IN (?4, s.pass) AND outcome = 'ok') LIMIT 1",
                   arguments, read_timeout, result, error);
    if (!result->detail[0])
        return false;
    snprintf(result->outcome, sizeof result->outcome, "timeout");
    return true;
}

/* What cannot even be opened is not started. */
static bool probed_before(const campaign *c, size_t spec, hy_cell_result *result) {
    const hy_probed *const probed = c->plan->probed ? &c->plan->probed[spec] : NULL;
    if (!probed || probed->ok)
        return false;
    memcpy(result->outcome, probed->outcome, sizeof result->outcome);
    memcpy(result->detail, probed->detail, sizeof result->detail);
    return true;
}

static uint64_t yard_of(const hy_yard *yard, const entrant *trace) {
    const double wanted = yard->ratio * (double)trace->peak_bytes;
    return yard->bytes ? yard->bytes : wanted < 1 ? 1 : (uint64_t)wanted;
}

/* What the child is told: a control cell must be run like any other throughput cell, even its arguments are as long. */
static hy_pass pass_to_run(hy_pass pass) {
    return pass == HY_PASS_CONTROL ? HY_PASS_THROUGHPUT : pass;
}

static const hy_prepared *prepared_for(const campaign *c, const entrant *trace, hy_pass pass) {
    if (pass == HY_PASS_LATENCY && c->plan->open_loop > 0)
        return &trace->timed;
    return trace->lanes && (pass == HY_PASS_THROUGHPUT || pass == HY_PASS_VERIFY || pass == HY_PASS_THREADS)
               ? &trace->threads
               : &trace->serial;
}

static int run_cell(campaign *c, const hy_slot_in_time *at, size_t position, hy_error *error) {
    const entrant *const trace = &c->trace[at->trace];
    const hy_campaign_plan *const plan = c->plan;
    const hy_pass pass = pass_to_run(at->pass);
    const hy_prepared *const prepared = prepared_for(c, trace, pass);
    const hy_child_order order = {.prepared = prepared,
                                  .lanes = prepared->what.form != HY_FORM_SERIAL,
                                  .spec = plan->specs[at->spec],
                                  .pass = pass,
                                  .touch = plan->touch,
                                  .speed = pass == HY_PASS_LATENCY ? plan->open_loop : 0,
                                  .seed = c->seed + at->repetition,
                                  .layout = hy_layout_of(plan->layout, at->pass, c->seed, position),
                                  .yard = at->pass == HY_PASS_YARD ? yard_of(&plan->yard, trace) : 0,
                                  .most_bytes = plan->most_bytes,
                                  .timeout = plan->timeout,
                                  .stop = plan->stop};
    hy_cell_result result = {.campaign = c->id,
                             .trace = trace->id,
                             .spec = plan->specs[at->spec],
                             .pass = hy_pass_names[at->pass],
                             .repetition = at->repetition,
                             .position = (unsigned)position};
    const bool known = probed_before(c, at->spec, &result) || timed_out_before(c, &result, error);
    int r = known ? 0 : hy_child_run(&order, &result, error);
    if (r == 0)
        r = hy_store_cell(c->store, &result, error);
    hy_said_free(&result);
    return r;
}

static void show(const campaign *c, const hy_slot_in_time *at, hy_progress *progress, uint64_t start, size_t measured,
                 size_t missing) {
    if (!c->plan->show_progress)
        return;
    progress->elapsed = hy_now() - start;
    progress->left = measured ? progress->elapsed / measured * missing : 0;
    progress->trace = at ? c->trace[at->trace].name : "";
    progress->spec = at ? c->plan->specs[at->spec] : "";
    progress->pass = at ? hy_pass_names[at->pass] : "";
    c->plan->show_progress(c->plan->context, progress);
}

static bool is_stopped(const campaign *c) {
    return c->plan->stop && *c->plan->stop;
}

static void foresee(const campaign *c) {
    char sentence[256];
    if (c->plan->warn && hy_rounds_foresee(&c->watch, sentence, sizeof sentence))
        c->plan->warn(c->plan->context, sentence);
}

/* From the first cell of the plan that is not there yet, to the last.  *ret_rounds: those of the plan, or, if the
 * budget has no room for all, those before the one that was not begun. */
static int run_cells(campaign *c, const hy_slot_in_time *order, hy_campaign_end *end, unsigned *ret_rounds,
                     hy_error *error) {
    const uint64_t start = hy_now();
    hy_progress progress = {.done = end->cells - end->missing, .total = end->cells};
    size_t measured = 0;
    int r = 0;
    *ret_rounds = c->plan->repetitions;
    for (size_t i = 0; r == 0 && i < end->cells && !is_stopped(c); i++) {
        if (!is_missing(c, &order[i]))
            continue;
        if ((i == 0 || order[i - 1].repetition != order[i].repetition) &&
            !hy_rounds_may_begin(&c->watch, order[i].repetition)) {
            *ret_rounds = order[i].repetition;
            break;
        }
        if (i > 0 && order[i].repetition == 1 && order[i - 1].repetition == 0)
            foresee(c);
        show(c, &order[i], &progress, start, measured, end->missing);
        r = run_cell(c, &order[i], i, error);
        if (r == 0) {
            measured++;
            c->watch.measured++;
            end->missing--;
            progress.done++;
        }
    }
    show(c, NULL, &progress, start, measured, end->missing);
    end->measured += measured;
    return r == -EINTR ? 0 : r;
}

/* All cells of the plan as it is now. */
static int run_plan(campaign *c, hy_campaign_end *end, unsigned *ret_rounds, hy_error *error) {
    hy_slot_in_time *const order = hy_order_make(c->plan, c->seed, &end->cells);
    int r = order ? 0 : hy_fail(error, -ENOMEM, "no memory for the order of cells");
    end->missing = 0;
    for (size_t i = 0; r == 0 && i < end->cells; i++)
        end->missing += is_missing(c, &order[i]);
    if (r == 0)
        r = run_cells(c, order, end, ret_rounds, error);
    free(order);
    return r;
}

/* The pilot, and how many rounds there will be by it.  Nothing chosen: stopped. */
static int run_pilot(campaign *c, hy_campaign_end *end, hy_rounds_chosen *ret_chosen, hy_error *error) {
    unsigned rounds = 0;
    c->plan_now.repetitions = c->plan->pilot ? c->plan->pilot : HY_ROUNDS_PILOT;
    int r = run_plan(c, end, &rounds, error);
    if (r < 0 || is_stopped(c))
        return r;
    r = hy_rounds_choose(&c->watch, rounds, ret_chosen, error);
    return r == 0 ? hy_store_set_rounds(c->store, c->id, ret_chosen, error) : r;
}

static int run_rounds(campaign *c, hy_campaign_end *end, hy_error *error) {
    hy_rounds_chosen chosen;
    unsigned rounds = 0;
    int r = hy_store_rounds(c->store, c->id, &chosen, error);
    if (r == 0 && chosen.chosen == 0 && hy_rounds_are_open(c->plan)) {
        r = run_pilot(c, end, &chosen, error);
        end->open = chosen.chosen == 0;
    }
    if (r < 0 || end->open)
        return r;
    if (chosen.chosen > 0)
        c->plan_now.repetitions = chosen.chosen;
    r = run_plan(c, end, &rounds, error);
    if (r < 0 || rounds == c->plan->repetitions)
        return r;
    hy_rounds_cut(&c->watch, rounds, &chosen);
    end->cells -= end->missing;
    end->missing = 0;
    return hy_store_set_rounds(c->store, c->id, &chosen, error);
}

static int run_all(campaign *c, hy_campaign_end *end, hy_error *error) {
    end->campaign = c->id;
    end->traces = calloc(c->plan->trace_count, sizeof *end->traces);
    if (!end->traces)
        return hy_fail(error, -ENOMEM, "no memory for %zu traces", c->plan->trace_count);
    for (size_t i = 0; i < c->plan->trace_count; i++)
        end->traces[i] = c->trace[i].id;
    c->watch = (hy_rounds_watch){.plan = c->plan, .store = c->store, .campaign = c->id};
    hy_rounds_watch_start(&c->watch);
    return run_rounds(c, end, error);
}

/* Whatever it was, the cells before it are stored. */
static void say_resumable(hy_error *error) {
    hy_error why = *error;
    hy_fail(error, 0, "%.400s; the same command with --resume goes on", why.text);
}

int hy_campaign_run(const hy_campaign_plan *plan, hy_store *store, hy_campaign_end *ret_end, hy_error *error) {
    campaign c = {.plan_now = *plan, .store = store};
    hy_campaign_end end = {0};
    c.plan = &c.plan_now;
    int r = prepare_traces(&c, error);
    if (r == 0)
        r = check_threads(&c, error);
    if (r == 0)
        r = start_campaign(&c, error);
    if (r == 0 && (r = run_all(&c, &end, error)) < 0)
        say_resumable(error);
    close_traces(&c);
    if (r == 0)
        *ret_end = end;
    else
        free(end.traces);
    return r;
}
