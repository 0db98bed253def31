/* SPDX-License-Identifier: MIT
 *
 * seg_class.h - size classes: 16 bytes apart up to 1 KiB, then 8 in each doubling up to 32 KiB.
 *
 * So a block is at most 15 bytes, or an eighth, larger than what was asked for.
 */
#ifndef SEG_CLASS_H
#define SEG_CLASS_H

#include "support.h"

#define SEG_FINE_STEP ((size_t)16)
#define SEG_FINE_MAX ((size_t)1024)
#define SEG_FINE_CLASSES 64u
#define SEG_SMALL_MAX ((size_t)32768)
#define SEG_CLASSES (SEG_FINE_CLASSES + 5 * 8)

/* The class of a request of last + 1 bytes, more than SEG_FINE_MAX. */
static inline size_t seg_class_coarse(size_t last) {
    const unsigned log = hy_log2_floor(last);
    return SEG_FINE_CLASSES + 8 * (size_t)log + (last >> (log - 3)) - 8 * 10 - 8; /* the shifted one is 8 to 15 */
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
    return (size_t)(9 + coarse % 8) << (7 + coarse / 8);
}

/* The class whose blocks, side by side from an aligned start on, are all aligned; `align` is at most a slice. */
static inline unsigned seg_class_aligned(size_t size, size_t align) {
    unsigned size_class = seg_class(hy_align_up(size, align));
    while (seg_class_size(size_class) % align != 0)
        size_class++;
    return size_class;
}

#endif
