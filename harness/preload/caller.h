/* SPDX-License-Identifier: MIT
 *
 * caller.h - the direct calls of the library's allocator, and who calls: YARD_CALLED() at the start of what a library
 * exports.
 */
#ifndef HY_CALLER_H
#define HY_CALLER_H

#ifdef HY_DIRECT
#include HY_DIRECT
#endif

#include <stddef.h>

/* malloc and free for functions of ours that have said already who called them; where nobody asks, they are the
 * exported ones, so that their hot paths are in the library once. */
#if HY_DIRECT_CALLER
__attribute__((visibility("hidden"))) void *yard_malloc(size_t size);
__attribute__((visibility("hidden"))) void yard_free(void *block);
#else
#define yard_malloc malloc
#define yard_free free
#endif
__attribute__((visibility("hidden"))) void *yard_memalign(size_t align, size_t size);

#if HY_DIRECT_CALLER
#define YARD_CALLED() (hy_thread_caller = __builtin_return_address(0))
#define YARD_CALLED_FROM(code) (hy_thread_caller = (code))
#else
#define YARD_CALLED() ((void)0)
#define YARD_CALLED_FROM(code) ((void)(code))
#endif

#endif
