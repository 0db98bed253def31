/* SPDX-License-Identifier: MIT
 *
 * request_text.h - texts of request_server.c: a buffer that grows by realloc, copies of their own, a checksum.
 */
#ifndef REQUEST_TEXT_H
#define REQUEST_TEXT_H

#include "recipe.h"

#include <string.h>

typedef struct buffer {
    unsigned char *bytes;
    size_t size, room;
} buffer;

static inline void append(buffer *b, const void *bytes, size_t size) {
    if (b->size + size > b->room) {
        while (b->size + size > b->room)
            b->room = b->room ? 2 * b->room : 128;
        b->bytes = must(realloc(b->bytes, b->room));
    }
    memcpy(b->bytes + b->size, bytes, size);
    b->size += size;
}

static inline void append_text(buffer *b, const char *text) {
    append(b, text, strlen(text));
}

static inline void append_number(buffer *b, uint64_t number) {
    char digits[20];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    append(b, digits + at, sizeof digits - at);
}

static inline char *copy_text(const unsigned char *text, size_t size) {
    char *const copy = must(malloc(size + 1));
    memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

static inline uint64_t sum_bytes(uint64_t sum, const unsigned char *bytes, size_t size) {
    for (size_t i = 0; i + 8 <= size; i += 8) {
        uint64_t word;
        memcpy(&word, bytes + i, 8);
        sum = (sum ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    }
    return sum ^ size;
}

#endif
