/* SPDX-License-Identifier: MIT
 *
 * suitable.c - one function a reason (see suitable.h).
 */
#include "suitable.h"

#include "units.h"

#include <errno.h>

const char *const hy_pass_names[HY_PASSES + 1] = {"throughput", "latency", "footprint", "verify", "yard",
                                                  "map",        "threads", "control",   NULL};

static int suit_memory(const hy_program_facts *facts, uint64_t most_bytes, hy_error *error) {
    if (facts->max_size > most_bytes)
        return hy_fail(error, -ENOTSUP, "the trace asks for %s at once; --max-heap is %s",
                       hy_show_bytes(facts->max_size).text, hy_show_bytes(most_bytes).text);
    if (facts->peak_bytes > most_bytes)
        return hy_fail(error, -ENOTSUP, "the trace has %s alive at once; --max-heap is %s",
                       hy_show_bytes(facts->peak_bytes).text, hy_show_bytes(most_bytes).text);
    return 0;
}

static int suit_size(const hy_instance *instance, const hy_program_facts *facts, hy_error *error) {
    const hy_heap *const heap = instance->heap;
    if (facts->max_size > heap->max_size)
        return hy_fail(error, -ENOTSUP, "%s gives out blocks of %s at most; the trace asks for %s",
                       instance->base->name, hy_show_bytes(heap->max_size).text, hy_show_bytes(facts->max_size).text);
    return 0;
}

static int suit_align(const hy_instance *instance, const hy_program_facts *facts, hy_error *error) {
    const hy_heap *const heap = instance->heap;
    const char *const name = instance->base->name;
    if (facts->max_align > HY_MALLOC_ALIGN && facts->max_align > heap->ops->max_align)
        return hy_fail(error, -ENOTSUP, "%s aligns to %zu at most; the trace asks for %llu", name, heap->ops->max_align,
                       (unsigned long long)facts->max_align);
    return 0;
}

/* Memory that comes back late (when nothing is alive) or never. */
static int suit_blow_up(const hy_instance *instance, const hy_program_facts *facts, uint64_t most_bytes,
                        hy_error *error) {
    const uint32_t flags = instance->heap->ops->flags;
    const char *const name = instance->base->name;
    const bool regions = flags & HY_REGIONS;
    const uint64_t taken = regions ? facts->region_bytes : facts->total_bytes;
    const char *const why = regions ? "gives memory back only when nothing is alive" : "never uses memory again";
    if (!(flags & (HY_REGIONS | HY_NO_REUSE)))
        return 0;
    if (taken > most_bytes)
        return hy_fail(error, -ENOTSUP, "%s %s: it would take %s; --max-heap is %s", name, why,
                       hy_show_bytes(taken).text, hy_show_bytes(most_bytes).text);
    if (regions && taken / HY_MOST_BLOW_UP > facts->peak_bytes)
        return hy_fail(error, -ENOTSUP, "%s %s: it would take %s, more than %u times the %s that are alive at once",
                       name, why, hy_show_bytes(taken).text, HY_MOST_BLOW_UP, hy_show_bytes(facts->peak_bytes).text);
    return 0;
}

/* There, not to get memory is a figure and no reason to refuse. */
static int suit_yard(const hy_instance *instance, const hy_program_facts *facts, hy_error *error) {
    const uint32_t flags = instance->heap->ops->flags | instance->base->flags;
    const char *const name = instance->base->name;
    if (flags & HY_FAKE)
        return hy_fail(error, -ENOTSUP, "%s needs no yard: its blocks overlap", name);
    if (flags & HY_FOREIGN)
        return hy_fail(error, -ENOTSUP, "%s gets its memory from the system; it cannot be kept in a yard", name);
    return suit_align(instance, facts, error);
}

int hy_suitable(const hy_instance *instance, const hy_program_facts *facts, hy_pass pass, uint64_t most_bytes,
                hy_error *error) {
    const uint32_t flags = instance->heap->ops->flags;
    const char *const name = instance->base->name;
    if ((flags & HY_FAKE) && pass == HY_PASS_VERIFY)
        return hy_fail(error, -ENOTSUP, "%s keeps no contents: its blocks overlap", name);
    if ((flags & HY_FAKE) && pass == HY_PASS_MAP)
        return hy_fail(error, -ENOTSUP, "%s has no map: its blocks overlap", name);
    if ((flags & HY_FAKE) && (pass == HY_PASS_FOOTPRINT || pass == HY_PASS_THREADS))
        return hy_fail(error, -ENOTSUP, "%s has no footprint: its blocks overlap", name);
    if ((flags & HY_LIFO) && !facts->lifo)
        return hy_fail(error, -ENOTSUP, "%s frees the youngest block only; the trace is not last in, first out", name);
    if (pass == HY_PASS_YARD)
        return suit_yard(instance, facts, error);
    int r = suit_memory(facts, most_bytes, error);
    if (r == 0)
        r = suit_size(instance, facts, error);
    if (r == 0)
        r = suit_align(instance, facts, error);
    return r < 0 ? r : suit_blow_up(instance, facts, most_bytes, error);
}
