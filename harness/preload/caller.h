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

#if HY_DIRECT_CALLER
#define YARD_CALLED() (hy_thread_caller = __builtin_return_address(0))
#else
#define YARD_CALLED() ((void)0)
#endif

#endif
