/* SPDX-License-Identifier: MIT
 *
 * heapyard.h - the contract between an allocator and everything that drives it.
 *
 * This is the only header that an allocator, a layer, a page source or a plug-in needs.  It is valid C11 and C++.
 *
 * Words, used in one sense only:
 *   heap         one instance of an allocator (hy_heap)
 *   block        what alloc returned and free takes back; `usable` bytes of it belong to the caller
 *   hole         a range that could serve a request
 *   metadata     bytes that an allocator keeps for itself, in band (beside blocks) or out of band (`meta` pages)
 *   page source  where a heap gets its memory (hy_pages); committed bytes are the heap's footprint
 *   layer        a heap that wraps another heap (lock, guard)
 *
 * Every named thing has the same head: name, summary, a parameter table, create, destroy; and one spelling:
 * `name:key=value,key=value`, layers in front, joined with `+`: `guard+fit:policy=best`.
 *
 * Errors: create returns 0 or -errno.  On the hot path NULL means "no room" and nothing else can fail.
 */
#ifndef HEAPYARD_H
#define HEAPYARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this contract.  New members come at the end of a struct only; a plug-in also states the size of the
 * struct that it was built with, so that an older plug-in works in a newer host. */
#define HY_ABI 1u

/* No limit: for max_align and max_size. */
#define HY_ANY ((size_t)-1)

/* The alignment that malloc promises on this machine. */
#define HY_MALLOC_ALIGN ((size_t)16)

typedef struct hy_heap hy_heap;
typedef struct hy_heap_ops hy_heap_ops;
typedef struct hy_pages hy_pages;
typedef struct hy_pages_ops hy_pages_ops;
typedef struct hy_setup hy_setup;

/* ------------------------------------------------------------------------------------------------- parameters ---- */

/* What the field at `offset` is, and how a user writes it. */
typedef enum hy_param_type {
    HY_PARAM_SIZE,   /* size_t    "4096" "64K" "1M" "2G", powers of 1024          */
    HY_PARAM_COUNT,  /* uint64_t  "1000"                                           */
    HY_PARAM_BOOL,   /* bool      "1" "0" "yes" "no" "on" "off" "true" "false"     */
    HY_PARAM_CHOICE, /* uint32_t  one of `choices`; the field holds its index      */
    HY_PARAM_TIME,   /* uint64_t  nanoseconds: "500ns" "20us" "2ms" "1s"; bare: ns */
    HY_PARAM_TEXT,   /* char[HY_TEXT_SIZE], always terminated                      */
    HY_PARAM_RULE,   /* hy_rule   "never" "every:64" "ratio:0.5", as `choices` say */
    HY_PARAM_SHARE   /* uint64_t  "25%" "0.25": a part of a whole, kept in millionths */
} hy_param_type;

#define HY_TEXT_SIZE 256

/* A choice that may take a number.  Its `choices` say the kind of the number: "never" has none, "every:COUNT" and
 * "bytes:SIZE" are written as those types, "ratio:REAL" has a fraction or a percent sign and is kept in millionths.
 * A number is above 0. */
typedef struct hy_rule {
    uint32_t choice; /* its index */
    uint64_t number; /* 0: it has none */
} hy_rule;

#define HY_RULE_REAL 1000000u

/* One parameter.  A table of these ends with an entry whose name is NULL.  The same table serves parsing, help, and
 * the record of what was run. */
typedef struct hy_param {
    const char *name;
    const char *help; /* one line */
    const char *def;  /* the default, as a user would write it; NULL: left alone unless the user says it */
    hy_param_type type;
    size_t offset;              /* into the parameter struct */
    uint64_t min, max;          /* inclusive; for SIZE, COUNT and TIME; 0,0: no limits */
    const char *const *choices; /* for CHOICE and RULE: ends with NULL */
    /* For an allocator that reads its settings when its process starts: the environment variable that says it and what
     * stands before the value, "MALLOC_CONF=dirty_decay_ms:".  NULL: the parameter struct is enough. */
    const char *environment;
} hy_param;

/* ----------------------------------------------------------------------------------------------- page sources ---- */

/* Where a heap gets memory.  All addresses and sizes are multiples of `granule`.  Thread-safe.
 * reserved: address space; committed: bytes that may be touched (the footprint). */
struct hy_pages_ops {
    const char *name, *summary;
    const hy_param *params;
    size_t params_size;

    /* 0 or -errno.  `params` points to the filled-in parameter struct and is dead after the call. */
    int (*create)(const void *params, hy_pages **ret);
    /* Gives everything back, also what was never released. */
    void (*destroy)(hy_pages *pages);

    /* Address space of `size` bytes, aligned to `align` (a power of two, at least the granule), not committed.
     * NULL: no room. */
    void *(*reserve)(hy_pages *pages, size_t size, size_t align);
    /* Makes a part of a reservation usable.  0 or -errno.  Fresh bytes are zero if `zeroed`. */
    int (*commit)(hy_pages *pages, void *start, size_t size);
    /* Gives the memory back and keeps the addresses; to be committed again before use.  0 or -errno. */
    int (*decommit)(hy_pages *pages, void *start, size_t size);
    /* Says that the contents do not matter now: resident memory may fall, the range stays committed and usable. */
    int (*purge)(hy_pages *pages, void *start, size_t size);
    /* Grows or shrinks a whole, wholly committed reservation in place; what is added is committed.
     * 0, or -errno: nothing changed. */
    int (*resize)(hy_pages *pages, void *start, size_t old_size, size_t new_size);
    /* Ends a whole reservation of `size` bytes, of which `committed` are committed now. */
    void (*release)(hy_pages *pages, void *start, size_t size, size_t committed);

    /* Optional: moves a whole, wholly committed reservation, keeping its contents (mremap).  NULL: no room. */
    void *(*move)(hy_pages *pages, void *start, size_t old_size, size_t new_size);
    /* Optional: brings committed memory in that is about to be written, all at once instead of page by page. */
    void (*populate)(hy_pages *pages, void *start, size_t size);
};

/* The head of every page source.  The counters are kept by the source (atomically); anybody may read them. */
struct hy_pages {
    const hy_pages_ops *ops;
    size_t granule;        /* a power of two; 1 for a fixed region */
    size_t available;      /* bytes that it can ever give, or HY_ANY */
    bool zeroed;           /* fresh committed memory reads as zero */
    size_t reserved;       /* bytes now */
    size_t committed;      /* bytes now */
    size_t peak_committed; /* bytes, most at any time */
    uint64_t calls;        /* calls made so far */
};

/* ------------------------------------------------------------------------------------------------ setup, host ---- */

/* What the host does for an allocator.  Nothing else may be asked of it. */
typedef struct hy_host {
    uint64_t (*ticks)(void);                               /* a fast, monotonic counter of unstated unit */
    uint64_t (*entropy)(void);                             /* 64 unpredictable bits */
    void (*wait)(const uint32_t *word, uint32_t value);    /* sleeps while *word == value; may wake for no reason */
    void (*wake)(const uint32_t *word, uint32_t how_many); /* wakes sleepers on word */
    void (*fatal)(const char *text);                       /* says text and ends the process */
    /* The file whose code lies at an address, and how far into the file's addresses that is.  NULL: none does.  Where
     * the member is NULL nobody knows.  Safe in signal handlers. */
    const char *(*code_file)(const void *code, size_t *ret_offset);
    /* Return addresses of the calls that the program is in, innermost first, without those of the library that asks; how
     * many.  NULL: nobody knows.  Takes microseconds, but no lock and no memory. */
    size_t (*call_stack)(const void **ret_code, size_t most);
} hy_host;

struct hy_setup {
    const void *params; /* the allocator's own parameter struct, filled in and checked; dead after create */
    hy_pages *data;     /* for blocks.  Never NULL */
    hy_pages *meta;     /* for the instance and out-of-band metadata.  Never NULL; may be the same source */
    hy_heap *inner;     /* layers: the heap to wrap.  Allocators: NULL, or a heap to draw memory from (region) */
    const hy_host *host;
    uint64_t seed; /* for random placement: the same seed, the same decisions */
    char *why;     /* where create may say in one sentence why it refuses (HY_TEXT_SIZE bytes); may be NULL */
    unsigned slot; /* the heap's thread slot; HY_THREAD_SLOTS: there is none for it */
};

/* What a thread keeps for a heap: one cache line of its own for each heap, that the allocator finds without a call or a
 * lock.  All zero in a new thread, and again after the heap was closed or thread_exit was called for it.  The first
 * heap of a process has slot 0, if it has no layers.  The slot behind the last belongs to nobody and stays zero.  Not
 * for plug-ins. */
#define HY_THREAD_SLOTS 8u
typedef struct hy_thread_slot {
    uintptr_t word[8];
} hy_thread_slot;

extern __thread hy_thread_slot hy_thread_slots[HY_THREAD_SLOTS + 1]
    __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* Where the program is that this thread runs: the return address of its call of malloc or free, for heaps that tell who
 * did what.  NULL: not known; so it is but where a preload library serves an allocator whose direct calls ask for it.
 * Not for plug-ins. */
extern __thread const void *hy_thread_caller __attribute__((tls_model("initial-exec"), visibility("hidden")));

/* ------------------------------------------------------------------------------------------------------- walk ---- */

typedef enum hy_kind {
    HY_USED, /* one block, with its in-band metadata           */
    HY_FREE, /* one hole                                       */
    HY_META  /* in-band metadata that belongs to no one block  */
} hy_kind;

/* A range of the heap's committed data pages, [start, start + size).  For HY_USED, `block` is what alloc returned
 * and `usable` its usable bytes; both lie inside, and the rest of the range is metadata and padding.
 * For HY_FREE, `usable` is the largest request (alignment 1) that the hole could serve by itself. */
typedef struct hy_range {
    uintptr_t start;
    size_t size;
    uintptr_t block;
    size_t usable;
    hy_kind kind;
} hy_range;

/* Anything but 0 ends the walk. */
typedef int hy_visit(void *context, const hy_range *range);

/* ------------------------------------------------------------------------------------------------------ stats ---- */

/* What an allocator may count.  Counters only grow.  One that it does not keep stays HY_UNKNOWN (the caller presets
 * all of them). */
#define HY_UNKNOWN ((uint64_t)-1)
typedef struct hy_stats {
    uint64_t searches;     /* requests that looked for a hole                    */
    uint64_t search_steps; /* holes or ranges looked at in all                   */
    uint64_t splits;       /* holes cut in two                                   */
    uint64_t merges;       /* pairs of neighbouring holes made one               */
    uint64_t merge_passes; /* times a deferred clean-up ran                      */
    uint64_t grows;        /* times more data pages were asked for               */
    uint64_t live_blocks;  /* now                                                */
    uint64_t live_bytes;   /* usable bytes of live blocks, now                   */
    uint64_t holes;        /* now                                                */
    /* For those who put merging off, or ask whether a merge was worth its while. */
    uint64_t merges_wasted;   /* merges whose hole was soon cut again (regret)      */
    uint64_t pass_steps;      /* ranges looked at by merge passes, in all           */
    uint64_t longest_pass;    /* most of them in one pass                           */
    uint64_t failed_searches; /* searches that found no hole                        */
} hy_stats;

/* ------------------------------------------------------------------------------------------------------- heap ---- */

/* The thread rule, declared and never guessed. */
typedef enum hy_threads {
    HY_THREADS_NONE, /* one thread at a time: the host adds the lock layer where there are several */
    HY_THREADS_SAFE /* any thread may call anything at any time, but for those calls that see the heap as a whole: while
                     * one runs owns, reset, walk, check or destroy, no other thread may be in the heap; and after
                     * destroy no thread may be left that used it and has neither ended nor called thread_exit */
} hy_threads;

/* What a NULL pointer cannot say.  0 (or HY_BUDDIES alone) is a general-purpose allocator. */
enum {
    HY_FAKE = 1 << 0,       /* blocks overlap: contents are not kept (null)                      */
    HY_NO_REUSE = 1 << 1,   /* free gives nothing back before reset (bump)                       */
    HY_LIFO = 1 << 2,       /* blocks must be freed in the opposite order (stack)                */
    HY_FIXED_SIZE = 1 << 3, /* one block size; larger requests get NULL (pool)                   */
    HY_REGIONS = 1 << 4,    /* single frees are ignored; memory comes back when all are dead     */
    HY_LAYER = 1 << 5,      /* wraps setup->inner                                                */
    HY_FOREIGN = 1 << 6,    /* a malloc of somebody else: no page source of ours, no walk        */
    HY_BUDDIES = 1 << 7     /* general purpose, but holes merge with their buddies only (buddy)  */
};

typedef enum hy_fork { HY_FORK_BEFORE, HY_FORK_PARENT, HY_FORK_CHILD } hy_fork;

/* Called by compact for each block that it moved; `to` holds the contents already. */
typedef void hy_moved(void *context, void *from, void *to);

/* An allocator's data sheet.  `const`, one per allocator, named hy_<name>_ops.
 *
 * The core sees to it that: size > 0, size <= max_size and <= PTRDIFF_MAX, align is a power of two and <= max_align,
 * blocks given to free, realloc and usable_size are not NULL.  It fills in what is NULL from the four required
 * functions where that is possible (realloc, alloc_zeroed), and checks the whole table once, at load. */
struct hy_heap_ops {
    const char *name;    /* lower case; what users type */
    const char *summary; /* one line */
    const char *source;  /* the paper or book that the algorithm is from */
    uint32_t flags;
    hy_threads threads;
    size_t max_align; /* the largest alignment that alloc can honour, or HY_ANY */
    size_t max_size;  /* the largest block, or HY_ANY */
    const hy_param *params;
    size_t params_size;

    /* Required. */

    /* Makes an instance, in memory from setup->meta.  0 or -errno; *ret is untouched on failure. */
    int (*create)(const hy_setup *setup, hy_heap **ret);
    /* Gives all memory back, live blocks included. */
    void (*destroy)(hy_heap *heap);
    /* A block of at least `size` bytes, aligned to `align`.  NULL: no room, and nothing has changed. */
    void *(*alloc)(hy_heap *heap, size_t size, size_t align);
    /* `size` is what alloc or realloc was asked for, or 0: not known. */
    void (*free)(hy_heap *heap, void *block, size_t size);

    /* Optional: NULL means not supported, or built by the core from the above. */

    /* Like alloc, with the contents kept up to the smaller size.  `old_size` as in free; `align` is that of the
     * first request.  NULL: no room, and the old block is as it was. */
    void *(*realloc)(hy_heap *heap, void *block, size_t old_size, size_t align, size_t new_size);
    /* Like alloc; the first `size` bytes are zero. */
    void *(*alloc_zeroed)(hy_heap *heap, size_t size, size_t align);
    /* Bytes of the block that the caller may use; at least what was asked for. */
    size_t (*usable_size)(hy_heap *heap, const void *block);
    /* Whether a live block of this heap starts at `address`, or NULL if that cannot be told cheaply. */
    bool (*owns)(hy_heap *heap, const void *address);
    /* Frees every block at once. */
    void (*reset)(hy_heap *heap);
    /* Does all deferred merging now; the number of merges. */
    size_t (*coalesce)(hy_heap *heap);
    /* Gives unused pages back to the source; bytes decommitted. */
    size_t (*trim)(hy_heap *heap);
    /* The only call that may move live blocks; announces each move.  The number of blocks moved. */
    size_t (*compact)(hy_heap *heap, hy_moved *moved, void *context);
    /* Visits every range in address order, without gaps inside one run of pages.  What visit returned last. */
    int (*walk)(hy_heap *heap, hy_visit *visit, void *context);
    /* The first broken invariant, or NULL: all is well. */
    const char *(*check)(hy_heap *heap);
    /* Fills in the counters that it keeps; leaves the others alone. */
    void (*stats)(hy_heap *heap, hy_stats *ret);
    /* The calling thread ends: its caches go back to the heap. */
    void (*thread_exit)(hy_heap *heap);
    /* The process forks.  BEFORE: bring the heap to rest and hold it; PARENT, CHILD: let go again. */
    void (*fork)(hy_heap *heap, hy_fork when);
    /* Freeing in bulk by position (bump, stack, region): a mark, and freeing all that was allocated since. */
    void *(*mark)(hy_heap *heap);
    void (*rewind)(hy_heap *heap, void *mark);
    /* The version of the thing measured, for the result ("5.3.0"); NULL: heapyard's own. */
    const char *(*version)(hy_heap *heap);
    /* The program touched an address that it had no access to.  If that has to do with this heap: true, and one
     * sentence of what it was.  Called from a signal handler, perhaps of a thread that is in the heap. */
    bool (*explain)(hy_heap *heap, const void *address, char *text, size_t size);
    /* The process ends, other threads may still be in the heap: what is found to be wrong now goes to fatal. */
    void (*farewell)(hy_heap *heap);
};

/* The head of every instance: an allocator's own struct starts with this.  The core fills it in after create. */
struct hy_heap {
    const hy_heap_ops *ops; /* resolved: what was optional and can be built is there */
    size_t max_size;        /* the largest block of this instance, PTRDIFF_MAX at most; create may lower it (pool) */
    size_t max_align;       /* its largest alignment; create may set it (simple), 0 means ops->max_align */
};

/* ----------------------------------------------------------------------------------------------- direct calls ---- */

/* An allocator that the list calls `direct` has a header <name>_direct.h with static inline functions of these types,
 * for the heap with thread slot 0: what a preload library asks first.  They need no heap, since the thread slot has all
 * they need, and do what can be done at once. */

/* hy_direct_alloc: a block aligned to HY_MALLOC_ALIGN.  Any size may be asked for, 0 too.  NULL: ask the next. */
typedef void *hy_direct_alloc_type(size_t size);
/* hy_direct_more: the same for a size that hy_direct_alloc had nothing for; as the heap's alloc, and final. */
typedef void *hy_direct_more_type(hy_heap *heap, size_t size);
/* hy_direct_free: frees a block; NULL may be given, too.  hy_direct_post: the same for what hy_direct_free would not.
 * False: nothing was done, ask the next. */
typedef bool hy_direct_free_type(void *block);
/* hy_direct_size: what usable_size says of a live block; 0: ask the heap. */
typedef size_t hy_direct_size_type(const void *block);
/* A header that defines HY_DIRECT_CALLER as 1 asks for hy_thread_caller, which costs each call two instructions. */

/* ---------------------------------------------------------------------------------------------------- plug-in ---- */

/* A plug-in is a shared object that exports one symbol, `heapyard_plugin`, of this type. */
typedef struct hy_plugin {
    uint32_t abi;      /* HY_ABI */
    uint32_t ops_size; /* sizeof(hy_heap_ops) */
    const hy_heap_ops *ops;
} hy_plugin;

#define HY_PLUGIN(operations)                                                                                          \
    __attribute__((visibility("default"))) extern const hy_plugin heapyard_plugin;                                     \
    const hy_plugin heapyard_plugin = {HY_ABI, (uint32_t)sizeof(hy_heap_ops), &(operations)}

#ifdef __cplusplus
}
#endif
#endif
