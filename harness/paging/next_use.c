/* SPDX-License-Identifier: MIT
 *
 * next_use.c - when each page is referenced next, found from the end backwards (see simulate.h).
 */
#include "simulate.h"

#include <errno.h>
#include <stdlib.h>

uint32_t hy_paging_pages(const hy_page_reference *refs, uint64_t n) {
    uint32_t most = 0;
    for (uint64_t i = 0; i < n; i++)
        most = refs[i] > most ? refs[i] : most;
    return n ? (most >> 1) + 1 : 0;
}

int hy_paging_next_use(const hy_page_reference *refs, uint64_t n, uint32_t **ret_next, hy_error *error) {
    const uint32_t pages = hy_paging_pages(refs, n);
    if (n >= HY_NO_PAGE)
        return hy_fail(error, -E2BIG, "%llu references are too many to look ahead in; at most %u",
                       (unsigned long long)n, HY_NO_PAGE - 1);
    uint32_t *const next = malloc((n + 1) * sizeof *next), *const seen = malloc(((size_t)pages + 1) * sizeof *seen);
    if (!next || !seen) {
        free(next);
        free(seen);
        return hy_fail(error, -ENOMEM, "no memory to look ahead in %llu references", (unsigned long long)n);
    }
    for (uint32_t page = 0; page < pages; page++)
        seen[page] = HY_NO_PAGE;
    for (uint64_t i = n; i-- > 0;) {
        next[i] = seen[refs[i] >> 1];
        seen[refs[i] >> 1] = (uint32_t)i;
    }
    free(seen);
    *ret_next = next;
    return 0;
}
