/* SPDX-License-Identifier: MIT
 *
 * heap.c - opening a spec: look up, parse parameters, create from the inside out (see heap.h).  Freestanding.
 */
#include "heap.h"

#include "resolve.h"
#include "support.h"

#include <errno.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------------------- look-up ---- */

static const hy_heap_ops *heap_in(const hy_heap_ops *const *list, hy_text name) {
    for (; list && *list; list++)
        if (hy_text_is(name, (*list)->name))
            return *list;
    return NULL;
}

const hy_heap_ops *hy_catalog_heap(const hy_catalog *catalog, hy_text name) {
    return heap_in(catalog->heaps, name);
}

const hy_heap_ops *hy_catalog_layer(const hy_catalog *catalog, hy_text name) {
    return heap_in(catalog->layers, name);
}

const hy_pages_ops *hy_catalog_pages(const hy_catalog *catalog, hy_text name) {
    for (const hy_pages_ops *const *p = catalog->pages; p && *p; p++)
        if (hy_text_is(name, (*p)->name))
            return *p;
    return NULL;
}

static int unknown_name(const char *what, const hy_heap_ops *const *list, hy_text name, hy_error *error) {
    const char *names[128];
    size_t count = 0;
    for (; list && *list && count < 127; list++)
        names[count++] = (*list)->name;
    names[count] = NULL;
    char shown[HY_TEXT_SIZE] = {0};
    memcpy(shown, name.at, name.size < sizeof shown - 1 ? name.size : sizeof shown - 1);
    const char *const nearest = hy_nearest(name.at, name.size, names);
    if (nearest)
        return hy_fail_parts(error, -EINVAL, "unknown ", what, " \"", shown, "\"; did you mean \"", nearest, "\"?",
                             NULL);
    return hy_fail_parts(error, -EINVAL, "unknown ", what, " \"", shown, "\"; `heapyard list` shows all", NULL);
}

static int wrong_part(const hy_catalog *catalog, hy_text name, bool last, hy_error *error) {
    const hy_heap_ops *const other = heap_in(last ? catalog->layers : catalog->heaps, name);
    if (other && last)
        return hy_fail_parts(error, -EINVAL, other->name, " is a layer; it needs an allocator behind it, as in ",
                             other->name, "+fit", NULL);
    if (other)
        return hy_fail_parts(error, -EINVAL, other->name, " is an allocator and no layer; it must come last", NULL);
    return unknown_name(last ? "allocator" : "layer", last ? catalog->heaps : catalog->layers, name, error);
}

/* The ops of part i of a spec: the last is the allocator, those before it are layers. */
static int part_ops(const hy_catalog *catalog, const hy_spec *spec, size_t i, const hy_heap_ops **ret_ops,
                    hy_error *error) {
    const hy_text name = spec->part[i].name;
    const bool last = i + 1 == spec->count;
    if (last && memchr(name.at, '/', name.size) && catalog->open_file) {
        char path[HY_TEXT_SIZE];
        if (!hy_unescape(name, path, sizeof path))
            return hy_fail_parts(error, -ENAMETOOLONG, "the path of an allocator has fewer than 256 characters", NULL);
        return catalog->open_file(path, ret_ops, error);
    }
    *ret_ops = heap_in(last ? catalog->heaps : catalog->layers, name);
    if (!*ret_ops && !last && heap_in(catalog->heaps, name) && (heap_in(catalog->heaps, name)->flags & HY_REGIONS))
        *ret_ops = heap_in(catalog->heaps, name); /* a region can draw its chunks from the heap behind it */
    return *ret_ops ? 0 : wrong_part(catalog, name, last, error);
}

int hy_spec_check(const hy_catalog *catalog, hy_text text, const hy_heap_ops **ret_ops, hy_error *error) {
    hy_spec spec;
    int r = hy_spec_parse(text, &spec, error);
    const hy_heap_ops *ops = NULL;
    for (size_t i = 0; r == 0 && i < spec.count; i++) {
        _Alignas(16) char params[HY_PARAMS_SIZE];
        r = part_ops(catalog, &spec, i, &ops, error);
        if (r == 0)
            r = hy_params_parse(ops->params, ops->name, spec.part[i].params, params, ops->params_size, error);
    }
    if (r == 0)
        *ret_ops = ops;
    return r;
}

/* ---------------------------------------------------------------------------------------------- thread slots ---- */

__thread hy_thread_slot hy_thread_slots[HY_THREAD_SLOTS + 1];

static uint32_t slots_taken; /* a bit each */

static unsigned take_slot(unsigned least) {
    uint32_t taken = __atomic_load_n(&slots_taken, __ATOMIC_RELAXED);
    for (;;) {
        const unsigned slot = (unsigned)__builtin_ctz(~taken & ~0u << least);
        if (slot >= HY_THREAD_SLOTS)
            return HY_THREAD_SLOTS;
        if (__atomic_compare_exchange_n(&slots_taken, &taken, taken | 1u << slot, true, __ATOMIC_ACQUIRE,
                                        __ATOMIC_RELAXED))
            return slot;
    }
}

static void drop_slot(unsigned slot) {
    memset(&hy_thread_slots[slot], 0, sizeof hy_thread_slots[slot]);
    __atomic_fetch_and(&slots_taken, ~(1u << slot), __ATOMIC_RELEASE);
}

/* ------------------------------------------------------------------------------------------------------- open ---- */

static int open_pages(const hy_catalog *catalog, hy_pages **ret_pages, hy_error *error) {
    const hy_pages_ops *const ops = hy_catalog_pages(catalog, (hy_text){"mmap", 4});
    if (!ops)
        return hy_fail_parts(error, -EINVAL, "no page source was given", NULL);
    _Alignas(16) char params[HY_PARAMS_SIZE];
    int r = hy_params_parse(ops->params, ops->name, (hy_text){"", 0}, params, ops->params_size, error);
    if (r < 0)
        return r;
    r = ops->create(params, ret_pages);
    return r < 0 ? hy_fail_parts(error, r, "no memory for a page source", NULL) : 0;
}

/* Puts one more heap on top of the stack. */
static int push(hy_instance *instance, const hy_heap_ops *ops, hy_text params_text, hy_setup *setup, hy_error *error) {
    _Alignas(16) char params[HY_PARAMS_SIZE];
    int r = hy_params_parse(ops->params, ops->name, params_text, params, ops->params_size, error);
    if (r < 0)
        return r;
    char why[HY_TEXT_SIZE] = "";
    setup->params = params;
    setup->why = why;
    hy_heap *heap = NULL;
    r = ops->create(setup, &heap);
    if (r < 0 && why[0])
        return hy_fail_parts(error, r, ops->name, ": ", why, NULL);
    if (r < 0)
        return hy_fail_parts(error, r, ops->name, ": could not be created: ",
                             r == -ENOMEM   ? "no room for its first pages"
                             : r == -EINVAL ? "its parameters contradict each other or the page source"
                                            : "the system refused",
                             NULL);
    hy_heap_ops *const resolved = &instance->resolved[instance->depth];
    hy_resolve(ops, resolved);
    resolved->max_align = heap->max_align ? heap->max_align : ops->max_align;
    hy_restrict(resolved, setup->inner);
    heap->ops = resolved;
    heap->max_size = hy_min(heap->max_size ? heap->max_size : resolved->max_size, PTRDIFF_MAX);
    heap->max_align = resolved->max_align;
    instance->stack[instance->depth++] = heap;
    instance->heap = heap;
    setup->inner = heap;
    return 0;
}

static int push_all(const hy_catalog *catalog, const hy_spec *spec, const hy_open_options *options, hy_setup *setup,
                    hy_instance *instance, hy_error *error) {
    for (size_t i = spec->count; i-- > 0;) {
        const hy_heap_ops *ops = NULL;
        int r = part_ops(catalog, spec, i, &ops, error);
        if (r == 0)
            r = push(instance, ops, spec->part[i].params, setup, error);
        if (r < 0)
            return r;
    }
    instance->base = &instance->resolved[0];
    if (!options->threads || instance->heap->ops->threads == HY_THREADS_SAFE)
        return 0;
    const hy_heap_ops *const lock = hy_catalog_layer(catalog, (hy_text){"lock", 4});
    if (!lock)
        return hy_fail_parts(error, -EINVAL, "the lock layer is missing", NULL);
    instance->locked = true;
    return push(instance, lock, (hy_text){"", 0}, setup, error);
}

int hy_open(const hy_catalog *catalog, hy_text text, const hy_open_options *options, hy_instance *ret_instance,
            hy_error *error) {
    static const hy_open_options nothing;
    options = options ? options : &nothing;
    hy_instance *const instance = ret_instance;
    memset(instance, 0, sizeof *instance);
    hy_spec spec;
    int r = hy_spec_parse(text, &spec, error);
    if (r < 0)
        return r;
    instance->data = options->data;
    instance->meta = options->meta;
    instance->own_data = !options->data;
    instance->own_meta = !options->meta;
    if (r == 0 && instance->own_data)
        r = open_pages(catalog, &instance->data, error);
    if (r == 0 && instance->own_meta)
        r = open_pages(catalog, &instance->meta, error);
    instance->slot = take_slot(spec.count > 1); /* slot 0 is for direct calls, which would go past the layers */
    instance->own_slot = instance->slot < HY_THREAD_SLOTS;
    hy_setup setup = {.slot = instance->slot,
                      .data = instance->data,
                      .meta = instance->meta,
                      .inner = options->inner,
                      .host = options->host ? options->host : &hy_host_default,
                      .seed = options->seed};
    if (r == 0)
        r = push_all(catalog, &spec, options, &setup, instance, error);
    if (r < 0)
        hy_close(instance);
    return r;
}

void hy_close(hy_instance *instance) {
    while (instance->depth > 0) {
        hy_heap *const heap = instance->stack[--instance->depth];
        heap->ops->destroy(heap);
    }
    if (instance->own_slot)
        drop_slot(instance->slot);
    if (instance->own_meta && instance->meta)
        instance->meta->ops->destroy(instance->meta);
    if (instance->own_data && instance->data)
        instance->data->ops->destroy(instance->data);
    memset(instance, 0, sizeof *instance);
}
