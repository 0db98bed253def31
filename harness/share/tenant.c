/* SPDX-License-Identifier: MIT
 *
 * tenant.c - heapyard-tenant and heapyard-tenant-static: one program, linked with shared libraries and without any.
 *
 * Uses a good part of a library (zstd, at several levels), says "ready", and stands still until its input ends.
 */
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>
#include <zstd.h>

enum { TENANT_BYTES = 1 << 14 };

static void tenant_fill(unsigned char *text) {
    unsigned state = 1;
    for (size_t i = 0; i < TENANT_BYTES; i++) {
        state = state * 1103515245u + 12345u;
        text[i] = (unsigned char)("abcdefgh"[(state >> 16) & 7]);
    }
}

/* There and back again at one level. */
static int tenant_use(const unsigned char *text, unsigned char *packed, unsigned char *back, int level) {
    const size_t size = ZSTD_compress(packed, ZSTD_compressBound(TENANT_BYTES), text, TENANT_BYTES, level);
    return !ZSTD_isError(size) && ZSTD_decompress(back, TENANT_BYTES, packed, size) == TENANT_BYTES;
}

int main(void) {
    static const int levels[] = {1, 3, 5, 7, 13, 16, 19};
    unsigned char *const text = malloc(TENANT_BYTES), *const back = malloc(TENANT_BYTES);
    unsigned char *const packed = malloc(ZSTD_compressBound(TENANT_BYTES));
    char byte;
    if (!text || !back || !packed)
        return 1;
    tenant_fill(text);
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (!tenant_use(text, packed, back, levels[i]))
            return 1;
    free(packed);
    free(back);
    free(text);
    malloc_trim(0);
    if (write(STDOUT_FILENO, "ready\n", 6) != 6)
        return 1;
    return read(STDIN_FILENO, &byte, 1) > 0;
}
