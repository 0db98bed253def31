/* SPDX-License-Identifier: MIT
 *
 * foreign.c - a malloc of somebody else as a heap.
 *
 *  1. The library is opened with dlopen, RTLD_LOCAL: its malloc lives beside that of the process.  It is never linked,
 *     for then it would serve the harness too.
 *  2. Each function must come from that library itself.  dlsym also looks into what a library depends on, and a file
 *     without a malloc would silently measure the C library; such a file is refused.
 *  3. An alignment up to that of malloc is asked for by plain malloc, as programs do.  Some libraries align small
 *     blocks to 8 only; that is a known deviation of theirs, and not mended here.
 *  4. malloc and free are tail calls: an adapter adds six and three instructions (x86-64), which our own allocators do
 *     not have.  `heapyard bench --compare` and `heapyard run` call all alike.
 *  5. A library named by its path is bound to itself (RTLD_DEEPBIND), as it is where it is preloaded: most mallocs call
 *     their own malloc from calloc, free from realloc, and would reach those of the process.  The four that have an
 *     adapter do not, and sanitizers refuse it.
 *  6. Its settings act by the environment that the process was started with (see hy_param.environment).
 *
 * What it is bad at: destroy cannot give live blocks back, and there is nothing to walk.  The library stays open,
 * because threads may still have destructors in it.
 */
#include "foreign.h"

#include "support.h"

#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct foreign_heap {
    hy_heap heap;
    void *(*malloc)(size_t);
    void (*free)(void *);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*aligned)(size_t align, size_t size);               /* aligned_alloc or memalign, or NULL */
    int (*posix_memalign)(void **, size_t align, size_t size); /* where there is no other */
    size_t (*usable)(void *);
    hy_pages *meta;
    char version[64];
} foreign_heap;

/* Any function, until its caller says which. */
typedef void foreign_function(void);

/* Says why; returns `code`. */
__attribute__((format(printf, 3, 4))) static int foreign_refuse(const hy_setup *setup, int code, const char *format,
                                                                ...) {
    va_list list;
    va_start(list, format);
    if (setup->why)
        vsnprintf(setup->why, HY_TEXT_SIZE, format, list);
    va_end(list);
    return code;
}

/* ----------------------------------------------------------------------------------------------------- opening ---- */

/* The library's own `name`, or NULL; also NULL if only another library has it, whose file is *ret_other then. */
static foreign_function *foreign_find(void *handle, const char *name, const char **ret_other) {
    foreign_function *function = NULL;
    void *const symbol = dlsym(handle, name);
    struct link_map *wanted = NULL, *found = NULL;
    Dl_info info;
    *ret_other = NULL;
    if (!symbol || dlinfo(handle, RTLD_DI_LINKMAP, &wanted) != 0)
        return NULL;
    if (dladdr1(symbol, &info, (void **)&found, RTLD_DL_LINKMAP) == 0 || found != wanted) {
        *ret_other = found && found->l_name[0] ? found->l_name : "another object";
        return NULL;
    }
    memcpy(&function, &symbol, sizeof function);
    return function;
}

static foreign_function *foreign_optional(void *handle, const char *name) {
    const char *other;
    return foreign_find(handle, name, &other);
}

static int foreign_required(const hy_setup *setup, void *handle, const char *file, const char *name,
                            foreign_function **ret) {
    const char *other;
    foreign_function *const function = foreign_find(handle, name, &other);
    if (!function && other)
        return foreign_refuse(setup, -ENOENT, "the %s that %s would call is in %s, so another malloc would be measured",
                              name, file, other);
    if (!function)
        return foreign_refuse(setup, -ENOENT, "%s has no %s of its own", file, name);
    *ret = function;
    return 0;
}

static int foreign_resolve(const hy_setup *setup, void *handle, const char *file, foreign_heap *self) {
    static const char *const names[] = {"malloc", "free", "calloc", "realloc"};
    foreign_function *found[4];
    for (size_t i = 0; i < 4; i++) {
        const int r = foreign_required(setup, handle, file, names[i], &found[i]);
        if (r < 0)
            return r;
    }
    self->malloc = (void *(*)(size_t))found[0];
    self->free = (void (*)(void *))found[1];
    self->calloc = (void *(*)(size_t, size_t))found[2];
    self->realloc = (void *(*)(void *, size_t))found[3];
    foreign_function *aligned = foreign_optional(handle, "aligned_alloc");
    aligned = aligned ? aligned : foreign_optional(handle, "memalign");
    self->aligned = (void *(*)(size_t, size_t))aligned;
    self->posix_memalign = (int (*)(void **, size_t, size_t))foreign_optional(handle, "posix_memalign");
    self->usable = (size_t(*)(void *))foreign_optional(handle, "malloc_usable_size");
    return 0;
}

/* mimalloc says 209 for 2.0.9. */
static void version_of_mimalloc(int version, char *ret, size_t room) {
    snprintf(ret, room, "%d.%d.%d", version / 100, version / 10 % 10, version % 10);
}

/* Asks by each of the ways that there are; a library that knows none is named by its file. */
static void foreign_ask_version(void *handle, const char *file, char *ret, size_t room) {
    foreign_function *const libc = foreign_optional(handle, "gnu_get_libc_version");
    foreign_function *const mallctl = foreign_optional(handle, "mallctl");
    foreign_function *const mi = foreign_optional(handle, "mi_version");
    foreign_function *const tc = foreign_optional(handle, "tc_version");
    const char *text = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
    size_t size = sizeof text;
    int major = 0, minor = 0;
    if (libc)
        text = ((const char *(*)(void))libc)();
    else if (mallctl)
        ((int (*)(const char *, void *, size_t *, void *, size_t))mallctl)("version", &text, &size, NULL, 0);
    if (mi)
        version_of_mimalloc(((int (*)(void))mi)(), ret, room);
    else if (tc && ((const char *(*)(int *, int *, const char **))tc)(&major, &minor, &text))
        snprintf(ret, room, "%d.%d%s", major, minor, text);
    else
        snprintf(ret, room, "%s", text);
}

static int foreign_dlopen(const hy_setup *setup, const char *file, void **ret_handle) {
    const bool is_sanitized = dlsym(RTLD_DEFAULT, "__sanitizer_print_stack_trace") != NULL;
    const int bound = strchr(file, '/') && !is_sanitized ? RTLD_DEEPBIND : 0;
    void *const handle = dlopen(file, RTLD_NOW | RTLD_LOCAL | bound);
    const char *const why = handle ? "" : dlerror();
    if (strstr(why, "static TLS"))
        return foreign_refuse(setup, -ENOMEM,
                              "%s needs a process that was started with "
                              "GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384",
                              file);
    if (!handle)
        return foreign_refuse(setup, -ENOENT, "cannot be opened: %s", why);
    *ret_handle = handle;
    return 0;
}

int hy_foreign_create(const hy_setup *setup, hy_heap **ret) {
    const char *const file = ((const hy_foreign_params *)setup->params)->file;
    void *handle = NULL;
    int r = foreign_dlopen(setup, file, &handle);
    if (r < 0)
        return r;
    foreign_heap *const self = hy_instance_map(setup->meta, sizeof *self);
    if (!self)
        return -ENOMEM;
    self->meta = setup->meta;
    r = foreign_resolve(setup, handle, file, self);
    if (r < 0) {
        hy_instance_unmap(self->meta, self, sizeof *self);
        return r;
    }
    foreign_ask_version(handle, file, self->version, sizeof self->version);
    *ret = &self->heap;
    return 0;
}

void hy_foreign_destroy(hy_heap *heap) {
    foreign_heap *const self = (foreign_heap *)heap;
    hy_instance_unmap(self->meta, self, sizeof *self);
}

const char *hy_foreign_version(hy_heap *heap) {
    return ((foreign_heap *)heap)->version;
}

/* ------------------------------------------------------------------------------------------------------- calls ---- */

static void *foreign_aligned(foreign_heap *self, size_t size, size_t align) {
    void *block = NULL;
    if (self->aligned)
        return self->aligned(align, size);
    if (self->posix_memalign && self->posix_memalign(&block, align, size) == 0)
        return block;
    return NULL;
}

void *hy_foreign_alloc(hy_heap *heap, size_t size, size_t align) {
    foreign_heap *const self = (foreign_heap *)heap;
    return align <= HY_MALLOC_ALIGN ? self->malloc(size) : foreign_aligned(self, size, align);
}

void *hy_foreign_alloc_zeroed(hy_heap *heap, size_t size, size_t align) {
    foreign_heap *const self = (foreign_heap *)heap;
    if (align <= HY_MALLOC_ALIGN)
        return self->calloc(1, size);
    void *const block = foreign_aligned(self, size, align);
    if (block)
        memset(block, 0, size);
    return block;
}

/* realloc knows nothing of alignment, so an aligned block is copied; unless nobody knows how much there is to copy. */
static void *foreign_realloc_aligned(foreign_heap *self, void *block, size_t old_size, size_t align, size_t new_size) {
    const size_t known = old_size == 0 && self->usable ? self->usable(block) : old_size;
    void *const moved = known ? foreign_aligned(self, new_size, align) : NULL;
    if (!moved)
        return NULL;
    memcpy(moved, block, hy_min(known, new_size));
    self->free(block);
    return moved;
}

void *hy_foreign_realloc(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size) {
    foreign_heap *const self = (foreign_heap *)heap;
    if (align <= HY_MALLOC_ALIGN)
        return self->realloc(block, new_size);
    return foreign_realloc_aligned(self, block, old_size, align, new_size);
}

void hy_foreign_free(hy_heap *heap, void *block, size_t size) {
    (void)size;
    ((foreign_heap *)heap)->free(block);
}

size_t hy_foreign_usable_size(hy_heap *heap, const void *block) {
    foreign_heap *const self = (foreign_heap *)heap;
    return self->usable ? self->usable((void *)(uintptr_t)block) : 0;
}

/* -------------------------------------------------------------------------------------------------- any file ---- */

void hy_foreign_file(const char *path, bool has_usable_size, hy_param *param, hy_heap_ops *ret_ops) {
    static const hy_heap_ops common = {
        .summary = "the malloc of a shared object",
        .source = "the file",
        HY_FOREIGN_MEMBERS,
        .params_size = sizeof(hy_foreign_params),
    };
    const char *const slash = strrchr(path, '/');
    param[0] = (hy_param)HY_FOREIGN_FILE(path);
    param[1] = (hy_param){.name = NULL};
    *ret_ops = common;
    ret_ops->name = slash ? slash + 1 : path;
    ret_ops->params = param;
    if (!has_usable_size)
        ret_ops->usable_size = NULL;
}
