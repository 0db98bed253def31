/* SPDX-License-Identifier: MIT
 *
 * format.c - see format.h.
 */
#include "format.h"

#include "bytes.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

#define BAD(...) hy_fail(error, -EINVAL, __VA_ARGS__)

/* The first byte is no text, and the line ends show a transfer that changed them (the idea is PNG's). */
static const uint8_t magic[8] = {0x89, 'H', 'Y', 'T', '\r', '\n', 0x1a, '\n'};
#define ORDER_MARK 0x01020304u

void hy_file_head_put(uint32_t version, uint8_t *ret_bytes) {
    memcpy(ret_bytes, magic, sizeof magic);
    hy_put32(ret_bytes + 8, ORDER_MARK);
    hy_put32(ret_bytes + 12, version);
}

int hy_file_head_check(const uint8_t *bytes, uint32_t *ret_version, hy_error *error) {
    if (memcmp(bytes, magic, 4) != 0)
        return BAD("not a trace (the first bytes are not those of a .hyt file)");
    if (memcmp(bytes, magic, sizeof magic) != 0)
        return BAD("damaged by a transfer that changed line ends or bytes; fetch it again as binary");
    const uint32_t mark = hy_get32(bytes + 8), version = hy_get32(bytes + 12);
    if (mark == __builtin_bswap32(ORDER_MARK))
        return BAD("written in big-endian byte order; traces are little-endian");
    if (mark != ORDER_MARK)
        return BAD("a byte order mark of 0x%08" PRIx32 "; expected 0x%08x", mark, ORDER_MARK);
    if (version > HY_TRACE_VERSION)
        return hy_fail(error, -ENOTSUP, "a trace of version %" PRIu32 "; this heapyard reads version %u", version,
                       HY_TRACE_VERSION);
    if (version == 0)
        return BAD("a trace of version 0, which never was");
    if (version < HY_TRACE_PLAIN)
        return hy_fail(error, -ENOTSUP,
                       "a trace of version %" PRIu32 ", which is read no more; this heapyard reads versions %u and %u",
                       version, HY_TRACE_PLAIN, HY_TRACE_VERSION);
    *ret_version = version;
    return 0;
}

void hy_block_head_put(const hy_block_head *head, uint8_t *ret_bytes) {
    hy_put32(ret_bytes, head->kind);
    hy_put32(ret_bytes + 4, head->number);
    hy_put32(ret_bytes + 8, head->stored);
    hy_put32(ret_bytes + 12, head->plain);
    hy_put32(ret_bytes + 16, head->start.events);
    hy_put32(ret_bytes + 20, head->start.threads);
    hy_put64(ret_bytes + 24, head->start.first_event);
    hy_put64(ret_bytes + 32, head->start.first_birth);
    hy_put64(ret_bytes + 40, head->start.base_time);
    hy_put64(ret_bytes + 48, head->checksum);
    hy_put64(ret_bytes + 56, XXH3_64bits(ret_bytes, 56));
}

bool hy_block_head_get(const uint8_t *bytes, hy_block_head *ret_head) {
    *ret_head = (hy_block_head){
        .kind = hy_get32(bytes),
        .number = hy_get32(bytes + 4),
        .stored = hy_get32(bytes + 8),
        .plain = hy_get32(bytes + 12),
        .start = {.events = hy_get32(bytes + 16),
                  .threads = hy_get32(bytes + 20),
                  .first_event = hy_get64(bytes + 24),
                  .first_birth = hy_get64(bytes + 32),
                  .base_time = hy_get64(bytes + 40)},
        .checksum = hy_get64(bytes + 48),
    };
    return hy_get64(bytes + 56) == XXH3_64bits(bytes, 56);
}
