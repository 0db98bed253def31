/* SPDX-License-Identifier: MIT
 *
 * scan.c - see scan.h.  Tables are found as a dynamic loader finds them: through PT_DYNAMIC, not through sections.
 * Every offset of the file is untrusted.
 */
#include "scan.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE 4096u

const char *const hy_scan_words[HY_SCAN_KINDS] = {"fixed", "pie", "static-pie", "library"};

typedef struct scan_state {
    const char *name;
    const uint8_t *bytes;
    size_t size;
    Elf64_Ehdr head;
    Elf64_Phdr *segments;
    size_t segment_count;
    uint64_t *pages; /* page numbers that have been seen, sorted at the end */
    size_t page_count;
    hy_scan *scan;
    hy_error *error;
} scan_state;

static bool inside(const scan_state *s, uint64_t offset, uint64_t size) {
    return offset <= s->size && size <= s->size - offset;
}

/* Bytes at a virtual address, or NULL: they are not all in one segment of the file. */
static const uint8_t *at_address(const scan_state *s, uint64_t address, uint64_t size) {
    for (size_t i = 0; i < s->segment_count; i++) {
        const Elf64_Phdr *const p = &s->segments[i];
        if (p->p_type == PT_LOAD && address >= p->p_vaddr && address - p->p_vaddr <= p->p_filesz &&
            size <= p->p_filesz - (address - p->p_vaddr) && inside(s, p->p_offset, p->p_filesz))
            return s->bytes + p->p_offset + (address - p->p_vaddr);
    }
    return NULL;
}

/* ------------------------------------------------------------------------------------------------- relocations ---- */

static hy_scan_type type_of(uint32_t type) {
    switch (type) {
    case R_X86_64_RELATIVE:
    case R_X86_64_RELATIVE64: return HY_SCAN_RELATIVE;
    case R_X86_64_64:
    case R_X86_64_GLOB_DAT: return HY_SCAN_SYMBOL;
    case R_X86_64_JUMP_SLOT: return HY_SCAN_JUMP;
    case R_X86_64_IRELATIVE: return HY_SCAN_CHOSEN;
    case R_X86_64_DTPMOD64:
    case R_X86_64_DTPOFF64:
    case R_X86_64_TPOFF64:
    case R_X86_64_TLSDESC: return HY_SCAN_TLS;
    case R_X86_64_COPY: return HY_SCAN_COPY;
    default: return HY_SCAN_OTHER;
    }
}

static void note_place(scan_state *s, uint64_t address, hy_scan_type type) {
    s->scan->count[type]++;
    s->pages[s->page_count++] = address / PAGE;
    for (size_t i = 0; i < s->segment_count; i++) {
        const Elf64_Phdr *const p = &s->segments[i];
        if (p->p_type == PT_LOAD && address >= p->p_vaddr && address - p->p_vaddr < p->p_memsz)
            s->scan->in_text += !(p->p_flags & PF_W) || (p->p_flags & PF_X);
    }
}

static int more_pages(scan_state *s, uint64_t count) {
    uint64_t *const more = realloc(s->pages, (s->page_count + count + 1) * sizeof *more);
    if (!more)
        return hy_fail(s->error, -ENOMEM, "%s: no memory for %ju relocations", s->name, (uintmax_t)count);
    s->pages = more;
    return 0;
}

static int read_rela(scan_state *s, uint64_t address, uint64_t size) {
    const uint8_t *const table = at_address(s, address, size);
    const uint64_t count = size / sizeof(Elf64_Rela);
    if (size == 0)
        return 0;
    if (!table)
        return hy_fail(s->error, -EINVAL, "%s: %ju bytes of relocations at %#jx are not in the file", s->name,
                       (uintmax_t)size, (uintmax_t)address);
    const int r = more_pages(s, count);
    for (uint64_t i = 0; r == 0 && i < count; i++) {
        Elf64_Rela rela;
        memcpy(&rela, table + i * sizeof rela, sizeof rela);
        if (ELF64_R_TYPE(rela.r_info) != R_X86_64_NONE)
            note_place(s, rela.r_offset, type_of((uint32_t)ELF64_R_TYPE(rela.r_info)));
    }
    return r;
}

/* Even words are addresses; odd ones are bitmaps of the 63 words that follow the last address. */
static int read_relr(scan_state *s, uint64_t address, uint64_t size) {
    const uint8_t *const table = at_address(s, address, size);
    uint64_t next = 0;
    s->scan->relr = size > 0;
    if (size > 0 && !table)
        return hy_fail(s->error, -EINVAL, "%s: %ju bytes of packed relocations at %#jx are not in the file", s->name,
                       (uintmax_t)size, (uintmax_t)address);
    for (uint64_t i = 0; i < size / 8; i++) {
        uint64_t word;
        memcpy(&word, table + i * 8, sizeof word);
        const int r = more_pages(s, 63);
        if (r < 0)
            return r;
        if (!(word & 1)) {
            note_place(s, word, HY_SCAN_RELR);
            next = word + 8;
            continue;
        }
        for (unsigned bit = 1; bit < 64; bit++)
            if (word >> bit & 1)
                note_place(s, next + (bit - 1) * 8, HY_SCAN_RELR);
        next += 63 * 8;
    }
    return 0;
}

/* ---------------------------------------------------------------------------------------------- the dynamic table ----
 */

typedef struct scan_dynamic {
    uint64_t rela, rela_size, jump, jump_size, relr, relr_size, flags;
    bool text;
} scan_dynamic;

static void take_dynamic(scan_dynamic *d, const Elf64_Dyn *entry) {
    const uint64_t value = entry->d_un.d_val;
    switch (entry->d_tag) {
    case DT_RELA: d->rela = value; break;
    case DT_RELASZ: d->rela_size = value; break;
    case DT_JMPREL: d->jump = value; break;
    case DT_PLTRELSZ: d->jump_size = value; break;
    case DT_RELR: d->relr = value; break;
    case DT_RELRSZ: d->relr_size = value; break;
    case DT_TEXTREL: d->text = true; break;
    case DT_FLAGS: d->text |= (value & DF_TEXTREL) != 0; break;
    case DT_FLAGS_1: d->flags = value; break;
    default: break;
    }
}

static scan_dynamic read_dynamic(const scan_state *s) {
    scan_dynamic d = {0};
    for (size_t i = 0; i < s->segment_count; i++) {
        const Elf64_Phdr *const p = &s->segments[i];
        if (p->p_type != PT_DYNAMIC || !inside(s, p->p_offset, p->p_filesz))
            continue;
        for (uint64_t at = 0; at + sizeof(Elf64_Dyn) <= p->p_filesz; at += sizeof(Elf64_Dyn)) {
            Elf64_Dyn entry;
            memcpy(&entry, s->bytes + p->p_offset + at, sizeof entry);
            if (entry.d_tag == DT_NULL)
                break;
            take_dynamic(&d, &entry);
        }
    }
    return d;
}

static bool has_segment(const scan_state *s, uint32_t type) {
    for (size_t i = 0; i < s->segment_count; i++)
        if (s->segments[i].p_type == type)
            return true;
    return false;
}

/* A library may have an interpreter as well (libc.so.6 can be run): the flag decides, where there is one. */
static hy_scan_kind kind_of(const scan_state *s, const scan_dynamic *d) {
    if (s->head.e_type == ET_EXEC)
        return HY_SCAN_FIXED;
    if (!(d->flags & DF_1_PIE))
        return HY_SCAN_LIBRARY;
    return has_segment(s, PT_INTERP) ? HY_SCAN_PIE : HY_SCAN_STATIC_PIE;
}

/* ------------------------------------------------------------------------------------------------------ the file ----
 */

static int by_number(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void count_pages(scan_state *s) {
    if (s->page_count > 0)
        qsort(s->pages, s->page_count, sizeof *s->pages, by_number);
    for (size_t i = 0; i < s->page_count; i++)
        s->scan->pages += i == 0 || s->pages[i] != s->pages[i - 1];
    for (size_t i = 0; i < s->segment_count; i++)
        s->scan->loaded_bytes += s->segments[i].p_type == PT_LOAD ? s->segments[i].p_memsz : 0;
}

static int read_segments(scan_state *s) {
    const size_t size = (size_t)s->head.e_phnum * sizeof(Elf64_Phdr);
    if (s->head.e_phentsize != sizeof(Elf64_Phdr) || !inside(s, s->head.e_phoff, size))
        return hy_fail(s->error, -EINVAL, "%s: its segments' table is not in the file", s->name);
    s->segments = malloc(size + 1);
    if (!s->segments)
        return hy_fail(s->error, -ENOMEM, "%s: no memory for its segments", s->name);
    memcpy(s->segments, s->bytes + s->head.e_phoff, size);
    s->segment_count = s->head.e_phnum;
    return 0;
}

static int scan_tables(scan_state *s) {
    int r = read_segments(s);
    if (r < 0)
        return r;
    const scan_dynamic d = read_dynamic(s);
    s->scan->kind = kind_of(s, &d);
    s->scan->text_flag = d.text;
    r = read_rela(s, d.rela, d.rela_size);
    r = r < 0 ? r : read_rela(s, d.jump, d.jump_size);
    r = r < 0 ? r : read_relr(s, d.relr, d.relr_size);
    if (r == 0)
        count_pages(s);
    return r;
}

int hy_scan_bytes(const char *name, const void *bytes, size_t size, hy_scan *ret_scan, hy_error *error) {
    hy_scan scan = {.kind = HY_SCAN_LIBRARY};
    scan_state s = {.name = name, .bytes = bytes, .size = size, .scan = &scan, .error = error};
    if (size < sizeof s.head || memcmp(bytes, ELFMAG, SELFMAG) != 0)
        return 0;
    memcpy(&s.head, bytes, sizeof s.head);
    if (s.head.e_ident[EI_CLASS] != ELFCLASS64 || s.head.e_machine != EM_X86_64 ||
        (s.head.e_type != ET_EXEC && s.head.e_type != ET_DYN) || s.head.e_phnum == 0)
        return 0;
    const int r = scan_tables(&s);
    free(s.segments);
    free(s.pages);
    if (r < 0)
        return r;
    *ret_scan = scan;
    return 1;
}

int hy_scan_file(const char *path, hy_scan *ret_scan, hy_error *error) {
    struct stat status;
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return hy_fail(error, -errno, "cannot open %s: %s", path, strerror(errno));
    const bool regular = fstat(file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0;
    void *const bytes = regular ? mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0) : MAP_FAILED;
    close(file);
    if (bytes == MAP_FAILED)
        return 0;
    const int r = hy_scan_bytes(path, bytes, (size_t)status.st_size, ret_scan, error);
    munmap(bytes, (size_t)status.st_size);
    return r;
}
