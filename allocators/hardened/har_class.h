/* SPDX-License-Identifier: MIT
 *
 * har_class.h - size classes: 16 bytes apart up to 256, eight to a doubling up to 1 KiB, four up to 128 KiB.
 */
#ifndef HAR_CLASS_H
#define HAR_CLASS_H

#include "support.h"

#define HAR_CLASSES 60u
#define HAR_FINE_MAX ((size_t)256)
#define HAR_SLOT_MAX ((size_t)131072)

/* The least class whose slots have `size` bytes, 0 < size <= HAR_SLOT_MAX. */
static inline unsigned har_class_of(size_t size) {
    const size_t last = size - 1;
    if (last < HAR_FINE_MAX)
        return (unsigned)(last / 16);
    const unsigned octave = hy_log2_floor(last);
    if (octave < 10)
        return 16 + (octave - 8) * 8 + (unsigned)(last >> (octave - 3)) - 8;
    return 32 + (octave - 10) * 4 + (unsigned)(last >> (octave - 2)) - 4;
}

static inline size_t har_class_size(unsigned size_class) {
    if (size_class < 16)
        return (size_class + 1) * (size_t)16;
    if (size_class < 32)
        return (size_t)(9 + size_class % 8) << (size_class / 8 + 3);
    return (size_t)(5 + size_class % 4) << ((size_class - 32) / 4 + 8);
}

#endif
