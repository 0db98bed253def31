/* SPDX-License-Identifier: MIT
 *
 * fault.h - what a fault of the catalogue is, and all that it may ask of the program that it runs in (the victim).
 *
 * A fault is one small function that does one thing that no program may do to its heap, and then looks what came of it.
 * It runs alone, in a fresh process, with the allocator under test as that process's malloc - or, where an allocator
 * cannot be that (`simple`), on a heap of its own in the process.  So it allocates by victim_alloc and never by malloc.
 *
 *   1. Prepare: allocate and fill what is needed.
 *   2. victim_stage(v, HY_AT_OPERATION), and the faulty step, unless victim_is_control(v).
 *   3. victim_stage(v, HY_AT_FREE) before blocks that may be damaged are freed; victim_stage(v, HY_LATER) before
 *      ordinary use of the heap goes on.  Both only where that makes sense.
 *   4. Look, and say one of victim_silent, victim_taken, victim_prevented, victim_not_applicable; then return.
 *      The process then ends as any program does (HY_AT_EXIT).
 *
 * A process that dies is found out by the parent, together with its last stage and its last words.
 *
 * The control is the same function with the faulty step left out (or, where the fault is a property and no step, with
 * nothing to observe).  It must come to its end, and must not say victim_silent: else the fault's cell is invalid.
 *
 * Compilers know what may not be done with freed memory.  Access through the functions below or volatile pointers only.
 */
#ifndef HY_FAULT_H
#define HY_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum hy_fault_class {
    HY_TEMPORAL,     /* use after the end of life, double free       */
    HY_SPATIAL,      /* outside of a block                           */
    HY_INVALID_FREE, /* free or realloc of what is no block          */
    HY_METADATA,     /* what the allocator believes is forged        */
    HY_DISCLOSURE,   /* contents leak, or addresses can be foretold  */
    HY_LIMIT,        /* sizes that wrap, memory that runs out        */
    HY_FAULT_CLASSES
} hy_fault_class;

/* What must be there for a fault to mean anything; else its cell is "not applicable". */
enum {
    HY_NEEDS_MALLOC = 1 << 0,      /* a malloc family: not a heap inside the process         */
    HY_NEEDS_HEAP = 1 << 1,        /* a heap inside the process: the layout is known         */
    HY_NEEDS_USABLE_SIZE = 1 << 2, /* victim_usable_size                                     */
    HY_NEEDS_THREADS = 1 << 3      /* several threads in the heap at the same time           */
};

typedef struct hy_victim hy_victim;

/* One entry of the catalogue.  Every member is filled in, but for needs and only. */
typedef struct hy_fault {
    const char *name;      /* lower case and "-", unique: what users type                              */
    const char *summary;   /* what it does, one line                                                   */
    hy_fault_class class;  /*                                                                          */
    unsigned cwe;          /* number in the Common Weakness Enumeration                                */
    const char *origin;    /* "document" (Arm's Learning Path), "how2heap: NAME", "CVE: kind of bug", … */
    const char *condition; /* the exploit condition that it probes                                     */
    const char *correct;   /* what an allocator does about it at its best                              */
    const char *story;     /* what happens in memory, in some plain sentences: for those who learn     */
    unsigned needs;        /* HY_NEEDS_…                                                               */
    const char *only;      /* allocators whose layout it knows ("simple fit"); NULL: for all           */
    void (*run)(hy_victim *victim);
} hy_fault;

/* Each file of faults defines one array `const hy_fault hy_faults_<file>[]` that ends with {.name = NULL}, and has its
 * name in the list in faults/meson.build. */

/* The moments at which a fault can be noticed. */
typedef enum hy_stage { HY_PREPARE, HY_AT_OPERATION, HY_AT_FREE, HY_LATER, HY_AT_EXIT, HY_STAGES } hy_stage;

/* ---------------------------------------------------------------------------------------------------- to report ----
 */

void victim_stage(hy_victim *victim, hy_stage stage);
bool victim_is_control(const hy_victim *victim);

/* What was seen, in a few words: "*ptr2 is 345", printf style.  The last one counts.
 *   silent:          the condition holds: something is corrupted or disclosed.  The run goes on, and if it is noticed
 *                    after all before the process has ended, that is the result.
 *   taken:           the same, and final: whatever comes later, the attacker has what was wanted.  Ends the process
 *                    at once and does not return.  (In the control it is a silent.)
 *   prevented:       the step was made, nothing was harmed.
 *   not_applicable:  cannot be tried here, and why. */
__attribute__((format(printf, 2, 3))) void victim_silent(hy_victim *victim, const char *format, ...);
__attribute__((format(printf, 2, 3))) void victim_taken(hy_victim *victim, const char *format, ...);
__attribute__((format(printf, 2, 3))) void victim_prevented(hy_victim *victim, const char *format, ...);
__attribute__((format(printf, 2, 3))) void victim_not_applicable(hy_victim *victim, const char *format, ...);

/* ---------------------------------------------------------------------------------------------------- to allocate ----
 */

/* The allocator's name without parameters and layers: "simple", "fit", "system" (glibc); "" where it is not known. */
const char *victim_allocator(const hy_victim *victim);

/* victim_alloc ends the process (cell: invalid) where there is no room; victim_try_alloc returns NULL, as all others
 * do. */
void *victim_alloc(hy_victim *victim, size_t size);
void *victim_try_alloc(hy_victim *victim, size_t size);
void *victim_calloc(hy_victim *victim, size_t count, size_t size);
void *victim_aligned(hy_victim *victim, size_t align, size_t size); /* memalign */
void *victim_realloc(hy_victim *victim, void *block, size_t size);  /* of any block, or of what is none */
void victim_free(hy_victim *victim, void *block);
size_t victim_usable_size(hy_victim *victim, void *block); /* with HY_NEEDS_USABLE_SIZE */

/* Ordinary use: `pairs` times alloc(size) and free; blocks of many sizes, filled, all alive at once, then freed. */
void victim_churn(hy_victim *victim, size_t size, size_t pairs);
void victim_shake(hy_victim *victim);

/* Runs `work` in another thread to its end. */
void victim_thread(hy_victim *victim, void (*work)(hy_victim *victim, void *context), void *context);

/* From now on the process's address space may grow by so many bytes only (setrlimit). */
void victim_limit_memory(hy_victim *victim, size_t bytes);

/* ------------------------------------------------------------------------------------------------------ to touch ----
 */

/* Inlined, so that a compiler that instruments accesses (ASan) does so in the fault. */

/* The compiler no longer knows where a pointer is from. */
static inline void *victim_hide(const volatile void *pointer) {
    void *hidden = (void *)(uintptr_t)pointer;
    __asm__ volatile("" : "+r"(hidden));
    return hidden;
}

static inline unsigned char victim_read(const volatile void *block, ptrdiff_t offset) {
    return ((const volatile unsigned char *)victim_hide(block))[offset];
}

static inline void victim_write(volatile void *block, ptrdiff_t offset, unsigned char byte) {
    ((volatile unsigned char *)victim_hide(block))[offset] = byte;
}

/* `count` bytes from `offset` on (which may be negative), lowest address first. */
static inline void victim_fill(volatile void *block, ptrdiff_t offset, unsigned char byte, size_t count) {
    volatile unsigned char *const bytes = victim_hide(block);
    for (size_t i = 0; i < count; i++)
        bytes[offset + (ptrdiff_t)i] = byte;
}

/* Whether all of them are `byte`. */
static inline bool victim_is_filled(const volatile void *block, ptrdiff_t offset, unsigned char byte, size_t count) {
    const volatile unsigned char *const bytes = victim_hide(block);
    for (size_t i = 0; i < count; i++)
        if (bytes[offset + (ptrdiff_t)i] != byte)
            return false;
    return true;
}

/* Words, at any address that is aligned for them. */
static inline uintptr_t victim_read_word(const volatile void *block, ptrdiff_t word) {
    return ((const volatile uintptr_t *)victim_hide(block))[word];
}

static inline void victim_write_word(volatile void *block, ptrdiff_t word, uintptr_t value) {
    ((volatile uintptr_t *)victim_hide(block))[word] = value;
}

#endif
