/* SPDX-License-Identifier: MIT
 *
 * operators.c - C++'s operator new and delete in all their forms, without a C++ runtime: functions with mangled names.
 *
 * When there is no room, the next definition is asked (that of libstdc++): it calls malloc again, then the program's
 * new_handler, and throws std::bad_alloc as the program expects.  Where there is none, nothrow gives NULL, and the
 * other forms, which may not return, end the process.
 */
#include "caller.h"
#include "yard.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef void *operator_new(size_t size);
typedef void *operator_new_nothrow(size_t size, const void *nothrow);
typedef void *operator_new_aligned(size_t size, size_t align);
typedef void *operator_new_aligned_nothrow(size_t size, size_t align, const void *nothrow);

/* The definition behind ours, which knows exceptions.  A C++ runtime that came with dlopen is not behind us, but there.
 */
static void *operator_behind(const char *name) {
    void *const next = dlsym(RTLD_NEXT, name);
    void *const runtime = next ? NULL : dlopen("libstdc++.so.6", RTLD_LAZY | RTLD_NOLOAD);
    return runtime ? dlsym(runtime, name) : next;
}

static void *operator_next(const char *name) {
    void *const next = operator_behind(name);
    if (!next)
        hy_host_default.fatal("operator new: no room, and no C++ runtime to throw std::bad_alloc");
    return next;
}

static void *nothrow_none(size_t size, const void *nothrow) {
    (void)size;
    (void)nothrow;
    return NULL;
}

static void *nothrow_none_aligned(size_t size, size_t align, const void *nothrow) {
    (void)align;
    return nothrow_none(size, nothrow);
}

static operator_new_nothrow *operator_next_nothrow(const char *name) {
    operator_new_nothrow *const next = (operator_new_nothrow *)operator_behind(name);
    return next ? next : nothrow_none;
}

static operator_new_aligned_nothrow *operator_next_aligned_nothrow(const char *name) {
    operator_new_aligned_nothrow *const next = (operator_new_aligned_nothrow *)operator_behind(name);
    return next ? next : nothrow_none_aligned;
}

#define OPERATOR_NEW(id, symbol)                                                                                       \
    YARD_EXPORT operator_new id __asm__(symbol);                                                                       \
    void *id(size_t size) {                                                                                            \
        YARD_CALLED();                                                                                                 \
        void *const block = yard_malloc(size);                                                                         \
        return block ? block : ((operator_new *)operator_next(symbol))(size);                                          \
    }
#define OPERATOR_NEW_NOTHROW(id, symbol)                                                                               \
    YARD_EXPORT operator_new_nothrow id __asm__(symbol);                                                               \
    void *id(size_t size, const void *nothrow) {                                                                       \
        YARD_CALLED();                                                                                                 \
        void *const block = yard_malloc(size);                                                                         \
        return block ? block : operator_next_nothrow(symbol)(size, nothrow);                                           \
    }
#define OPERATOR_NEW_ALIGNED(id, symbol)                                                                               \
    YARD_EXPORT operator_new_aligned id __asm__(symbol);                                                               \
    void *id(size_t size, size_t align) {                                                                              \
        YARD_CALLED();                                                                                                 \
        void *const block = yard_memalign(align, size);                                                                \
        return block ? block : ((operator_new_aligned *)operator_next(symbol))(size, align);                           \
    }
#define OPERATOR_NEW_ALIGNED_NOTHROW(id, symbol)                                                                       \
    YARD_EXPORT operator_new_aligned_nothrow id __asm__(symbol);                                                       \
    void *id(size_t size, size_t align, const void *nothrow) {                                                         \
        YARD_CALLED();                                                                                                 \
        void *const block = yard_memalign(align, size);                                                                \
        return block ? block : operator_next_aligned_nothrow(symbol)(size, align, nothrow);                            \
    }

OPERATOR_NEW(new_one, "_Znwm")
OPERATOR_NEW(new_array, "_Znam")
OPERATOR_NEW_NOTHROW(new_one_nothrow, "_ZnwmRKSt9nothrow_t")
OPERATOR_NEW_NOTHROW(new_array_nothrow, "_ZnamRKSt9nothrow_t")
OPERATOR_NEW_ALIGNED(new_one_aligned, "_ZnwmSt11align_val_t")
OPERATOR_NEW_ALIGNED(new_array_aligned, "_ZnamSt11align_val_t")
OPERATOR_NEW_ALIGNED_NOTHROW(new_one_aligned_nothrow, "_ZnwmSt11align_val_tRKSt9nothrow_t")
OPERATOR_NEW_ALIGNED_NOTHROW(new_array_aligned_nothrow, "_ZnamSt11align_val_tRKSt9nothrow_t")

/* Whatever else delete is told (size, alignment, nothrow) is not needed. */
#define OPERATOR_DELETE(id, symbol)                                                                                    \
    YARD_EXPORT void id(void *block) __asm__(symbol);                                                                  \
    void id(void *block) {                                                                                             \
        YARD_CALLED();                                                                                                 \
        yard_free(block);                                                                                              \
    }

OPERATOR_DELETE(delete_one, "_ZdlPv")
OPERATOR_DELETE(delete_array, "_ZdaPv")
OPERATOR_DELETE(delete_one_sized, "_ZdlPvm")
OPERATOR_DELETE(delete_array_sized, "_ZdaPvm")
OPERATOR_DELETE(delete_one_nothrow, "_ZdlPvRKSt9nothrow_t")
OPERATOR_DELETE(delete_array_nothrow, "_ZdaPvRKSt9nothrow_t")
OPERATOR_DELETE(delete_one_aligned, "_ZdlPvSt11align_val_t")
OPERATOR_DELETE(delete_array_aligned, "_ZdaPvSt11align_val_t")
OPERATOR_DELETE(delete_one_aligned_sized, "_ZdlPvmSt11align_val_t")
OPERATOR_DELETE(delete_array_aligned_sized, "_ZdaPvmSt11align_val_t")
OPERATOR_DELETE(delete_one_aligned_nothrow, "_ZdlPvSt11align_val_tRKSt9nothrow_t")
OPERATOR_DELETE(delete_array_aligned_nothrow, "_ZdaPvSt11align_val_tRKSt9nothrow_t")
