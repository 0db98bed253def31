/* SPDX-License-Identifier: MIT
 *
 * check.c - `heapyard check SPEC…`: does an allocator keep the contract?  Prints TAP, a line a case.
 */
#include "command.h"

#include "conform.h"
#include "environment.h"
#include "registry.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct settings {
    hy_specs specs;
    hy_conform_options options;
    bool list;
} settings;

static const struct argp_option options[] = {
    {"case", 'c', "NAME,…", 0, "run these cases only", 0},
    {"seed", 's', "N", 0, "start random runs from N (default 1)", 0},
    {"time-limit", 't', "TIME", 0, "a case that takes longer has failed (default 120s, and 10s once one did)", 0},
    {"list", 'l', NULL, 0, "list the cases", 0},
    {0},
};

static error_t parse_time_limit(const char *text, hy_conform_options *ret, struct argp_state *state) {
    uint64_t nanoseconds = 0;
    if (hy_parse_time(text, &nanoseconds) < 0 || nanoseconds < 1000000000u)
        argp_error(state, "--time-limit=%s: expected a time of 1s or more", text);
    ret->seconds = (unsigned)(nanoseconds / 1000000000u);
    return 0;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    settings *const set = state->input;
    switch (key) {
    case 'c': set->options.only = argument; return 0;
    case 'l': set->list = true; return 0;
    case 's':
        if (hy_parse_count(argument, &set->options.seed) < 0)
            argp_error(state, "--seed=%s: expected a whole number", argument);
        return 0;
    case 't': return parse_time_limit(argument, &set->options, state);
    case ARGP_KEY_ARG: return cmd_add_specs(&set->specs, argument) < 0 ? EINVAL : 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int list_cases(void) {
    const char *name, *summary;
    for (size_t i = 0; hy_conform_case(i, &name, &summary); i++)
        printf("%-14s %s\n", name, summary);
    return HY_EXIT_OK;
}

/* What the report counts. */
typedef struct tally {
    const char *spec;
    unsigned number, passed, failed, skipped, deviating;
} tally;

static void print_result(void *context, const hy_case_result *result) {
    tally *const t = context;
    const bool failed = result->verdict == HY_VERDICT_FAILED;
    printf("%sok %u - %s %s: %s", failed ? "not " : "", ++t->number, t->spec, result->name, result->summary);
    if (result->verdict == HY_VERDICT_SKIPPED)
        printf(" # SKIP %s", result->reason);
    if (result->verdict == HY_VERDICT_DEVIATES)
        printf(" # known deviation: %s", result->reason);
    putchar('\n');
    if (failed)
        printf("# %s: %s\n", result->name, result->reason);
    fflush(stdout);
    t->failed += failed;
    t->passed += result->verdict == HY_VERDICT_OK;
    t->skipped += result->verdict == HY_VERDICT_SKIPPED;
    t->deviating += result->verdict == HY_VERDICT_DEVIATES;
}

static void print_summary(const tally *t, size_t specs) {
    printf("1..%u\n# %zu allocator%s: %u cases passed, %u failed, %u skipped", t->number, specs, specs == 1 ? "" : "s",
           t->passed, t->failed, t->skipped);
    if (t->deviating)
        printf(", %u failed as known", t->deviating);
    puts("");
}

static int check_all(const settings *set) {
    tally t = {.spec = NULL};
    for (size_t i = 0; i < set->specs.count; i++) {
        hy_error error = {""};
        t.spec = set->specs.text[i];
        if (hy_conform(&hy_registry, t.spec, &set->options, print_result, &t, &error) < 0)
            return cmd_fail("%s", error.text);
    }
    print_summary(&t, set->specs.count);
    return t.failed ? HY_EXIT_MEASURED : HY_EXIT_OK;
}

/* ------------------------------------------------------------------------------------------------ starting again ----
 *
 * Mallocs of others read their settings when a process starts.  Where this one was started without them, it starts
 * itself again. */

static bool is_same(const hy_environment *one, const hy_environment *other) {
    bool same = one->count == other->count;
    for (size_t i = 0; same && i < one->count; i++)
        same = strcmp(one->entry[i], other->entry[i]) == 0;
    return same;
}

/* What the foreign ones among the specs need to be started with.  *ret_who: the last of them, or NULL: there is none.
 * 0, or an exit code. */
static int find_environment(const hy_specs *specs, hy_environment *ret_environment, const char **ret_who) {
    *ret_who = NULL;
    for (size_t i = 0; i < specs->count; i++) {
        const hy_text spec = {specs->text[i], strlen(specs->text[i])};
        const hy_heap_ops *ops = NULL;
        hy_environment own;
        hy_error error = {""};
        if (hy_spec_check(&hy_registry, spec, &ops, &error) < 0)
            return cmd_fail("%s", error.text);
        if (!(ops->flags & HY_FOREIGN))
            continue;
        if (hy_spec_environment(&hy_registry, spec, &own, &error) < 0)
            return cmd_fail("%s", error.text);
        if (*ret_who && !is_same(&own, ret_environment))
            return cmd_fail("%s and %s must be started with different settings; check them one at a time", *ret_who,
                            spec.at);
        *ret_environment = own;
        *ret_who = spec.at;
    }
    return 0;
}

/* 0: go on; else an exit code.  Does not come back if the process had to be started again. */
static int start_again(const hy_specs *specs, int argc, char **argv) {
    hy_environment environment;
    const char *who;
    const int r = find_environment(specs, &environment, &who);
    if (r != 0 || !who || hy_environment_is_set(&environment))
        return r;
    char **const again = calloc((size_t)argc + 2, sizeof *again);
    if (!again || hy_environment_apply(&environment) < 0)
        return cmd_fail("no memory to start again with the settings of %s", who);
    again[0] = (char *)"heapyard";
    memcpy(again + 1, argv, (size_t)argc * sizeof *argv);
    execv("/proc/self/exe", again);
    return cmd_fail("cannot start again with the settings of %s: %s", who, strerror(errno));
}

/* ----------------------------------------------------------------------------------------------------- command ---- */

static int add_all(hy_specs *specs) {
    for (const hy_listing *e = hy_listings; e->ops; e++)
        if (cmd_add_specs(specs, e->ops->name) < 0)
            return HY_EXIT_INPUT;
    return 0;
}

static int run(int argc, char **argv) {
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[SPEC…]",
        .doc = "Runs every case that an allocator's capabilities allow, each in a process of its own, and prints TAP.  "
               "Without a SPEC: all allocators of the list."};
    settings set = {.options.seed = 1};
    int r = cmd_parse(&argp, argc, argv, &set);
    if (r == 0 && set.list)
        r = list_cases();
    else if (r == 0 && set.specs.count == 0)
        r = add_all(&set.specs);
    if (r == 0 && !set.list)
        r = start_again(&set.specs, argc, argv);
    if (r == 0 && !set.list)
        r = check_all(&set);
    cmd_free_specs(&set.specs);
    return r;
}

const hy_command cmd_check = {
    .name = "check",
    .family = "judge",
    .usage = "check [SPEC…]",
    .summary = "does an allocator keep the contract?",
    .examples = {"heapyard check fit:policy=best", "heapyard check ./my-allocator.so --case walk",
                 "heapyard check --list", NULL},
    .run = run,
};
