/* SPDX-License-Identifier: MIT
 *
 * reloc_apply.c - `heapyard reloc apply`: objects and archives as one image at a base.
 */
#include "image.h"
#include "reloc_parts.h"
#include "report.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct apply_options {
    char **files;
    size_t file_count;
    char **defines; /* NAME=ADDRESS */
    size_t define_count;
    const char *out;
    uint64_t base, missing;
    bool based, all_defined;
    hy_format format;
} apply_options;

/* What --define says; anything else is at --missing, if that was given. */
static bool resolve(void *context, const char *name, bool tls, uint64_t *ret_address) {
    const apply_options *const options = context;
    const size_t size = strlen(name);
    for (size_t i = 0; i < options->define_count; i++) {
        const char *const define = options->defines[i];
        if (strncmp(define, name, size) == 0 && define[size] == '=')
            return cmd_reloc_address(define + size + 1, ret_address) == 0;
    }
    *ret_address = options->missing;
    return options->all_defined && !tls;
}

/* ----------------------------------------------------------------------------------------------------- answers ---- */

static uint64_t word_at(const uint8_t *memory, unsigned width) {
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++)
        value |= (uint64_t)memory[i] << (8 * i);
    return value;
}

static void print_sections(const hy_reloc_image *image, uint64_t base) {
    size_t count;
    const hy_reloc_section *const sections = hy_reloc_sections(image, &count);
    printf("%s at %#" PRIx64 "\n", hy_show_bytes(hy_reloc_size(image)).text, base);
    for (size_t i = 0; i < count; i++)
        if (sections[i].size > 0)
            printf("  %#014" PRIx64 "  %8" PRIu64 "  %-24s %s\n", base + sections[i].offset, sections[i].size,
                   sections[i].name, sections[i].file);
}

static void print_entry(const hy_reloc_image *image, const hy_reloc_entry *e, const apply_options *options,
                        const uint8_t *memory) {
    size_t sections, symbols;
    const hy_reloc_section *const section = &hy_reloc_sections(image, &sections)[e->section];
    const hy_reloc_symbol *const symbol = &hy_reloc_symbols(image, &symbols)[e->symbol];
    const unsigned width = hy_reloc_width(e->applied);
    const uint64_t value = word_at(memory + e->place, width);
    if (options->format == HY_FORMAT_TEXT) {
        printf("  %#014" PRIx64 "  %-22s %0*" PRIx64 "%*s %s %c %" PRIx64 "%s\n", options->base + e->place,
               hy_reloc_name(e->applied), (int)width * 2, value, 16 - (int)width * 2, "", symbol->name,
               e->addend < 0 ? '-' : '+', e->addend < 0 ? -(uint64_t)e->addend : (uint64_t)e->addend,
               hy_reloc_moves(image, e) ? "" : "  (the same at any base)");
        return;
    }
    hy_csv(stdout, section->file);
    fputc(',', stdout);
    hy_csv(stdout, section->name);
    printf(",%#" PRIx64 ",%s,%s,", options->base + e->place, hy_reloc_name(e->type), hy_reloc_name(e->applied));
    hy_csv(stdout, symbol->name);
    printf(",%" PRId64 ",%#" PRIx64 ",%d\n", e->addend, value, hy_reloc_moves(image, e));
}

static void print_all(const hy_reloc_image *image, const apply_options *options, const uint8_t *memory) {
    size_t count;
    const hy_reloc_entry *const table = hy_reloc_table(image, &count);
    if (options->format == HY_FORMAT_TEXT)
        print_sections(image, options->base);
    else
        puts("file,section,address,type,applied,symbol,addend,value,moves");
    for (size_t i = 0; i < count; i++)
        print_entry(image, &table[i], options, memory);
}

static int write_out(const char *path, const uint8_t *memory, size_t size) {
    FILE *const out = fopen(path, "we");
    if (!out)
        return cmd_fail("cannot write %s: %s", path, strerror(errno));
    const bool written = fwrite(memory, 1, size, out) == size;
    if (fclose(out) != 0 || !written)
        return cmd_fail("cannot write %s: %s", path, strerror(errno));
    return 0;
}

/* ------------------------------------------------------------------------------------------------------- working ----
 */

static int place(const hy_reloc_image *image, apply_options *options) {
    hy_error error;
    uint8_t *const memory = malloc(hy_reloc_size(image) + 1);
    if (!memory)
        return cmd_fail("no memory for an image of %" PRIu64 " bytes", hy_reloc_size(image));
    const hy_reloc_placement at = {.memory = memory, .base = options->base, .resolve = resolve, .context = options};
    int code = hy_reloc_place(image, &at, &error) < 0 ? cmd_fail("%s", error.text) : 0;
    if (code == 0)
        print_all(image, options, memory);
    if (code == 0 && options->out)
        code = write_out(options->out, memory, hy_reloc_size(image));
    free(memory);
    return code;
}

static int work_on(apply_options *options) {
    hy_error error;
    hy_reloc_image *image = NULL;
    int r = hy_reloc_create(NULL, &image, &error);
    for (size_t i = 0; r == 0 && i < options->file_count; i++)
        r = hy_reloc_add_file(image, options->files[i], &error);
    r = r < 0 ? r : hy_reloc_layout(image, &error);
    const int code = r < 0 ? cmd_fail("%s", error.text) : place(image, options);
    hy_reloc_free(image);
    return code;
}

enum { KEY_BASE = 256, KEY_DEFINE, KEY_MISSING, KEY_FORMAT };

static const struct argp_option option_table[] = {
    {"base", KEY_BASE, "ADDRESS", 0, "where the image begins, a multiple of the page size (required)", 0},
    {"define", KEY_DEFINE, "NAME=ADDRESS", 0, "where an undefined symbol is; any number of times", 0},
    {"missing", KEY_MISSING, "ADDRESS", 0, "where all other undefined symbols are", 0},
    {"output", 'o', "FILE", 0, "the bytes of the image", 0},
    {"format", KEY_FORMAT, "text|csv", 0, "default: text", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    apply_options *const options = state->input;
    switch (key) {
    case KEY_BASE:
        options->based = true;
        if (cmd_reloc_address(argument, &options->base) < 0)
            exit(HY_EXIT_INPUT);
        break;
    case KEY_MISSING:
        options->all_defined = true;
        if (cmd_reloc_address(argument, &options->missing) < 0)
            exit(HY_EXIT_INPUT);
        break;
    case KEY_DEFINE: {
        uint64_t address;
        const char *const equals = strchr(argument, '=');
        if (!equals || equals == argument)
            cmd_reloc_refuse("--define %s: expected NAME=ADDRESS", argument);
        if (cmd_reloc_address(equals + 1, &address) < 0)
            exit(HY_EXIT_INPUT);
        cmd_add_path(&options->defines, &options->define_count, argument);
        break;
    }
    case KEY_FORMAT:
        if (cmd_format(argument, &options->format) < 0)
            exit(HY_EXIT_INPUT);
        break;
    case 'o': options->out = argument; break;
    case ARGP_KEY_ARG: cmd_add_path(&options->files, &options->file_count, argument); break;
    case ARGP_KEY_NO_ARGS: cmd_reloc_refuse("expected objects (.o), and archives (.a) to complete them"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int cmd_reloc_apply(int argc, char **argv) {
    static const struct argp argp = {
        .options = option_table,
        .parser = parse,
        .args_doc = "FILE…",
        .doc =
            "Lays objects out as one image (from archives the members that are needed), applies every relocation for "
            "a base, and prints where sections lie and what was written at which address."};
    apply_options options = {0};
    int code = cmd_parse(&argp, argc, argv, &options);
    if (code == 0 && !options.based)
        code = cmd_fail("reloc apply needs --base ADDRESS");
    if (code == 0 && options.format != HY_FORMAT_TEXT && options.format != HY_FORMAT_CSV)
        code = cmd_fail("--format: expected text or csv");
    code = code ? code : work_on(&options);
    free(options.files);
    free(options.defines);
    return code;
}
