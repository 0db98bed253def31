/* SPDX-License-Identifier: MIT
 *
 * resolve.c - defaults for optional members, and the load-time check of a table.  Freestanding.
 */
#include "resolve.h"

#include "heap.h"

#include <errno.h>
#include <string.h>

/* Allocate, copy, free.  Where the old size is not said, usable_size tells; where nobody knows it, the block cannot be
 * copied, and stays as it is. */
static void *default_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    if (old_size == 0 && heap->ops->usable_size)
        old_size = heap->ops->usable_size(heap, block);
    if (old_size == 0)
        return NULL;
    void *const moved = heap->ops->alloc(heap, new_size, align);
    if (!moved)
        return NULL;
    memmove(moved, block, old_size < new_size ? old_size : new_size);
    heap->ops->free(heap, block, old_size);
    return moved;
}

static void *default_alloc_zeroed(hy_heap *heap, size_t size, size_t align) {
    void *const block = heap->ops->alloc(heap, size, align);
    if (block)
        memset(block, 0, size);
    return block;
}

void hy_resolve(const hy_heap_ops *ops, hy_heap_ops *ret_resolved) {
    *ret_resolved = *ops;
    if (!ops->realloc)
        ret_resolved->realloc = default_realloc;
    if (!ops->alloc_zeroed)
        ret_resolved->alloc_zeroed = default_alloc_zeroed;
}

/* Takes `member` away where the inner heap has none. */
#define NEEDS_INNER(member)                                                                                            \
    do {                                                                                                               \
        if (!inner->ops->member)                                                                                       \
            resolved->member = NULL;                                                                                   \
    } while (0)

void hy_restrict(hy_heap_ops *resolved, const hy_heap *inner) {
    if (!inner || !(resolved->flags & HY_LAYER))
        return;
    NEEDS_INNER(usable_size);
    NEEDS_INNER(owns);
    NEEDS_INNER(reset);
    NEEDS_INNER(coalesce);
    NEEDS_INNER(trim);
    NEEDS_INNER(compact);
    NEEDS_INNER(walk);
    NEEDS_INNER(check);
    NEEDS_INNER(stats);
    NEEDS_INNER(thread_exit);
    NEEDS_INNER(mark);
    NEEDS_INNER(rewind);
    NEEDS_INNER(version);
    resolved->flags |= inner->ops->flags;
    if (inner->ops->max_align < resolved->max_align)
        resolved->max_align = inner->ops->max_align;
    if (inner->max_size < resolved->max_size)
        resolved->max_size = inner->max_size;
}

/* ------------------------------------------------------------------------------------------------- validation ---- */

static int bad(const hy_heap_ops *ops, const char *what, hy_error *error) {
    return hy_fail_parts(error, -EINVAL, "allocator \"", ops->name ? ops->name : "(no name)", "\": ", what, NULL);
}

static bool is_name(const char *name) {
    if (!name || name[0] < 'a' || name[0] > 'z')
        return false;
    for (; *name; name++)
        if (!((*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9') || *name == '-' || *name == '_'))
            return false;
    return true;
}

static size_t param_width(hy_param_type type) {
    switch (type) {
    case HY_PARAM_BOOL: return sizeof(bool);
    case HY_PARAM_CHOICE: return sizeof(uint32_t);
    case HY_PARAM_TEXT: return HY_TEXT_SIZE;
    case HY_PARAM_RULE: return sizeof(hy_rule);
    case HY_PARAM_SIZE:
    case HY_PARAM_COUNT:
    case HY_PARAM_TIME:
    case HY_PARAM_SHARE: break;
    }
    return sizeof(uint64_t);
}

static int validate_params(const hy_heap_ops *ops, hy_error *error) {
    _Alignas(16) char params[HY_PARAMS_SIZE];
    if (ops->params_size > sizeof params)
        return bad(ops, "its parameter struct is larger than 4096 bytes", error);
    for (const hy_param *p = ops->params; p && p->name; p++) {
        if (!is_name(p->name) || !p->help)
            return bad(ops, "a parameter lacks a name of lower-case letters, or its help", error);
        if (p->offset + param_width(p->type) > ops->params_size)
            return bad(ops, "a parameter lies outside the parameter struct", error);
        if ((p->type == HY_PARAM_CHOICE || p->type == HY_PARAM_RULE) && !p->choices)
            return bad(ops, "a choice has no list of choices", error);
    }
    return hy_params_parse(ops->params, ops->name, (hy_text){"", 0}, params, ops->params_size, error);
}

int hy_ops_validate(const hy_heap_ops *ops, hy_error *error) {
    if (!is_name(ops->name) && !(ops->flags & HY_FOREIGN)) /* the malloc of a file is called as the file is */
        return bad(ops, "its name must be lower-case letters, digits, - and _", error);
    if (!ops->summary || !ops->source)
        return bad(ops, "summary and source must be given", error);
    if (!ops->create || !ops->destroy || !ops->alloc || !ops->free)
        return bad(ops, "create, destroy, alloc and free are required", error);
    if (ops->max_align == 0 || ops->max_size == 0)
        return bad(ops, "max_align and max_size must be given (HY_ANY: no limit)", error);
    if (ops->max_align != HY_ANY && (ops->max_align & (ops->max_align - 1)) != 0)
        return bad(ops, "max_align must be a power of two", error);
    if (!ops->mark != !ops->rewind)
        return bad(ops, "mark and rewind come together", error);
    return validate_params(ops, error);
}
