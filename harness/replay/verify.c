/* SPDX-License-Identifier: MIT
 *
 * verify.c - the verify pass: does every block keep what was written into it?
 *
 *   1. A new block is checked for its alignment (and, from calloc, for zeroes), then filled with a pattern made of its
 *      slot and its number within the slot.
 *   2. The pattern is checked before realloc and free and, up to the smaller size, after realloc; at the end, in all
 *      that lives.  Blocks that overlap, contents that are lost, lists kept inside living blocks: all break a pattern.
 *   3. usable_size, where there is one, must be at least what was asked for; `check`, where there is one, is asked now
 * and then, when only one lane runs.
 */
#include "replay.h"
#include "turn.h"

#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>

#define CHECK_EVERY 4096u

typedef struct shadow {
    uint64_t size;   /* asked for; 0: nobody lives here */
    uint64_t number; /* of objects that have had this slot */
} shadow;

typedef struct verify {
    shadow *shadow; /* of each slot; handed from lane to lane with the slot's turn */
    uint64_t blocks;
    uint32_t broken;
    hy_ending ending;
} verify;

/* ---------------------------------------------------------------------------------------------------- patterns ---- */

static uint64_t pattern_seed(const shadow *s, uint32_t slot) {
    const uint64_t x = ((uint64_t)slot << 32 ^ s->number) * 0x9e3779b97f4a7c15u;
    return x ^ x >> 29;
}

static unsigned char pattern_byte(uint64_t seed, size_t i) {
    const uint64_t word = (seed + i / 8) * 0xbf58476d1ce4e5b9u;
    return (unsigned char)(word >> (8 * (i % 8)));
}

static void pattern_write(unsigned char *block, size_t size, uint64_t seed) {
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        const uint64_t word = (seed + i / 8) * 0xbf58476d1ce4e5b9u;
        memcpy(block + i, &word, 8);
    }
    for (; i < size; i++)
        block[i] = pattern_byte(seed, i);
}

/* The first byte that differs, or size. */
static size_t pattern_check(const unsigned char *block, size_t size, uint64_t seed) {
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        const uint64_t word = (seed + i / 8) * 0xbf58476d1ce4e5b9u;
        if (memcmp(block + i, &word, 8) != 0)
            break;
    }
    while (i < size && block[i] == pattern_byte(seed, i))
        i++;
    return i;
}

/* -------------------------------------------------------------------------------------------------------- checks ----
 */

/* The first lane to find something says it; always false. */
__attribute__((format(printf, 3, 4))) static bool broken(hy_replay *replay, verify *v, const char *format, ...) {
    if (__atomic_exchange_n(&v->broken, 1, __ATOMIC_SEQ_CST) == 0) {
        va_list list;
        va_start(list, format);
        strcpy(v->ending.outcome, "failed");
        vsnprintf(v->ending.detail, sizeof v->ending.detail, format, list);
        va_end(list);
    }
    __atomic_store_n(&replay->stop, 1, __ATOMIC_SEQ_CST);
    return false;
}

static bool check_contents(hy_replay *replay, verify *v, uint32_t slot, size_t size, const char *when) {
    const shadow *const s = &v->shadow[slot];
    const unsigned char *const block = replay->slot[slot];
    const uint64_t seed = pattern_seed(s, slot);
    const size_t wrong = pattern_check(block, size, seed);
    __atomic_fetch_add(&v->blocks, 1, __ATOMIC_RELAXED);
    if (wrong == size)
        return true;
    return broken(replay, v, "%s: byte %zu of a block of %zu bytes is 0x%02x and not 0x%02x, as it was written", when,
                  wrong, (size_t)s->size, block[wrong], pattern_byte(seed, wrong));
}

/* Mallocs of others align blocks that are smaller than 16 bytes to 8: enough for what can lie in them.  Up to 16 nobody
 * asks them for an alignment (adapters/foreign.c), so that holds for aligned births, too. */
static size_t due_align(const hy_replay *replay, const hy_op *op) {
    const size_t align = hy_op_align(replay, op);
    const bool small = op->size < HY_MALLOC_ALIGN && align == HY_MALLOC_ALIGN;
    return small && (replay->heap->ops->flags & HY_FOREIGN) ? HY_MALLOC_ALIGN / 2 : align;
}

static bool check_new(hy_replay *replay, verify *v, const hy_op *op, const unsigned char *block) {
    const size_t align = due_align(replay, op), size = op->size;
    hy_heap *const heap = replay->heap;
    if ((uintptr_t)block % align != 0)
        return broken(replay, v, "a block of %zu bytes is at %p, not aligned to %zu", size, (const void *)block, align);
    if (heap->ops->usable_size && heap->ops->usable_size(heap, block) < size)
        return broken(replay, v, "usable_size says %zu for a block of %zu bytes", heap->ops->usable_size(heap, block),
                      size);
    if (op->kind == HY_OP_CALLOC)
        for (size_t i = 0; i < size; i++)
            if (block[i] != 0)
                return broken(replay, v, "calloc: byte %zu of %zu is 0x%02x and not 0", i, size, block[i]);
    return true;
}

static bool check_heap(hy_replay *replay, verify *v) {
    hy_heap *const heap = replay->heap;
    const char *const wrong = heap->ops->check ? heap->ops->check(heap) : NULL;
    return !wrong || broken(replay, v, "the heap's own check: %s", wrong);
}

/* --------------------------------------------------------------------------------------------------- operations ----
 */

static bool no_room(hy_replay *replay, const hy_op *op) {
    const hy_op *nobody = NULL;
    __atomic_compare_exchange_n(&replay->failed, &nobody, op, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    __atomic_store_n(&replay->stop, 1, __ATOMIC_SEQ_CST);
    return false;
}

static bool verify_birth(hy_replay *replay, verify *v, const hy_op *op) {
    shadow *const s = &v->shadow[op->slot];
    void *const block = hy_op_obtain(replay, op);
    if (!block)
        return no_room(replay, op);
    if (!check_new(replay, v, op, block))
        return false;
    replay->slot[op->slot] = block;
    *s = (shadow){op->size, s->number + 1};
    pattern_write(block, op->size, pattern_seed(s, op->slot));
    return true;
}

static bool verify_realloc(hy_replay *replay, verify *v, const hy_op *op) {
    shadow *const s = &v->shadow[op->slot];
    const size_t kept = s->size < op->size ? s->size : op->size;
    if (!check_contents(replay, v, op->slot, s->size, "before realloc"))
        return false;
    void *const block = hy_op_obtain(replay, op);
    if (!block)
        return no_room(replay, op);
    replay->slot[op->slot] = block;
    if (!check_new(replay, v, op, block) || !check_contents(replay, v, op->slot, kept, "after realloc"))
        return false;
    s->size = op->size;
    pattern_write(block, op->size, pattern_seed(s, op->slot));
    return true;
}

static bool verify_free(hy_replay *replay, verify *v, const hy_op *op) {
    shadow *const s = &v->shadow[op->slot];
    if (!check_contents(replay, v, op->slot, s->size, "before free"))
        return false;
    s->size = 0;
    replay->heap->ops->free(replay->heap, replay->slot[op->slot], op->size & replay->known_sizes);
    return true;
}

static bool verify_one(hy_replay *replay, verify *v, const hy_op *op) {
    switch (op->kind) {
    case HY_OP_FREE: return verify_free(replay, v, op);
    case HY_OP_REALLOC: return verify_realloc(replay, v, op);
    case HY_OP_OPERAND: return true;
    case HY_OP_PACE: return hy_pace(replay, op);
    default: return verify_birth(replay, v, op);
    }
}

static const hy_op *verify_lane(hy_replay *replay, size_t lane, const hy_op *op, void *context) {
    verify *const v = context;
    const bool alone = replay->program->head->lanes == 1;
    const hy_op *end, *const start = hy_program_lane(replay->program, lane, &end);
    for (; op != end; op++) {
        if (!hy_turn_wait(replay, op) || __atomic_load_n(&replay->stop, __ATOMIC_RELAXED))
            return NULL;
        if (op->kind == HY_OP_THREAD_EXIT)
            return hy_lane_left(replay, op);
        if (!verify_one(replay, v, op))
            return NULL;
        hy_turn_signal(replay, op);
        if (alone && (size_t)(op - start + 1) % CHECK_EVERY == 0 && !check_heap(replay, v))
            return NULL;
    }
    return NULL;
}

static void verify_survivors(hy_replay *replay, verify *v) {
    bool fine = check_heap(replay, v);
    for (uint64_t slot = 0; fine && slot < replay->program->head->slots; slot++)
        if (v->shadow[slot].size)
            fine = check_contents(replay, v, (uint32_t)slot, v->shadow[slot].size, "at the end");
}

void hy_pass_verify(hy_replay *replay, FILE *out, hy_ending *ret_ending) {
    const size_t size = (replay->program->head->slots + 1) * sizeof(shadow);
    verify v = {.shadow = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0)};
    if (v.shadow == MAP_FAILED) {
        *ret_ending = (hy_ending){"failed", "no memory for the shadow of all objects"};
        return;
    }
    hy_error error = {""};
    hy_run_lanes(replay, verify_lane, &v, &error);
    if (error.text[0])
        broken(replay, &v, "%s", error.text);
    if (!v.broken && !replay->failed && !replay->lost.text[0])
        verify_survivors(replay, &v);
    hy_replay_ending(replay, ret_ending);
    if (v.broken)
        *ret_ending = v.ending;
    else if (strcmp(ret_ending->outcome, "ok") == 0)
        fprintf(out, "metric blocks_verified %llu count\n", (unsigned long long)v.blocks);
    munmap(v.shadow, size);
}
