/* SPDX-License-Identifier: MIT
 *
 * compare_options.c - the command line of `heapyard compare`: replay's options and its own.
 */
#include "compare_options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECONDS_A_TRACE 15
#define PRECISION 0.01

enum { OPTION_MARGIN = 768 };

static const struct argp_option table[] = {
    {"margin", OPTION_MARGIN, "PERCENT", 0, "a difference that nobody would care about (2%)", 1},
    {0},
};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    hy_compare_options *const o = state->input;
    switch (key) {
    case ARGP_KEY_INIT: state->child_inputs[0] = &o->replay; return 0;
    case OPTION_MARGIN: return cmd_margin(text, &o->rules.margin) < 0 ? EINVAL : 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static bool is_database(const char *path) {
    static const char magic[16] = "SQLite format 3";
    char head[sizeof magic] = "";
    FILE *const file = fopen(path, "rb");
    const size_t got = file ? fread(head, 1, sizeof head, file) : 0;
    if (file)
        fclose(file);
    return got == sizeof head && memcmp(head, magic, sizeof head) == 0;
}

static int count_databases(hy_compare_options *o) {
    size_t databases = 0;
    for (size_t i = 0; i < o->replay.trace_count; i++)
        databases += is_database(o->replay.traces[i]);
    o->databases = databases > 0;
    if (databases > 0 && (databases != 2 || o->replay.trace_count != 2))
        return cmd_fail("databases are compared two at a time; expected heapyard compare OLD.db NEW.db, or TRACE… -a "
                        "BASELINE,SPEC,…");
    return 0;
}

/* The campaign measures each spec once, and the baseline once more as its control; who is asked for says what is told.
 */
static void remember_asked(hy_compare_options *o) {
    const hy_specs *const typed = &o->replay.specs;
    o->asked.text = calloc(typed->count + 1, sizeof *o->asked.text);
    if (!o->asked.text)
        abort();
    for (size_t i = 0; i < typed->count; i++) {
        bool again = false;
        for (size_t k = 1; k < o->asked.count; k++)
            again |= strcmp(o->asked.text[k], typed->text[i]) == 0;
        char *const copy = again ? NULL : strdup(typed->text[i]);
        if (copy)
            o->asked.text[o->asked.count++] = copy;
    }
}

/* As long as it takes to tell 1 %, but not longer than one likes to wait; who says one of the two may wait longer. */
static void choose_rounds(hy_replay_options *o) {
    hy_campaign_plan *const plan = &o->plan;
    if (o->repetitions_given || !plan->pass[HY_PASS_THROUGHPUT])
        return;
    if (plan->budget == 0 && plan->precision <= 0)
        plan->budget = o->trace_count * SECONDS_A_TRACE * UINT64_C(1000000000);
    if (plan->precision <= 0)
        plan->precision = PRECISION;
}

static int finish_campaign(hy_compare_options *o) {
    hy_campaign_plan *const plan = &o->replay.plan;
    if (o->replay.trace_count > 0 && o->asked.count < 2)
        return cmd_fail("nothing to compare; expected -a BASELINE,SPEC,… (the same twice shows what the machine makes "
                        "of no difference)");
    if (!o->replay.passes_given)
        plan->pass[HY_PASS_THROUGHPUT] = plan->pass[HY_PASS_FOOTPRINT] = plan->pass[HY_PASS_THREADS] =
            o->replay.passes_given = true;
    if (!plan->pass[HY_PASS_THROUGHPUT] && !plan->pass[HY_PASS_FOOTPRINT] && !plan->pass[HY_PASS_THREADS])
        return cmd_fail("verdicts are about the passes throughput, footprint and threads; --pass has none of them");
    choose_rounds(&o->replay);
    const int r = replay_options_finish(&o->replay, "compare");
    if (r != 0)
        return r;
    size_t baseline = 0;
    while (strcmp(plan->specs[baseline], o->asked.text[0]) != 0)
        baseline++;
    replay_options_add_control(&o->replay, baseline);
    return 0;
}

int compare_options_read(int argc, char **argv, hy_compare_options *ret_options) {
    static const struct argp_child children[] = {{&replay_argp, 0, "The campaign:", 2}, {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse_option,
        .args_doc = "-a BASELINE,SPEC,…",
        .doc = "Verdicts: allocators against the first of the list, measured now.  `heapyard compare OLD.db NEW.db`: "
               "what was stored later against what was stored before.\vWithout -r there are as many rounds as a "
               "precision of 1% takes, or as 15 s for each trace have room for; --precision and --budget say "
               "otherwise.\nExit status: 0 nothing is worse, 1 something is slower, larger or did not get through, "
               "2 nothing was measured.",
        .children = children,
    };
    hy_compare_options *const o = ret_options;
    *o = (hy_compare_options){.rules = HY_RULES_DEFAULT};
    replay_options_start(argc, argv, &o->replay);
    int r = cmd_parse(&argp, argc, argv, o);
    if (r == 0)
        r = count_databases(o);
    if (r != 0)
        return r;
    remember_asked(o);
    if (o->databases && o->replay.format == HY_FORMAT_GBENCH)
        return cmd_fail("compare answers as text, csv, json or markdown; gbench is what `heapyard bench` answers");
    return o->databases ? 0 : finish_campaign(o);
}

void compare_options_free(hy_compare_options *options) {
    replay_options_free(&options->replay);
    cmd_free_specs(&options->asked);
}
