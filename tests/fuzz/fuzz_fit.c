/* SPDX-License-Identifier: MIT
 *
 * fuzz_fit.c - every kind of fit, driven by bytes (see fuzz_operations.h), in runs so small that they grow and shrink
 * all the time; all invariants are checked after every operation.
 *
 *   byte 0        which of the legal combinations of policy, structure, order and metadata
 *   byte 1, 2     the merge policy and its number
 *   byte 3        grain, reserve, chunk, trim, regret
 *   byte 4        what pages come from: the system, a fixed array, a source that fails
 *   byte 5        how large that is, or at which call it fails, and whether from then on
 *   then 4 bytes  an operation
 */
#include "fit_axes.h"
#include "fuzz_operations.h"
#include "page_doubles.h"
#include "registry.h"

extern const hy_pages_ops hy_mmap_pages_ops;

#define HEAD 6
#define MOST_KINDS 512
#define STORAGE ((size_t)256 * 4096)

/* The legal combinations of the four axes. */
static size_t kinds_find(fit_params *ret) {
    size_t count = 0;
    for (uint32_t i = 0; i < 5 * 6 * 4 * 3; i++) {
        fit_params params = {.policy = i % 5, .structure = i / 5 % 6, .order = i / 30 % 4, .metadata = i / 120};
        if (!fit_axes_settle(&params) && count < MOST_KINDS)
            ret[count++] = params;
    }
    return count;
}

static const fit_params *kind_of(uint8_t byte) {
    static fit_params kinds[MOST_KINDS];
    static size_t count;
    if (count == 0)
        count = kinds_find(kinds);
    return &kinds[byte * count / 256];
}

/* "every:COUNT" with a number that suits small heaps. */
static void merge_print(char *text, size_t size, const uint8_t *head) {
    const char *const choice = fit_merges[head[1] % 10], *const colon = strchr(choice, ':');
    const unsigned small = 1 + head[2] % 16, large = 16 * (1 + head[2]);
    const int length = (int)(colon ? (size_t)(colon - choice) : strlen(choice));
    const unsigned number = colon && strcmp(colon, ":SIZE") == 0 ? large : small;
    if (!colon)
        snprintf(text, size, "%.*s", length, choice);
    else if (strcmp(colon, ":REAL") == 0)
        snprintf(text, size, "%.*s:%u%%", length, choice, large);
    else
        snprintf(text, size, "%.*s:%u", length, choice, number);
}

static void spec_print(char *text, size_t size, const uint8_t *head) {
    static const char *const reserves[] = {"16K", "64K", "1M", "64G"}, *const chunks[] = {"1", "4K", "20K", "64K"},
                             *const trims[] = {"0", "1", "8K", "64K"};
    const fit_params *const kind = kind_of(head[0]);
    const unsigned bits = head[3];
    char merge[32];
    merge_print(merge, sizeof merge, head);
    snprintf(text, size,
             "fit:policy=%s,structure=%s,order=%s,metadata=%s,merge=%s,grain=%d,reserve=%s,chunk=%s,trim=%s%s",
             fit_policies[kind->policy], fit_structures[kind->structure], fit_orders[kind->order],
             fit_metadatas[kind->metadata], merge, bits & 1 ? 1 : 16, reserves[bits >> 1 & 3], chunks[bits >> 3 & 3],
             trims[bits >> 5 & 3], bits >> 7 ? ",regret=0" : "");
}

static void run(const char *spec, hy_pages *pages, const uint8_t *bytes, size_t size) {
    const hy_open_options options = {.data = pages, .meta = pages && pages->available == HY_ANY ? pages : NULL};
    hy_instance instance;
    hy_error error;
    if (hy_open(&hy_registry, (hy_text){spec, strlen(spec)}, &options, &instance, &error) < 0)
        return;
    drive(spec, instance.heap, 1, bytes, size);
    hy_close(&instance);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static char storage[STORAGE];
    static const uint64_t plain[8] = {0};
    static hy_pages *system;
    if (size < HEAD || (!system && hy_mmap_pages_ops.create(plain, &system) < 0))
        return 0;
    char spec[HY_TEXT_SIZE];
    spec_print(spec, sizeof spec, data);
    const size_t some = (1 + data[5]) * (size_t)4096 - data[2];
    array_pages array = array_pages_of(storage + STORAGE - some, some);
    failing_pages failing = failing_pages_of(system, 1 + data[5] / 2, data[5] % 2);
    hy_pages *const sources[] = {system, &array.pages, &failing.pages};
    run(spec, sources[data[4] % 3], data + HEAD, size - HEAD);
    if (system->committed != 0 || system->reserved != 0)
        give_up(spec, data + HEAD, (size - HEAD) / 4, "pages are kept after destroy");
    return 0;
}
