/* SPDX-License-Identifier: MIT
 *
 * place_names.c - see place_names.h.
 */
#include "place_names.h"

#include "place_symbols.h"

#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct hy_place_names {
    Dwfl *session;
    Dwfl_Module *module;
    hy_place_symbols symbols;
    Elf *elf;
    int fd;
};

/* ---- build ids ---- */

static bool names_find_id(Elf *elf, char *ret, size_t size) {
    size_t count = 0;
    elf_getphdrnum(elf, &count);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(elf, (int)i, &segment) || segment.p_type != PT_NOTE)
            continue;
        Elf_Data *const data = elf_getdata_rawchunk(elf, (int64_t)segment.p_offset, segment.p_filesz,
                                                    segment.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
        GElf_Nhdr note;
        size_t name, text;
        for (size_t at = 0; data && (at = gelf_getnote(data, at, &note, &name, &text)) > 0;) {
            if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != 4 ||
                memcmp((const char *)data->d_buf + name, "GNU", 4) != 0 || 2 * (size_t)note.n_descsz >= size)
                continue;
            for (size_t k = 0; k < note.n_descsz; k++)
                snprintf(ret + 2 * k, 3, "%02x", ((const unsigned char *)data->d_buf)[text + k]);
            return true;
        }
    }
    return false;
}

void hy_build_id(const char *path, char *ret, size_t size) {
    ret[0] = '\0';
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return;
    elf_version(EV_CURRENT);
    Elf *const elf = elf_begin(fd, ELF_C_READ, NULL);
    if (elf && elf_kind(elf) == ELF_K_ELF)
        names_find_id(elf, ret, size);
    elf_end(elf);
    close(fd);
}

/* ---- names ---- */

hy_place_names *hy_place_names_open(const char *path, const char *build_id) {
    static char *debug_path; /* the usual places */
    static const Dwfl_Callbacks callbacks = {.find_elf = dwfl_build_id_find_elf,
                                             .find_debuginfo = dwfl_standard_find_debuginfo,
                                             .section_address = dwfl_offline_section_address,
                                             .debuginfo_path = &debug_path};
    char now[129];
    hy_build_id(path, now, sizeof now);
    if (path[0] != '/' || strcmp(now, build_id) != 0)
        return NULL;
    hy_place_names *const names = calloc(1, sizeof *names);
    if (!names)
        return NULL;
    unsetenv("DEBUGINFOD_URLS");
    names->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    names->elf = names->fd >= 0 ? elf_begin(names->fd, ELF_C_READ_MMAP, NULL) : NULL;
    names->session = names->elf ? dwfl_begin(&callbacks) : NULL;
    if (names->session) {
        dwfl_report_begin(names->session);
        names->module = dwfl_report_elf(names->session, path, path, -1, 0, true);
        dwfl_report_end(names->session, NULL, NULL);
    }
    if (names->module)
        return names;
    hy_place_names_close(names);
    return NULL;
}

/* The address that the byte at `offset` is linked for. */
static bool names_address(Elf *elf, uint64_t offset, GElf_Addr *ret) {
    size_t count = 0;
    elf_getphdrnum(elf, &count);
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr segment;
        if (!gelf_getphdr(elf, (int)i, &segment) || segment.p_type != PT_LOAD || offset < segment.p_offset ||
            offset - segment.p_offset >= segment.p_filesz)
            continue;
        *ret = segment.p_vaddr + (offset - segment.p_offset);
        return true;
    }
    return false;
}

/* Compilers may leave out the table of addresses by which libdwfl looks. */
static const char *names_search(hy_place_names *names, GElf_Addr address, int *ret_line) {
    Dwarf_Die *const unit = hy_place_symbols_unit(&names->symbols, names->module, address);
    Dwarf_Line *const place = unit ? dwarf_getsrc_die(unit, address - names->symbols.bias) : NULL;
    return place && dwarf_lineno(place, ret_line) == 0 ? dwarf_linesrc(place, NULL, NULL) : NULL;
}

hy_place_name hy_place_names_find(hy_place_names *names, uint64_t offset) {
    hy_place_name name = {"", "", 0};
    GElf_Addr address;
    int line = 0;
    if (!names_address(names->elf, offset, &address))
        return name;
    const char *const function = hy_place_symbols_name(&names->symbols, names->module, address);
    Dwfl_Line *const place = dwfl_module_getsrc(names->module, address);
    const char *const file =
        place ? dwfl_lineinfo(place, NULL, &line, NULL, NULL, NULL) : names_search(names, address, &line);
    name.function = function ? function : "";
    name.file = file && line > 0 ? file : "";
    name.line = file && line > 0 ? (uint32_t)line : 0;
    return name;
}

void hy_place_names_close(hy_place_names *names) {
    if (!names)
        return;
    hy_place_symbols_free(&names->symbols);
    if (names->session)
        dwfl_end(names->session);
    elf_end(names->elf);
    if (names->fd >= 0)
        close(names->fd);
    free(names);
}
