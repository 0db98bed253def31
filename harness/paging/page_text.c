/* SPDX-License-Identifier: MIT
 *
 * page_text.c - references as one writes them by hand: "1 2 3w 4" (see page_trace.h).
 */
#include "page_trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int hy_page_trace_parse(const char *text, hy_page_trace *trace, hy_error *error) {
    int r = 0;
    while (r == 0) {
        text += strspn(text, " ,\t\n");
        const size_t digits = strspn(text, "0123456789");
        const bool write = text[digits] == 'w';
        const char after = text[digits + write];
        if (*text == '\0')
            break;
        if (digits == 0 || digits > 9 || (after != '\0' && !strchr(" ,\t\n", after)))
            return hy_fail(error, -EINVAL, "\"%.*s\" is no page; expected numbers such as 1 2 3w, w for a write",
                           (int)strcspn(text, " ,\t\n"), text);
        r = hy_page_trace_add(trace, 0, strtoull(text, NULL, 10), write ? HY_PAGE_WRITE : HY_PAGE_READ, 1, error);
        text += digits + write;
    }
    if (r == 0 && trace->count == 0)
        return hy_fail(error, -EINVAL, "not one reference; expected numbers such as 1 2 3w, w for a write");
    return r < 0 ? r : 0;
}
