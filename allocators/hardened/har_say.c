/* SPDX-License-Identifier: MIT
 *
 * har_say.c - see har_say.h.
 */
#include "har_say.h"

typedef struct say_text {
    char *at, *end; /* the last byte is kept for the NUL */
    const hy_host *host;
} say_text;

static void put(say_text *t, const char *text) {
    while (*text && t->at < t->end)
        *t->at++ = *text++;
    *t->at = '\0';
}

static void put_number(say_text *t, uint64_t number, unsigned base) {
    char digits[24], *at = digits + sizeof digits;
    *--at = '\0';
    do
        *--at = "0123456789abcdef"[number % base];
    while ((number /= base) > 0);
    put(t, at);
}

static void put_address(say_text *t, const void *address) {
    put(t, "0x");
    put_number(t, (uintptr_t)address, 16);
}

/* The last part of a path; what would have to be escaped in JSON becomes '?'. */
static void put_file(say_text *t, const char *path) {
    const char *name = path;
    for (const char *at = path; *at; at++)
        name = *at == '/' && at[1] ? at + 1 : name;
    for (; *name; name++) {
        const bool plain = (unsigned char)*name >= ' ' && *name != '"' && *name != '\\';
        put(t, (const char[]){plain ? *name : '?', '\0'});
    }
}

/* "libc.so.6+0x271ca", or the address where nobody knows the file. */
static void put_code(say_text *t, const void *code) {
    size_t offset = 0;
    const char *const file = t->host->code_file ? t->host->code_file(code, &offset) : NULL;
    if (!file) {
        put_address(t, code);
        return;
    }
    put_file(t, file);
    put(t, "+0x");
    put_number(t, offset, 16);
}

/* The calls behind doer->code, or all, if it is not among them. */
static const void *const *callers(const har_doer *doer, size_t *ret_count) {
    size_t count = 0, first = 0;
    *ret_count = 0;
    if (!doer->stack)
        return NULL;
    while (count < HAR_FRAMES && doer->stack[count])
        count++;
    for (size_t i = 0; i < count; i++)
        first = doer->stack[i] == doer->code ? i + 1 : first;
    *ret_count = count - first;
    return doer->stack + first;
}

static void put_callers(say_text *t, const har_doer *doer, const char *before, const char *after) {
    size_t count;
    const void *const *const stack = callers(doer, &count);
    for (size_t i = 0; i < count; i++) {
        put(t, before);
        put_code(t, stack[i]);
        put(t, after);
    }
}

/* ---------------------------------------------------------------------------------------------------- sentence ---- */

static void put_doer(say_text *t, const char *did, const har_doer *doer) {
    put(t, did);
    put(t, doer->thread ? "thread " : "an unknown thread");
    if (doer->thread)
        put_number(t, doer->thread, 10);
    if (!doer->code)
        return;
    put(t, " at ");
    put_code(t, doer->code);
    put_callers(t, doer, " < ", "");
}

static ptrdiff_t offset_of(const har_misuse *m) {
    return (const char *)m->address - m->block;
}

/* " is 16 bytes into a live block of 24 bytes at 0x..., allocated by thread 1" */
static void put_block(say_text *t, const har_misuse *m) {
    const ptrdiff_t offset = offset_of(m);
    put(t, " is ");
    if (offset != 0) {
        put_number(t, (uint64_t)(offset < 0 ? -offset : offset), 10);
        put(t, offset < 0 ? " bytes before " : " bytes into ");
    }
    put(t, m->kind);
    put(t, " of ");
    put_number(t, m->size, 10);
    put(t, " bytes at ");
    put_address(t, m->block);
    put_doer(t, ", allocated by ", &m->maker);
    if (m->freed)
        put_doer(t, ", freed by ", &m->freer);
}

static void put_damage(say_text *t, const har_misuse *m) {
    const ptrdiff_t offset = m->damage - m->block;
    put(t, "; written to at offset ");
    put(t, offset < 0 ? "-" : "");
    put_number(t, (uint64_t)(offset < 0 ? -offset : offset), 10);
}

static void put_sentence(say_text *t, const har_misuse *m) {
    put(t, "hardened: ");
    put(t, m->fault);
    put(t, ": ");
    put(t, m->call);
    put(t, " ");
    put_address(t, m->address);
    if (m->block)
        put_block(t, m);
    if (m->damage)
        put_damage(t, m);
    if (m->note)
        put(t, m->note);
    if (m->caller.thread || m->caller.code)
        put_doer(t, "; now ", &m->caller);
}

/* -------------------------------------------------------------------------------------------------------- json ---- */

static void put_json_doer(say_text *t, const char *did, const har_doer *doer) {
    put(t, ",\"");
    put(t, did);
    put(t, "\":{\"thread\":");
    if (doer->thread)
        put_number(t, doer->thread, 10);
    else
        put(t, "null");
    put(t, ",\"code\":");
    put(t, doer->code ? "\"" : "null");
    if (doer->code) {
        put_code(t, doer->code);
        put(t, "\",\"callers\":[");
        char *const first = t->at;
        put_callers(t, doer, "\"", "\",");
        t->at -= t->at > first; /* the last comma */
        put(t, "]");
    }
    put(t, "}");
}

static void put_json_offset(say_text *t, const char *key, ptrdiff_t offset) {
    put(t, ",\"");
    put(t, key);
    put(t, offset < 0 ? "\":-" : "\":");
    put_number(t, (uint64_t)(offset < 0 ? -offset : offset), 10);
}

static void put_json_block(say_text *t, const har_misuse *m) {
    put(t, ",\"block\":\"");
    put_address(t, m->block);
    put(t, "\",\"size\":");
    put_number(t, m->size, 10);
    put_json_offset(t, "offset", offset_of(m));
    put(t, m->freed ? ",\"state\":\"freed\"" : ",\"state\":\"live\"");
    put_json_doer(t, "allocated", &m->maker);
    if (m->freed)
        put_json_doer(t, "freed", &m->freer);
    if (m->damage)
        put_json_offset(t, "damage", m->damage - m->block);
}

static void put_json(say_text *t, const har_misuse *m) {
    put(t, "{\"allocator\":\"hardened\",\"fault\":\"");
    put(t, m->fault);
    put(t, "\",\"call\":\"");
    put(t, m->call);
    put(t, "\",\"address\":\"");
    put_address(t, m->address);
    put(t, "\"");
    if (m->block)
        put_json_block(t, m);
    put_json_doer(t, "now", &m->caller);
    put(t, "}");
}

size_t har_say(const har_heap *self, const har_misuse *misuse, bool json, char *text, size_t size) {
    say_text t = {.at = text, .end = text + size - 1, .host = self->host};
    put_sentence(&t, misuse);
    if (json) {
        put(&t, "\n");
        put_json(&t, misuse);
    }
    return (size_t)(t.at - text);
}
