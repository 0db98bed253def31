/* SPDX-License-Identifier: MIT
 *
 * svg.c - a picture by gnuplot as a part of the page.
 *
 *   1. What is before the drawing itself (XML head, size, gnuplot's title) is replaced by our own <svg>.
 *   2. rgb(0, 114, 178) becomes var(--c-0072b2,#0072b2): the page's style sheet gives the dark variant.
 *   3. Ids and the references to them get a prefix, because all pictures share one page.
 *   4. The font is the page's.
 *
 * gnuplot has escaped all text already.
 */
#include "report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int svg_read(const char *path, char **ret_text, hy_error *error) {
    FILE *const in = fopen(path, "re");
    if (!in)
        return hy_fail(error, -errno, "%s: %s", path, strerror(errno));
    char *text = NULL;
    size_t size = 0;
    const ssize_t got = getdelim(&text, &size, '\0', in);
    fclose(in);
    if (got <= 0) {
        free(text);
        return hy_fail(error, -EIO, "%s: empty", path);
    }
    *ret_text = text;
    return 0;
}

static bool svg_starts(const char *text, const char *word) {
    return strncmp(text, word, strlen(word)) == 0;
}

/* Each of these writes what stands at `at` in its place, and returns how many bytes it has dealt with; 0: not mine. */
static size_t svg_colour(const char *at, FILE *out) {
    unsigned r, g, b;
    int used = 0;
    if (sscanf(at, "rgb( %u , %u , %u )%n", &r, &g, &b, &used) == 3 && used > 0)
        fprintf(out, "var(--c-%02x%02x%02x,#%02x%02x%02x)", r & 255, g & 255, b & 255, r & 255, g & 255, b & 255);
    else if (sscanf(at, "\"#%2x%2x%2x\"%n", &r, &g, &b, &used) == 3 && used == 9)
        fprintf(out, "\"var(--c-%02x%02x%02x,#%02x%02x%02x)\"", r, g, b, r, g, b);
    else
        return 0;
    return (size_t)used;
}

static size_t svg_ids(const char *at, const char *id, FILE *out) {
    static const char *const places[] = {" id='", " id=\"", "href='#", "href=\"#", "url(#"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (svg_starts(at, places[i])) {
            fprintf(out, "%s%s-", places[i], id);
            return strlen(places[i]);
        }
    return 0;
}

static size_t svg_attributes(const char *at, FILE *out) {
    static const char font[] = " font-family=\"", black[] = "color=\"black\"", link[] = "xlink:href";
    if (svg_starts(at, link)) /* the plain name serves, and svg_ids sees the rest */
        return strlen("xlink:");
    if (svg_starts(at, font))
        return sizeof font - 1 + strcspn(at + sizeof font - 1, "\"") + 1;
    if (!svg_starts(at, black))
        return 0;
    fputs("color=\"currentColor\"", out);
    return sizeof black - 1;
}

static void svg_body(const char *at, const char *id, FILE *out) {
    while (*at) {
        size_t used = 0;
        if (*at == 'r' || *at == '"')
            used = svg_colour(at, out);
        else if (*at == ' ' || *at == 'h' || *at == 'u')
            used = svg_ids(at, id, out);
        if (used == 0 && (*at == ' ' || *at == 'c' || *at == 'x'))
            used = svg_attributes(at, out);
        if (used == 0)
            fputc(*at++, out);
        at += used;
    }
}

int hy_inline_svg(const char *path, const char *id, const char *title, FILE *out, hy_error *error) {
    char *text = NULL;
    const int r = svg_read(path, &text, error);
    if (r < 0)
        return r;
    unsigned width = 0, height = 0;
    const char *const box = strstr(text, "viewBox=\"");
    const char *const body = strstr(text, "<g id=\"gnuplot_canvas\"");
    if (!box || !body || sscanf(box, "viewBox=\"0 0 %u %u\"", &width, &height) != 2) {
        free(text);
        return hy_fail(error, -EINVAL, "%s: not a picture by gnuplot", path);
    }
    fprintf(out, "<svg viewBox=\"0 0 %u %u\" role=\"img\" aria-labelledby=\"%s-title\"><title id=\"%s-title\">", width,
            height, id, id);
    hy_html(out, title);
    fputs("</title>\n", out);
    svg_body(body, id, out);
    free(text);
    return 0;
}
