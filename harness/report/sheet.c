/* SPDX-License-Identifier: MIT
 *
 * sheet.c - see sheet.h.
 */
#include "sheet.h"

#include "report.h"
#include "units.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static char *sheet_copy(const char *word) {
    char *const copy = strdup(word ? word : "");
    if (!copy)
        abort();
    return copy;
}

void hy_sheet_add(hy_sheet *sheet, const hy_sheet_value *row) {
    hy_sheet_value *const grown = realloc(sheet->value, (sheet->rows + 1) * sheet->columns * sizeof *grown);
    if (!grown)
        abort();
    sheet->value = grown;
    hy_sheet_value *const added = grown + sheet->rows++ * sheet->columns;
    memcpy(added, row, sheet->columns * sizeof *row);
    for (size_t i = 0; i < sheet->columns; i++)
        if (sheet->column[i].kind == HY_SHEET_WORD)
            added[i].word = sheet_copy(row[i].word);
}

void hy_sheet_free(hy_sheet *sheet) {
    for (size_t i = 0; i < sheet->rows * sheet->columns; i++)
        if (sheet->column[i % sheet->columns].kind == HY_SHEET_WORD)
            free((char *)(uintptr_t)sheet->value[i].word);
    free(sheet->value);
    sheet->value = NULL;
    sheet->rows = 0;
}

/* ---------------------------------------------------------------------------------------------------- one cell ---- */

static hy_number sheet_number(const char *format, double figure) {
    hy_number shown;
    snprintf(shown.text, sizeof shown.text, format[0] == '%' ? "%.1f %%" : "%.2f", figure);
    return shown;
}

/* For people. */
static hy_number sheet_shown(hy_sheet_kind kind, double figure) {
    hy_number shown = {"n/a"};
    if (isnan(figure))
        return shown;
    switch (kind) {
    case HY_SHEET_COUNT: shown = hy_show_count((uint64_t)fabs(figure)); break;
    case HY_SHEET_BYTES: shown = hy_show_bytes((uint64_t)fabs(figure)); break;
    case HY_SHEET_TIME: return hy_show_time(figure);
    case HY_SHEET_SHARE: return sheet_number("%", 100 * figure);
    case HY_SHEET_HEX: snprintf(shown.text, sizeof shown.text, "0x%" PRIx64, (uint64_t)figure); return shown;
    default: return sheet_number(".", figure);
    }
    if (figure < 0) {
        memmove(shown.text + 1, shown.text, sizeof shown.text - 2);
        shown.text[0] = '-';
    }
    return shown;
}

/* For programs: whole numbers as such, others with all their digits. */
static void sheet_bare(double figure, FILE *out) {
    const bool whole = fabs(figure) < 9e15 && figure == floor(figure);
    fprintf(out, whole ? "%.0f" : "%.9g", figure);
}

static const hy_sheet_value *sheet_at(const hy_sheet *sheet, size_t row, size_t column) {
    return &sheet->value[row * sheet->columns + column];
}

/* -------------------------------------------------------------------------------------------------- whole ones ---- */

static const char *sheet_cell(const hy_sheet *sheet, size_t row, size_t column, hy_number *room) {
    const hy_sheet_value *const value = sheet_at(sheet, row, column);
    if (sheet->column[column].kind == HY_SHEET_WORD)
        return value->word;
    *room = sheet_shown(sheet->column[column].kind, value->figure);
    return room->text;
}

static size_t sheet_width(const hy_sheet *sheet, size_t column) {
    size_t width = hy_text_width(sheet->column[column].heading);
    for (size_t row = 0; row < sheet->rows; row++) {
        hy_number room;
        const size_t needed = hy_text_width(sheet_cell(sheet, row, column, &room));
        width = needed > width ? needed : width;
    }
    return width;
}

static void sheet_line(const hy_sheet *sheet, const char *const *cells, const size_t *widths, FILE *out) {
    for (size_t i = 0; i < sheet->columns; i++) {
        const int gap = (int)(widths[i] - hy_text_width(cells[i]));
        const bool word = sheet->column[i].kind == HY_SHEET_WORD, last = i + 1 == sheet->columns;
        fprintf(out, "%s%*s%s%*s", i ? "  " : "", word ? 0 : gap, "", cells[i], word && !last ? gap : 0, "");
    }
    fputc('\n', out);
}

void hy_sheet_text(const hy_sheet *sheet, FILE *out) {
    const char **const cells = calloc(sheet->columns, sizeof *cells);
    size_t *const widths = calloc(sheet->columns, sizeof *widths);
    hy_number *const rooms = calloc(sheet->columns, sizeof *rooms);
    if (!cells || !widths || !rooms)
        abort();
    for (size_t i = 0; i < sheet->columns; i++) {
        widths[i] = sheet_width(sheet, i);
        cells[i] = sheet->column[i].heading;
    }
    sheet_line(sheet, cells, widths, out);
    for (size_t row = 0; row < sheet->rows; row++) {
        for (size_t i = 0; i < sheet->columns; i++)
            cells[i] = sheet_cell(sheet, row, i, &rooms[i]);
        sheet_line(sheet, cells, widths, out);
    }
    free(rooms);
    free(widths);
    free(cells);
}

void hy_sheet_csv(const hy_sheet *sheet, FILE *out) {
    for (size_t i = 0; i < sheet->columns; i++)
        fprintf(out, "%s%s", i ? "," : "", sheet->column[i].key);
    fputc('\n', out);
    for (size_t row = 0; row < sheet->rows; row++) {
        for (size_t i = 0; i < sheet->columns; i++) {
            const hy_sheet_value *const value = sheet_at(sheet, row, i);
            fputs(i ? "," : "", out);
            if (sheet->column[i].kind == HY_SHEET_WORD)
                hy_csv(out, value->word);
            else if (!isnan(value->figure))
                sheet_bare(value->figure, out);
        }
        fputc('\n', out);
    }
}

static void sheet_json_text(const char *text, FILE *out) {
    json_t *const string = json_string(text);
    char *const dumped = json_dumps(string ? string : json_null(), JSON_ENCODE_ANY);
    if (!dumped)
        abort();
    fputs(dumped, out);
    free(dumped);
    json_decref(string);
}

void hy_sheet_json(const hy_sheet *sheet, FILE *out) {
    fputc('[', out);
    for (size_t row = 0; row < sheet->rows; row++) {
        fputs(row ? ",\n  {" : "\n  {", out);
        for (size_t i = 0; i < sheet->columns; i++) {
            const hy_sheet_value *const value = sheet_at(sheet, row, i);
            fprintf(out, "%s\"%s\": ", i ? ", " : "", sheet->column[i].key);
            if (sheet->column[i].kind == HY_SHEET_WORD)
                sheet_json_text(value->word, out);
            else if (isfinite(value->figure))
                sheet_bare(value->figure, out);
            else
                fputs("null", out);
        }
        fputc('}', out);
    }
    fputc(']', out);
}

void hy_sheet_html(const hy_sheet *sheet, FILE *out) {
    fputs("<div class=\"wide\"><table><thead><tr>", out);
    for (size_t i = 0; i < sheet->columns; i++) {
        fprintf(out, "<th scope=\"col\"%s>", sheet->column[i].kind == HY_SHEET_WORD ? " class=\"text\"" : "");
        hy_html(out, sheet->column[i].heading);
        fputs("</th>", out);
    }
    fputs("</tr></thead><tbody>\n", out);
    for (size_t row = 0; row < sheet->rows; row++) {
        fputs("<tr>", out);
        for (size_t i = 0; i < sheet->columns; i++) {
            hy_number room;
            const bool word = sheet->column[i].kind == HY_SHEET_WORD;
            fputs(i == 0 ? "<th scope=\"row\">" : word ? "<td class=\"text\">" : "<td>", out);
            hy_html(out, sheet_cell(sheet, row, i, &room));
            fputs(i == 0 ? "</th>" : "</td>", out);
        }
        fputs("</tr>\n", out);
    }
    fputs("</tbody></table></div>\n", out);
    if (sheet->caption) {
        fputs("<p class=\"note\">", out);
        hy_html(out, sheet->caption);
        fputs("</p>\n", out);
    }
}
