/* SPDX-License-Identifier: MIT
 *
 * target.c - see target.h.
 *
 * That a library serves malloc is proven once for each target, by the loader's own words about the victim (serve.h); a
 * heap inside the victim is opened by the victim, which says so in its page.
 */
#include "target.h"

#include "registry.h"
#include "symbols.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---------------------------------------------------------------------------------------------------- variants ---- */

typedef struct variant {
    const char *name, *summary;
    const char *library;     /* a pattern with a "/", or a name that the loader finds */
    const char *allocator;   /* for what knows an allocator's layout */
    const char *settings[2]; /* NAME=VALUE */
    const char *package;     /* Debian's */
    const char *program;     /* the victim, where it is one of its own */
} variant;

#define SCUDO "/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.scudo_standalone-x86_64.so"

static const variant variants[] = {
    {.name = "glibc",
     .summary = "the C library's malloc",
     .library = "libc.so.6",
     .allocator = "system",
     .package = "libc6"},
    {.name = "glibc-check",
     .summary = "the same with its checks (libc_malloc_debug, glibc.malloc.check=3)",
     .library = "libc_malloc_debug.so.0",
     .allocator = "glibc-check",
     .settings = {"GLIBC_TUNABLES=glibc.malloc.check=3"},
     .package = "libc6"},
    {.name = "jemalloc-junk",
     .summary = "jemalloc, fills what is allocated and freed (junk:true)",
     .library = "libjemalloc.so.2",
     .allocator = "jemalloc",
     .settings = {"MALLOC_CONF=junk:true"},
     .package = "libjemalloc2"},
    {.name = "tcmalloc-debug",
     .summary = "tcmalloc's debugging form",
     .library = "libtcmalloc_minimal_debug.so.4",
     .allocator = "tcmalloc-debug",
     .package = "libtcmalloc-minimal4"},
    {.name = "scudo",
     .summary = "LLVM's hardened malloc",
     .library = SCUDO,
     .allocator = "scudo",
     .package = "libclang-rt-14-dev"},
    {.name = "scudo-quarantine",
     .summary = "scudo that holds freed blocks back, zeroes new ones and checks deallocation types",
     .library = SCUDO,
     .allocator = "scudo",
     .settings = {"SCUDO_OPTIONS=quarantine_size_kb=8192:thread_local_quarantine_size_kb=1024:"
                  "quarantine_max_chunk_size=65536:zero_contents=true"},
     .package = "libclang-rt-14-dev"},
    {.name = "efence",
     .summary = "Electric Fence: each block ends at a page that nobody may touch, nor freed blocks",
     .library = "libefence.so.0",
     .allocator = "efence",
     .settings = {"EF_ALLOW_MALLOC_0=1", "EF_PROTECT_FREE=1"},
     .package = "electric-fence"},
    {.name = "asan",
     .summary = "the address sanitizer, in a victim that was built for it: the ceiling",
     .library = "libasan.so.8",
     .allocator = "asan",
     .settings = {"ASAN_OPTIONS=detect_leaks=0:symbolize=0:allocator_may_return_null=1"},
     .package = "libasan8",
     .program = "heapyard-victim-asan"},
};
enum { VARIANTS = sizeof variants / sizeof *variants };

const char *hy_target_variant(size_t number, const char **ret_summary) {
    if (number >= VARIANTS)
        return NULL;
    *ret_summary = variants[number].summary;
    return variants[number].name;
}

static const variant *variant_named(const char *name) {
    for (size_t i = 0; i < VARIANTS; i++)
        if (strcmp(variants[i].name, name) == 0)
            return &variants[i];
    return NULL;
}

/* Presets of `fit` differ in placement only, the skeleton is there to be copied. */
static bool is_attacked(const hy_listing *listing) {
    const char *const name = listing->ops->name;
    return (hy_preloadable(listing->ops) || strcmp(name, "simple") == 0) && !(listing->ops->flags & HY_FOREIGN) &&
           strcmp(name, "skeleton") != 0 && (strstr(name, "-fit") == NULL);
}

const char *hy_target_default(size_t number) {
    static const char *const others[] = {
        "hardened:level=max", "glibc", "glibc-check",      "jemalloc", "jemalloc-junk", "mimalloc", "tcmalloc",
        "tcmalloc-debug",     "scudo", "scudo-quarantine", "efence",   "asan",          NULL};
    for (const hy_listing *own = hy_listings; own->ops; own++)
        if (is_attacked(own) && number-- == 0)
            return own->ops->name;
    return number < sizeof others / sizeof *others ? others[number] : NULL;
}

/* ------------------------------------------------------------------------------------------------- environment ---- */

static size_t list_size(char *const *list) {
    size_t size = 0;
    while (list[size])
        size++;
    return size;
}

static void free_list(char **list) {
    for (char **entry = list; list && *entry; entry++)
        free(*entry);
    free(list);
}

/* NAME=VALUE in place of what the list says of NAME. */
static char **list_set(char **list, const char *name, const char *value) {
    const size_t length = strlen(name), size = list_size(list);
    char **entry = list, *text;
    while (*entry && (strncmp(*entry, name, length) != 0 || (*entry)[length] != '='))
        entry++;
    const size_t at = (size_t)(entry - list);
    if (asprintf(&text, "%s=%s", name, value) < 0)
        abort();
    if (at < size) {
        free(list[at]);
        list[at] = text;
        return list;
    }
    char **const grown = realloc(list, (size + 2) * sizeof *grown);
    if (!grown)
        abort();
    grown[size] = text;
    grown[size + 1] = NULL;
    return grown;
}

static bool is_of_a_variant(const char *entry) {
    return strncmp(entry, "SCUDO_OPTIONS=", 14) == 0 || strncmp(entry, "ASAN_OPTIONS=", 13) == 0 ||
           strncmp(entry, "EF_", 3) == 0;
}

/* This process's environment without what it says to mallocs. */
static char **plain_environment(void) {
    char **const before = environ;
    char **const plain = calloc(list_size(before) + 1, sizeof *plain);
    if (!plain)
        abort();
    memcpy(plain, before, list_size(before) * sizeof *plain);
    environ = plain; /* forgetting only leaves entries out */
    hy_environment_forget();
    environ = before;
    size_t kept = 0;
    for (char **entry = plain; *entry; entry++)
        if (!is_of_a_variant(*entry))
            plain[kept++] = *entry;
    plain[kept] = NULL;
    for (char **entry = plain; *entry; entry++)
        if (!(*entry = strdup(*entry)))
            abort();
    return plain;
}

static char **victim_environment(const hy_serving *serving) {
    char **list = plain_environment();
    list = list_set(list, "LIBC_FATAL_STDERR_", "1"); /* the C library's last words: not to the terminal */
    if (!serving)
        return list;
    list = list_set(list, "LD_PRELOAD", serving->library);
    if (serving->settings[0])
        list = list_set(list, "HEAPYARD_SPEC", serving->settings);
    for (size_t i = 0; i < serving->environment.count; i++) {
        char name[HY_ENVIRONMENT_SIZE];
        const char *const entry = serving->environment.entry[i], *const equals = strchr(entry, '=');
        snprintf(name, sizeof name, "%.*s", (int)(equals - entry), entry);
        list = list_set(list, name, equals + 1);
    }
    return list;
}

/* -------------------------------------------------------------------------------------------------------- open ---- */

static int add_setting(hy_environment *environment, const char *setting) {
    if (environment->count == HY_ENVIRONMENT_COUNT)
        return -ENOSPC;
    snprintf(environment->entry[environment->count++], HY_ENVIRONMENT_SIZE, "%s", setting);
    return 0;
}

/* The newest that the pattern names, or what the loader finds by the name. */
static bool find_library(const char *pattern, char *ret) {
    glob_t found;
    snprintf(ret, HY_PATH_SIZE, "%s", pattern);
    if (!strchr(pattern, '/'))
        return true; /* the proof tells whether it is there */
    const bool any = glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc > 0;
    if (any)
        snprintf(ret, HY_PATH_SIZE, "%s", found.gl_pathv[found.gl_pathc - 1]);
    globfree(&found);
    return any;
}

static int plan_variant(const variant *v, hy_serving *ret_serving, hy_error *error) {
    memset(ret_serving, 0, sizeof *ret_serving);
    if (!find_library(v->library, ret_serving->library))
        return hy_fail(error, -ENOENT, "%s: %s is not there; Debian's package is %s", v->name, v->library, v->package);
    for (size_t i = 0; i < 2 && v->settings[i]; i++)
        if (add_setting(&ret_serving->environment, v->settings[i]) < 0)
            abort();
    return 0;
}

/* A library without malloc_usable_size leaves that to the C library, which knows nothing of its blocks. */
static void note_lacks(hy_target *target, const char *library) {
    static const char *const names[] = {"malloc_usable_size", NULL};
    bool has[1];
    hy_error ignored;
    if (strchr(library, '/') && hy_file_exports(library, names, has, &ignored) == 0 && !has[0])
        target->environment = list_set(target->environment, "HEAPYARD_VICTIM_LACKS_SIZE", "1");
}

static int open_malloc(hy_serving *serving, const char *program, hy_target *target, hy_error *error) {
    int r = hy_find_part(HY_PART_PROGRAM, program, target->program, error);
    if (r < 0)
        return r;
    char *const argv[] = {target->program, NULL};
    hy_error why;
    if (hy_serving_prove(serving, argv, &why) < 0)
        return hy_fail(error, -ENOENT, "%s: %s", target->name, why.text);
    snprintf(target->served_by, sizeof target->served_by, "%s", serving->served_by);
    snprintf(target->spec, sizeof target->spec, "%s", target->allocator);
    target->environment = victim_environment(serving);
    note_lacks(target, serving->served_by);
    return 0;
}

static int open_heap(const char *text, hy_target *target, hy_error *error) {
    target->heap = true;
    snprintf(target->spec, sizeof target->spec, "%s", text);
    snprintf(target->served_by, sizeof target->served_by, "a heap inside the process");
    target->environment = victim_environment(NULL);
    return hy_find_part(HY_PART_PROGRAM, "heapyard-victim-heap", target->program, error);
}

static int open_spec(const char *text, bool heap, hy_target *target, hy_error *error) {
    const hy_heap_ops *ops = NULL;
    hy_serving serving;
    int r = hy_spec_check(&hy_registry, (hy_text){text, strlen(text)}, &ops, error);
    if (r < 0)
        return r;
    snprintf(target->allocator, sizeof target->allocator, "%s", strchr(ops->name, '/') ? "" : ops->name);
    target->own = !(ops->flags & HY_FOREIGN);
    if (target->own && (heap || !hy_preloadable(ops)))
        return open_heap(text, target, error);
    r = hy_serving_plan(text, &serving, error);
    return r < 0 ? r : open_malloc(&serving, "heapyard-victim", target, error);
}

int hy_target_open(const char *text, bool heap, hy_target *ret_target, hy_error *error) {
    const variant *const v = variant_named(text);
    hy_serving serving;
    int r;
    memset(ret_target, 0, sizeof *ret_target);
    snprintf(ret_target->name, sizeof ret_target->name, "%s", text);
    if (!v) {
        r = open_spec(text, heap, ret_target, error);
    } else {
        snprintf(ret_target->allocator, sizeof ret_target->allocator, "%s", v->allocator);
        r = plan_variant(v, &serving, error);
        if (r == 0)
            r = open_malloc(&serving, v->program ? v->program : "heapyard-victim", ret_target, error);
    }
    if (r < 0)
        hy_target_close(ret_target);
    return r;
}

void hy_target_close(hy_target *target) {
    free_list(target->environment);
    target->environment = NULL;
}
