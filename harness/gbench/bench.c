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

int main(int argc, char **argv) {
    hy_bench_initialize(&argc, argv);
    if (argc != 2) {
        fprintf(stderr, "usage: heapyard-bench SPEC [--benchmark_…]\n");
        hy_bench_unknown_arguments(argc - 1, argv + 1);
        return 2;
    }
    const char *const spec = argv[1];
    static hy_instance instance;
    hy_error error;
    const hy_open_options options = {.threads = true};
    if (hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, &options, &instance, &error) < 0) {
        fprintf(stderr, "heapyard: %s\n", error.text);
        return 2;
    }
    hy_bench_add_context("allocator", spec);
    hy_bench_add_context("lock_layer_added", instance.locked ? "yes" : "no");
    if (instance.heap->ops->version)
        hy_bench_add_context("allocator_version", instance.heap->ops->version(instance.heap));
    hy_suite_register(spec, &instance);
    return hy_bench_run() > 0 ? 0 : 1;
}
