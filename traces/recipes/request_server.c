/* SPDX-License-Identifier: MIT
 *
 * request_server.c - what a server asks of malloc, without a network: requests come in, are parsed, answered from a
 * cache, and remembered in sessions.  Two workers; no chance, no clock: the same work however the threads run.
 *
 *   1. Time goes in ticks.  In each, the workers answer the requests of their sessions side by side; between them is
 *      only the cache, which they read.  Then, behind a barrier, they change it: each the half of its shards.
 *   2. A request is read into a buffer that grows by realloc, parsed into a list of headers, each with a name and a
 *      value of its own, answered by another buffer that grows, and all of it is freed.
 *   3. What the cache does not have is made, and offered to it.  A shard takes the offers in the order of the workers,
 *      and evicts the oldest entry that was not used since it was last looked at: half of all entries are freed by
 *      another thread than made them.
 *   4. A session belongs to the workers in turn, so what it remembers was made by both.  It lives for thousands of
 *      requests or for a few.
 *   5. The load changes by phases: it rises, stays, falls to a tenth; sessions end then; and again.
 *
 *     ./request_server [PHASES]      prints how much was answered, and a checksum of the answers
 *
 * Exit code 2: its words were wrong, 1: there are no threads.
 */
#include "recipe.h"
#include "request_text.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WORKERS = 2,
    SESSIONS = 2048,
    REMEMBERED = 12, /* requests that a session remembers at most */
    SHARDS = 64,
    ENTRIES = 48, /* of a shard */
    DOCUMENTS = 12000,
    TICKS = 40,      /* of a phase */
    MOST_LOAD = 1500 /* requests of a worker in a tick */
};

typedef struct header {
    struct header *next;
    char *name, *value;
} header;

typedef struct entry {
    struct entry *newer, *older;
    uint32_t document;
    unsigned seen;         /* the tick when it was put first in its shard */
    _Atomic unsigned used; /* and when it was read last */
    size_t size;
    unsigned char *bytes;
} entry;

typedef struct shard {
    entry *newest, *oldest;
    unsigned count;
} shard;

typedef struct memory {
    struct memory *next;
    uint32_t document;
    char *agent;
} memory;

typedef struct session {
    bool open;
    unsigned count;
    memory *newest;
    buffer notes; /* grows as long as the session lives */
} session;

typedef struct worker {
    struct server *server;
    unsigned number;
    uint64_t state;
    entry *offer[WORKERS][MOST_LOAD]; /* to the shards of each worker, in this tick */
    unsigned offers[WORKERS];
    uint64_t answered, bytes, made, sum;
} worker;

typedef struct server {
    pthread_barrier_t barrier;
    unsigned ticks;
    shard shard[SHARDS]; /* that of a document is its number modulo SHARDS; its worker, modulo WORKERS */
    entry *cached[DOCUMENTS];
    session session[SESSIONS];
    worker worker[WORKERS];
} server;

/* --------------------------------------------------------------------------------------------------- documents ---- */

/* A few are asked for often. */
static uint32_t draw_document(uint64_t *state) {
    const uint64_t most = draw(state) % 4 ? DOCUMENTS / 16 : DOCUMENTS;
    return (uint32_t)(draw(state) % most);
}

/* The same words whenever it is made, between 100 bytes and 6 KiB; made of parts that are joined. */
static entry *make_document(uint32_t number, unsigned tick) {
    uint64_t state = number;
    char *part[48];
    size_t size[48], whole = 0;
    const unsigned parts = 2 + (unsigned)(draw(&state) % (number % 16 ? 10 : 46));
    for (unsigned i = 0; i < parts; i++) {
        size[i] = 16 + draw(&state) % 120;
        part[i] = must(malloc(size[i]));
        memset(part[i], (int)('a' + draw(&state) % 26), size[i]);
        whole += size[i];
    }
    entry *const e = must(malloc(sizeof *e));
    *e = (entry){.document = number, .seen = tick, .used = tick, .size = whole, .bytes = must(malloc(whole))};
    for (unsigned i = 0, at = 0; i < parts; at += (unsigned)size[i++]) {
        memcpy(e->bytes + at, part[i], size[i]);
        free(part[i]);
    }
    return e;
}

static void free_document(entry *e) {
    free(e->bytes);
    free(e);
}

/* ------------------------------------------------------------------------------------------------------- cache ---- */

static void unlink_entry(shard *s, entry *e) {
    *(e->newer ? &e->newer->older : &s->newest) = e->older;
    *(e->older ? &e->older->newer : &s->oldest) = e->newer;
    s->count--;
}

static void link_newest(shard *s, entry *e) {
    e->newer = NULL;
    e->older = s->newest;
    *(s->newest ? &s->newest->newer : &s->oldest) = e;
    s->newest = e;
    s->count++;
}

/* The oldest that was not used since it was seen; those that were are seen again. */
static entry *find_victim(shard *s) {
    for (entry *e = s->oldest; e->seen < e->used; e = s->oldest) {
        e->seen = e->used;
        unlink_entry(s, e);
        link_newest(s, e);
    }
    return s->oldest;
}

/* Both workers may have made the same document; the later one takes the place of the earlier. */
static void take_offer(server *s, entry *offer) {
    shard *const to = &s->shard[offer->document % SHARDS];
    entry *const same = s->cached[offer->document];
    entry *const victim = same ? same : to->count == ENTRIES ? find_victim(to) : NULL;
    if (victim) {
        s->cached[victim->document] = NULL;
        unlink_entry(to, victim);
        free_document(victim);
    }
    link_newest(to, offer);
    s->cached[offer->document] = offer;
}

/* The shards that are this worker's, with the offers of all. */
static void change_cache(const worker *w) {
    for (unsigned from = 0; from < WORKERS; from++) {
        const worker *const other = &w->server->worker[from];
        for (unsigned i = 0; i < other->offers[w->number]; i++)
            take_offer(w->server, other->offer[w->number][i]);
    }
}

/* ---------------------------------------------------------------------------------------------------- requests ---- */

/* What a client would send, arriving piece by piece. */
static void receive(worker *w, uint32_t document, buffer *request) {
    static const char *const names[] = {"Host", "Accept", "User-Agent", "Cookie", "Referer", "Cache-Control"};
    append_text(request, "GET /document/");
    append_number(request, document);
    append_text(request, " HTTP/1.1\r\n");
    const unsigned lines = 3 + (unsigned)(draw(&w->state) % 10);
    for (unsigned i = 0; i < lines; i++) {
        append_text(request, names[draw(&w->state) % (sizeof names / sizeof *names)]);
        append_text(request, ": ");
        for (uint64_t words = 1 + draw(&w->state) % 12; words > 0; words--)
            append_number(request, draw(&w->state) >> 40);
        append_text(request, "\r\n");
    }
}

static header *parse_line(const unsigned char *line, size_t size, header *next) {
    const unsigned char *const colon = memchr(line, ':', size);
    if (!colon)
        return next;
    header *const h = must(malloc(sizeof *h));
    const size_t name = (size_t)(colon - line);
    *h = (header){.next = next, .name = copy_text(line, name), .value = copy_text(colon + 2, size - name - 2)};
    return h;
}

static header *parse(const buffer *request) {
    header *headers = NULL;
    for (size_t at = 0; at < request->size;) {
        const unsigned char *const line = request->bytes + at;
        const size_t size = (size_t)((const unsigned char *)memchr(line, '\r', request->size - at) - line);
        headers = parse_line(line, size, headers);
        at += size + 2;
    }
    return headers;
}

static void free_headers(header *headers) {
    while (headers) {
        header *const next = headers->next;
        free(headers->name);
        free(headers->value);
        free(headers);
        headers = next;
    }
}

static void write_answer(const header *headers, const entry *document, buffer *answer) {
    append_text(answer, "HTTP/1.1 200 OK\r\nContent-Length: ");
    append_number(answer, document->size);
    for (const header *h = headers; h; h = h->next) {
        append_text(answer, "\r\nX-");
        append_text(answer, h->name);
    }
    append_text(answer, "\r\n\r\n");
    for (size_t at = 0; at < document->size; at += 256)
        append(answer, document->bytes + at, document->size - at < 256 ? document->size - at : 256);
}

/* ---------------------------------------------------------------------------------------------------- sessions ---- */

static void forget(session *s, unsigned keep) {
    memory **at = &s->newest;
    for (unsigned i = 0; i < keep && *at; i++)
        at = &(*at)->next;
    while (*at) {
        memory *const old = *at;
        *at = old->next;
        free(old->agent);
        free(old);
        s->count--;
    }
}

static void remember(session *s, uint32_t document, const header *headers) {
    memory *const m = must(malloc(sizeof *m));
    *m = (memory){.next = s->newest, .document = document};
    m->agent = copy_text((const unsigned char *)headers->value, strlen(headers->value));
    s->newest = m;
    s->open = true;
    if (++s->count > REMEMBERED)
        forget(s, REMEMBERED / 2);
    if (s->notes.size < 2048)
        append(&s->notes, &m->document, sizeof m->document);
}

static void end_session(session *s) {
    forget(s, 0);
    free(s->notes.bytes);
    *s = (session){.open = false};
}

/* ----------------------------------------------------------------------------------------------------- workers ---- */

/* From the cache, or made and offered to it. */
static const entry *get_document(worker *w, uint32_t document, unsigned tick) {
    entry *const found = w->server->cached[document];
    if (found) {
        atomic_store_explicit(&found->used, tick, memory_order_relaxed);
        return found;
    }
    const unsigned to = document % WORKERS;
    w->made++;
    return w->offer[to][w->offers[to]++] = make_document(document, tick);
}

static void answer_request(worker *w, session *s, unsigned tick) {
    const uint32_t document = draw_document(&w->state);
    buffer request = {0}, answer = {0};
    receive(w, document, &request);
    header *const headers = parse(&request);
    write_answer(headers, get_document(w, document, tick), &answer);
    w->sum = sum_bytes(w->sum, answer.bytes, answer.size);
    w->answered++;
    w->bytes += answer.size;
    remember(s, document, headers);
    free_headers(headers);
    free(answer.bytes);
    free(request.bytes);
}

/* Of a tick: up in the first quarter of a phase, then steady, in the last quarter a tenth. */
static unsigned load_of(unsigned tick) {
    const unsigned at = tick % TICKS;
    if (at < TICKS / 4)
        return MOST_LOAD * (at + 1) / (TICKS / 4);
    return at < TICKS * 3 / 4 ? MOST_LOAD : MOST_LOAD / 10;
}

/* The sessions that are this worker's in this tick: every other one. */
static session *draw_session(worker *w, unsigned tick) {
    const uint64_t pair = draw(&w->state) % (SESSIONS / WORKERS);
    return &w->server->session[pair * WORKERS + (w->number + tick) % WORKERS];
}

static void *work(void *argument) {
    worker *const w = argument;
    server *const s = w->server;
    for (unsigned tick = 0; tick < s->ticks; tick++) {
        memset(w->offers, 0, sizeof w->offers);
        for (unsigned left = load_of(tick); left > 0; left--)
            answer_request(w, draw_session(w, tick), tick);
        for (unsigned left = load_of(tick) < MOST_LOAD ? 64 : 4; left > 0; left--)
            end_session(draw_session(w, tick));
        pthread_barrier_wait(&s->barrier);
        change_cache(w);
        pthread_barrier_wait(&s->barrier);
    }
    return NULL;
}

static void end_server(server *s) {
    for (unsigned i = 0; i < SESSIONS; i++)
        end_session(&s->session[i]);
    for (unsigned i = 0; i < SHARDS; i++)
        while (s->shard[i].newest) {
            entry *const e = s->shard[i].newest;
            unlink_entry(&s->shard[i], e);
            free_document(e);
        }
}

int main(int argc, char **argv) {
    static server s;
    const unsigned long phases = argc == 1 ? 4 : argc == 2 ? read_number(argv[1], 10000) : 0;
    if (phases == 0) {
        fprintf(stderr, "usage: %s [PHASES], which is a number from 1 to 10000 (4)\n", argv[0]);
        return 2;
    }
    s.ticks = TICKS * (unsigned)phases;
    pthread_barrier_init(&s.barrier, NULL, WORKERS);
    pthread_t thread[WORKERS];
    for (unsigned i = 0; i < WORKERS; i++) {
        s.worker[i] = (worker){.server = &s, .number = i, .state = 12345 + i};
        if (pthread_create(&thread[i], NULL, work, &s.worker[i]) != 0)
            return 1;
    }
    for (unsigned i = 0; i < WORKERS; i++)
        pthread_join(thread[i], NULL);
    for (unsigned i = 0; i < WORKERS; i++)
        printf("worker %u: %" PRIu64 " answers, %" PRIu64 " bytes, %" PRIu64 " documents made, %016" PRIx64 "\n", i,
               s.worker[i].answered, s.worker[i].bytes, s.worker[i].made, s.worker[i].sum);
    end_server(&s);
    return 0;
}
