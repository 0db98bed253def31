/* SPDX-License-Identifier: MIT
 *
 * image.h - relocatable object files, laid out as one image that can be placed at any base, and at another one later.
 *
 *   1. Objects are added whole; of an archive only the members that define what is still undefined (hy_reloc_add_*).
 *   2. hy_reloc_layout() resolves symbols, gives every section its offset from the base, and reserves a slot of the
 *      global offset table (GOT) and a stub for each symbol that needs one.  From here on offsets are fixed.
 *   3. hy_reloc_place() writes the image for a base into memory of the caller: contents, then relocations.
 *   4. hy_reloc_apply() writes the relocations once more, for the same or another base, into memory that holds a placed
 *      image already: what a loader does that moves code.  It touches nothing but the places of relocations.
 *
 * Ownership: the image owns all that it hands out (names, tables), until hy_reloc_free(); files may go once they are
 * added.  The memory of a placed image is the caller's; the image remembers no address of it.
 * Errors: 0 or -errno, and one sentence "FILE: SECTION: OFFSET: what"; an archive's member is written ARCHIVE(MEMBER).
 * Threads: an image belongs to one thread at a time.
 *
 * Undefined symbols, in this order: a definition in an object that was added; a member of an archive, in the order in
 * which archives were added, until nothing more is pulled in (a weak reference pulls nothing); __start_NAME,
 * __stop_NAME and _GLOBAL_OFFSET_TABLE_ as linkers define them; the resolver of the placement; for a weak reference 0;
 * else an error that names the symbol and who wants it.
 *
 * Reach: code that is compiled for the small model reaches ±2 GiB.  A call or jump to a function outside of the image
 * that is farther away goes through a stub in the image (`jmp *slot(%rip)`); anything else out of reach is an error.
 * A function that is chosen at run time (STT_GNU_IFUNC) is always called through its stub; hy_reloc_choose() asks the
 * chooser, once the image can be executed.
 *
 * Thread-local symbols: all accesses become local-exec or initial-exec, as in a static program: the thread pointer is
 * known when the image is placed.  `tls` says where the block of the one thread that runs the code lies.
 *
 * Source: H. J. Lu, M. Matz, M. Girkar, J. Hubicka, A. Jaeger, M. Mitchell, "System V Application Binary Interface,
 * AMD64 Architecture Processor Supplement", version 1.0; U. Drepper, "ELF Handling For Thread-Local Storage", 2013. Bad
 * at: dynamic objects, other machines, constructors (.init_array is placed, not called), unwinding (.eh_frame is
 * placed, not registered), images above 2 GiB.
 */
#ifndef HY_IMAGE_H
#define HY_IMAGE_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HY_RELOC_NONE UINT32_MAX /* no such section, symbol or slot */

/* A section of an object, or one of the image's own: HY_SECTION_GOT, HY_SECTION_STUBS, HY_SECTION_COMMON. */
typedef struct hy_reloc_section {
    const char *name;
    const char *file; /* the object; "" for our own */
    uint64_t offset;  /* from the base */
    uint64_t size;
    uint64_t align;
    uint32_t part;     /* index of its part */
    bool has_contents; /* not so in .bss */
    bool executable, writable, tls;
    const uint8_t *contents; /* before relocation; NULL without contents */
} hy_reloc_section;

/* What can be protected alike, page aligned, in the order code, constants, data. */
typedef struct hy_reloc_part {
    uint64_t offset, size;
    int protection; /* PROT_READ and so on, of sys/mman.h */
} hy_reloc_part;

typedef enum hy_reloc_symbol_home {
    HY_RELOC_IMAGE,    /* value is an offset from the base */
    HY_RELOC_TLS,      /* value is an offset from the start of the thread-local block */
    HY_RELOC_ABSOLUTE, /* value is an address */
    HY_RELOC_OUTSIDE   /* undefined: a resolver knows; value is 0 */
} hy_reloc_symbol_home;

typedef struct hy_reloc_symbol {
    const char *name; /* of a section symbol: the section's */
    const char *file; /* that defines it, or that wants it first */
    hy_reloc_symbol_home home;
    uint64_t value;
    uint64_t size;
    uint8_t type;    /* STT_FUNC, … */
    uint8_t binding; /* STB_GLOBAL, … */
    bool choosable;  /* STT_GNU_IFUNC */
    bool tls;
    uint32_t section; /* where it is defined, or HY_RELOC_NONE */
    uint32_t slot;    /* its slot of the GOT, or HY_RELOC_NONE */
    uint32_t tls_slot;
    uint32_t stub;
} hy_reloc_symbol;

/* One line of the table.  What is in `place` after applying: `applied` says which formula. */
typedef struct hy_reloc_entry {
    uint64_t place;   /* offset from the base; in the thread-local section it is that of its first contents */
    uint32_t type;    /* R_X86_64_… as in the file */
    uint32_t applied; /* the same, or what it has become (thread-local accesses) */
    uint32_t section;
    uint32_t symbol;
    int64_t addend;
} hy_reloc_entry;

typedef struct hy_reloc_image hy_reloc_image;

typedef struct hy_reloc_options {
    bool local_exec; /* initial-exec becomes local-exec, as linkers do in a program (instructions are rewritten) */
} hy_reloc_options;

/* The address of a symbol that nothing in the image defines; of a thread-local one the address in this thread.
 * False: not known. */
typedef bool hy_reloc_resolver(void *context, const char *name, bool tls, uint64_t *ret_address);

typedef struct hy_reloc_placement {
    uint8_t *memory; /* hy_reloc_size() bytes; need not lie at `base` (a file is made, another process runs it) */
    uint64_t base;   /* the address at which the code will run; a multiple of hy_reloc_align() */
    hy_reloc_resolver *resolve; /* NULL: knows nothing */
    void *context;
    uint64_t tls;            /* address of the thread-local block; 0: where it lies in the image */
    uint64_t thread_pointer; /* 0: the end of the thread-local block, aligned, as in a static program */
} hy_reloc_placement;

int hy_reloc_create(const hy_reloc_options *options, hy_reloc_image **ret_image,
                    hy_error *error); /* options may be NULL */
void hy_reloc_free(hy_reloc_image *image);

/* A file: an object or an archive.  `bytes` need not outlive the call; `name` is for sentences. */
int hy_reloc_add_file(hy_reloc_image *image, const char *path, hy_error *error);
int hy_reloc_add_bytes(hy_reloc_image *image, const char *name, const void *bytes, size_t size, hy_error *error);

int hy_reloc_layout(hy_reloc_image *image, hy_error *error);

/* After hy_reloc_layout: */
uint64_t hy_reloc_size(const hy_reloc_image *image);
uint64_t hy_reloc_align(const hy_reloc_image *image); /* of the base: at least a page */
const hy_reloc_part *hy_reloc_parts(const hy_reloc_image *image, size_t *ret_count);
const hy_reloc_section *hy_reloc_sections(const hy_reloc_image *image, size_t *ret_count);
const hy_reloc_symbol *hy_reloc_symbols(const hy_reloc_image *image, size_t *ret_count);
const hy_reloc_entry *hy_reloc_table(const hy_reloc_image *image, size_t *ret_count); /* in order of their places */
/* Whether it holds absolute addresses of 32 bits, so that it must lie below 2 GiB. */
bool hy_reloc_is_low(const hy_reloc_image *image);
/* The thread-local block: offset in the image, bytes, alignment; 0 bytes: there is none. */
void hy_reloc_tls(const hy_reloc_image *image, uint64_t *ret_offset, uint64_t *ret_size, uint64_t *ret_align);

/* A global symbol that the image defines, else a local one if only one object has it.  NULL: there is none. */
const hy_reloc_symbol *hy_reloc_find(const hy_reloc_image *image, const char *name);
/* The address of a symbol in a placement; for one outside what the resolver says (0: not known). */
uint64_t hy_reloc_address(const hy_reloc_image *image, const hy_reloc_symbol *symbol,
                          const hy_reloc_placement *placement);

/* Whether a relocation's value depends on the base: an absolute address inside, or a distance to something outside.
 * What does not (a distance within the image) is right at any base once it was applied. */
bool hy_reloc_moves(const hy_reloc_image *image, const hy_reloc_entry *relocation);

/* Contents, zeros, relocations.  On an error the memory is half written. */
int hy_reloc_place(const hy_reloc_image *image, const hy_reloc_placement *placement, hy_error *error);

/* Relocations only; of those for which `wanted` says true (NULL: all). */
typedef bool hy_reloc_filter(void *context, const hy_reloc_entry *relocation);
int hy_reloc_apply(const hy_reloc_image *image, const hy_reloc_placement *placement, hy_reloc_filter *wanted,
                   void *context, hy_error *error);

/* Asks the choosers of STT_GNU_IFUNC symbols and fills in their slots.  The image must lie at its base and its code be
 * executable, its data writable. */
void hy_reloc_choose(const hy_reloc_image *image, const hy_reloc_placement *placement);

/* "R_X86_64_PC32", or NULL for a number that is no type of this machine; bytes that one writes (0: none). */
const char *hy_reloc_name(uint32_t type);
unsigned hy_reloc_width(uint32_t type);

#endif
