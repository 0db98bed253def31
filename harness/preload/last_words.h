/* SPDX-License-Identifier: MIT
 *
 * last_words.h - what a heap has to say when its process dies.
 */
#ifndef HY_LAST_WORDS_H
#define HY_LAST_WORDS_H

#include "heap.h"

/* From now on that heap is asked, if it has anything to say at all.  errno may change. */
__attribute__((visibility("hidden"))) void last_words_open(hy_heap *heap);

#endif
