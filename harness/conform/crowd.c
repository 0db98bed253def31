/* SPDX-License-Identifier: MIT
 *
 * crowd.c - what the cases with threads have in common (see crowd.h).
 */
#include "crowd.h"

#include "support.h"

#include <string.h>

size_t crowd_open(subject *s, size_t blocks) {
    subject_open(s);
    subject_needs_contents(s);
    subject_needs(s, !subject_has(s, HY_LIFO), "several threads have no common order");
    subject_needs(s, s->heap->ops->threads == HY_THREADS_SAFE || hy_catalog_layer(s->catalog, (hy_text){"lock", 4}),
                  "one thread at a time, and there is no lock layer");
    subject_close(s);
    audit_unwrap(s->data);
    audit_unwrap(s->meta);
    subject_open_threads(s);
    const size_t largest = hy_min(hy_min(s->largest, 4096), s->room / blocks);
    subject_needs(s, largest > sizeof(letter) + 8, "it has no room for what the threads do");
    return largest;
}

letter *letter_write(hy_heap *heap, size_t align, uint64_t id, size_t size) {
    letter *const block = hy_alloc(heap, size, align);
    if (!block)
        return NULL;
    memcpy(block, &(letter){id, size}, sizeof(letter));
    subject_fill((char *)block + sizeof(letter), size - sizeof(letter), id);
    return block;
}

void letter_read(subject *s, hy_heap *heap, letter *block, size_t largest) {
    letter head;
    if (!block)
        return;
    memcpy(&head, block, sizeof head);
    const size_t size = head.size - sizeof head;
    EXPECT(s, head.size <= largest && subject_verify((char *)block + sizeof head, size, head.id) == size,
           "a block's contents changed while several threads were at work");
    hy_free(heap, block, head.size);
}

size_t letter_size(subject *s, size_t largest) {
    return hy_min(sizeof(letter) + subject_size(s, largest), largest);
}

void crowd_leave(hy_heap *heap) {
    if (heap->ops->thread_exit)
        heap->ops->thread_exit(heap);
}

static int visit_used(void *context, const hy_range *range) {
    *(size_t *)context += range->kind == HY_USED;
    return 0;
}

void crowd_expect_empty(subject *s, hy_heap *heap) {
    size_t used = 0;
    const char *const broken = heap->ops->check ? heap->ops->check(heap) : NULL;
    EXPECT(s, !broken, "check after the threads: %s", broken);
    if (heap->ops->walk && !subject_has(s, HY_NO_REUSE | HY_REGIONS)) {
        heap->ops->walk(heap, visit_used, &used);
        EXPECT(s, used == 0, "walk finds %zu blocks when all are freed", used);
    }
}
