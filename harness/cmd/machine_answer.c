/* SPDX-License-Identifier: MIT
 *
 * machine_answer.c - see machine_answer.h.
 */
#include "machine_answer.h"

static void answer_text(const hy_sheet *const *sheets, size_t count) {
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (sheets[i]->detail)
            continue;
        if (any)
            putchar('\n');
        any = true;
        if (sheets[i]->caption)
            printf("%s\n", sheets[i]->caption);
        hy_sheet_text(sheets[i], stdout);
    }
}

static void answer_csv(const hy_sheet *const *sheets, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            putchar('\n');
        hy_sheet_csv(sheets[i], stdout);
    }
}

static void answer_json(const hy_sheet *const *sheets, size_t count) {
    for (size_t i = 0; i < count; i++) {
        printf("%s\"%s\": ", i ? ",\n" : "{\n", sheets[i]->name);
        hy_sheet_json(sheets[i], stdout);
    }
    puts("\n}");
}

int cmd_print_sheets(const hy_sheet *const *sheets, size_t count, hy_format format) {
    switch (format) {
    case HY_FORMAT_TEXT: answer_text(sheets, count); return HY_EXIT_OK;
    case HY_FORMAT_CSV: answer_csv(sheets, count); return HY_EXIT_OK;
    case HY_FORMAT_JSON: answer_json(sheets, count); return HY_EXIT_OK;
    default: return cmd_fail("this answers as text, csv or json");
    }
}

int cmd_close_page(hy_machine_page *page, const char *folder, const char *name) {
    bool no_gnuplot;
    hy_error error;
    if (hy_machine_close(page, &no_gnuplot, &error) < 0)
        return cmd_fail("%s", error.text);
    fflush(stdout);
    if (no_gnuplot)
        fprintf(stderr, "heapyard: %s; the page has its tables, without pictures\n", error.text);
    fprintf(stderr, "%s/%s.html\n", folder, name);
    return HY_EXIT_OK;
}
