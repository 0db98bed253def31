/* SPDX-License-Identifier: MIT
 *
 * wanderer_parts.c - what the wanderer does between two safepoints: a list, a hash table, tables of functions.
 *
 *  1. It is compiled for the large code model, without position independence: every address of its own is written into
 *     its code or its data by a relocation, so a program that was moved and whose table was not applied again is lost.
 *  2. Things are in a list, by links forward and back, and in a hash table of entries that link to them.  Each thing
 *     links to one of four functions, which also stand in a constant table and in one that the program made itself.
 *  3. Slots are taken from the fullest knowledge there is of what is free: a page may share its frame with others
 *     (meshing), and a slot is free if it is so in all of them.
 *
 * No function here is in the middle of anything at a safepoint: wanderer_drive.c is.
 */
#include "wanderer_links.h"

#include "wanderer_inside.h"

#define NOT_INLINE __attribute__((noinline))

typedef uint64_t deed(uint64_t value);

typedef struct thing {
    uint64_t handle; /* its number, where there are handles */
    wanderer_link next, back, does;
    uint64_t key, value;
} thing;

typedef struct entry {
    uint64_t handle;
    wanderer_link next, of;
    uint64_t key;
} entry;

typedef struct deeds {
    uint64_t handle;
    wanderer_link does[WANDERER_DEEDS];
} deeds;

_Alignas(WANDERER_PAGE) char wanderer_heap[WANDERER_PAGES][WANDERER_PAGE];
_Alignas(WANDERER_PAGE) char wanderer_stack[WANDERER_STACK];

/* The host reads these, and with meshing writes the last two. */
uint64_t wanderer_page_bits[WANDERER_PAGES];  /* slots in use that were taken from this page */
uint64_t wanderer_page_frame[WANDERER_PAGES]; /* the frame on which it lies: at first its own number */
uint64_t wanderer_frame_bits[WANDERER_PAGES]; /* slots in use of this frame, through whatever page */
uint64_t wanderer_opened;                     /* pages that were ever used */

static wanderer_link first, table_of_deeds, bucket[WANDERER_BUCKETS];
static uint64_t luck, in_list;

static uint64_t deed_0(uint64_t value) {
    return wanderer_deed(0, value);
}
static uint64_t deed_1(uint64_t value) {
    return wanderer_deed(1, value);
}
static uint64_t deed_2(uint64_t value) {
    return wanderer_deed(2, value);
}
static uint64_t deed_3(uint64_t value) {
    return wanderer_deed(3, value);
}

/* Volatile: or the compiler would call them directly, as it knows what stands here. */
static deed *const volatile constant_deeds[WANDERER_DEEDS] = {deed_0, deed_1, deed_2, deed_3};

/* ------------------------------------------------------------------------------------------------------- links ---- */

#if WANDERER_LINKS == WANDERER_HANDLES

void *wanderer_masters[WANDERER_MASTERS];
static uint64_t masters_free[WANDERER_MASTERS], masters_spare, masters_used = 1 + WANDERER_DEEDS;

/* The number of a block stands in it; functions have the first four. */
static void link_aim(wanderer_link *link, void *target) {
    *link = target ? *(const uint64_t *)target : 0;
}
static void link_aim_deed(wanderer_link *link, unsigned which) {
    wanderer_masters[1 + which] = (void *)constant_deeds[which];
    *link = 1 + which;
}
static wanderer_keep keep(void *target) {
    return target ? *(const uint64_t *)target : 0;
}
static void *kept(wanderer_keep keep) {
    return wanderer_masters[keep];
}
static void keep_drop(wanderer_keep keep) {
    (void)keep;
}
static void born(void *block, wanderer_link *links, unsigned count) {
    (void)links, (void)count;
    const uint64_t handle = masters_spare ? masters_free[--masters_spare] : masters_used++;
    wanderer_masters[handle] = block;
    *(uint64_t *)block = handle;
}
static void died(void *block, wanderer_link *links, unsigned count) {
    (void)links, (void)count;
    const uint64_t handle = *(const uint64_t *)block;
    wanderer_masters[handle] = NULL;
    masters_free[masters_spare++] = handle;
}
static void links_start(void) {
}

#elif WANDERER_LINKS == WANDERER_RELATIVE

static void link_aim(wanderer_link *link, void *target) {
    *link = target ? (int64_t)((uintptr_t)target - (uintptr_t)link) : 0;
}
static void link_aim_deed(wanderer_link *link, unsigned which) {
    *link = (int64_t)((uintptr_t)constant_deeds[which] - (uintptr_t)link);
}
static wanderer_keep keep(void *target) {
    return target ? (int64_t)((uintptr_t)target - (uintptr_t)wanderer_heap) + 1 : 0;
}
static void *kept(wanderer_keep keep) {
    return keep ? (void *)((uintptr_t)wanderer_heap + (uintptr_t)keep - 1) : NULL;
}
static void keep_drop(wanderer_keep keep) {
    (void)keep;
}
static void born(void *block, wanderer_link *links, unsigned count) {
    (void)block, (void)links, (void)count;
}
static void died(void *block, wanderer_link *links, unsigned count) {
    (void)block, (void)links, (void)count;
}
static void links_start(void) {
}

#else

static void link_aim(wanderer_link *link, void *target) {
    *link = target;
}
static void link_aim_deed(wanderer_link *link, unsigned which) {
    *link = (void *)constant_deeds[which];
}

#if WANDERER_LINKS == WANDERER_REGISTERED

/* One bit for each word of the heap, and the links that lie elsewhere: a precise map of what is a pointer. */
uint64_t wanderer_map[sizeof wanderer_heap / 8 / 64];
wanderer_link *wanderer_listed[WANDERER_BUCKETS + 2]; /* addresses too, to be mended first */
uint64_t wanderer_listed_count;
void *wanderer_root[WANDERER_ROOTS];
uint64_t wanderer_roots;

static wanderer_keep keep(void *target) {
    wanderer_root[wanderer_roots] = target;
    return wanderer_roots++;
}
static void *kept(wanderer_keep keep) {
    return wanderer_root[keep];
}
static void keep_drop(wanderer_keep keep) {
    wanderer_roots = keep;
    wanderer_root[keep] = NULL;
}
static void born(void *block, wanderer_link *links, unsigned count) {
    (void)block;
    const uint64_t word = (uint64_t)((char *)links - (char *)wanderer_heap) / 8;
    wanderer_map[word / 64] |= ((1ull << count) - 1) << word % 64; /* a block lies in one word of the map */
}
static void died(void *block, wanderer_link *links, unsigned count) {
    (void)block;
    const uint64_t word = (uint64_t)((char *)links - (char *)wanderer_heap) / 8;
    wanderer_map[word / 64] &= ~(((1ull << count) - 1) << word % 64);
}
static void links_start(void) {
    for (unsigned i = 0; i < WANDERER_BUCKETS; i++)
        wanderer_listed[wanderer_listed_count++] = &bucket[i];
    wanderer_listed[wanderer_listed_count++] = &first;
    wanderer_listed[wanderer_listed_count++] = &table_of_deeds;
}

#else

static wanderer_keep keep(void *target) {
    return target;
}
static void *kept(wanderer_keep keep) {
    return keep;
}
static void keep_drop(wanderer_keep keep) {
    (void)keep;
}
static void born(void *block, wanderer_link *links, unsigned count) {
    (void)block, (void)links, (void)count;
}
static void died(void *block, wanderer_link *links, unsigned count) {
    (void)block, (void)links, (void)count;
}
static void links_start(void) {
}

#endif
#endif

/* ------------------------------------------------------------------------------------------------------- slots ---- */

static uint64_t page_free(uint64_t page) {
    return ~wanderer_frame_bits[wanderer_page_frame[page]];
}

/* A page with a free slot.  The host is asked for a frame before a page is opened that was never used. */
static uint64_t page_choose(void) {
    for (uint64_t page = 0; page < wanderer_opened; page++)
        if (page_free(page))
            return page;
    for (uint64_t page = 0; page < wanderer_opened; page++)
        if (wanderer_page_bits[page] == 0 && wanderer_host(WANDERER_WANTS_PAGE, page))
            return page;
    return wanderer_opened++;
}

/* A slot drawn among those that are free, as meshing wants it. */
static void *slot_take(void) {
    const uint64_t page = page_choose(), free = page_free(page);
    const uint64_t turn = wanderer_mix(++luck) % 64;
    const uint64_t turned = free >> turn | free << (64 - turn) % 64;
    const uint64_t slot = ((uint64_t)__builtin_ctzll(turned) + turn) % 64;
    wanderer_page_bits[page] |= 1ull << slot;
    wanderer_frame_bits[wanderer_page_frame[page]] |= 1ull << slot;
    return wanderer_heap[page] + slot * WANDERER_SLOT;
}

/* What was in it goes, so that no dead reference is taken for a living one. */
static void slot_drop(void *block) {
    uint64_t *const words = block;
    for (unsigned i = 0; i < WANDERER_SLOT / 8; i++)
        words[i] = 0;
    const uint64_t at = (uint64_t)((char *)block - (char *)wanderer_heap);
    const uint64_t page = at / WANDERER_PAGE, bit = 1ull << at % WANDERER_PAGE / WANDERER_SLOT;
    wanderer_page_bits[page] &= ~bit;
    wanderer_frame_bits[wanderer_page_frame[page]] &= ~bit;
}

static thing *thing_new(uint64_t key, uint64_t value) {
    thing *const new = slot_take();
    born(new, &new->next, 3);
    new->key = key;
    new->value = value;
    link_aim_deed(&new->does, (unsigned)(key % WANDERER_DEEDS));
    return new;
}

static entry *entry_new(thing *of) {
    entry *const new = slot_take();
    born(new, &new->next, 2);
    new->key = of->key;
    link_aim(&new->of, of);
    return new;
}

/* -------------------------------------------------------------------------------------------- list, hash table ---- */

static wanderer_link *bucket_of(uint64_t key) {
    return &bucket[key % WANDERER_BUCKETS];
}

/* The link that leads to the entry with this key, or the last of its chain. */
static wanderer_link *entry_find(uint64_t key) {
    wanderer_link *link = bucket_of(key);
    for (entry *at; (at = link_follow(link)) != NULL && at->key != key;)
        link = &at->next;
    return link;
}

static void thing_put(uint64_t key, uint64_t value) {
    thing *const new = thing_new(key, value), *const second = link_follow(&first);
    link_aim(&new->back, NULL);
    link_aim(&new->next, second);
    if (second)
        link_aim(&second->back, new);
    link_aim(&first, new);
    entry *const noted = entry_new(new);
    link_aim(&noted->next, link_follow(bucket_of(key)));
    link_aim(bucket_of(key), noted);
    in_list++;
}

static void thing_take(wanderer_link *link) {
    entry *const noted = link_follow(link);
    thing *const old = link_follow(&noted->of);
    thing *const back = link_follow(&old->back), *const next = link_follow(&old->next);
    link_aim(back ? &back->next : &first, next);
    if (next)
        link_aim(&next->back, back);
    link_aim(link, link_follow(&noted->next));
    died(noted, &noted->next, 2);
    slot_drop(noted);
    died(old, &old->next, 3);
    slot_drop(old);
    in_list--;
}

/* ----------------------------------------------------------------------------------------- what the drive calls ----
 */

NOT_INLINE void wanderer_start(void) {
    for (uint64_t page = 0; page < WANDERER_PAGES; page++)
        wanderer_page_frame[page] = page;
    links_start();
    deeds *const made = slot_take();
    born(made, made->does, WANDERER_DEEDS);
    for (unsigned i = 0; i < WANDERER_DEEDS; i++)
        link_aim_deed(&made->does[i], i);
    link_aim(&table_of_deeds, made);
}

NOT_INLINE uint64_t wanderer_safepoint(uint64_t rounds) {
    return wanderer_host(WANDERER_SAFEPOINT, rounds);
}

/* Things come and go. */
NOT_INLINE void wanderer_change(uint64_t round) {
    for (uint64_t n = 0; n < WANDERER_CHANGES; n++) {
        const uint64_t key = wanderer_key(round, n);
        wanderer_link *const link = entry_find(key);
        const int is_in = link_follow(link) != NULL;
        if (wanderer_puts_in(round) && !is_in)
            thing_put(key, wanderer_mix(key ^ round << 20));
        else if (!wanderer_puts_in(round) && is_in)
            thing_take(link);
    }
}

/* Looks up some keys and does with them what both tables say. */
NOT_INLINE uint64_t wanderer_look(uint64_t round) {
    uint64_t sum = 0;
    const deeds *const made = link_follow(&table_of_deeds);
    for (uint64_t key = round % 7; key < WANDERER_KEYS; key += 7) {
        const entry *const noted = link_follow(entry_find(key));
        const thing *const found = noted ? link_follow(&noted->of) : NULL;
        deed *const by_made = (deed *)link_follow(&made->does[key % WANDERER_DEEDS]);
        deed *const by_constant = constant_deeds[(key + 1) % WANDERER_DEEDS];
        sum += by_constant(by_made(found ? found->value : key));
    }
    return sum;
}

NOT_INLINE uint64_t wanderer_length(void) {
    return in_list;
}

NOT_INLINE wanderer_keep wanderer_first(void) {
    return keep(link_follow(&first));
}

NOT_INLINE wanderer_keep wanderer_next(wanderer_keep here) {
    const thing *const at = kept(here);
    return keep(link_follow(&at->next));
}

NOT_INLINE uint64_t wanderer_is_there(wanderer_keep here) {
    return kept(here) != NULL;
}

NOT_INLINE uint64_t wanderer_do(wanderer_keep here) {
    const thing *const at = kept(here);
    deed *const does = (deed *)link_follow(&at->does);
    return does(at->value);
}

NOT_INLINE void wanderer_drop(wanderer_keep here) {
    keep_drop(here);
}

/* ------------------------------------------------------------------------------------------------------ prices ---- */

/* Follows `count` links of the list, round and round; for counting instructions. */
uint64_t wanderer_price_follow(uint64_t count) {
    uint64_t sum = 0;
    const thing *at = link_follow(&first);
    for (uint64_t i = 0; i < count && at; i++) {
        sum += at->key;
        at = link_follow(&at->next);
    }
    return sum;
}

/* Makes `count` things and forgets them at once; for counting instructions. */
uint64_t wanderer_price_pair(uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        thing *const new = slot_take();
        born(new, &new->next, 3);
        died(new, &new->next, 3);
        slot_drop(new);
    }
    return count;
}
