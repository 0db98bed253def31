/* SPDX-License-Identifier: MIT
 *
 * spacing.c - what must hold of the size classes of segregated, however they are spaced: compiled once for each
 * spacing, with its settings and with SPACING_CHECK, the name of the function.
 */
#include "seg_class.h"

const char *SPACING_CHECK(void);

/* The smallest class that is large enough, and not by more than 15 bytes or one step of its doubling. */
static const char *spacing_wrong_for(size_t size) {
    const unsigned size_class = seg_class(size);
    const size_t block = seg_class_size(size_class);
    if (size_class >= SEG_CLASSES || block < size)
        return "a block is smaller than what was asked for";
    if (size_class > 0 && seg_class_size(size_class - 1) >= size)
        return "a smaller class would do";
    if (block % SEG_FINE_STEP != 0)
        return "blocks are not aligned to 16";
    return block - size > (size <= SEG_FINE_MAX ? SEG_FINE_STEP - 1 : size / SEG_STEPS) ? "a block is too large" : NULL;
}

static const char *spacing_wrong_aligned(size_t size, size_t align) {
    const unsigned size_class = seg_class_aligned(size, align);
    if (size_class >= SEG_CLASSES || seg_class_size(size_class) < size)
        return "an aligned block is smaller than what was asked for";
    return seg_class_size(size_class) % align != 0 ? "an aligned block is not aligned" : NULL;
}

const char *SPACING_CHECK(void) {
    const char *wrong =
        seg_class(SEG_SMALL_MAX) == SEG_CLASSES - 1 ? NULL : "the last class is not that of SEG_SMALL_MAX";
    for (size_t size = 1; !wrong && size <= SEG_SMALL_MAX; size++) {
        wrong = spacing_wrong_for(size);
        for (size_t align = 32; !wrong && align <= 4096; align *= 2)
            wrong = spacing_wrong_aligned(size, align);
    }
    return wrong;
}
