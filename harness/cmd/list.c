/* SPDX-License-Identifier: MIT
 *
 * list.c - `heapyard list`: everything that can be named.
 */
#include "command.h"

#include "generator.h"
#include "pagers.h"
#include "registry.h"

#include <stdio.h>
#include <string.h>

static void print_heap(const hy_listing *entry) {
    printf("  %-12s %-22s %s\n", entry->ops->name, entry->capabilities, entry->ops->summary);
}

static int run(int argc, char **argv) {
    static const struct argp argp = {
        .doc = "Lists allocators with their capabilities, layers, page sources, replacement policies and generators."};
    const int r = cmd_parse(&argp, argc, argv, NULL);
    if (r != 0)
        return r;
    puts("allocators");
    for (const hy_listing *e = hy_listings; e->ops; e++)
        print_heap(e);
    puts("\nlayers (in front of an allocator, joined with +)");
    for (const hy_heap_ops *const *layer = hy_registry.layers; *layer; layer++)
        printf("  %-12s %-22s %s\n", (*layer)->name, "", (*layer)->summary);
    puts("\npage sources");
    for (const hy_pages_ops *const *pages = hy_registry.pages; *pages; pages++)
        printf("  %-12s %-22s %s\n", (*pages)->name, "", (*pages)->summary);
    puts("\nreplacement policies (heapyard page, -p)");
    for (const hy_pager_ops *const *pager = hy_pagers; *pager; pager++)
        printf("  %-12s %-22s %s\n", (*pager)->name, (*pager)->flags & HY_PAGER_OFFLINE ? "looks ahead" : "",
               (*pager)->summary);
    puts("\ngenerators of traces (heapyard generate)");
    for (const hy_generator *const *g = hy_generators; *g; g++)
        printf("  %-16s %-18s %s\n", (*g)->name, (*g)->looks ? "looks at addresses" : "", (*g)->summary);
    puts("\nA name with a / in it is a file: a heapyard plug-in or any shared object with a malloc.");
    return HY_EXIT_OK;
}

const hy_command cmd_list = {
    .name = "list",
    .family = "look",
    .usage = "list",
    .summary = "every allocator, layer, page source, replacement policy and generator",
    .examples = {"heapyard list", "heapyard list | grep preload", "heapyard show fit", NULL},
    .run = run,
};
