/* SPDX-License-Identifier: MIT
 *
 * victim.h - the inside of the program that faults run in.  Faults themselves know fault.h only.
 *
 * There are three such programs, of the same faults: heapyard-victim has its process's malloc (victim_malloc.c);
 * heapyard-victim-heap opens a heap by its spec (victim_heap.c); heapyard-victim-asan is the first one built with the
 * address sanitizer.
 */
#ifndef HY_VICTIM_H
#define HY_VICTIM_H

#include "victim_page.h"

struct hy_victim {
    hy_victim_page *page;
    bool control;
    bool draws; /* says on standard output what lies where, as each stage begins */
    const char *allocator;
    void *heap; /* hy_heap, or NULL: the process's malloc */
};

/* What the two kinds of victim do differently.  0, or an exit code after saying why. */
int victim_open(hy_victim *victim, const char *spec);
/* One line of the heap's ranges; nothing under a malloc, whose ranges nobody knows. */
void victim_draw(hy_victim *victim, hy_stage stage);
/* What cannot be asked of this kind (HY_NEEDS_…). */
unsigned victim_lacks(const hy_victim *victim);

/* Says that a probe or a fault cannot be tried for lack of memory, and ends the process. */
__attribute__((noreturn)) void victim_no_room(hy_victim *victim, size_t size);

/* Figures of an allocator's addresses (probe.c); false: no such probe. */
bool victim_probe(hy_victim *victim, const char *name);
/* What it costs (victim_price.c). */
void victim_price(hy_victim *victim);

#endif
