/* SPDX-License-Identifier: MIT
 *
 * call_stack.c - see call_stack.h.
 *
 * By the compiler's own unwinder, of which the library has a copy: with glibc 2.35 and gcc 12 it finds its tables
 * without a lock.  Code without tables (made at run time, say) ends the stack.  With others: no stack at all.
 */
#include "call_stack.h"

#include <dlfcn.h>
#include <stdint.h>
#include <unwind.h>

typedef struct call_stack_walk {
    const void **code;
    size_t count, most;
    uintptr_t own_start, own_end; /* this library */
} call_stack_walk;

static _Unwind_Reason_Code note_call(struct _Unwind_Context *context, void *to) {
    call_stack_walk *const walk = to;
    const uintptr_t code = _Unwind_GetIP(context);
    if (code == 0 || walk->count == walk->most)
        return _URC_END_OF_STACK;
    if (code < walk->own_start || code >= walk->own_end)
        walk->code[walk->count++] = (const void *)code;
    return _URC_NO_REASON;
}

size_t call_stack(const void **ret_code, size_t most) {
#ifdef DLFO_STRUCT_HAS_EH_DBASE
    struct dl_find_object own;
    if (_dl_find_object((void *)(uintptr_t)call_stack, &own) != 0)
        return 0;
    call_stack_walk walk = {.code = ret_code,
                            .most = most,
                            .own_start = (uintptr_t)own.dlfo_map_start,
                            .own_end = (uintptr_t)own.dlfo_map_end};
    _Unwind_Backtrace(note_call, &walk);
    return walk.count;
#else
    (void)ret_code;
    (void)most;
    (void)note_call;
    return 0;
#endif
}
