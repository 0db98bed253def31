/* SPDX-License-Identifier: MIT
 *
 * caller.c - hy_thread_caller (heapyard.h), in a file of its own: a library that does not ask has no room for it.
 */
#include "heapyard.h"

__thread const void *hy_thread_caller;
