/* SPDX-License-Identifier: MIT
 *
 * elfcheck.c - reads an executable the way the loader would, and says why a preloaded malloc would not be used.
 *
 *   1. A script is as good as its interpreter (#!), which may be a script again, five deep as in the kernel.
 *   2. Without an interpreter segment there is no loader that could preload anything.
 *   3. The loader ignores LD_PRELOAD where executing changes the user, the group or the capabilities.
 *   4. A malloc that the executable defines comes before every library's; if it is not exported, then the executable
 *      binds to it without asking, and the libraries use another: blocks would cross between two heaps.
 *   5. AddressSanitizer's library ends a program in which another one was loaded before it, unless it is told not to.
 */
#include "elfcheck.h"

#include "paths.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ELFCHECK_MACHINE EM_X86_64
#elif defined(__aarch64__)
#define ELFCHECK_MACHINE EM_AARCH64
#else
#define ELFCHECK_MACHINE EM_NONE
#endif

static int elfcheck_file(const char *path, hy_error *error) {
    struct stat st;
    if (stat(path, &st) < 0)
        return hy_fail(error, -errno, "%s: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return hy_fail(error, -EISDIR, "%s is a directory; expected a program", path);
    if (access(path, X_OK) < 0)
        return hy_fail(error, -EACCES, "%s is not executable", path);
    return 0;
}

static bool elfcheck_runs(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

int hy_find_program(const char *program, char *ret, hy_error *error) {
    if (strchr(program, '/')) {
        if (snprintf(ret, HY_PATH_SIZE, "%s", program) >= HY_PATH_SIZE)
            return hy_fail(error, -ENAMETOOLONG, "the path of the program is too long");
        return elfcheck_file(ret, error);
    }
    const char *path = getenv("PATH");
    if (!path)
        path = "/usr/bin:/bin";
    while (*program) {
        const size_t size = strcspn(path, ":");
        const int n = snprintf(ret, HY_PATH_SIZE, "%.*s%s%s", (int)size, path, size ? "/" : "./", program);
        if (n < HY_PATH_SIZE && elfcheck_runs(ret))
            return 0;
        if (path[size] == '\0')
            break;
        path += size + 1;
    }
    return hy_fail(error, -ENOENT, "there is no program \"%s\" on PATH", program);
}

/* 1: `ret` holds the interpreter of the script; 0: no script. */
static int elfcheck_script(const char *path, char *ret, hy_error *error) {
    char line[256] = "";
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return hy_fail(error, -errno, "cannot read %s: %s", path, strerror(errno));
    const ssize_t size = read(fd, line, sizeof line - 1);
    close(fd);
    if (size < 2 || line[0] != '#' || line[1] != '!')
        return 0;
    line[strcspn(line, "\n")] = '\0';
    const char *const word = line + 2 + strspn(line + 2, " \t");
    const size_t length = strcspn(word, " \t");
    if (length == 0)
        return hy_fail(error, -ENOEXEC, "%s is a script without an interpreter after #!", path);
    snprintf(ret, HY_PATH_SIZE, "%.*s", (int)length, word);
    return 1;
}

bool hy_is_script(const char *path) {
    char interpreter[HY_PATH_SIZE];
    hy_error ignored;
    return elfcheck_script(path, interpreter, &ignored) == 1;
}

/* Only what takes effect for us: the super-user gains nothing from a file that belongs to the super-user. */
static int elfcheck_privileges(const char *path, hy_error *error) {
    struct stat st;
    if (stat(path, &st) < 0)
        return hy_fail(error, -errno, "%s: %s", path, strerror(errno));
    const char *what = NULL;
    if ((st.st_mode & S_ISUID) && st.st_uid != geteuid())
        what = "runs as another user (setuid)";
    else if ((st.st_mode & S_ISGID) && (st.st_mode & S_IXGRP) && st.st_gid != getegid())
        what = "runs as another group (setgid)";
    else if (geteuid() != 0 && getxattr(path, "security.capability", NULL, 0) > 0)
        what = "has capabilities of its own";
    if (!what)
        return 0;
    return hy_fail(error, -EPERM, "%s %s, so the loader ignores LD_PRELOAD for it", path, what);
}

/* The interpreter segment's text, or NULL. */
static const char *elfcheck_loader(Elf *elf) {
    size_t count = 0;
    elf_getphdrnum(elf, &count);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr header;
        if (!gelf_getphdr(elf, (int)i, &header) || header.p_type != PT_INTERP || header.p_filesz == 0)
            continue;
        Elf_Data *const data = elf_getdata_rawchunk(elf, (int64_t)header.p_offset, (size_t)header.p_filesz, ELF_T_BYTE);
        const char *const text = data ? data->d_buf : NULL;
        return text && text[header.p_filesz - 1] == '\0' ? text : NULL;
    }
    return NULL;
}

static bool elfcheck_symbol(Elf *elf, size_t strings, const GElf_Sym *symbol) {
    if (symbol->st_shndx == SHN_UNDEF || GELF_ST_TYPE(symbol->st_info) != STT_FUNC)
        return false;
    if (GELF_ST_BIND(symbol->st_info) == STB_LOCAL)
        return false;
    const char *const name = elf_strptr(elf, strings, symbol->st_name);
    return name && strcmp(name, "malloc") == 0;
}

/* Whether the executable itself defines malloc, exported or not. */
static bool elfcheck_own_malloc(Elf *elf) {
    for (Elf_Scn *section = elf_nextscn(elf, NULL); section; section = elf_nextscn(elf, section)) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header) || (header.sh_type != SHT_DYNSYM && header.sh_type != SHT_SYMTAB))
            continue;
        Elf_Data *const data = elf_getdata(section, NULL);
        const size_t count = data && header.sh_entsize ? data->d_size / header.sh_entsize : 0;
        for (size_t i = 0; i < count; i++) {
            GElf_Sym symbol;
            if (gelf_getsym(data, (int)i, &symbol) && elfcheck_symbol(elf, header.sh_link, &symbol))
                return true;
        }
    }
    return false;
}

/* Whether it names a library that begins so. */
static bool elfcheck_needs(Elf *elf, const char *library) {
    for (Elf_Scn *section = elf_nextscn(elf, NULL); section; section = elf_nextscn(elf, section)) {
        GElf_Shdr header;
        if (!gelf_getshdr(section, &header) || header.sh_type != SHT_DYNAMIC)
            continue;
        Elf_Data *const data = elf_getdata(section, NULL);
        const size_t count = data && header.sh_entsize ? data->d_size / header.sh_entsize : 0;
        for (size_t i = 0; i < count; i++) {
            GElf_Dyn entry;
            if (!gelf_getdyn(data, (int)i, &entry) || entry.d_tag != DT_NEEDED)
                continue;
            const char *const name = elf_strptr(elf, header.sh_link, entry.d_un.d_val);
            if (name && strncmp(name, library, strlen(library)) == 0)
                return true;
        }
    }
    return false;
}

/* gcc's library, and clang's with -shared-libasan. */
static int elfcheck_sanitizer(Elf *elf, const char *path, hy_error *error) {
    const char *const told = getenv("ASAN_OPTIONS");
    if (!elfcheck_needs(elf, "libasan.so") && !elfcheck_needs(elf, "libclang_rt.asan"))
        return 0;
    if (told && strstr(told, "verify_asan_link_order=0"))
        return 0;
    return hy_fail(error, -ENOTSUP,
                   "%s is built with AddressSanitizer, which ends a program that something is preloaded into; set "
                   "ASAN_OPTIONS=verify_asan_link_order=0 to let it",
                   path);
}

static int elfcheck_elf(Elf *elf, const char *path, hy_error *error) {
    GElf_Ehdr header;
    if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
        return hy_fail(error, -ENOEXEC, "%s is neither an ELF program nor a script that names its interpreter", path);
    if (header.e_machine != ELFCHECK_MACHINE || header.e_ident[EI_CLASS] != ELFCLASS64)
        return hy_fail(error, -ENOEXEC, "%s is for another machine than heapyard itself (or 32 bits wide)", path);
    const char *const loader = elfcheck_loader(elf);
    if (!loader)
        return hy_fail(error, -ENOTSUP, "%s is statically linked: nothing can be preloaded into it", path);
    if (!strstr(loader, "/ld-linux"))
        return hy_fail(error, -ENOTSUP, "%s needs %s, so it uses another C library than heapyard", path, loader);
    if (elfcheck_own_malloc(elf))
        return hy_fail(error, -ENOTSUP, "%s defines malloc in the executable itself, which no preload can replace",
                       path);
    return elfcheck_sanitizer(elf, path, error);
}

static int elfcheck_program(const char *path, hy_error *error) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return hy_fail(error, -errno, "cannot read %s: %s", path, strerror(errno));
    elf_version(EV_CURRENT);
    Elf *const elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    const int r =
        elf ? elfcheck_elf(elf, path, error) : hy_fail(error, -ENOEXEC, "%s cannot be read as an ELF file", path);
    elf_end(elf);
    close(fd);
    return r;
}

int hy_can_preload(const char *program, hy_error *error) {
    char path[HY_PATH_SIZE], inner[HY_PATH_SIZE];
    int r = hy_find_program(program, path, error);
    if (r < 0)
        return r;
    for (int depth = 0; (r = elfcheck_script(path, inner, error)) == 1; depth++) {
        if (depth == 5)
            return hy_fail(error, -ELOOP, "%s is a script of a script of a script; the kernel gives up here", program);
        r = elfcheck_file(inner, error);
        if (r < 0)
            return r;
        memcpy(path, inner, sizeof path);
    }
    if (r == 0)
        r = elfcheck_privileges(path, error);
    return r < 0 ? r : elfcheck_program(path, error);
}
