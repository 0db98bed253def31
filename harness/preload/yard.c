/* SPDX-License-Identifier: MIT
 *
 * yard.c - opens the heap of the process, and sees to threads that end and processes that fork.
 *
 *  1. The first thread that needs the heap opens it; others wait on a futex.
 *  2. Fork handlers are registered at that moment, so that those of most others run while nobody holds the heap.  The
 *     C library has room for the first 48 without a malloc.  A call from a handler that was there before ours takes a
 *     detour: the forking thread lets go of the heap for the length of that call.
 *  3. A thread is known by a flag of its own.  A heap with thread caches also gets a destructor for it; when that has
 *     run, each later call of the thread (other destructors, the C library's own) is followed by thread_exit again.
 *
 * Compiled once for each allocator, with HY_OPS as its ops.
 */
#include "yard.h"

#include "call_stack.h"
#include "caller.h"
#include "detour.h"
#include "last_words.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

extern const hy_heap_ops HY_OPS;

/* ----------------------------------------------------------------------------------------------------- catalog ---- */

/* The list of allocators/meson.build, of which only layers and page sources matter here. */
#define HY_HEAP(id, capabilities)
#define HY_ADAPTER(id)
#define HY_LAYER_ENTRY(id) extern const hy_heap_ops hy_##id##_ops;
#define HY_PAGES_ENTRY(id) extern const hy_pages_ops hy_##id##_pages_ops;
#include "registry.inc"
#undef HY_LAYER_ENTRY
#undef HY_PAGES_ENTRY

#define HY_LAYER_ENTRY(id) &hy_##id##_ops,
#define HY_PAGES_ENTRY(id)
static const hy_heap_ops *const yard_layers[] = {
#include "registry.inc"
    NULL};
#undef HY_LAYER_ENTRY
#undef HY_PAGES_ENTRY

#define HY_LAYER_ENTRY(id)
#define HY_PAGES_ENTRY(id) &hy_##id##_pages_ops,
static const hy_pages_ops *const yard_pages[] = {
#include "registry.inc"
    NULL};

static const hy_heap_ops *const yard_heaps[] = {&HY_OPS, NULL};
static const hy_catalog yard_catalog = {.heaps = yard_heaps, .layers = yard_layers, .pages = yard_pages};

/* ------------------------------------------------------------------------------------------------------ state ---- */

enum { YARD_CLOSED, YARD_OPENING, YARD_OPEN };

__thread yard_thread yard_this_thread;
hy_heap *yard_heap_open;
hy_heap *yard_heap_direct;
size_t yard_limit;

static hy_instance yard_the_instance;
static uint32_t yard_state = YARD_CLOSED;
static pthread_key_t yard_key;

const hy_instance *yard_instance(void) {
    return &yard_the_instance;
}

/* ---------------------------------------------------------------------------------------------- ending threads ---- */

/* The heap as a thread sees it whose destructor has run. */
static void yard_leave_no_cache(hy_heap *heap) {
    heap->ops->thread_exit(heap);
}

static detour_heap yard_ending = {.head = {.ops = &detour_ops}, .after = yard_leave_no_cache};

static void yard_thread_ends(void *unused) {
    (void)unused;
    const int saved = errno;
    yard_this_thread = YARD_ENDING;
    yard_heap_open->ops->thread_exit(yard_heap_open);
    errno = saved;
}

/* ------------------------------------------------------------------------------------------------------- fork ---- */

/* The heap as the thread sees it that holds it for a fork: handlers that were registered before ours run while we hold
 * it.  The same in the parent and in the child, where nobody else is left to take it meanwhile. */
static void yard_let_go(hy_heap *heap) {
    heap->ops->fork(heap, HY_FORK_PARENT);
}

static void yard_hold(hy_heap *heap) {
    heap->ops->fork(heap, HY_FORK_BEFORE);
}

static detour_heap yard_forking = {.head = {.ops = &detour_ops}, .before = yard_let_go, .after = yard_hold};

/* What the forking thread was before. */
static __thread yard_thread yard_forker;

static void yard_before_fork(void) {
    const int saved = errno;
    yard_heap(); /* makes a new thread a living one */
    yard_forker = yard_this_thread;
    yard_this_thread = YARD_FORKING;
    yard_hold(yard_heap_open);
    errno = saved;
}

static void yard_after_fork(hy_fork when) {
    const int saved = errno;
    yard_heap_open->ops->fork(yard_heap_open, when);
    yard_this_thread = yard_forker;
    if (yard_this_thread == YARD_ENDING)
        yard_leave_no_cache(yard_heap_open);
    errno = saved;
}

static void yard_parent_forked(void) {
    yard_after_fork(HY_FORK_PARENT);
}

static void yard_child_forked(void) {
    yard_after_fork(HY_FORK_CHILD);
}

/* ------------------------------------------------------------------------------------------------------- open ---- */

extern char **environ;
extern void *__libc_stack_end; /* the loader's: where the kernel put argc, argv and the environment */

/* The C library does not know the environment yet when the loader allocates. */
static char **yard_environment(void) {
    if (environ)
        return environ;
    const long *const argc = __libc_stack_end;
    return (char **)(argc + 1) + *argc + 1;
}

static const char *yard_spec(void) {
    static const char name[] = "HEAPYARD_SPEC=";
    for (char **entry = yard_environment(); *entry; entry++)
        if (strncmp(*entry, name, sizeof name - 1) == 0 && (*entry)[sizeof name - 1] != '\0')
            return *entry + sizeof name - 1;
    return HY_OPS.name;
}

/* Nothing can be served: says why, and ends like a program that could not be started. */
static void yard_refuse(const hy_error *error) {
    hy_error line;
    hy_fail_parts(&line, 0, "heapyard: HEAPYARD_SPEC: ", error->text, "\n", NULL);
    const ssize_t ignored = write(STDERR_FILENO, line.text, strlen(line.text));
    (void)ignored;
    _exit(127);
}

/* NULL: the default. */
static const hy_host *yard_host(void) {
#if HY_DIRECT_CALLER
    static hy_host host;
    host = hy_host_default;
    host.call_stack = call_stack;
    return &host;
#else
    return NULL;
#endif
}

static void yard_open(void) {
    const char *const spec = yard_spec();
    const hy_open_options options = {.threads = true, .host = yard_host()};
    hy_error error;
    if (hy_open(&yard_catalog, (hy_text){spec, strlen(spec)}, &options, &yard_the_instance, &error) < 0)
        yard_refuse(&error);
    hy_heap *const heap = yard_the_instance.heap;
    yard_limit = heap->max_size < PTRDIFF_MAX ? heap->max_size : PTRDIFF_MAX;
    yard_ending.heap = yard_forking.heap = heap;
    yard_heap_direct = yard_the_instance.depth == 1 ? heap : NULL;
    if (heap->ops->thread_exit)
        pthread_key_create(&yard_key, yard_thread_ends);
    __atomic_store_n(&yard_heap_open, heap, __ATOMIC_RELEASE);
    last_words_open(heap);
}

static void yard_open_once(void) {
    uint32_t expected = YARD_CLOSED;
    if (__atomic_compare_exchange_n(&yard_state, &expected, YARD_OPENING, false, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE)) {
        const int saved = errno;
        yard_open();
        __atomic_store_n(&yard_state, YARD_OPEN, __ATOMIC_RELEASE);
        hy_host_default.wake(&yard_state, UINT32_MAX >> 1);
        if (yard_heap_open->ops->fork)
            pthread_atfork(yard_before_fork, yard_parent_forked, yard_child_forked);
        errno = saved;
        return;
    }
    while (__atomic_load_n(&yard_state, __ATOMIC_ACQUIRE) != YARD_OPEN)
        hy_host_default.wait(&yard_state, YARD_OPENING);
}

hy_heap *yard_enter(void) {
    if (yard_this_thread == YARD_ENDING)
        return &yard_ending.head;
    if (yard_this_thread == YARD_FORKING)
        return &yard_forking.head;
    if (__atomic_load_n(&yard_state, __ATOMIC_ACQUIRE) != YARD_OPEN)
        yard_open_once();
    yard_this_thread = YARD_LIVING; /* first, for pthread_setspecific may allocate */
    if (yard_heap_open->ops->thread_exit) {
        const int saved = errno;
        pthread_setspecific(yard_key, &yard_the_instance);
        errno = saved;
    }
    return yard_heap_open;
}
