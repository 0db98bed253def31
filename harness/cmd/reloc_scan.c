/* SPDX-License-Identifier: MIT
 *
 * reloc_scan.c - `heapyard reloc scan`: every program and library below some folders.
 */
#include "reloc_scan.h"

#include "json_text.h"
#include "lists.h"
#include "reloc_parts.h"
#include "report.h"
#include "text_table.h"
#include "units.h"

#include <errno.h>
#include <ftw.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct scan_options {
    char **folders;
    size_t folder_count;
    const char *page;
    hy_format format;
} scan_options;

/* nftw has no argument of ours to hand on. */
static struct scan_found {
    cmd_scan_row *rows;
    size_t count, refused;
    dev_t *devices; /* of files with several names, which count once */
    ino_t *inodes;
    size_t linked;
} found;

static const char *const type_words[HY_SCAN_TYPES] = {"relative",  "relr", "symbol", "jump_slot",
                                                      "irelative", "tls",  "copy",   "other"};

static void *grown(void *array, size_t count, size_t width) {
    void *const more = hy_list_more(array, count, width);
    if (!more)
        abort();
    return more;
}

static bool seen(const struct stat *status) {
    if (status->st_nlink < 2)
        return false;
    for (size_t i = 0; i < found.linked; i++)
        if (found.devices[i] == status->st_dev && found.inodes[i] == status->st_ino)
            return true;
    found.devices = grown(found.devices, found.linked, sizeof *found.devices);
    found.inodes = grown(found.inodes, found.linked, sizeof *found.inodes);
    found.devices[found.linked] = status->st_dev;
    found.inodes[found.linked++] = status->st_ino;
    return false;
}

static void take_file(const char *path) {
    hy_error error;
    hy_scan scan;
    const int r = hy_scan_file(path, &scan, &error);
    if (r < 0) {
        found.refused++;
        cmd_warn(error.text);
    }
    if (r <= 0)
        return;
    found.rows = grown(found.rows, found.count, sizeof *found.rows);
    found.rows[found.count] = (cmd_scan_row){strdup(path), scan};
    if (!found.rows[found.count++].path)
        abort();
}

static int visit(const char *path, const struct stat *status, int type, struct FTW *where) {
    if (type == FTW_F && S_ISREG(status->st_mode) && !seen(status))
        take_file(path);
    return 0;
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const cmd_scan_row *)a)->path, ((const cmd_scan_row *)b)->path);
}

/* ----------------------------------------------------------------------------------------------------- answers ---- */

uint64_t cmd_scan_dynamic(const hy_scan *scan) {
    uint64_t sum = 0;
    for (int i = 0; i < HY_SCAN_TYPES; i++)
        sum += scan->count[i];
    return sum;
}

static void print_csv(void) {
    printf("path,kind,text_relocations,text_flag,has_relr,dynamic_relocations");
    for (int i = 0; i < HY_SCAN_TYPES; i++)
        printf(",%s", type_words[i]);
    puts(",pages,loaded_bytes");
    for (size_t i = 0; i < found.count; i++) {
        const hy_scan *const s = &found.rows[i].scan;
        hy_csv(stdout, found.rows[i].path);
        printf(",%s,%" PRIu64 ",%d,%d,%" PRIu64, hy_scan_words[s->kind], s->in_text, s->text_flag, s->relr,
               cmd_scan_dynamic(s));
        for (int t = 0; t < HY_SCAN_TYPES; t++)
            printf(",%" PRIu64, s->count[t]);
        printf(",%" PRIu64 ",%" PRIu64 "\n", s->pages, s->loaded_bytes);
    }
}

typedef struct scan_totals {
    uint64_t files, text, relr, dynamic, types[HY_SCAN_TYPES], pages, bytes, without;
} scan_totals;

static scan_totals total_of(int kind) {
    scan_totals t = {0};
    for (size_t i = 0; i < found.count; i++) {
        const hy_scan *const s = &found.rows[i].scan;
        if ((int)s->kind != kind && kind >= 0)
            continue;
        t.files++;
        t.text += s->text_flag || s->in_text;
        t.relr += s->relr;
        t.without += cmd_scan_dynamic(s) == 0;
        t.dynamic += cmd_scan_dynamic(s);
        for (int type = 0; type < HY_SCAN_TYPES; type++)
            t.types[type] += s->count[type];
        t.pages += s->pages;
        t.bytes += s->loaded_bytes;
    }
    return t;
}

static const char *const headings[] = {"",         "files", "text relocations", "RELR",      "none at all", "dynamic",
                                       "relative", "relr",  "symbol",           "jump slot", "chosen",      "TLS",
                                       "copy",     "other", "data pages",       NULL};

static void add_row(hy_table *table, const char *name, const scan_totals *t) {
    hy_table_row *const row = hy_table_add(table);
    const uint64_t figures[] = {t->files, t->text, t->relr, t->without, t->dynamic};
    snprintf(row->cell[0], HY_TABLE_CELL, "%s", name);
    for (size_t i = 0; i < 5; i++)
        hy_cell_put_count(row->cell[i + 1], (double)figures[i]);
    for (size_t i = 0; i < HY_SCAN_TYPES; i++)
        hy_cell_put_count(row->cell[i + 6], (double)t->types[i]);
    hy_cell_put_count(row->cell[14], (double)t->pages);
}

static void write_sentence(const scan_totals *all, char *ret, size_t room) {
    snprintf(ret, room,
             "%s of %s files have text relocations; %s relocations in data remain, on %s pages (%s) of %s loaded",
             hy_show_count(all->text).text, hy_show_count(all->files).text, hy_show_count(all->dynamic).text,
             hy_show_count(all->pages).text, hy_show_bytes(all->pages * 4096).text, hy_show_bytes(all->bytes).text);
}

static void print_text(bool markdown) {
    hy_table table = {.headings = headings, .columns = 15, .words = 1};
    for (int kind = 0; kind < HY_SCAN_KINDS; kind++) {
        const scan_totals t = total_of(kind);
        if (t.files > 0)
            add_row(&table, hy_scan_words[kind], &t);
    }
    const scan_totals all = total_of(-1);
    add_row(&table, "all", &all);
    hy_table_print(&table, markdown);
    hy_table_free(&table);
    char sentence[400];
    write_sentence(&all, sentence, sizeof sentence);
    printf("\n%s\n", sentence);
    for (size_t i = 0; i < found.count; i++)
        if (found.rows[i].scan.text_flag || found.rows[i].scan.in_text)
            printf("text relocations: %s\n", found.rows[i].path);
}

static void print_json(void) {
    json_t *const rows = json_array();
    for (size_t i = 0; i < found.count; i++) {
        const hy_scan *const s = &found.rows[i].scan;
        json_t *const row =
            json_pack("{s:o,s:s,s:I,s:b,s:b,s:I,s:I,s:I}", "path", cmd_json_text(found.rows[i].path), "kind",
                      hy_scan_words[s->kind], "text_relocations", (json_int_t)s->in_text, "text_flag", s->text_flag,
                      "has_relr", s->relr, "dynamic_relocations", (json_int_t)cmd_scan_dynamic(s), "pages",
                      (json_int_t)s->pages, "loaded_bytes", (json_int_t)s->loaded_bytes);
        for (int t = 0; t < HY_SCAN_TYPES; t++)
            json_object_set_new(row, type_words[t], json_integer((json_int_t)s->count[t]));
        json_array_append_new(rows, row);
    }
    json_dumpf(rows, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(rows);
}

static int write_page(const scan_options *options, const char *typed) {
    static const hy_sheet_column columns[] = {{"kind", "", HY_SHEET_WORD},
                                              {"files", "files", HY_SHEET_COUNT},
                                              {"text_relocations", "with relocations in code", HY_SHEET_COUNT},
                                              {"none", "without any", HY_SHEET_COUNT},
                                              {"relr", "with packed ones", HY_SHEET_COUNT},
                                              {"dynamic", "relocations", HY_SHEET_COUNT},
                                              {"relative", "base + offset", HY_SHEET_COUNT},
                                              {"pages", "pages with one", HY_SHEET_COUNT}};
    hy_sheet sheet = {.name = "kinds", .caption = "Programs and libraries of this machine.", HY_SHEET_COLUMNS(columns)};
    const scan_totals all = total_of(-1);
    char sentence[400];
    write_sentence(&all, sentence, sizeof sentence);
    for (int kind = 0; kind < HY_SCAN_KINDS; kind++) {
        const scan_totals t = total_of(kind);
        hy_sheet_add(&sheet,
                     HY_SHEET_ROW(HY_WORD(hy_scan_words[kind]), HY_FIGURE(t.files), HY_FIGURE(t.text),
                                  HY_FIGURE(t.without), HY_FIGURE(t.relr), HY_FIGURE(t.dynamic),
                                  HY_FIGURE(t.types[HY_SCAN_RELATIVE] + t.types[HY_SCAN_RELR]), HY_FIGURE(t.pages)));
    }
    const int code = cmd_scan_page(options->page, typed, &sheet, sentence, found.rows, found.count);
    hy_sheet_free(&sheet);
    return code;
}

/* ------------------------------------------------------------------------------------------------------- working ----
 */

static int walk_all(const scan_options *options) {
    static const char *const usual[] = {"/usr/bin", "/usr/sbin", "/usr/lib", NULL};
    const size_t count = options->folder_count ? options->folder_count : 3;
    for (size_t i = 0; i < count; i++) {
        const char *const folder = options->folder_count ? options->folders[i] : usual[i];
        if (nftw(folder, visit, 32, FTW_PHYS) < 0)
            return cmd_fail("cannot look into %s: %s", folder, strerror(errno));
    }
    if (found.count == 0)
        return cmd_fail("no program and no library for x86-64 in %s",
                        options->folder_count ? options->folders[0] : usual[0]);
    qsort(found.rows, found.count, sizeof *found.rows, by_path);
    return 0;
}

static int print_all(const scan_options *options) {
    if (options->format == HY_FORMAT_CSV)
        print_csv();
    else if (options->format == HY_FORMAT_JSON)
        print_json();
    else
        print_text(options->format == HY_FORMAT_MARKDOWN);
    return HY_EXIT_OK;
}

static void free_found(void) {
    for (size_t i = 0; i < found.count; i++)
        free(found.rows[i].path);
    free(found.rows);
    free(found.devices);
    free(found.inodes);
    memset(&found, 0, sizeof found);
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    scan_options *const options = state->input;
    switch (key) {
    case 'f':
        if (cmd_format(argument, &options->format) < 0)
            exit(HY_EXIT_INPUT);
        break;
    case 'p': options->page = argument; break;
    case ARGP_KEY_ARG: cmd_add_path(&options->folders, &options->folder_count, argument); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int cmd_reloc_scan(int argc, char **argv) {
    static const struct argp_option option_table[] = {
        {"format", 'f', "text|csv|json|markdown", 0, "default: text, a row a kind; csv and json: a row a file", 0},
        {"page", 'p', "FOLDER", 0, "write FOLDER/reloc.html besides", 0},
        {NULL, 0, NULL, 0, NULL, 0}};
    static const struct argp argp = {
        .options = option_table,
        .parser = parse,
        .args_doc = "[FOLDER|FILE…]",
        .doc = "Looks at every program and library below the folders (default: /usr/bin, /usr/sbin, /usr/lib): "
               "executables at a fixed address, PIEs, libraries; relocations in code, which position-independent code "
               "does not need; and what a loader still has to relocate in data. Symbolic links are not followed; of a "
               "file with several names one counts."};
    scan_options options = {0};
    char typed[1024];
    cmd_typed(argc, argv, typed, sizeof typed);
    int code = cmd_parse(&argp, argc, argv, &options);
    code = code ? code : walk_all(&options);
    code = code ? code : print_all(&options);
    if (code == 0 && options.page)
        code = write_page(&options, typed);
    free_found();
    free(options.folders);
    return code;
}
