/* SPDX-License-Identifier: MIT
 *
 * elf_size.c - see elf_size.h.
 *
 *   1. Loadable: each PT_LOAD segment from the page of its first byte to the page of its last, zero-filled ones too.
 *   2. The stack is what PT_GNU_STACK asks for, or else the rule's.
 *   3. The heap is a constant and a share of the loadable bytes: nothing in the file tells.
 *   4. Libraries are looked for as the loader does, but without its cache: DT_RUNPATH or DT_RPATH with $ORIGIN, then
 * the folders of the distribution.  Each counts once.
 */
#include "elf_size.h"

#include "elf_open.h"
#include "paths.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE ((uint64_t)4096)
#define ADDRESSES ((uint64_t)1 << 56)
#define LIBRARIES_MAX 1024u

const hy_size_rule hy_size_rule_default = {.stack = 132 << 10, .heap = 132 << 10, .heap_share = 0};

/* ---------------------------------------------------------------------------------------------------- segments ---- */

/* Adds up what one file loads.  0 or -errno with the sentence. */
static int measure_segments(Elf *elf, const char *path, hy_elf_size *ret, hy_error *error) {
    uint64_t low = UINT64_MAX, high = 0;
    size_t count = 0;
    elf_getphdrnum(elf, &count);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr header;
        if (!gelf_getphdr(elf, (int)i, &header))
            return hy_fail(error, -EINVAL, "%s: program header %zu cannot be read", path, i);
        if (header.p_type == PT_INTERP)
            ret->dynamic = true;
        if (header.p_type == PT_GNU_STACK && header.p_memsz > ADDRESSES)
            return hy_fail(error, -EINVAL, "%s: its stack is larger than all addresses", path);
        if (header.p_type == PT_GNU_STACK && header.p_memsz > 0)
            ret->stack = header.p_memsz;
        if (header.p_type != PT_LOAD || header.p_memsz == 0)
            continue;
        const uint64_t start = header.p_vaddr & ~(PAGE - 1);
        uint64_t end = 0;
        if (__builtin_add_overflow(header.p_vaddr, header.p_memsz, &end) || end > ADDRESSES)
            return hy_fail(error, -EINVAL, "%s: segment %zu ends beyond all addresses", path, i);
        end = (end + PAGE - 1) & ~(PAGE - 1);
        low = start < low ? start : low;
        high = end > high ? end : high;
        ret->loadable += end - start;
        if (ret->loadable > ADDRESSES)
            return hy_fail(error, -EINVAL, "%s: its segments are larger than all addresses", path);
    }
    if (high == 0)
        return hy_fail(error, -ENOEXEC, "%s has no loadable segment; expected a program", path);
    ret->span = high - low;
    return 0;
}

/* --------------------------------------------------------------------------------------------------- libraries ---- */

typedef struct closure {
    char *paths[LIBRARIES_MAX];
    size_t count, done;
    unsigned missing;
} closure;

static const char *const library_folders[] = {
    "/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib64", "/lib", "/usr/lib", "/usr/local/lib", NULL};

static bool take_library(closure *libraries, const char *path) {
    char real[HY_PATH_SIZE];
    char *const resolved = realpath(path, NULL);
    if (!resolved)
        return false;
    snprintf(real, sizeof real, "%s", resolved);
    free(resolved);
    for (size_t i = 0; i < libraries->count; i++)
        if (strcmp(libraries->paths[i], real) == 0)
            return true;
    if (libraries->count == LIBRARIES_MAX)
        return false;
    libraries->paths[libraries->count] = strdup(real);
    if (!libraries->paths[libraries->count])
        abort();
    libraries->count++;
    return true;
}

/* Looks along a search path of an ELF file; $ORIGIN is the folder of that file. */
static bool find_along(closure *libraries, const char *search, const char *owner, const char *name) {
    const char *const slash = strrchr(owner, '/');
    const int origin_size = slash ? (int)(slash - owner) : 1;
    for (; *search; search += strcspn(search, ":") + (search[strcspn(search, ":")] == ':')) {
        char path[HY_PATH_SIZE];
        int size = (int)strcspn(search, ":");
        const char *at = search;
        const int head = strncmp(at, "${ORIGIN}", 9) == 0 ? 9 : strncmp(at, "$ORIGIN", 7) == 0 ? 7 : 0;
        at += head;
        size -= head;
        const int n =
            snprintf(path, sizeof path, "%.*s%.*s/%s", head ? origin_size : 0, slash ? owner : ".", size, at, name);
        if (n < (int)sizeof path && take_library(libraries, path))
            return true;
    }
    return false;
}

static void find_library(closure *libraries, const char *search, const char *owner, const char *name) {
    char path[HY_PATH_SIZE];
    bool found = strchr(name, '/') ? take_library(libraries, name) : find_along(libraries, search, owner, name);
    for (const char *const *folder = library_folders; *folder && !found && !strchr(name, '/'); folder++)
        found = snprintf(path, sizeof path, "%s/%s", *folder, name) < (int)sizeof path && take_library(libraries, path);
    libraries->missing += !found;
}

/* Visits the dynamic section of a file: once for its search path, then for the libraries that it names. */
static void add_needed(Elf *elf, const char *path, closure *libraries) {
    for (Elf_Scn *section = elf_nextscn(elf, NULL); section; section = elf_nextscn(elf, section)) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNAMIC)
            continue;
        Elf_Data *const data = elf_getdata(section, NULL);
        const size_t entry = gelf_fsize(elf, ELF_T_DYN, 1, EV_CURRENT);
        const size_t count = data && entry ? data->d_size / entry : 0;
        const char *search = "";
        GElf_Dyn dyn;
        for (size_t i = 0; i < count; i++)
            if (gelf_getdyn(data, (int)i, &dyn) && (dyn.d_tag == DT_RUNPATH || dyn.d_tag == DT_RPATH)) {
                const char *const text = elf_strptr(elf, header.sh_link, dyn.d_un.d_val);
                search = text ? text : search;
            }
        for (size_t i = 0; i < count; i++)
            if (gelf_getdyn(data, (int)i, &dyn) && dyn.d_tag == DT_NEEDED) {
                const char *const name = elf_strptr(elf, header.sh_link, dyn.d_un.d_val);
                if (name)
                    find_library(libraries, search, path, name);
            }
    }
}

/* The program's libraries, and theirs, until there are no more. */
static void measure_libraries(Elf *elf, const char *path, hy_elf_size *ret) {
    closure *const libraries = calloc(1, sizeof *libraries);
    if (!libraries)
        abort();
    add_needed(elf, path, libraries);
    for (; libraries->done < libraries->count; libraries->done++) {
        const char *const library = libraries->paths[libraries->done];
        hy_elf_size size = {.file = 0};
        hy_elf_file file;
        hy_error ignored;
        if (hy_elf_open(library, &file, &ignored) < 0)
            continue;
        if (measure_segments(file.elf, library, &size, &ignored) == 0) {
            ret->libraries += size.loadable;
            ret->library_count++;
        }
        add_needed(file.elf, library, libraries);
        hy_elf_close(&file);
    }
    ret->missing_libraries = libraries->missing;
    for (size_t i = 0; i < libraries->count; i++)
        free(libraries->paths[i]);
    free(libraries);
}

/* ------------------------------------------------------------------------------------------------------- guess ---- */

int hy_elf_size_guess(const char *path, const hy_size_rule *rule, hy_elf_size *ret, hy_error *error) {
    hy_elf_file file;
    hy_elf_size size = {.stack = rule->stack};
    int r = hy_elf_open(path, &file, error);
    if (r < 0)
        return r;
    size.file = file.size;
    size.movable = file.header.e_type == ET_DYN;
    r = measure_segments(file.elf, path, &size, error);
    if (r == 0 && rule->libraries)
        measure_libraries(file.elf, path, &size);
    hy_elf_close(&file);
    if (r < 0)
        return r;
    const uint64_t image = (size.span > size.loadable ? size.span : size.loadable) + size.libraries;
    size.heap = rule->heap + image / 100 * rule->heap_share;
    size.guess = image + size.stack + size.heap;
    *ret = size;
    return 0;
}
