/* SPDX-License-Identifier: MIT
 *
 * call_stack.h - where the program is: the calls that led into this library.
 */
#ifndef HY_CALL_STACK_H
#define HY_CALL_STACK_H

#include <stddef.h>

/* As hy_host's call_stack (heapyard.h). */
__attribute__((visibility("hidden"))) size_t call_stack(const void **ret_code, size_t most);

#endif
