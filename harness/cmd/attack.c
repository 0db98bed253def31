/* SPDX-License-Identifier: MIT
 *
 * attack.c - `heapyard attack`: what allocators do about programs that misuse them.
 */
#include "attack.h"

#include "fault_list.h"
#include "measure.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct attack_options {
    const hy_fault **fault; /* chosen by name; none: all */
    size_t fault_count;
    const char *allocators, *output, *page;
    int class; /* -1: all */
    bool list, quick, heap;
    unsigned repetitions, starts, prices, jobs; /* UINT32_MAX: not given */
    uint64_t timeout, memory;
    hy_format format;
    const volatile sig_atomic_t *stop;
} attack_options;

/* ----------------------------------------------------------------------------------------------------- options ---- */

enum { KEY_STARTS = 256, KEY_TIMEOUT, KEY_MEMORY, KEY_FORMAT, KEY_HEAP, KEY_PRICE, KEY_PAGE };

static int choose_fault(attack_options *o, const char *name) {
    const hy_fault *const fault = hy_fault_list_find(name);
    if (!fault) {
        const size_t count = hy_fault_list_count();
        const char **const names = calloc(count + 1, sizeof *names);
        if (!names)
            abort();
        for (size_t i = 0; i < count; i++)
            names[i] = hy_fault_list_at(i)->name;
        const char *const nearest = hy_nearest(name, strlen(name), names);
        cmd_fail("there is no fault \"%s\"%s%s%s; `heapyard attack --list` names them", name,
                 nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
        free(names);
        return EINVAL;
    }
    const hy_fault **const grown = realloc(o->fault, (o->fault_count + 1) * sizeof *grown);
    if (!grown)
        abort();
    o->fault = grown;
    o->fault[o->fault_count++] = fault;
    return 0;
}

static int choose_class(attack_options *o, const char *name) {
    for (int class = 0; class < HY_FAULT_CLASSES; class ++)
        if (strcmp(hy_fault_class_name((hy_fault_class) class), name) == 0) {
            o->class = class;
            return 0;
        }
    cmd_fail("there is no class \"%s\"; expected temporal, spatial, \"invalid free\", metadata, disclosure or limit",
             name);
    return EINVAL;
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    attack_options *const o = state->input;
    switch (key) {
    case 'a': o->allocators = argument; return 0;
    case 'c': return choose_class(o, argument);
    case 'j': return cmd_unsigned("--jobs", argument, 1, HY_VICTIMS_MOST, &o->jobs);
    case 'l': o->list = true; return 0;
    case 'o': o->output = argument; return 0;
    case 'q': o->quick = true; return 0;
    case 'r': return cmd_unsigned("--repetitions", argument, 1, 100000, &o->repetitions);
    case KEY_STARTS: return cmd_unsigned("--starts", argument, 0, 1000000, &o->starts);
    case KEY_PRICE: return cmd_unsigned("--price", argument, 0, 1000, &o->prices);
    case KEY_PAGE: o->page = argument; return 0;
    case KEY_TIMEOUT:
        if (hy_parse_time(argument, &o->timeout) == 0 && o->timeout > 0)
            return 0;
        cmd_fail("--timeout is \"%s\"; expected a time, as in 5s", argument);
        return EINVAL;
    case KEY_MEMORY:
        if (hy_parse_size(argument, &o->memory) == 0 && o->memory > 0)
            return 0;
        cmd_fail("--memory is \"%s\"; expected a size, as in 1G", argument);
        return EINVAL;
    case KEY_FORMAT: return cmd_format(argument, &o->format) == 0 ? 0 : EINVAL;
    case KEY_HEAP: o->heap = true; return 0;
    case ARGP_KEY_ARG: return choose_fault(o, argument);
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* ------------------------------------------------------------------------------------------------------ choice ---- */

/* Where none is named: all, class by class. */
static void choose_all(attack_options *o) {
    if (o->fault_count > 0)
        return;
    for (int class = 0; class < HY_FAULT_CLASSES; class ++)
        for (size_t i = 0; i < hy_fault_list_count(); i++)
            if ((int)hy_fault_list_at(i)->class == class && (o->class < 0 || o->class == class))
                choose_fault(o, hy_fault_list_at(i)->name);
}

static int list_faults(attack_options *o) {
    for (size_t i = 0; i < o->fault_count; i++)
        printf("%-30s %-12s CWE-%-4u %s\n", o->fault[i]->name, hy_fault_class_name(o->fault[i]->class),
               o->fault[i]->cwe, o->fault[i]->summary);
    printf("%zu faults\n", o->fault_count);
    return HY_EXIT_OK;
}

/* 0; -ENOENT: left out, with a sentence to stderr; else an exit code is due. */
static int add_target(const attack_options *o, const char *text, hy_target **targets, size_t *count) {
    hy_error error;
    hy_target *const grown = realloc(*targets, (*count + 1) * sizeof *grown);
    if (!grown)
        abort();
    *targets = grown;
    const int r = hy_target_open(text, o->heap, &grown[*count], &error);
    if (r == 0)
        ++*count;
    else if (r == -ENOENT)
        fprintf(stderr, "left out: %s\n", error.text);
    else
        cmd_fail("%s", error.text);
    return r;
}

static int add_listed(const attack_options *o, hy_target **targets, size_t *count) {
    hy_text rest = {o->allocators, strlen(o->allocators)}, spec;
    while (hy_spec_next(&rest, &spec)) {
        char text[HY_SPEC_SIZE];
        snprintf(text, sizeof text, "%.*s", (int)spec.size, spec.at);
        const int r = add_target(o, text, targets, count);
        if (r < 0 && r != -ENOENT)
            return HY_EXIT_INPUT;
    }
    return 0;
}

static int add_defaults(const attack_options *o, hy_target **targets, size_t *count) {
    const char *name;
    for (size_t i = 0; (name = hy_target_default(i)); i++) {
        const int r = add_target(o, name, targets, count);
        if (r < 0 && r != -ENOENT)
            return HY_EXIT_INPUT;
    }
    return 0;
}

/* --------------------------------------------------------------------------------------------------------- run ---- */

static void show_progress(size_t done, size_t total) {
    static size_t shown;
    const size_t percent = total ? 100 * done / total : 100;
    if (percent != shown || done == 0)
        fprintf(stderr, "\r%3zu %%", percent);
    shown = percent;
    if (done + 1 >= total)
        fputs("\r     \r", stderr);
}

static bool any_invalid(const hy_attack_plan *plan, const hy_attack_result *result) {
    for (size_t i = 0; i < plan->fault_count * plan->target_count; i++)
        if (hy_attack_count(&result->cell[i], HY_INVALID))
            return true;
    return false;
}

static int write_output(const attack_options *o, const hy_attack_plan *plan, const hy_attack_result *result) {
    FILE *const out = fopen(o->output, "we");
    if (!out)
        return cmd_fail("%s: %s", o->output, strerror(errno));
    attack_write_csv(out, plan, result);
    const bool bad = ferror(out) != 0;
    return fclose(out) != 0 || bad ? cmd_fail("%s: cannot be written: %s", o->output, strerror(errno)) : 0;
}

static int answer(const attack_options *o, bool named, const hy_attack_plan *plan, const hy_attack_result *result,
                  const char *command) {
    if (o->format == HY_FORMAT_CSV)
        attack_write_csv(stdout, plan, result);
    else if (o->format == HY_FORMAT_JSON)
        attack_write_json(stdout, plan, result, command);
    else if (!named)
        attack_print(plan, result);
    else
        for (size_t i = 0; i < plan->fault_count; i++) {
            attack_explain(plan->fault[i]);
            attack_tell(plan, result, i);
            fputs(i + 1 < plan->fault_count ? "\n" : "", stdout);
        }
    hy_error error;
    int code = o->output ? write_output(o, plan, result) : 0;
    if (code == 0 && o->page && attack_write_page(plan, result, command, o->page, &error) < 0)
        code = cmd_fail("%s", error.text);
    return code ? code : any_invalid(plan, result) ? HY_EXIT_MEASURED : HY_EXIT_OK;
}

/* Whether the file can be written, before minutes have gone by.  It is not touched if it is there. */
static int try_output(const attack_options *o) {
    FILE *const out = o->output ? fopen(o->output, "ae") : NULL;
    if (o->output && !out)
        return cmd_fail("%s: %s", o->output, strerror(errno));
    return out && fclose(out) != 0 ? cmd_fail("%s: %s", o->output, strerror(errno)) : 0;
}

/* What was not given. */
static void complete(attack_options *o, bool named) {
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (o->repetitions == UINT32_MAX)
        o->repetitions = o->quick ? 3 : 10;
    if (o->starts == UINT32_MAX)
        o->starts = named ? 0 : o->quick ? 128 : 1024;
    if (o->prices == UINT32_MAX)
        o->prices = named ? 0 : o->quick ? 2 : 5;
    if (o->jobs == UINT32_MAX)
        o->jobs = processors > HY_VICTIMS_MOST ? HY_VICTIMS_MOST : processors < 1 ? 1 : (unsigned)processors;
}

static int attack(attack_options *o, bool named, hy_target *target, size_t target_count, const char *command) {
    const hy_attack_plan plan = {.fault = o->fault,
                                 .fault_count = o->fault_count,
                                 .target = target,
                                 .target_count = target_count,
                                 .repetitions = o->repetitions,
                                 .starts = o->starts,
                                 .prices = o->prices,
                                 .draw = named || o->page,
                                 .jobs = o->jobs,
                                 .timeout = o->timeout,
                                 .memory = o->memory,
                                 .stop = o->stop,
                                 .show_progress = isatty(STDERR_FILENO) ? show_progress : NULL};
    hy_attack_result result;
    hy_error error;
    const int r = hy_attack_run(&plan, &result, &error);
    if (r < 0 && r != -EINTR)
        return cmd_fail("%s", error.text);
    int code = 128 + (int)*o->stop;
    if (*o->stop) /* the terminal's signal has ended victims, too */
        fprintf(stderr, "%sheapyard: stopped; half a matrix tells nothing, so nothing is written\n",
                plan.show_progress ? "\r     \r" : "");
    else
        code = answer(o, named, &plan, &result, command);
    if (r == 0)
        hy_attack_free(&result);
    return code;
}

static int attack_all(attack_options *o, bool named, const char *command) {
    hy_target *target = NULL;
    size_t count = 0;
    o->stop = cmd_listen_for_stop();
    int code = o->allocators ? add_listed(o, &target, &count) : add_defaults(o, &target, &count);
    if (code == 0)
        code = count == 0 ? HY_EXIT_CANNOT : try_output(o);
    if (code == 0)
        code = attack(o, named, target, count, command);
    for (size_t i = 0; i < count; i++)
        hy_target_close(&target[i]);
    free(target);
    return code;
}

static int run(int argc, char **argv) {
    static const struct argp_option table[] = {
        {"allocators", 'a', "SPEC,…", 0,
         "what is attacked; besides specs: glibc, glibc-check, jemalloc-junk, tcmalloc-debug, scudo, scudo-quarantine, "
         "efence, asan (default: own allocators and all of these that are installed)",
         0},
        {"class", 'c', "CLASS", 0, "only temporal, spatial, \"invalid free\", metadata, disclosure or limit", 0},
        {"repetitions", 'r', "N", 0, "runs of each fault on each allocator (default: 10)", 0},
        {"quick", 'q', NULL, 0, "3 runs, 128 starts and 2 rounds", 0},
        {"starts", KEY_STARTS, "N", 0, "starts for the entropy of addresses (default: 1024); 0: none", 0},
        {"price", KEY_PRICE, "N", 0, "rounds for what a pair of malloc and free costs (default: 5); 0: none", 0},
        {"page", KEY_PAGE, "FOLDER", 0, "write a page with the matrix, its price and each fault in words", 0},
        {"heap", KEY_HEAP, NULL, 0, "own allocators as heaps inside the victim, not as its malloc", 0},
        {"jobs", 'j', "N", 0, "victims at a time (default: as many as there are processors)", 0},
        {"timeout", KEY_TIMEOUT, "TIME", 0, "of one victim (default: 10s)", 0},
        {"memory", KEY_MEMORY, "SIZE", 0, "resident memory of one victim (default: 1G)", 0},
        {"list", 'l', NULL, 0, "only list the faults", 0},
        {"output", 'o', "FILE", 0, "write all counts to a file, as CSV", 0},
        {"format", KEY_FORMAT, "FORMAT", 0, "text, csv or json", 0},
        {0}};
    static const struct argp argp = {
        .options = table,
        .parser = parse,
        .args_doc = "[FAULT…]",
        .doc =
            "Lets each fault of a catalogue happen in a process of its own, under each allocator, and says what came "
            "of it: whether it was detected, when, or whether nobody noticed.\v"
            "A FAULT that is named is explained in words.  A cell counts only if the same process without the faulty "
            "step ends well; the exit code is 1 if one does not."};
    attack_options o = {.class = -1,
                        .repetitions = UINT32_MAX,
                        .starts = UINT32_MAX,
                        .prices = UINT32_MAX,
                        .jobs = UINT32_MAX,
                        .timeout = 10000000000u,
                        .memory = (uint64_t)1 << 30};
    char command[4096];
    int code = cmd_parse(&argp, argc, argv, &o);
    const bool named = o.fault_count > 0;
    cmd_typed(argc, argv, command, sizeof command);
    if (code == 0) {
        choose_all(&o);
        complete(&o, named);
        code = o.list ? list_faults(&o) : attack_all(&o, named, command);
    }
    free(o.fault);
    return code;
}

const hy_command cmd_attack = {
    .name = "attack",
    .family = "judge",
    .usage = "attack [FAULT…] [-a SPEC,…] [--quick]",
    .summary = "what allocators do about use after free, overflows, double frees and other faults",
    .examples = {"heapyard attack --quick", "heapyard attack use-after-free -a simple,fit,glibc",
                 "heapyard attack -a hardened,glibc,./my.so -r 100 -o attack.csv", "heapyard attack --list", NULL},
    .run = run,
};
