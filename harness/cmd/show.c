/* SPDX-License-Identifier: MIT
 *
 * show.c - `heapyard show NAME`: the data sheet of an allocator, a layer, a page source, a replacement policy or a
 * generator.
 */
#include "command.h"

#include "generator.h"
#include "pagers.h"
#include "registry.h"
#include "symbols.h"
#include "units.h"

#include <stdio.h>
#include <string.h>

static void print_limits(const hy_param *p) {
    if (p->choices)
        for (size_t i = 0; p->choices[i]; i++)
            printf("%s%s", i ? " | " : "  [", p->choices[i]);
    if (p->choices)
        putchar(']');
    if (p->type == HY_PARAM_SIZE && p->max)
        printf("  [%s to %s]", hy_show_bytes(p->min).text, hy_show_bytes(p->max).text);
    if (p->type == HY_PARAM_COUNT && p->max)
        printf("  [%s to %s]", hy_show_count(p->min).text, hy_show_count(p->max).text);
}

static void print_params(const hy_param *table) {
    if (!table || !table->name) {
        puts("parameters   none");
        return;
    }
    puts("parameters");
    for (const hy_param *p = table; p->name; p++) {
        printf("  %s=%s", p->name, p->def ? p->def : "(its own default)");
        print_limits(p);
        printf("\n      %s\n", p->help);
        if (p->environment)
            printf("      %sVALUE in the environment\n", p->environment);
    }
}

static void print_limit(const char *label, size_t limit) {
    printf("%-12s %s\n", label, limit >= PTRDIFF_MAX ? "any" : hy_show_bytes(limit).text);
}

static void print_supported(const hy_heap_ops *ops) {
    const struct {
        const char *name;
        bool is;
    } members[] = {{"realloc", ops->realloc},
                   {"alloc_zeroed", ops->alloc_zeroed},
                   {"usable_size", ops->usable_size},
                   {"owns", ops->owns},
                   {"reset", ops->reset},
                   {"coalesce", ops->coalesce},
                   {"trim", ops->trim},
                   {"compact", ops->compact},
                   {"walk", ops->walk},
                   {"check", ops->check},
                   {"stats", ops->stats},
                   {"thread_exit", ops->thread_exit},
                   {"fork", ops->fork},
                   {"mark", ops->mark}};
    printf("%-12s alloc free", "provides");
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (members[i].is)
            printf(" %s", members[i].name);
    putchar('\n');
}

/* What a program gets from the C library where this malloc is preloaded: of a file that was named. */
static void print_lacks(const hy_heap_ops *ops) {
    static const char *const names[] = {"aligned_alloc", "posix_memalign",     "memalign", "valloc",
                                        "pvalloc",       "malloc_usable_size", NULL};
    const char *const file = ops->flags & HY_FOREIGN ? ops->params[0].def : "";
    bool has[6], any = false;
    hy_error ignored;
    if (!strchr(file, '/') || hy_file_exports(file, names, has, &ignored) < 0)
        return;
    for (size_t i = 0; names[i]; i++) {
        if (!has[i])
            printf("%s %s", any ? "" : "lacks       ", names[i]);
        any = any || !has[i];
    }
    if (any)
        puts("\n             (as a program's malloc: the C library's answers, and must not meet a block of this one)");
}

static void show_heap(const hy_heap_ops *ops) {
    printf("%s - %s\n", ops->name, ops->summary);
    printf("%-12s %s\n", "source", ops->source);
    printf("%-12s %s\n", "threads",
           ops->threads == HY_THREADS_SAFE ? "any thread, any time" : "one at a time (the lock layer is added)");
    print_limit("alignment", ops->max_align);
    print_limit("block size", ops->max_size);
    print_supported(ops);
    print_lacks(ops);
    print_params(ops->params);
}

void cmd_show_generator(const hy_generator *generator) {
    printf("%s - %s (a generator)\n", generator->name, generator->summary);
    printf("%-12s %s\n", "source", generator->source);
    printf("%-12s %s\n", "allocator", generator->looks ? "needs one: it looks at addresses" : "needs none");
    print_params(generator->params);
}

static void show_pager(const hy_pager_ops *ops) {
    printf("%s - %s (a replacement policy)\nsource       %s\nneeds        %s\n", ops->name, ops->summary, ops->source,
           ops->flags & HY_PAGER_OFFLINE ? "all references beforehand" : "nothing beforehand");
    printf("frames       %s\n", ops->flags & HY_PAGER_STACK ? "more are never worse" : "more may be worse");
    print_params(ops->params);
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    const char **const name = state->input;
    if (key == ARGP_KEY_ARG && !*name)
        *name = argument;
    else if (key == ARGP_KEY_ARG || key == ARGP_KEY_NO_ARGS)
        argp_error(state, "expected one name, such as: heapyard show fit");
    else
        return ARGP_ERR_UNKNOWN;
    return 0;
}

static int run(int argc, char **argv) {
    static const struct argp argp = {.parser = parse, .args_doc = "NAME", .doc = "Prints a data sheet."};
    const char *name = NULL;
    const int r = cmd_parse(&argp, argc, argv, &name);
    if (r != 0)
        return r;
    const hy_text text = {name, strlen(name)};
    const hy_generator *const generator = hy_generator_find(text);
    const hy_pager_ops *const pager = hy_pager_find(text);
    const hy_pages_ops *const pages = hy_catalog_pages(&hy_registry, text);
    const hy_heap_ops *ops = hy_catalog_layer(&hy_registry, text);
    hy_error error;
    if (generator) {
        cmd_show_generator(generator);
        return HY_EXIT_OK;
    }
    if (pager) {
        show_pager(pager);
        return HY_EXIT_OK;
    }
    if (pages) {
        printf("%s - %s (a page source)\n", pages->name, pages->summary);
        print_params(pages->params);
        return HY_EXIT_OK;
    }
    if (!ops && hy_spec_check(&hy_registry, text, &ops, &error) < 0)
        return cmd_fail("%s", error.text);
    show_heap(ops);
    return HY_EXIT_OK;
}

const hy_command cmd_show = {
    .name = "show",
    .family = "look",
    .usage = "show NAME",
    .summary = "the data sheet of an allocator, layer, page source, replacement policy or generator",
    .examples = {"heapyard show fit", "heapyard show jemalloc", "heapyard show guard", NULL},
    .run = run,
};
