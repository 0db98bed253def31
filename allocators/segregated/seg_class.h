/* SPDX-License-Identifier: MIT
 *
 * seg_class.h - size classes: 16 bytes apart up to 1 KiB, then 8 in each doubling up to 32 KiB.
 *
 * So a block is at most 15 bytes, or an eighth, larger than what was asked for.  Another spacing is chosen when the
 * allocator is built, since the hot paths have it as constants: meson setup
 * -Dsegregated=SEG_STEPS_LOG=4,SEG_FINE_LOG=9.
 */
#ifndef SEG_CLASS_H
#define SEG_CLASS_H

#include "support.h"

/* log2 of the classes in each doubling, of the largest size with classes SEG_FINE_STEP apart, of that with any. */
#ifndef SEG_STEPS_LOG
#define SEG_STEPS_LOG 3
#endif
#ifndef SEG_FINE_LOG
#define SEG_FINE_LOG 10
#endif
#ifndef SEG_SMALL_LOG
#define SEG_SMALL_LOG 15
#endif

#define SEG_STEPS (1u << SEG_STEPS_LOG)
#define SEG_FINE_STEP ((size_t)16)
#define SEG_FINE_MAX ((size_t)1 << SEG_FINE_LOG)
#define SEG_FINE_CLASSES ((unsigned)(SEG_FINE_MAX / SEG_FINE_STEP))
#define SEG_SMALL_MAX ((size_t)1 << SEG_SMALL_LOG)
#define SEG_CLASSES (SEG_FINE_CLASSES + SEG_STEPS * (SEG_SMALL_LOG - SEG_FINE_LOG))

_Static_assert(SEG_STEPS_LOG >= 2 && SEG_STEPS_LOG <= 4, "4, 8 or 16 classes in each doubling");
_Static_assert(SEG_FINE_LOG - SEG_STEPS_LOG >= 4, "blocks of all classes are multiples of SEG_FINE_STEP");
_Static_assert(SEG_SMALL_LOG >= 12 && SEG_SMALL_LOG <= 16 && SEG_FINE_LOG < SEG_SMALL_LOG,
               "a class for each alignment up to a slice; a block fits in a page");
_Static_assert(SEG_CLASSES <= 256, "a page's record has a byte for its class");

/* The class of a request of last + 1 bytes, more than SEG_FINE_MAX. */
static inline size_t seg_class_coarse(size_t last) {
    const unsigned log = hy_log2_floor(last);
    const size_t step = last >> (log - SEG_STEPS_LOG); /* SEG_STEPS to 2 * SEG_STEPS - 1 */
    return SEG_FINE_CLASSES + SEG_STEPS * (size_t)log + step - SEG_STEPS * SEG_FINE_LOG - SEG_STEPS;
}

/* The class of a request of 1 to SEG_SMALL_MAX bytes. */
static inline unsigned seg_class(size_t size) {
    const size_t last = size - 1;
    return last < SEG_FINE_MAX ? (unsigned)(last / SEG_FINE_STEP) : (unsigned)seg_class_coarse(last);
}

/* Bytes of a block of that class. */
static inline size_t seg_class_size(unsigned size_class) {
    if (size_class < SEG_FINE_CLASSES)
        return SEG_FINE_STEP * (size_class + 1);
    const unsigned coarse = size_class - SEG_FINE_CLASSES;
    return (size_t)(SEG_STEPS + 1 + coarse % SEG_STEPS) << (SEG_FINE_LOG - SEG_STEPS_LOG + coarse / SEG_STEPS);
}

/* The class whose blocks, side by side from an aligned start on, are all aligned; `align` is at most a slice. */
static inline unsigned seg_class_aligned(size_t size, size_t align) {
    unsigned size_class = seg_class(hy_align_up(size, align));
    while (seg_class_size(size_class) % align != 0)
        size_class++;
    return size_class;
}

#endif
