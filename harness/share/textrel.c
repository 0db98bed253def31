/* SPDX-License-Identifier: MIT
 *
 * textrel.c - see textrel.h.
 */
#include "textrel.h"

#include "held.h"
#include "paths.h"
#include "smaps.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXTREL_PAGE 4096u

/* ----------------------------------------------------------------------------------------------------- the file ----
 */

static size_t textrel_pages(const hy_span *span) {
    return (span->to - span->from) / TEXTREL_PAGE;
}

/* Loaded and not writable: code, and tables that are never to change. */
static void textrel_spans(Elf *elf, hy_relocated *file, bool **hit) {
    size_t count = 0;
    elf_getphdrnum(elf, &count);
    for (size_t i = 0; i < count && file->spans < HY_SPANS; i++) {
        GElf_Phdr head;
        if (!gelf_getphdr(elf, (int)i, &head) || head.p_type != PT_LOAD || (head.p_flags & PF_W) || head.p_memsz == 0)
            continue;
        hy_span *const span = &file->code[file->spans];
        span->from = head.p_vaddr / TEXTREL_PAGE * TEXTREL_PAGE;
        span->to = (head.p_vaddr + head.p_memsz + TEXTREL_PAGE - 1) / TEXTREL_PAGE * TEXTREL_PAGE;
        hit[file->spans] = calloc(textrel_pages(span) + 1, sizeof(bool));
        if (!hit[file->spans++])
            abort();
    }
}

/* A relocation writes eight bytes. */
static void textrel_mark(hy_relocated *file, bool **hit, uint64_t place) {
    file->relocations++;
    for (size_t i = 0; i < file->spans; i++)
        if (place >= file->code[i].from && place < file->code[i].to) {
            file->in_code++;
            hit[i][(place - file->code[i].from) / TEXTREL_PAGE] = true;
            hit[i][(place + 7 - file->code[i].from) / TEXTREL_PAGE] = true;
        }
}

static void textrel_section(Elf_Scn *section, const GElf_Shdr *head, hy_relocated *file, bool **hit) {
    Elf_Data *const data = elf_getdata(section, NULL);
    const size_t count = head->sh_entsize ? head->sh_size / head->sh_entsize : 0;
    for (size_t i = 0; data && i < count; i++) {
        GElf_Rela rela;
        GElf_Dyn entry;
        if (head->sh_type == SHT_RELA && gelf_getrela(data, (int)i, &rela))
            textrel_mark(file, hit, rela.r_offset);
        else if (head->sh_type == SHT_DYNAMIC && gelf_getdyn(data, (int)i, &entry))
            file->has_textrel |= entry.d_tag == DT_TEXTREL;
    }
}

static void textrel_read(Elf *elf, hy_relocated *file) {
    bool *hit[HY_SPANS] = {NULL};
    textrel_spans(elf, file, hit);
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
        GElf_Shdr head;
        if (gelf_getshdr(section, &head) && (head.sh_flags & SHF_ALLOC))
            textrel_section(section, &head, file, hit);
    }
    for (size_t i = 0; i < file->spans; i++) {
        const size_t pages = textrel_pages(&file->code[i]);
        file->code_pages += pages;
        for (size_t k = 0; k < pages; k++)
            file->hit_pages += hit[i][k];
        free(hit[i]);
    }
    file->code_bytes = file->code_pages * TEXTREL_PAGE;
}

static bool textrel_is_code(const hy_relocated *file, uint64_t place) {
    for (size_t i = 0; i < file->spans; i++)
        if (place >= file->code[i].from && place < file->code[i].to)
            return true;
    return false;
}

int hy_relocated_read(const char *path, hy_relocated *ret_file, hy_error *error) {
    hy_relocated file = {0};
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return hy_fail(error, -errno, "%s: %s", path, strerror(errno));
    elf_version(EV_CURRENT);
    Elf *const elf = elf_begin(fd, ELF_C_READ, NULL);
    int r = 0;
    if (!elf || elf_kind(elf) != ELF_K_ELF)
        r = hy_fail(error, -EINVAL, "%s: not an ELF file", path);
    else
        textrel_read(elf, &file);
    elf_end(elf);
    close(fd);
    if (r == 0)
        *ret_file = file;
    return r;
}

/* ------------------------------------------------------------------------------------------------ the processes ----
 */

/* Of all mappings of the file that a known function lies in.  By the file's own word for what is code: tables that are
 * written once are made read-only afterwards. */
static int lodger_look(const hy_held *held, const hy_relocated *file, hy_lodger *ret, hy_error *error) {
    uint64_t function = 0;
    hy_smaps smaps;
    hy_lodger lodger = {0};
    if (sscanf(held->said, "%" SCNu64 " %" SCNx64, &lodger.answer, &function) != 2)
        return hy_fail(error, -EINVAL, "the library was not loaded: %s", held->said);
    const int r = hy_smaps_read(held->process, &smaps, error);
    if (r < 0)
        return r;
    const hy_mapping *const code = hy_smaps_at(&smaps, function);
    for (size_t i = 0; code && i < smaps.count; i++) {
        const hy_mapping *const m = &smaps.mapping[i];
        if (m->inode != code->inode || strcmp(m->path, code->path) != 0)
            continue;
        if (lodger.base == 0)
            lodger.base = m->from;
        const bool is_code = textrel_is_code(file, m->from - lodger.base);
        *(is_code ? &lodger.code_private : &lodger.data_private) += m->anonymous;
        lodger.code_shared += is_code ? hy_mapping_file_bytes(m) : 0;
    }
    hy_smaps_free(&smaps);
    *ret = lodger;
    return 0;
}

int hy_lodgers_measure(const char *path, const hy_relocated *file, size_t count, hy_lodger *ret_lodgers,
                       hy_error *error) {
    char guest[HY_PATH_SIZE], library[HY_PATH_SIZE];
    hy_held held[HY_LODGERS_MOST];
    size_t started = 0;
    int r = hy_find_part(HY_PART_PROGRAM, "heapyard-guest", guest, error);
    if (r < 0)
        return r;
    snprintf(library, sizeof library, "%s", path);
    char *const argv[] = {guest, library, NULL};
    while (started < count && (r = hy_held_start(argv, &held[started], error)) == 0)
        started++;
    for (size_t i = 0; i < started && r == 0; i++)
        r = lodger_look(&held[i], file, &ret_lodgers[i], error);
    while (started-- > 0)
        hy_held_end(&held[started]);
    return r;
}
