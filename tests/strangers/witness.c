/* SPDX-License-Identifier: MIT
 *
 * witness.c - preloaded beside an allocator: says whose malloc each process has, and how much that holds at the end.
 *
 * Two kinds of lines are appended to the file that $WITNESS names, each by one write:
 *     begin PID PROGRAM LIBRARY      at the start; LIBRARY is where a call of malloc, of free, of operator new ends up
 *     end PID PROGRAM LIBRARY BYTES  at exit, also of a forked child: what mallinfo2 of LIBRARY says that malloc has
 * A program that ignores LD_PRELOAD (static, setuid) writes none; one with a malloc of its own is its own LIBRARY.
 * It calls malloc only where dlsym and dladdr do.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char witness_file[4096], witness_program[256], witness_library[256];

static const char *base_name(const char *path) {
    const char *const slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The object that serves a call of `name`.  A program that takes the address of malloc may have an entry for it that
   only jumps to the real one (its symbol is undefined, but has a value): then it is the next that counts. */
static void *who_serves(const char *name, Dl_info *ret_info) {
    void *address = dlsym(RTLD_DEFAULT, name);
    const ElfW(Sym) *symbol = NULL;
    if (!address || !dladdr1(address, ret_info, (void **)&symbol, RTLD_DL_SYMENT))
        return NULL;
    if (symbol && symbol->st_shndx == SHN_UNDEF) {
        address = dlsym(RTLD_NEXT, name); /* the witness is the first that is preloaded */
        if (!address || !dladdr(address, ret_info))
            return NULL;
    }
    return address;
}

static void append(const char *line, int size) {
    const int file = open(witness_file, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file < 0)
        return;
    const ssize_t ignored = write(file, line, (size_t)size);
    (void)ignored;
    close(file);
}

__attribute__((constructor)) static void witness_begin(void) {
    const char *const file = getenv("WITNESS");
    char path[4096];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 1);
    if (!file || strlen(file) >= sizeof witness_file || length <= 0)
        return;
    strcpy(witness_file, file);
    path[length] = 0;
    snprintf(witness_program, sizeof witness_program, "%.255s", base_name(path));
    static const char *const family[] = {"malloc", "free", "realloc", "calloc", "posix_memalign", "malloc_usable_size"};
    for (size_t i = 0; i < sizeof family / sizeof *family; i++) {
        Dl_info info;
        const char *const library = who_serves(family[i], &info) ? base_name(info.dli_fname) : "nobody";
        const size_t used = strlen(witness_library);
        if (!strstr(witness_library, library)) /* a family that is torn apart is A+B's */
            snprintf(witness_library + used, sizeof witness_library - used, used ? "+%.100s" : "%.100s", library);
    }
    char line[1024];
    append(line, snprintf(line, sizeof line, "begin %d %s %s\n", (int)getpid(), witness_program, witness_library));
}

__attribute__((destructor)) static void witness_end(void) {
    Dl_info info;
    struct mallinfo2 (*const ask)(void) = (struct mallinfo2(*)(void))who_serves("mallinfo2", &info);
    if (!*witness_library || !ask || strcmp(base_name(info.dli_fname), witness_library) != 0)
        return;
    const struct mallinfo2 figures = ask();
    char line[1024];
    append(line, snprintf(line, sizeof line, "end %d %s %s %zu\n", (int)getpid(), witness_program, witness_library,
                          figures.arena + figures.hblkhd));
}
