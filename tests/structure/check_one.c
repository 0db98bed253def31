/* SPDX-License-Identifier: MIT
 *
 * check_one.c - `check_one` names the allocators of the list, a line each; `check_one NAME` runs conformance on one.
 *
 * What adding.py builds in a copy of the tree: all that an allocator is linked with, and none of the commands.
 */
#include "conform.h"
#include "registry.h"

#include <stdio.h>

static void report(void *context, const hy_case_result *result) {
    (void)context;
    if (result->verdict == HY_VERDICT_FAILED)
        printf("%s: %s\n", result->name, result->reason);
}

int main(int argc, char **argv) {
    static const hy_conform_options options = {.seed = 1};
    hy_error error = {""};
    for (const hy_listing *e = hy_listings; argc < 2 && e->ops; e++)
        puts(e->ops->name);
    if (argc < 2)
        return 0;
    const int failed = hy_conform(&hy_registry, argv[1], &options, report, NULL, &error);
    if (failed < 0)
        puts(error.text);
    return failed != 0;
}
