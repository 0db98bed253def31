/* SPDX-License-Identifier: MIT
 *
 * profile.c - see profile.h.
 *
 *   1. Live bytes of a site at the program's peak: peaks are numbered.  A site's live bytes are noted as those of the
 *      current peak just before they change for the first time after it.
 *   2. The most live bytes of each open phase: open phases are listed by their start, each with the most since then and
 *      before the next one's start, so that an event changes the last only.  What a phase that ends had is the most of
 *      all from its own on.
 */
#include "profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A phase that a thread is in. */
typedef struct open_phase {
    uint32_t thread;
    size_t row;
    uint64_t events, bytes, time; /* at its start */
    uint64_t most;                /* live bytes, until the next one's start */
} open_phase;

struct hy_profile_run {
    hy_objects objects;
    uint64_t events, bytes, time, live, most;
    uint64_t peak; /* its number */
    open_phase *open;
    size_t open_count, open_room;
};

static hy_site_figures *profile_site(hy_profile *profile, uint32_t site) {
    hy_site_figures *const is = &profile->sites[site];
    if (is->peak != profile->run->peak) {
        is->at_peak = is->live;
        is->peak = profile->run->peak;
    }
    return is;
}

static int profile_reserve(hy_profile *profile, size_t count) {
    count = count > 0 ? count : 1;
    if (count <= profile->site_count)
        return 0;
    hy_site_figures *const grown = realloc(profile->sites, count * sizeof *grown);
    if (!grown)
        return -ENOMEM;
    memset(grown + profile->site_count, 0, (count - profile->site_count) * sizeof *grown);
    profile->sites = grown;
    profile->site_count = count;
    return 0;
}

/* ---- events ---- */

static void profile_grow(hy_profile *profile, uint32_t site, uint64_t bytes) {
    struct hy_profile_run *const run = profile->run;
    profile_site(profile, site)->live += bytes;
    run->live += bytes;
    if (run->live > run->most) {
        run->most = run->live;
        run->peak++;
    }
    open_phase *const last = run->open_count > 0 ? &run->open[run->open_count - 1] : NULL;
    if (last && run->live > last->most)
        last->most = run->live;
}

static void profile_shrink(hy_profile *profile, uint32_t site, uint64_t bytes) {
    profile_site(profile, site)->live -= bytes;
    profile->run->live -= bytes;
}

static int profile_birth(hy_profile *profile, const hy_event *event, uint32_t site) {
    hy_object *const object = hy_objects_add(&profile->run->objects, event->id);
    if (!object)
        return -ENOMEM;
    object->size = event->size;
    object->site = site & (HY_SITES_MAX - 1);
    profile->sites[site].calls++;
    profile->sites[site].bytes += event->size;
    profile->run->bytes += event->size;
    profile_grow(profile, site, event->size);
    return 0;
}

static void profile_resize(hy_profile *profile, const hy_event *event, hy_object *object, uint32_t site) {
    const uint64_t more = event->size > object->size ? event->size - object->size : 0;
    site = site ? site : object->site;
    profile->sites[site].calls++;
    profile->sites[site].bytes += more;
    profile->run->bytes += more;
    profile_shrink(profile, object->site, object->size);
    profile_grow(profile, site, event->size);
    object->size = event->size;
    object->site = site & (HY_SITES_MAX - 1);
}

static int profile_event(hy_profile *profile, const hy_event *event, uint32_t site) {
    struct hy_profile_run *const run = profile->run;
    run->events++;
    run->time = event->time;
    if (hy_event_is_birth(event))
        return profile_birth(profile, event, site);
    if (event->kind > HY_EVENT_FREE)
        return 0;
    hy_object *const object = hy_objects_find(&run->objects, event->id);
    if (event->kind == HY_EVENT_REALLOC) {
        profile_resize(profile, event, object, site);
        return 0;
    }
    profile_shrink(profile, object->site, object->size);
    hy_objects_remove(&run->objects, object);
    return 0;
}

/* ---- phases ---- */

static void profile_close(hy_profile *profile, size_t index) {
    struct hy_profile_run *const run = profile->run;
    const open_phase is = run->open[index];
    hy_phase_figures *const row = &profile->phases[is.row];
    row->times++;
    row->events += run->events - is.events;
    row->bytes += run->bytes - is.bytes;
    row->duration += run->time > is.time ? run->time - is.time : 0;
    row->end_bytes = run->live;
    for (size_t i = index; i < run->open_count; i++)
        row->peak_bytes = run->open[i].most > row->peak_bytes ? run->open[i].most : row->peak_bytes;
    if (index > 0 && is.most > run->open[index - 1].most)
        run->open[index - 1].most = is.most;
    memmove(run->open + index, run->open + index + 1, (run->open_count - index - 1) * sizeof is);
    run->open_count--;
}

/* The row of a thread's phase; phase_count: no memory. */
static size_t profile_row(hy_profile *profile, const hy_mark *mark) {
    for (size_t i = 0; i < profile->phase_count; i++)
        if (profile->phases[i].thread == mark->thread && strcmp(profile->phases[i].name, mark->name) == 0)
            return i;
    if (profile->phase_count == HY_PHASES_MAX)
        return HY_PHASES_MAX - 1;
    hy_phase_figures *const grown = realloc(profile->phases, (profile->phase_count + 1) * sizeof *grown);
    if (!grown)
        return profile->phase_count;
    profile->phases = grown;
    hy_phase_figures *const row = &grown[profile->phase_count];
    *row = (hy_phase_figures){.thread = mark->thread};
    if (profile->phase_count == HY_PHASES_MAX - 1)
        memcpy(row->name, "…", sizeof "…");
    else
        memcpy(row->name, mark->name, sizeof row->name);
    return profile->phase_count++;
}

static int profile_mark(hy_profile *profile, const hy_mark *mark) {
    struct hy_profile_run *const run = profile->run;
    run->time = mark->time > run->time ? mark->time : run->time;
    for (size_t i = 0; i < run->open_count; i++) {
        if (run->open[i].thread != mark->thread)
            continue;
        profile_close(profile, i);
        break;
    }
    if (mark->name[0] == '\0')
        return 0;
    if (run->open_count == run->open_room) {
        const size_t room = run->open_room ? 2 * run->open_room : 16;
        open_phase *const grown = realloc(run->open, room * sizeof *grown);
        if (!grown)
            return -ENOMEM;
        run->open = grown;
        run->open_room = room;
    }
    const size_t row = profile_row(profile, mark);
    if (row == profile->phase_count)
        return -ENOMEM;
    run->open[run->open_count++] = (open_phase){mark->thread, row, run->events, run->bytes, run->time, run->live};
    return 0;
}

/* ---- the whole ---- */

int hy_profile_take(hy_profile *profile, const hy_trace_reader *reader, const hy_event *events, size_t count) {
    const uint32_t *const sites = hy_trace_event_sites(reader);
    size_t marks, next = 0;
    const hy_mark *const mark = hy_trace_marks(reader, &marks);
    if (!profile->run && !(profile->run = calloc(1, sizeof *profile->run)))
        return -ENOMEM;
    int r = profile_reserve(profile, hy_trace_sites(reader)->site_count);
    for (size_t i = 0; i < count && r == 0; i++) {
        for (; r == 0 && next < marks && mark[next].event == profile->run->events; next++)
            r = profile_mark(profile, &mark[next]);
        if (r == 0)
            r = profile_event(profile, &events[i], sites ? sites[i] : 0);
    }
    for (; r == 0 && next < marks; next++)
        r = profile_mark(profile, &mark[next]);
    return r;
}

int hy_profile_end(hy_profile *profile, hy_trace_reader *reader) {
    const int r = hy_profile_take(profile, reader, NULL, 0);
    if (r < 0)
        return r;
    while (profile->run->open_count > 0)
        profile_close(profile, profile->run->open_count - 1);
    for (uint32_t i = 0; i < profile->site_count; i++)
        profile_site(profile, i);
    hy_trace_take_sites(reader, &profile->names);
    return 0;
}

void hy_profile_clear(hy_profile *profile) {
    if (profile->run) {
        hy_objects_clear(&profile->run->objects);
        free(profile->run->open);
        free(profile->run);
    }
    hy_sites_clear(&profile->names);
    free(profile->sites);
    free(profile->phases);
    *profile = (hy_profile){.sites = NULL};
}

/* ---- rank ---- */

typedef struct ranked {
    uint64_t figure;
    uint32_t site;
} ranked;

static int compare_ranked(const void *left, const void *right) {
    const ranked *const a = left, *const b = right;
    if (a->figure != b->figure)
        return a->figure > b->figure ? -1 : 1;
    return a->site < b->site ? -1 : 1;
}

uint32_t *hy_profile_rank(const hy_profile *profile, hy_site_order order, size_t *ret_count) {
    ranked *const list = malloc((profile->site_count + 1) * sizeof *list);
    uint32_t *const numbers = malloc((profile->site_count + 1) * sizeof *numbers);
    size_t count = 0;
    for (uint32_t i = 0; list && i < profile->site_count; i++) {
        const hy_site_figures *const is = &profile->sites[i];
        if (is->calls > 0)
            list[count++] = (ranked){order == HY_SITES_BY_BYTES  ? is->bytes
                                     : order == HY_SITES_BY_PEAK ? is->at_peak
                                     : order == HY_SITES_BY_END  ? is->live
                                                                 : is->calls,
                                     i};
    }
    if (list)
        qsort(list, count, sizeof *list, compare_ranked);
    for (size_t i = 0; list && numbers && i < count; i++)
        numbers[i] = list[i].site;
    if (!list) {
        free(numbers);
        return NULL;
    }
    free(list);
    *ret_count = count;
    return numbers;
}
