/* SPDX-License-Identifier: MIT
 *
 * compare_databases.c - two databases: is what was measured later slower or larger (see compare.h)?
 */
#include "bootstrap.h"
#include "compare.h"
#include "session.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One trace in both. */
typedef struct pair {
    const hy_trial *old, *new;
    const char *reference;
    unsigned group;
} pair;

/* ----------------------------------------------------------------------------------------------------- choices ---- */

static double *times_room(const hy_trial *trial) {
    double *const room = malloc((trial->rounds + 1) * sizeof *room);
    if (!room)
        abort();
    return room;
}

static bool has_times(const hy_trial *trial, const hy_series *series) {
    double *const a = times_room(trial), *const b = times_room(trial);
    const bool enough = series && hy_trial_pairs(trial, series, series, a, b) >= HY_BOOTSTRAP_LEAST;
    free(a);
    free(b);
    return enough;
}

/* Heapyard's version is that of `null`, whose cost hardly depends on it; another libc is another system. */
static bool is_reference(const pair *p, const char *spec, bool same_version) {
    const hy_series *const old = hy_series_of(p->old, spec), *const new = hy_series_of(p->new, spec);
    return has_times(p->old, old) && has_times(p->new, new) &&
           (!same_version || strcmp(old->version, new->version) == 0);
}

static const char *choose_reference(const pair *p) {
    return is_reference(p, "system", true) ? "system" : is_reference(p, "null", false) ? "null" : NULL;
}

/* `null` is no allocator, so nobody asks what became of it. */
static bool is_asked_for(const hy_series *series, char *const *specs, size_t count) {
    bool asked = count == 0;
    for (size_t i = 0; i < count; i++)
        asked |= strcmp(specs[i], series->spec) == 0;
    return asked && !series->control && strcmp(series->spec, "null") != 0;
}

static bool is_wanted(const pair *p, const hy_series *series, char *const *specs, size_t count) {
    if (series->control || !hy_series_of(p->old, series->spec))
        return false;
    return (p->reference && strcmp(series->spec, p->reference) == 0) || is_asked_for(series, specs, count);
}

/* ----------------------------------------------------------------------------------------------------- session ---- */

/* An allocator's time as so many times that of the reference, round by round. */
static double *relative_times(const hy_trial *trial, const char *spec, const char *reference, size_t *ret_count) {
    double *const ours = times_room(trial), *const theirs = times_room(trial);
    *ret_count = hy_trial_pairs(trial, hy_series_of(trial, spec), hy_series_of(trial, reference), ours, theirs);
    for (size_t i = 0; i < *ret_count; i++)
        ours[i] /= theirs[i];
    free(theirs);
    return ours;
}

static void add_time(hy_session *s, const pair *p, hy_comparison *row) {
    hy_contest c = {.group = p->group, .kind = HY_CONTEST_TIME};
    double *const ours = relative_times(p->new, row->spec, p->reference, &c.our_count);
    double *const theirs = relative_times(p->old, row->spec, p->reference, &c.their_count);
    c.ours = ours;
    c.theirs = theirs;
    row->rounds = c.our_count < c.their_count ? c.our_count : c.their_count;
    hy_session_add(s, &c, true, &row->time);
}

static void add_size(hy_session *s, const pair *p, const hy_series *old, const hy_series *new, hy_comparison *row) {
    const bool alike = p->old->side_by_side == p->new->side_by_side; /* else one is serial, and not to be compared */
    const hy_contest c = {.ours = new->bytes,
                          .theirs = old->bytes,
                          .our_count = alike ? new->weighed : 0,
                          .their_count = alike ? old->weighed : 0,
                          .grain = HY_FOOTPRINT_GRAIN,
                          .group = p->group,
                          .kind = HY_CONTEST_SIZE};
    hy_session_add(s, &c, false, &row->size);
}

/* Of the campaign that the trace was measured in. */
static void add_control(hy_session *s, const hy_trial *trial, const char *path, unsigned group, hy_compared *compared) {
    const hy_series *const control = trial->control < trial->count ? &trial->series[trial->control] : NULL;
    const hy_series *const own = control ? hy_series_of(trial, control->spec) : NULL;
    if (!own)
        return;
    hy_control *const place = &compared->control[compared->control_count++];
    *place = (hy_control){.spec = own->spec, .database = path};
    double *const ours = times_room(trial), *const theirs = times_room(trial);
    const size_t count = hy_trial_pairs(trial, control, own, ours, theirs);
    const hy_contest c = {.ours = ours,
                          .theirs = theirs,
                          .our_count = count,
                          .their_count = count,
                          .shared = true,
                          .control = true,
                          .group = group,
                          .kind = HY_CONTEST_TIME};
    hy_session_add(s, &c, true, &place->time);
}

/* ------------------------------------------------------------------------------------------------------- traces ----
 */

static void compare_series(hy_session *s, const pair *p, const hy_series *new, hy_comparison *row) {
    static const hy_judgement not_judged = {NAN, NAN, NAN, NAN, NAN, NAN, HY_TEST_NONE, ""};
    const hy_series *const old = hy_series_of(p->old, new->spec);
    const bool is_base = p->reference && strcmp(new->spec, p->reference) == 0;
    *row = (hy_comparison){.spec = new->spec,
                           .side = is_base ? HY_SIDE_BASELINE : HY_SIDE_OTHER,
                           .ours = hy_series_time(p->new, new),
                           .theirs = hy_series_time(p->old, old),
                           .our_size = hy_series_size(new),
                           .their_size = hy_series_size(old),
                           .time = not_judged,
                           .size = not_judged,
                           .failed = new->problem && !old->problem,
                           .problem = new->problem};
    if (is_base)
        return;
    if (p->reference)
        add_time(s, p, row);
    add_size(s, p, old, new, row);
}

/* The reference first, the others by name. */
static int by_place(const void *left, const void *right) {
    const hy_series *const a = *(const hy_series *const *)left, *const b = *(const hy_series *const *)right;
    return strcmp(a->spec, b->spec);
}

static size_t list_series(const pair *p, char *const *specs, size_t count, const hy_series **ret_list) {
    size_t rows = 0;
    const hy_series *const base = p->reference ? hy_series_of(p->new, p->reference) : NULL;
    if (base)
        ret_list[rows++] = base;
    for (size_t i = 0; i < p->new->count; i++)
        if (&p->new->series[i] != base && is_wanted(p, &p->new->series[i], specs, count))
            ret_list[rows++] = &p->new->series[i];
    const size_t first = base ? 1 : 0;
    qsort(ret_list + first, rows - first, sizeof *ret_list, by_place);
    return rows;
}

/* A gate should not pass because something is no longer measured. */
static void list_gone(const pair *p, char *const *specs, size_t count, hy_compared *compared) {
    for (size_t i = 0; i < p->old->count; i++)
        if (is_asked_for(&p->old->series[i], specs, count) && !hy_series_of(p->new, p->old->series[i].spec))
            compared->gone[compared->gone_count++] = p->old->series[i].spec;
}

static void compare_pair(hy_session *s, const pair *p, char *const *specs, size_t count, hy_compared *compared) {
    const hy_series **const list = calloc(p->new->count + 1, sizeof *list);
    *compared = (hy_compared){.trial = p->new,
                              .reference = p->reference,
                              .null_time = hy_series_time(p->new, hy_series_of(p->new, "null")),
                              .row = calloc(p->new->count + 1, sizeof *compared->row),
                              .gone = calloc(p->old->count + 1, sizeof *compared->gone)};
    if (!list || !compared->row || !compared->gone)
        abort();
    list_gone(p, specs, count, compared);
    compared->count = list_series(p, specs, count, list);
    for (size_t i = 0; i < compared->count; i++)
        compare_series(s, p, list[i], &compared->row[i]);
    free(list);
}

static bool has_rows(const hy_comparisons *all) {
    for (size_t i = 0; i < all->count; i++)
        for (size_t k = 0; k < all->trace[i].count; k++)
            if (all->trace[i].row[k].side == HY_SIDE_OTHER)
                return true;
    return false;
}

static void list_gone_traces(const hy_archive *old, const hy_archive *new, hy_comparisons *all) {
    for (size_t i = 0; i < old->count; i++)
        if (!hy_archive_trial(new, old->trial[i]->hash))
            all->gone[all->gone_count++] = old->trial[i]->name;
}

int hy_compare_databases(const hy_archive *old, const hy_archive *new, char *const *specs, size_t count,
                         const hy_rules *rules, hy_comparisons *ret_comparisons, hy_error *error) {
    hy_session s = {.count = 0};
    hy_comparisons all = {.rules = *rules,
                          .old = old->path,
                          .new = new->path,
                          .trace = calloc(new->count + 1, sizeof *all.trace),
                          .gone = calloc(old->count + 1, sizeof *all.gone)};
    if (!all.trace || !all.gone)
        abort();
    list_gone_traces(old, new, &all);
    for (size_t i = 0; i < new->count; i++) {
        const hy_trial *const trial = new->trial[i];
        pair p = {.old = hy_archive_trial(old, trial->hash), .new = trial, .group = (unsigned)all.count};
        if (!p.old)
            continue;
        p.reference = choose_reference(&p);
        hy_compared *const compared = &all.trace[all.count++];
        compare_pair(&s, &p, specs, count, compared);
        add_control(&s, p.old, old->path, p.group, compared);
        add_control(&s, p.new, new->path, p.group, compared);
    }
    int r = hy_session_judge(&s, rules);
    if (r < 0)
        hy_fail(error, r, "no memory for the verdicts");
    else if (!has_rows(&all))
        r = hy_fail(error, -ENODATA, "%s and %s have no trace with the same allocator%s in common", old->path,
                    new->path, count ? " of -a" : " (but a reference)");
    if (r == 0)
        *ret_comparisons = all;
    else
        hy_comparisons_free(&all);
    return r;
}
