/* SPDX-License-Identifier: MIT
 *
 * reloc_ls.c - `heapyard reloc ls`: the table of relocations, as it stands in the file.
 */
#include "json_text.h"
#include "rel_kind.h"
#include "rel_object.h"
#include "reloc_parts.h"
#include "report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

typedef struct ls_options {
    const char *file;
    hy_format format;
    bool counts;
} ls_options;

#define LS_TYPES 64

typedef struct ls_work {
    const ls_options *options;
    json_t *rows;
    uint64_t types[LS_TYPES], total;
} ls_work;

static const char *section_of(const hy_rel_object *o, const hy_rel_relocation *r) {
    return o->sections[r->section].name;
}

/* "foo - 4", "foo", or the addend alone where there is no symbol. */
static void write_target(const hy_rel_symbol *s, int64_t addend, char *ret, size_t room) {
    const uint64_t size = addend < 0 ? -(uint64_t)addend : (uint64_t)addend;
    if (*s->name)
        snprintf(ret, room, "%s %c %" PRIx64, s->name, addend < 0 ? '-' : '+', size);
    else
        snprintf(ret, room, "%s%" PRIx64, addend < 0 ? "-" : "", size);
}

static void print_text(const hy_rel_object *o) {
    const char *last = NULL;
    for (size_t i = 0; i < o->relocation_count; i++) {
        const hy_rel_relocation *const r = &o->relocations[i];
        const hy_rel_symbol *const s = &o->symbols[r->symbol];
        char target[256];
        write_target(s, r->addend, target, sizeof target);
        if (last != section_of(o, r))
            printf("%s: %s\n", o->name, section_of(o, r));
        last = section_of(o, r);
        printf("  %012" PRIx64 "  %-24s %-16s %016" PRIx64 "  %s\n", r->offset, hy_rel_kind_of(r->type)->name,
               hy_rel_kind_of(r->type)->formula, s->value, target);
    }
}

static void print_csv(const hy_rel_object *o) {
    for (size_t i = 0; i < o->relocation_count; i++) {
        const hy_rel_relocation *const r = &o->relocations[i];
        const hy_rel_symbol *const s = &o->symbols[r->symbol];
        hy_csv(stdout, o->name);
        fputc(',', stdout);
        hy_csv(stdout, section_of(o, r));
        printf(",%" PRIu64 ",%s,", r->offset, hy_rel_kind_of(r->type)->name);
        hy_csv(stdout, s->name);
        printf(",%" PRIu64 ",%" PRId64 "\n", s->value, r->addend);
    }
}

static void add_json(const hy_rel_object *o, json_t *rows) {
    for (size_t i = 0; i < o->relocation_count; i++) {
        const hy_rel_relocation *const r = &o->relocations[i];
        const hy_rel_symbol *const s = &o->symbols[r->symbol];
        json_array_append_new(rows,
                              json_pack("{s:o,s:o,s:I,s:s,s:o,s:I,s:I}", "file", cmd_json_text(o->name), "section",
                                        cmd_json_text(section_of(o, r)), "offset", (json_int_t)r->offset, "type",
                                        hy_rel_kind_of(r->type)->name, "symbol", cmd_json_text(s->name), "value",
                                        (json_int_t)s->value, "addend", (json_int_t)r->addend));
    }
}

static void print_object(const ls_work *work, const hy_rel_object *object) {
    if (work->options->format == HY_FORMAT_CSV)
        print_csv(object);
    else if (work->options->format == HY_FORMAT_JSON)
        add_json(object, work->rows);
    else
        print_text(object);
}

static int list_item(ls_work *work, const cmd_reloc_item *item) {
    hy_error error;
    hy_rel_object *object;
    if (hy_rel_object_read(item->name, item->bytes, item->size, &object, &error) < 0)
        return cmd_fail("%s", error.text);
    for (size_t i = 0; i < object->relocation_count; i++)
        work->types[object->relocations[i].type % LS_TYPES]++;
    work->total += object->relocation_count;
    if (!work->options->counts)
        print_object(work, object);
    hy_rel_object_free(object);
    return 0;
}

static void print_counts(const ls_work *work) {
    for (uint32_t type = 0; type < LS_TYPES; type++)
        if (work->types[type])
            printf("%9" PRIu64 "  %-24s %s\n", work->types[type], hy_rel_kind_of(type)->name,
                   hy_rel_kind_of(type)->formula);
    printf("%9" PRIu64 "  relocations\n", work->total);
}

static int list_all(const ls_options *options) {
    cmd_reloc_input input;
    cmd_reloc_item item;
    ls_work work = {.options = options, .rows = json_array()};
    int code = cmd_reloc_open(options->file, &input);
    if (code == 0 && options->format == HY_FORMAT_CSV && !options->counts)
        puts("file,section,offset,type,symbol,value,addend");
    for (size_t i = 0; code == 0 && cmd_reloc_item_at(&input, i, &item); i++)
        code = list_item(&work, &item);
    if (code == 0 && options->counts)
        print_counts(&work);
    else if (code == 0 && options->format == HY_FORMAT_JSON && json_dumpf(work.rows, stdout, JSON_INDENT(1)) == 0)
        putchar('\n');
    cmd_reloc_close(&input);
    json_decref(work.rows);
    return code;
}

enum { KEY_FORMAT = 256, KEY_COUNTS };

static const struct argp_option option_table[] = {
    {"counts", KEY_COUNTS, NULL, 0, "only how many there are of each type, with its formula", 0},
    {"format", KEY_FORMAT, "text|csv|json", 0, "default: text", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    ls_options *const options = state->input;
    switch (key) {
    case KEY_COUNTS: options->counts = true; break;
    case KEY_FORMAT:
        if (cmd_format(argument, &options->format) < 0)
            exit(HY_EXIT_INPUT);
        break;
    case ARGP_KEY_ARG: cmd_take_only(state, &options->file, argument, "file"); break;
    case ARGP_KEY_NO_ARGS: cmd_reloc_refuse("expected an object (.o) or an archive (.a)"); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int cmd_reloc_ls(int argc, char **argv) {
    static const struct argp argp = {
        .options = option_table,
        .parser = parse,
        .args_doc = "FILE",
        .doc = "Lists the relocations of an object, or of each member of an archive: offset in the section, type, "
               "formula, value of the symbol, symbol and addend (all numbers of the text in hexadecimal)."};
    ls_options options = {0};
    int code = cmd_parse(&argp, argc, argv, &options);
    if (code == 0 && options.format > HY_FORMAT_JSON)
        code = cmd_fail("--format: expected text, csv or json");
    return code ? code : list_all(&options);
}
