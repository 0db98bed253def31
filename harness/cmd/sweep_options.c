/* SPDX-License-Identifier: MIT
 *
 * sweep_options.c - the command line of `heapyard sweep`: replay's options and its own, and the points that they name.
 */
#include "registry.h"
#include "sweep.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_VARY = 512, OPTION_QUICK, OPTION_DRY_RUN };

static const struct argp_option table[] = {
    {"vary", OPTION_VARY, "KEY=VALUE,…", 0,
     "a parameter and its values; A..B is a range (doubling), A..B*10 another factor, A..B/8 so many values, A..B+4 a "
     "distance; every:1..64 a range in a rule",
     1},
    {"trace", 't', "TRACE", 0, "a trace, as an argument is", 1},
    {"dry-run", OPTION_DRY_RUN, NULL, 0, "print what would be measured, and how long that may take", 1},
    {"quick", OPTION_QUICK, NULL, 0, "the short form of a ready-made sweep", 1},
    {0},
};

/* ----------------------------------------------------------------------------------------------------- reading ---- */

static int add_vary(hy_sweep *s, const char *text) {
    hy_error error;
    if (s->vary_count == HY_SWEEP_VARY) {
        cmd_fail("more than %d parameters to vary", HY_SWEEP_VARY);
        return -EINVAL;
    }
    if (hy_vary_parse((hy_text){text, strlen(text)}, &s->vary[s->vary_count], &error) < 0) {
        cmd_fail("--vary: %s", error.text);
        return -EINVAL;
    }
    s->vary_text[s->vary_count++] = text;
    return 0;
}

static const hy_sweep_named *find_named(const char *name) {
    for (const hy_sweep_named *n = hy_sweeps; n->name; n++)
        if (strcmp(n->name, name) == 0)
            return n;
    return NULL;
}

/* The first argument may be the name of a ready-made sweep (a file of that name is ./merge); all others are traces. */
static error_t take_argument(hy_sweep *s, const char *text, const struct argp_state *state) {
    s->named = state->arg_num == 0 ? find_named(text) : s->named;
    return state->arg_num == 0 && s->named ? 0 : ARGP_ERR_UNKNOWN;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    hy_sweep *const s = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &s->replay; return 0;
    case ARGP_KEY_ARG: return take_argument(s, text, state);
    case OPTION_VARY: return add_vary(s, text) < 0 ? EINVAL : 0;
    case OPTION_QUICK: s->quick = true; return 0;
    case OPTION_DRY_RUN: s->dry_run = true; return 0;
    case 't': replay_options_add_trace(&s->replay, text); return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ------------------------------------------------------------------------------------------- ready-made sweeps ---- */

/* traces/NAME.hyt for each name, or all that lie there.  The paths live as long as the program. */
static int add_shipped_traces(hy_replay_options *o, const char *const *names) {
    static glob_t found;
    int r = 0;
    if (!names[0])
        r = glob("traces/*.hyt", 0, NULL, &found);
    for (size_t i = 0; r == 0 && names[i]; i++) {
        char path[256];
        snprintf(path, sizeof path, "traces/%s.hyt", names[i]);
        r = glob(path, i > 0 ? GLOB_APPEND : 0, NULL, &found);
    }
    for (size_t i = 0; r == 0 && i < found.gl_pathc; i++)
        replay_options_add_trace(o, found.gl_pathv[i]);
    return r == 0 ? 0
                  : cmd_fail("the shipped traces are not in ./traces; name some, or go to heapyard's source folder");
}

static const hy_sweep_shape *shape_of(const hy_sweep *s) {
    static const hy_sweep_shape none;
    return !s->named ? &none : s->quick ? &s->named->quick : &s->named->full;
}

/* What the user has not said, the ready-made sweep says. */
static void fill_in_yard(hy_replay_options *o, const hy_sweep_shape *shape) {
    if (shape->yard == 0)
        return;
    if (o->plan.yard.bytes == 0 && o->plan.yard.ratio == 0)
        o->plan.yard.ratio = shape->yard;
    if (!o->passes_given)
        o->plan.pass[HY_PASS_YARD] = true;
}

static int fill_in(hy_sweep *s) {
    const hy_sweep_shape *const shape = shape_of(s);
    hy_replay_options *const o = &s->replay;
    if (!s->named)
        return 0;
    fill_in_yard(o, shape);
    if (o->specs.count == 0 && cmd_add_specs(&o->specs, shape->specs) < 0)
        return HY_EXIT_INPUT;
    for (size_t i = 0, given = s->vary_count; given == 0 && shape->vary[i]; i++)
        if (add_vary(s, shape->vary[i]) < 0)
            return HY_EXIT_INPUT;
    return o->trace_count ? 0 : add_shipped_traces(o, shape->traces);
}

static int read_all(int argc, char **argv, hy_sweep *s) {
    static const struct argp_child children[] = {{&replay_argp, 0, "The campaign:", 2}, {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse_option,
        .args_doc = "[merge]",
        .doc = "Measures every combination of settings on every trace: a fresh process for each cell, in random order, "
               "stored at once.",
        .children = children,
    };
    hy_campaign_plan *const plan = &s->replay.plan;
    replay_options_start(argc, argv, &s->replay);
    const unsigned repetitions = plan->repetitions;
    const uint64_t timeout = plan->timeout;
    plan->repetitions = 0;
    plan->timeout = 0;
    int r = cmd_parse(&argp, argc, argv, s);
    if (r == 0)
        r = fill_in(s);
    const hy_sweep_shape *const shape = shape_of(s);
    if (plan->repetitions == 0) {
        plan->repetitions = shape->repetitions ? shape->repetitions : repetitions;
        plan->most_latency = shape->most_latency;
    }
    if (plan->timeout == 0)
        plan->timeout = shape->timeout ? shape->timeout : timeout;
    return r;
}

/* ------------------------------------------------------------------------------------------------------ points ---- */

/* `null` is there anyway, and has nothing to vary. */
static void drop_null(hy_specs *specs) {
    size_t kept = 0;
    for (size_t i = 0; i < specs->count; i++) {
        if (strcmp(specs->text[i], "null") == 0)
            free(specs->text[i]);
        else
            specs->text[kept++] = specs->text[i];
    }
    specs->count = kept;
}

static int check(const hy_sweep *s) {
    if (s->replay.plan.precision > 0 || s->replay.plan.budget > 0)
        return cmd_fail("a sweep has as many repetitions as --repetitions says; --precision and --budget are for "
                        "replay and compare");
    if (s->quick && !s->named)
        return cmd_fail("--quick is for ready-made sweeps, as in heapyard sweep merge --quick");
    if (s->replay.specs.count == 0)
        return cmd_fail("no allocator to vary; expected -a SPEC,…");
    if (s->vary_count == 0)
        return cmd_fail("nothing to vary; expected --vary KEY=VALUE,… (`heapyard replay` measures single settings)");
    return 0;
}

/* The specs become all their points. */
static int make_points(hy_sweep *s) {
    hy_specs *const specs = &s->replay.specs;
    hy_points points;
    hy_error error;
    if (hy_points_make(&hy_registry, specs->text, specs->count, s->vary, s->vary_count, &points, &error) < 0)
        return cmd_fail("--vary: %s", error.text);
    s->base_count = specs->count;
    s->again = points.again;
    cmd_free_specs(specs);
    *specs = (hy_specs){points.spec, points.count};
    const char *const beside = shape_of(s)->beside;
    return beside && cmd_add_specs(specs, beside) < 0 ? HY_EXIT_INPUT : 0;
}

static int probe_points(hy_sweep *s) {
    hy_campaign_plan *const plan = &s->replay.plan;
    hy_error error;
    s->probed = calloc(plan->spec_count, sizeof *s->probed);
    if (!s->probed)
        return cmd_fail("no memory for %zu settings", plan->spec_count);
    plan->probed = s->probed;
    return hy_probe((const char *const *)plan->specs, plan->spec_count, s->probed, &error) < 0
               ? cmd_fail("%s", error.text)
               : 0;
}

int sweep_read(int argc, char **argv, hy_sweep *ret_sweep) {
    hy_sweep *const s = ret_sweep;
    *s = (hy_sweep){.named = NULL};
    int r = read_all(argc, argv, s);
    if (r == 0) {
        drop_null(&s->replay.specs);
        r = check(s);
    }
    if (r == 0)
        r = make_points(s);
    if (r == 0)
        r = replay_options_finish(&s->replay, "sweep");
    return r == 0 ? probe_points(s) : r;
}

void sweep_free(hy_sweep *sweep) {
    replay_options_free(&sweep->replay);
    free(sweep->probed);
}
