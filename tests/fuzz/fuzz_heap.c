/* SPDX-License-Identifier: MIT
 *
 * fuzz_heap.c - any general-purpose heap of ours, driven by bytes (see fuzz_operations.h).
 *
 *   byte 0        which allocator, modulo their number, in the order of `heapyard list`
 *   byte 1        0: pages from the system; n: a fixed array of n * 8 KiB
 *   then 4 bytes  an operation
 */
#include "fuzz_operations.h"
#include "page_doubles.h"
#include "registry.h"

static const char *choose(unsigned number) {
    const char *names[128];
    size_t count = 0;
    for (const hy_listing *e = hy_listings; e->ops; e++)
        if (e->ops->flags == 0 && e->ops->max_align >= 16)
            names[count++] = e->ops->name;
    return count ? names[number % count] : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char storage[256 * 8192];
    if (size < 2)
        return 0;
    const char *const spec = choose(data[0]);
    array_pages pages = array_pages_of(storage, data[1] * (size_t)8192);
    const hy_open_options options = {.data = data[1] ? &pages.pages : NULL};
    hy_instance instance;
    hy_error error;
    if (hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, &options, &instance, &error) < 0)
        return 0;
    drive(spec, instance.heap, 8, data + 2, size - 2);
    hy_close(&instance);
    return 0;
}
