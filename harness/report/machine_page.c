/* SPDX-License-Identifier: MIT
 *
 * machine_page.c - see machine_page.h.
 *
 * The body is gathered in memory, so that the navigation at the top can name all headings.
 */
#include "machine_page.h"

#include "html.h"
#include "machine_css.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MACHINE_TEXT 8192 /* bytes of a paragraph */

/* Text that grows as it is written. */
typedef struct machine_stream {
    FILE *out;
    char *text;
    size_t size;
} machine_stream;

struct hy_machine_page {
    char *folder, *name, *title, *lead, *command;
    machine_stream body, places, data;
    bool no_gnuplot, failed;
    hy_error error, missing; /* what failed first; why there are no pictures */
    int code;
};

const hy_machine_place hy_machine_pages[] = {
    {"partition", "Partitions"}, {"models", "Four models"}, {"reloc", "Relocation"}, {"moving", "Moving programs"},
    {"page", "Paging"},          {"live", "Live paging"},   {"share", "Sharing"},    {NULL, NULL},
};

/* -------------------------------------------------------------------------------------------------------- text ---- */

static void machine_open_stream(machine_stream *stream) {
    stream->out = open_memstream(&stream->text, &stream->size);
    if (!stream->out)
        abort();
}

static void machine_close_stream(machine_stream *stream) {
    if (stream->out)
        fclose(stream->out);
    free(stream->text);
    *stream = (machine_stream){NULL, NULL, 0};
}

static char *machine_copy(const char *text) {
    char *const copy = strdup(text);
    if (!copy)
        abort();
    return copy;
}

/* The text up to `end`, escaped. */
static void machine_escape(const char *text, const char *end, FILE *out) {
    char part[MACHINE_TEXT];
    snprintf(part, sizeof part, "%.*s", (int)(end - text), text);
    hy_html(out, part);
}

/* Where the mark that begins at `at` ends again, or NULL: a lone one, or one with a blank inside its edge, as in 4 * 5.
 */
static const char *machine_mark_end(const char *at) {
    const char *const end = *at == '`' || *at == '*' ? strchr(at + 1, *at) : NULL;
    const bool tight = end && end > at + 1 && (*at == '`' || (at[1] != ' ' && end[-1] != ' '));
    return tight ? end : NULL;
}

static void machine_marked(const char *text, FILE *out) {
    const char *from = text;
    for (const char *at = text; *at; at++) {
        const char *const end = machine_mark_end(at), *const tag = *at == '`' ? "code" : "em";
        if (!end)
            continue;
        machine_escape(from, at, out);
        fprintf(out, "<%s>", tag);
        machine_escape(at + 1, end, out);
        fprintf(out, "</%s>", tag);
        at = end;
        from = end + 1;
    }
    hy_html(out, from);
}

__attribute__((format(printf, 3, 0))) static void machine_paragraph(hy_machine_page *page, const char *class,
                                                                    const char *format, va_list list) {
    char text[MACHINE_TEXT];
    vsnprintf(text, sizeof text, format, list);
    fprintf(page->body.out, "<p%s>", class);
    machine_marked(text, page->body.out);
    fputs("</p>\n", page->body.out);
}

void hy_machine_text(hy_machine_page *page, const char *format, ...) {
    va_list list;
    va_start(list, format);
    machine_paragraph(page, "", format, list);
    va_end(list);
}

void hy_machine_note(hy_machine_page *page, const char *format, ...) {
    va_list list;
    va_start(list, format);
    machine_paragraph(page, " class=\"note\"", format, list);
    va_end(list);
}

/* ------------------------------------------------------------------------------------------------------- parts ---- */

void hy_machine_heading(hy_machine_page *page, const char *id, const char *text) {
    FILE *const both[] = {page->body.out, page->places.out};
    fprintf(both[0], "<h2 id=\"%s\">", id);
    fprintf(both[1], "<a href=\"#%s\">", id);
    for (int i = 0; i < 2; i++)
        hy_html(both[i], text);
    fputs("</h2>\n", both[0]);
    fputs("</a>", both[1]);
}

void hy_machine_subheading(hy_machine_page *page, const char *text) {
    fputs("<h3>", page->body.out);
    hy_html(page->body.out, text);
    fputs("</h3>\n", page->body.out);
}

void hy_machine_sheet(hy_machine_page *page, const hy_sheet *sheet) {
    hy_sheet_html(sheet, page->body.out);
}

static bool machine_is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

void hy_machine_map(hy_machine_page *page, const char *text) {
    FILE *const out = page->body.out;
    fputs("<pre class=\"map\">", out);
    while (*text) {
        const char first = *text, *const from = text;
        while (*text == first)
            text++;
        const bool block = machine_is_letter(first);
        if (block)
            fprintf(out, "<b class=\"k%d\">", (first | 0x20) % 9);
        machine_escape(from, text, out);
        fputs(block ? "</b>" : "", out);
    }
    fputs("</pre>\n", out);
}

void hy_machine_output(hy_machine_page *page, const char *text) {
    fputs("<pre>", page->body.out);
    hy_html(page->body.out, text);
    fputs("</pre>\n", page->body.out);
}

/* ----------------------------------------------------------------------------------------------------- figures ---- */

static void machine_fail(hy_machine_page *page, int code, const hy_error *error) {
    if (!page->failed) {
        page->failed = true;
        page->code = code;
        page->error = *error;
    }
}

FILE *hy_machine_data(hy_machine_page *page) {
    machine_close_stream(&page->data);
    machine_open_stream(&page->data);
    return page->data.out;
}

static int machine_write_data(hy_machine_page *page, const hy_figure *figure, hy_error *error) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.dat", page->folder, figure->base);
    FILE *const out = fopen(path, "we");
    if (!out)
        return hy_fail(error, -errno, "%s: cannot be written: %s", path, strerror(errno));
    if (page->data.out) {
        fflush(page->data.out);
        fwrite(page->data.text, 1, page->data.size, out);
    }
    machine_close_stream(&page->data);
    const bool lost = ferror(out) != 0;
    return fclose(out) == 0 && !lost ? 0 : hy_fail(error, -EIO, "%s: cannot be written", path);
}

void hy_machine_figure(hy_machine_page *page, hy_figure *figure) {
    if (page->failed)
        return;
    const bool before = page->no_gnuplot;
    hy_error error;
    int r = machine_write_data(page, figure, &error);
    if (r == 0)
        r = html_figure(page->folder, figure, &page->no_gnuplot, page->body.out, &error);
    if (r < 0)
        machine_fail(page, r, &error);
    else if (page->no_gnuplot && !before)
        page->missing = error;
}

/* -------------------------------------------------------------------------------------------------------- page ---- */

static bool machine_lies(const char *folder, const char *name) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.html", folder, name);
    return access(path, R_OK) == 0;
}

void hy_machine_links(const char *folder, const char *except, FILE *out) {
    for (const hy_machine_place *p = hy_machine_pages; p->name; p++)
        if ((!except || strcmp(p->name, except) != 0) && machine_lies(folder, p->name))
            fprintf(out, "<a href=\"%s.html\">%s</a>", p->name, p->title);
}

int hy_machine_open(const char *folder, const char *name, const char *title, const char *lead, const char *command,
                    hy_machine_page **ret_page, hy_error *error) {
    const int r = hy_make_folder(folder, error);
    if (r < 0)
        return r;
    hy_machine_page *const page = calloc(1, sizeof *page);
    if (!page)
        abort();
    page->folder = machine_copy(folder);
    page->name = machine_copy(name);
    page->title = machine_copy(title);
    page->lead = machine_copy(lead);
    page->command = command ? machine_copy(command) : NULL;
    machine_open_stream(&page->body);
    machine_open_stream(&page->places);
    *ret_page = page;
    return 0;
}

static void machine_write(hy_machine_page *page, FILE *out) {
    html_begin(page->title, machine_css, out);
    fputs("<body>\n<header><h1>", out);
    hy_html(out, page->title);
    fputs("</h1>\n<p class=\"lede\">", out);
    machine_marked(page->lead, out);
    fputs("</p>\n<nav aria-label=\"Page\">", out);
    fwrite(page->places.text, 1, page->places.size, out);
    if (machine_lies(page->folder, "index"))
        fputs("<a href=\"index.html\">← The report</a>", out);
    hy_machine_links(page->folder, page->name, out);
    fputs("</nav></header>\n<main id=\"main\">\n", out);
    fwrite(page->body.text, 1, page->body.size, out);
    if (page->command) {
        fputs("<p class=\"note\">Made by <code>", out);
        hy_html(out, page->command);
        fputs("</code></p>\n", out);
    }
    fputs("</main></body></html>\n", out);
}

static int machine_save(hy_machine_page *page, hy_error *error) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.html", page->folder, page->name);
    FILE *const out = fopen(path, "we");
    if (!out)
        return hy_fail(error, -errno, "%s: cannot be written: %s", path, strerror(errno));
    fflush(page->body.out);
    fflush(page->places.out);
    machine_write(page, out);
    const bool lost = ferror(out) != 0;
    return fclose(out) == 0 && !lost ? 0 : hy_fail(error, -EIO, "%s: cannot be written", path);
}

int hy_machine_close(hy_machine_page *page, bool *ret_no_gnuplot, hy_error *error) {
    int r = page->failed ? page->code : machine_save(page, error);
    if (page->failed)
        *error = page->error;
    if (r == 0) {
        *ret_no_gnuplot = page->no_gnuplot;
        if (page->no_gnuplot)
            *error = page->missing;
    }
    machine_close_stream(&page->body);
    machine_close_stream(&page->places);
    machine_close_stream(&page->data);
    free(page->folder);
    free(page->name);
    free(page->title);
    free(page->lead);
    free(page->command);
    free(page);
    return r;
}
