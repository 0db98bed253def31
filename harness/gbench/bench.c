/* SPDX-License-Identifier: MIT
 *
 * bench.c - `heapyard-bench SPEC [--benchmark_…]`: the micro suite over one allocator, in a process of its own.
 * `heapyard bench` starts one for each allocator and joins the results.
 */
#include "gbench.h"
#include "registry.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

/* 0, or 2 after saying why not. */
static int open_heap(const char *spec, bool threads, hy_instance *ret) {
    hy_error error;
    const hy_open_options options = {.threads = threads};
    if (hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, &options, ret, &error) == 0)
        return 0;
    fprintf(stderr, "heapyard: %s\n", error.text);
    return 2;
}

int main(int argc, char **argv) {
    static hy_instance plain, locked;
    hy_bench_initialize(&argc, argv);
    if (argc != 2) {
        fprintf(stderr, "usage: heapyard-bench SPEC [--benchmark_…]\n");
        hy_bench_unknown_arguments(argc - 1, argv + 1);
        return 2;
    }
    const char *const spec = argv[1];
    if (open_heap(spec, false, &plain) != 0)
        return 2;
    const bool safe = plain.heap->ops->threads == HY_THREADS_SAFE;
    if (!safe && open_heap(spec, true, &locked) != 0)
        return 2;
    hy_bench_add_context("allocator", spec);
    hy_bench_add_context("threads", safe ? "safe" : "lock layer added for benchmarks of several threads");
    if (plain.heap->ops->version)
        hy_bench_add_context("allocator_version", plain.heap->ops->version(plain.heap));
    hy_suite_register(spec, &plain, safe ? &plain : &locked);
    return hy_bench_run() > 0 ? 0 : 2;
}
