/* SPDX-License-Identifier: MIT
 *
 * escape.c - text that came with the data (names of traces, specs, commands) as part of a page, a table or a plot's
 * data.
 *
 * Such text is never trusted: a trace may be called <script>, and a spec may hold quotes.
 */
#include "report.h"

#include <string.h>

void hy_html(FILE *out, const char *text) {
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text;
        if (c == '<')
            fputs("&lt;", out);
        else if (c == '>')
            fputs("&gt;", out);
        else if (c == '&')
            fputs("&amp;", out);
        else if (c == '"')
            fputs("&quot;", out);
        else if (c == '\'')
            fputs("&#39;", out);
        else
            fputc(c < 0x20 && c != '\n' && c != '\t' ? '?' : c, out);
    }
}

void hy_csv(FILE *out, const char *text) {
    const bool quote = strpbrk(text, ",\"\r\n") != NULL;
    if (quote)
        fputc('"', out);
    for (; *text; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    if (quote)
        fputc('"', out);
}

/* gnuplot's data files know no escape for a quote inside quotes, and a backslash may begin one. */
void hy_dat_most(FILE *out, const char *text, size_t most) {
    size_t shown = 0;
    fputc('"', out);
    for (; *text && shown < most; text++) {
        const unsigned char c = (unsigned char)*text;
        shown += (c & 0xc0) != 0x80;
        if (c == '"' || c == '`')
            fputc('\'', out);
        else
            fputc(c == '\\' ? '/' : c < 0x20 || c == 0x7f ? '?' : c, out);
    }
    while (((unsigned char)*text & 0xc0) == 0x80)
        fputc(*text++, out);
    fputs(*text ? "…\"" : "\"", out);
}

void hy_dat(FILE *out, const char *text) {
    hy_dat_most(out, text, 40);
}

void hy_slug(const char *text, char ret[64]) {
    size_t n = 0;
    for (; *text && n < 40; text++) {
        const char c = *text;
        const bool fits = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (fits || (n > 0 && ret[n - 1] != '-'))
            ret[n++] = fits ? c : '-';
    }
    ret[n] = '\0';
    if (n == 0)
        strcpy(ret, "trace");
}
