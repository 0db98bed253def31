/* SPDX-License-Identifier: MIT
 *
 * registry.c - the const tables made from registry.inc (see allocators/meson.build), and their check.
 */
#include "registry.h"

#include "plugin.h"

#include <errno.h>
#include <string.h>

/* First reading: declare. */
#define HY_HEAP(id, capabilities) extern const hy_heap_ops hy_##id##_ops;
#define HY_ADAPTER(id) extern const hy_heap_ops hy_##id##_ops;
#define HY_LAYER_ENTRY(id) extern const hy_heap_ops hy_##id##_ops;
#define HY_PAGES_ENTRY(id) extern const hy_pages_ops hy_##id##_pages_ops;
#include "registry.inc"
#undef HY_HEAP
#undef HY_ADAPTER
#undef HY_LAYER_ENTRY
#undef HY_PAGES_ENTRY

/* One reading for each list. */
#define HY_ADAPTER(id) &hy_##id##_ops,
#define HY_HEAP(id, capabilities) &hy_##id##_ops,
#define HY_LAYER_ENTRY(id)
#define HY_PAGES_ENTRY(id)
static const hy_heap_ops *const heaps[] = {
#include "registry.inc"
    NULL};
#undef HY_HEAP
#undef HY_ADAPTER
#undef HY_LAYER_ENTRY
#undef HY_PAGES_ENTRY

#define HY_HEAP(id, capabilities) {&hy_##id##_ops, capabilities},
#define HY_ADAPTER(id) {&hy_##id##_ops, "foreign"},
#define HY_LAYER_ENTRY(id)
#define HY_PAGES_ENTRY(id)
const hy_listing hy_listings[] = {
#include "registry.inc"
    {NULL, NULL}};
#undef HY_HEAP
#undef HY_ADAPTER
#undef HY_LAYER_ENTRY
#undef HY_PAGES_ENTRY

#define HY_HEAP(id, capabilities)
#define HY_ADAPTER(id)
#define HY_LAYER_ENTRY(id) &hy_##id##_ops,
#define HY_PAGES_ENTRY(id)
static const hy_heap_ops *const layers[] = {
#include "registry.inc"
    NULL};
#undef HY_LAYER_ENTRY
#undef HY_PAGES_ENTRY

#define HY_LAYER_ENTRY(id)
#define HY_PAGES_ENTRY(id) &hy_##id##_pages_ops,
static const hy_pages_ops *const pages[] = {
#include "registry.inc"
    NULL};

const hy_catalog hy_registry = {.heaps = heaps, .layers = layers, .pages = pages, .open_file = hy_plugin_open};

bool hy_preloadable(const hy_heap_ops *ops) {
    return ops->usable_size && ops->max_align == HY_ANY && !(ops->flags & (HY_FAKE | HY_FOREIGN | HY_LAYER)) &&
           !(ops->flags & (HY_LIFO | HY_FIXED_SIZE | HY_REGIONS));
}

/* ------------------------------------------------------------------------------------------------------ check ---- */

static bool has_word(const char *words, const char *word) {
    const size_t size = strlen(word);
    for (const char *at = strstr(words, word); at; at = strstr(at + 1, word))
        if ((at == words || at[-1] == ' ') && (at[size] == '\0' || at[size] == ' '))
            return true;
    return false;
}

static int check_word(const hy_listing *entry, const char *word, bool is, hy_error *error) {
    if (has_word(entry->capabilities, word) == is)
        return 0;
    return hy_fail_parts(error, -EINVAL, "allocators/meson.build: \"", entry->ops->name, "\" must ", is ? "" : "not ",
                         "list the capability \"", word, "\"", NULL);
}

static int check_capabilities(const hy_listing *entry, hy_error *error) {
    const uint32_t flags = entry->ops->flags;
    const struct {
        const char *word;
        bool is;
    } expected[] = {{"foreign", flags & HY_FOREIGN},
                    {"fake", flags & HY_FAKE},
                    {"lifo", flags & HY_LIFO},
                    {"fixed-size", flags & HY_FIXED_SIZE},
                    {"no-reuse", flags & HY_NO_REUSE},
                    {"regions", flags & HY_REGIONS},
                    {"general", (flags & ~(uint32_t)HY_BUDDIES) == 0},
                    {"preload", hy_preloadable(entry->ops)}};
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof expected / sizeof *expected; i++)
        r = check_word(entry, expected[i].word, expected[i].is, error);
    return r;
}

int hy_registry_check(hy_error *error) {
    int r = 0;
    for (const hy_listing *e = hy_listings; r == 0 && e->ops; e++) {
        r = hy_ops_validate(e->ops, error);
        if (r == 0)
            r = check_capabilities(e, error);
        for (const hy_listing *other = hy_listings; r == 0 && other != e; other++)
            if (strcmp(other->ops->name, e->ops->name) == 0)
                r = hy_fail_parts(error, -EINVAL, "two allocators are named \"", e->ops->name, "\"", NULL);
    }
    for (const hy_heap_ops *const *layer = layers; r == 0 && *layer; layer++)
        r = hy_ops_validate(*layer, error);
    return r;
}
