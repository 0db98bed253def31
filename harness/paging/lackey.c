/* SPDX-License-Identifier: MIT
 *
 * lackey.c - the text of `valgrind --tool=lackey --trace-mem=yes`:
 *
 *   I  0401ab70,3        an instruction of 3 bytes is fetched
 *    S 1fff000718,8      8 bytes are stored
 *    L 1fff000710,8      loaded
 *    M 0421c0c0,4        loaded and stored: two references
 *   ==20869== …          valgrind's own words, passed over
 */
#include "page_trace.h"

#include "lines.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define LARGEST_ACCESS 4096u /* bytes of one: saving all registers takes less */

static int digit_of(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* At most 16 digits.  What follows them, or NULL. */
static const char *read_hex(const char *text, uint64_t *ret) {
    uint64_t value = 0;
    unsigned digits = 0;
    for (int d; (d = digit_of(*text)) >= 0; text++, digits++)
        value = value << 4 | (uint64_t)d;
    *ret = value;
    return digits > 0 && digits <= 16 ? text : NULL;
}

static const char *read_size(const char *text, uint64_t *ret) {
    uint64_t value = 0;
    unsigned digits = 0;
    for (; *text >= '0' && *text <= '9' && digits < 6; text++, digits++)
        value = value * 10 + (uint64_t)(*text - '0');
    *ret = value;
    return digits > 0 && value > 0 && value <= LARGEST_ACCESS ? text : NULL;
}

static int add(hy_page_trace *trace, uint32_t space, char kind, uint64_t address, uint64_t size, hy_error *error) {
    int r = 0;
    if (kind == 'I')
        return hy_page_trace_touch(trace, space, address, size, HY_PAGE_FETCH, error);
    if (kind == 'L' || kind == 'M')
        r = hy_page_trace_touch(trace, space, address, size, HY_PAGE_READ, error);
    if (r == 0 && (kind == 'S' || kind == 'M'))
        r = hy_page_trace_touch(trace, space, address, size, HY_PAGE_WRITE, error);
    return r;
}

int hy_lackey_line(char *line, uint32_t space, hy_page_trace *trace, hy_error *error) {
    uint64_t address, size;
    if (strncmp(line, "==", 2) == 0 || strncmp(line, "--", 2) == 0 || line[0] == '\0')
        return 1;
    const char *at = line[0] == ' ' ? line + 1 : line;
    const char kind = line[0] == 'I' ? 'I' : line[0] == ' ' && *at && strchr("SLM", *at) ? *at : '\0';
    if (kind && at[1] == ' ' && (kind != 'I' || at[2] == ' ') &&
        (at = read_hex(at + (kind == 'I' ? 3 : 2), &address)) && *at == ',' && (at = read_size(at + 1, &size)) &&
        *at == '\0') {
        const int r = add(trace, space, kind, address, size, error);
        return r < 0 ? r : !r;
    }
    return hy_fail(error, -EINVAL,
                   "expected \"I  ADDRESS,SIZE\", \" L …\", \" S …\" or \" M …\" as valgrind's lackey "
                   "writes with --trace-mem=yes");
}

int hy_lackey_read(const char *path, uint32_t space, hy_page_trace *trace, hy_error *error) {
    hy_lines *lines;
    hy_error why = {""};
    char *line;
    struct stat status;
    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) /* lines of a folder are those of a CTF trace */
        return hy_fail(error, -EISDIR, "%s: a directory; expected a file", path);
    int r = hy_lines_open(path, &lines, error);
    if (r < 0)
        return r;
    while ((r = hy_lines_next(lines, &line, &why)) > 0 && (r = hy_lackey_line(line, space, trace, &why)) > 0)
        continue;
    if (r < 0)
        hy_fail(error, r, "%s: line %llu: %s", hy_lines_name(lines), (unsigned long long)hy_lines_number(lines),
                why.text);
    else if (trace->count == 0)
        r = hy_fail(error, -EINVAL, "%s: not one reference", hy_lines_name(lines));
    hy_lines_close(lines);
    return r;
}
