/* SPDX-License-Identifier: MIT
 *
 * document.c - the faults that the document on the classic heap shows: use after free, double free, one byte too far.
 *
 * Source: Arm Learning Paths, "Write a dynamic memory allocator", 2023, "Memory safety".  The document's third double
 * free, whose header lies inside a larger block by then, needs a heap that merges holes.
 */
#include "fault.h"

static void use_after_free(hy_victim *v) {
    volatile int *const ptr = victim_alloc(v, sizeof *ptr);
    *ptr = 123;
    victim_free(v, victim_hide(ptr));
    volatile int *const ptr2 = victim_alloc(v, sizeof *ptr2);
    *ptr2 = 0;
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        *(volatile int *)victim_hide(ptr) = 345;
    victim_stage(v, HY_AT_FREE);
    const int seen = *ptr2;
    victim_free(v, victim_hide(ptr2));
    victim_stage(v, HY_LATER);
    victim_shake(v);
    if (seen == 345)
        victim_silent(v, "*ptr2 is 345");
    else
        victim_prevented(v, "*ptr2 is still %d", seen);
}

static void double_free(hy_victim *v) {
    volatile int *const ptr = victim_alloc(v, sizeof *ptr);
    victim_free(v, victim_hide(ptr));
    volatile int *const ptr2 = victim_alloc(v, sizeof *ptr2);
    *ptr2 = 0;
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        victim_free(v, victim_hide(ptr));
    victim_stage(v, HY_LATER);
    volatile int *const ptr3 = victim_alloc(v, sizeof *ptr3);
    *ptr3 = 123;
    if (*ptr2 == 123)
        victim_taken(v, "ptr3 is ptr2: *ptr2 is 123");
    else
        victim_prevented(v, "ptr3 is not ptr2");
}

/* Two neighbours die and are one hole, if holes are merged; a larger block takes it, and with it the place where the
 * second one's header was.  What lies there is left as it is, as a program does that has not filled its block yet. */
static void double_free_merged(hy_victim *v) {
    enum { PART = 2000, WHOLE = 3900 };
    static unsigned char before[WHOLE];
    void *const first = victim_alloc(v, PART);
    void *const second = victim_alloc(v, PART);
    void *const behind = victim_alloc(v, PART);
    victim_free(v, first);
    victim_free(v, second);
    unsigned char *const whole = victim_alloc(v, WHOLE);
    victim_fill(whole, 0, 1, 16);
    victim_fill(whole, WHOLE - 16, 1, 16);
    const bool covers = whole < (unsigned char *)second && (unsigned char *)second < whole + WHOLE;
    for (size_t i = 0; i < WHOLE; i++)
        before[i] = victim_read(whole, (ptrdiff_t)i);
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        victim_free(v, second);
    victim_stage(v, HY_LATER);
    size_t changed = 0;
    for (size_t i = 0; i < WHOLE; i++)
        changed += victim_read(whole, (ptrdiff_t)i) != before[i];
    const unsigned char *const next = victim_alloc(v, PART);
    if (changed > 0)
        victim_taken(v, "%zu bytes of the larger block have changed", changed);
    if (next >= whole && next < whole + WHOLE)
        victim_taken(v, "the next block lies inside the larger one");
    victim_stage(v, HY_AT_FREE);
    victim_free(v, whole);
    victim_free(v, behind);
    victim_stage(v, HY_LATER);
    victim_shake(v);
    victim_prevented(v, covers ? "the larger block is whole" : "the larger block lies elsewhere: nothing was merged");
}

static void overflow_by_one(hy_victim *v) {
    volatile char *const ptr = victim_alloc(v, 4);
    volatile char *const ptr2 = victim_alloc(v, 4);
    for (int i = 0; i < 4; i++)
        ptr[i] = ptr2[i] = 0;
    victim_stage(v, HY_AT_OPERATION);
    if (!victim_is_control(v))
        victim_write(ptr, 4, 1);
    victim_stage(v, HY_LATER);
    volatile char *const ptr3 = victim_alloc(v, 4);
    victim_fill(ptr3, 0, 7, 4);
    if (!victim_is_filled(ptr2, 0, 0, 4))
        victim_taken(v, "the next block lies %td bytes into ptr2", ptr3 - ptr2);
    victim_stage(v, HY_AT_FREE);
    victim_free(v, victim_hide(ptr));
    victim_free(v, victim_hide(ptr2));
    victim_free(v, victim_hide(ptr3));
    victim_stage(v, HY_LATER);
    victim_shake(v);
    victim_prevented(v, "no other block has changed, and all could be freed");
}

const hy_fault hy_faults_document[] = {
    {.name = "use-after-free",
     .summary = "writes to a freed block through the old pointer, after its place was given out again",
     .class = HY_TEMPORAL,
     .cwe = 416,
     .origin = "document",
     .condition = "a stale pointer changes another object: the new owner reads what the old one wrote",
     .correct = "the write is found out, or it hits nothing that lives",
     .story = "A block is freed, and the next one of the same size gets its place: it is the first hole that fits. "
              "The old pointer still holds the address. Writing 345 through it writes into the new block, whose "
              "owner never did that.",
     .run = use_after_free},
    {.name = "double-free",
     .summary = "frees a block a second time, after its place was given out again",
     .class = HY_TEMPORAL,
     .cwe = 415,
     .origin = "document",
     .condition = "two live pointers to one block: the next allocation changes the one before",
     .correct = "the second free is found out, or does not end the new owner's block",
     .story = "A block is freed, and its place is given to a new owner. The old pointer is freed again: the heap "
              "sees a used block at that address and frees it, which ends the new owner's block behind his back. "
              "The third allocation gets the same place, and two owners share it.",
     .run = double_free},
    {.name = "double-free-merged",
     .summary = "frees a block a second time, when its place is the middle of a larger block",
     .class = HY_TEMPORAL,
     .cwe = 415,
     .origin = "document",
     .condition = "the second free writes where the old header was: the larger block's contents change",
     .correct = "the second free is found out, or touches nothing of the larger block",
     .story = "Two blocks side by side die, and their holes become one. A larger block takes all of it; where the "
              "second block's header was, the larger one has its bytes now. The old pointer is freed again, and the "
              "heap marks a header free that is none any more: it writes into the middle of a live block, or enters "
              "that middle into its lists.",
     .run = double_free_merged},
    {.name = "overflow-by-one",
     .summary = "writes one byte behind a block of 4 bytes",
     .class = HY_SPATIAL,
     .cwe = 787,
     .origin = "document",
     .condition = "the byte changes metadata of the next block, and the next allocation overlaps it",
     .correct = "the byte hits padding or a guard, or is found out at the latest when the block is freed",
     .story = "Two blocks of 4 bytes lie side by side, and a fifth byte is written to the first. Where headers "
              "stand between blocks, that byte is the next block's size, which becomes 1: the heap believes that a "
              "hole begins in the middle of the second block, and gives that out.",
     .run = overflow_by_one},
    {.name = NULL},
};
