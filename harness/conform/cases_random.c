/* SPDX-License-Identifier: MIT
 *
 * cases_random.c - long random runs and exhaustive short ones against the shadow model.
 */
#include "shadow_heap.h"

#include "support.h"

#include <string.h>

#define RANDOM_STEPS 20000u
#define RANDOM_BLOCKS 600u

static void random_run(subject *s, unsigned steps, unsigned check_every) {
    shadow_heap shadow;
    subject_needs_contents(s);
    shadow_init(&shadow, s, s->heap, RANDOM_BLOCKS);
    for (unsigned i = 0; i < steps; i++) {
        shadow_step(&shadow);
        if (check_every && i % check_every == 0)
            shadow_check(&shadow);
    }
    shadow_verify(&shadow);
    EXPECT(s, shadow.refused < shadow.ids, "%zu requests were refused, %zu served", shadow.refused, (size_t)shadow.ids);
    shadow_free_all(&shadow);
    shadow_check(&shadow);
    shadow_drop(&shadow);
}

static void run_random(subject *s) {
    subject_open(s);
    random_run(s, RANDOM_STEPS, 0);
    subject_close(s);
}

static void run_random_dirty(subject *s) {
    subject_open_dirty(s);
    subject_needs_own_pages(s);
    random_run(s, RANDOM_STEPS, 64);
    subject_close(s);
}

static void run_check(subject *s) {
    subject_open(s);
    subject_needs(s, s->heap->ops->check, "it has no check");
    random_run(s, RANDOM_STEPS / 4, 1);
    subject_close(s);
}

/* ------------------------------------------------------------------------------------------- short sequences ---- */

/* Every sequence of SHORT_LENGTH operations over three sizes and four slots, each on a new heap.  A full slot can only
 * be freed; of the empty ones the first is filled, for the others are the same. */
#define SHORT_LENGTH 6u
#define SHORT_SLOTS 4u
#define SHORT_SIZES 3u
#define SHORT_OPERATIONS (SHORT_SIZES + SHORT_SLOTS) /* first the sizes to allocate, then the slots to free */

typedef struct slot {
    char *block;
    size_t size, id;
} slot;

typedef struct sequence {
    unsigned operation[SHORT_LENGTH], length;
} sequence;

/* The slot that the operation is about, or SHORT_SLOTS: it makes no sense here.  `ids` is 0 where a slot is empty. */
static unsigned short_slot(const subject *s, const size_t *ids, unsigned operation) {
    if (operation < SHORT_SIZES) {
        for (unsigned i = 0; i < SHORT_SLOTS; i++)
            if (ids[i] == 0)
                return i;
        return SHORT_SLOTS;
    }
    const unsigned victim = operation - SHORT_SIZES;
    for (unsigned i = 0; subject_has(s, HY_LIFO) && i < SHORT_SLOTS; i++)
        if (ids[i] > ids[victim])
            return SHORT_SLOTS;
    return ids[victim] ? victim : SHORT_SLOTS;
}

static bool short_makes_sense(const subject *s, const sequence *q) {
    size_t ids[SHORT_SLOTS] = {0};
    for (unsigned i = 0; i < q->length; i++) {
        const unsigned at = short_slot(s, ids, q->operation[i]);
        if (at == SHORT_SLOTS)
            return false;
        ids[at] = q->operation[i] < SHORT_SIZES ? i + 1 : 0;
    }
    return true;
}

static void short_step(subject *s, slot *slots, unsigned operation, size_t id) {
    static const size_t sizes[SHORT_SIZES] = {8, 48, 600};
    size_t ids[SHORT_SLOTS];
    for (unsigned i = 0; i < SHORT_SLOTS; i++)
        ids[i] = slots[i].block ? slots[i].id : 0;
    slot *const at = &slots[short_slot(s, ids, operation)];
    if (operation >= SHORT_SIZES) {
        hy_free(s->heap, at->block, at->size);
        at->block = NULL;
        return;
    }
    at->size = hy_min(sizes[operation], s->largest);
    at->id = id;
    at->block = hy_alloc(s->heap, at->size, s->align);
    EXPECT(s, at->block, "alloc(%zu) is refused", at->size);
    subject_fill(at->block, at->size, id);
}

static void short_verify(subject *s, const slot *slots, const sequence *q, unsigned length) {
    const char *const broken = s->heap->ops->check ? s->heap->ops->check(s->heap) : NULL;
    const slot *wrong = NULL;
    for (const slot *i = slots; i < slots + SHORT_SLOTS; i++)
        if (i->block && subject_verify(i->block, i->size, i->id) != i->size)
            wrong = i;
    if (!broken && !wrong)
        return;
    char shown[2 * SHORT_LENGTH + 1] = "";
    for (unsigned i = 0; i < length; i++) {
        const bool allocates = q->operation[i] < SHORT_SIZES;
        shown[2 * i] = allocates ? '+' : '-';
        shown[2 * i + 1] = (char)('0' + (allocates ? q->operation[i] : q->operation[i] - SHORT_SIZES));
    }
    subject_fail(s, "after %s (+0 +1 +2 allocate 8, 48, 600 bytes; -N frees slot N): %s", shown,
                 broken ? broken : "a block's contents changed");
}

static void short_run(subject *s, const sequence *q) {
    slot slots[SHORT_SLOTS] = {{NULL, 0, 0}};
    hy_error error = {""};
    EXPECT(s, subject_create(s, false, &s->in, &error) == 0, "%s", error.text);
    s->heap = s->in.heap;
    for (unsigned i = 0; i < q->length; i++) {
        short_step(s, slots, q->operation[i], i + 1);
        short_verify(s, slots, q, i + 1);
    }
    hy_close(&s->in);
}

/* The next sequence in lexical order, depth first; a senseless one is not made longer.  False: that was the last. */
static bool short_next(sequence *q, bool longer) {
    if (longer && q->length < SHORT_LENGTH) {
        q->operation[q->length++] = 0;
        return true;
    }
    while (q->length > 0 && ++q->operation[q->length - 1] == SHORT_OPERATIONS)
        q->length--;
    return q->length > 0;
}

static void run_short(subject *s) {
    sequence q = {.length = 0};
    subject_open(s);
    subject_needs_contents(s);
    subject_needs_own_pages(s);
    hy_close(&s->in);
    for (bool sense = true; short_next(&q, sense);) {
        sense = short_makes_sense(s, &q);
        if (sense && q.length == SHORT_LENGTH)
            short_run(s, &q);
    }
    subject_check_pages(s);
}

const conform_case cases_random[] = {
    {"random", "blocks do not overlap and keep their contents through random operations", run_random},
    {"random-dirty", "the same on pages that are not zero", run_random_dirty},
    {"check", "check finds nothing wrong after any operation", run_check},
    {"short", "every sequence of six operations over four slots and three sizes", run_short},
    {NULL, NULL, NULL},
};
