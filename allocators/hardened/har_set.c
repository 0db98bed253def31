/* SPDX-License-Identifier: MIT
 *
 * har_set.c - see har_set.h.
 */
#include "har_set.h"

enum { LEVEL_DEFAULT, LEVEL_MAX, LEVEL_NONE };
enum { AS_LEVEL, SAID_NO, SAID_YES }; /* of switches and of rules */

static const har_set set_levels[] = {
    [LEVEL_DEFAULT] = {.canary = true,
                       .zero = true,
                       .random = true,
                       .placement = true,
                       .areas = true,
                       .guards = true,
                       .check = 1024,
                       .hold_count = 4800,
                       .hold_bytes = (size_t)1 << 20,
                       .delay = 64,
                       .sample = 5000},
    [LEVEL_MAX] = {.canary = true,
                   .zero = true,
                   .random = true,
                   .placement = true,
                   .areas = true,
                   .guards = true,
                   .sweep = true,
                   .check = HAR_SLOT_MAX,
                   .hold_count = 16384,
                   .hold_bytes = (size_t)8 << 20,
                   .delay = 1024,
                   .sample = 500},
    [LEVEL_NONE] = {.canary = false},
};

static const char *const set_level_names[] = {"default", "max", "none", NULL};
static const char *const set_switch[] = {"level", "no", "yes", NULL};
static const char *const set_count[] = {"level", "off", "count:COUNT", NULL};
static const char *const set_bytes[] = {"level", "off", "bytes:SIZE", NULL};
static const char *const set_every[] = {"level", "never", "every:COUNT", NULL};

#define SET_SWITCH(member, text)                                                                                       \
    {                                                                                                                  \
        .name = #member, .help = text, .def = "level", .type = HY_PARAM_CHOICE,                                        \
        .offset = offsetof(har_params, member), .choices = set_switch                                                  \
    }
#define SET_RULE(called, member, text, rules)                                                                          \
    {                                                                                                                  \
        .name = called, .help = text, .def = "level", .type = HY_PARAM_RULE, .offset = offsetof(har_params, member),   \
        .choices = rules                                                                                               \
    }

const hy_param har_table[] = {
    {.name = "level",
     .help = "what the others are where they say \"level\"",
     .def = "default",
     .type = HY_PARAM_CHOICE,
     .offset = offsetof(har_params, level),
     .choices = set_level_names},
    SET_SWITCH(canary, "8 bytes and more behind each block, checked when it is freed"),
    SET_SWITCH(zero, "freed memory is made zero"),
    SET_RULE("check", check, "so much of a free slot must be zero when it is handed out (needs zero)", set_bytes),
    SET_RULE("quarantine", quarantine, "freed blocks that wait, for each thread", set_count),
    SET_RULE("quarantine-bytes", quarantine_bytes, "and how much memory they may have", set_bytes),
    SET_SWITCH(random, "any free slot of the slab, and exchanges in quarantine, at random"),
    SET_SWITCH(placement, "areas and large blocks lie at random addresses"),
    SET_SWITCH(areas, "each size class has addresses of its own"),
    SET_SWITCH(guards, "no access behind slabs, nor around blocks with pages of their own"),
    SET_SWITCH(sweep, "canaries and freed memory are looked at once more when the process ends"),
    SET_RULE("delay", delay, "freed large blocks whose addresses stay without access", set_count),
    SET_RULE("sample", sample, "small blocks get pages of their own, one in so many on average", set_every),
    {.name = "sites",
     .help = "of small blocks, too, it is kept where the program allocated and freed them",
     .def = "no",
     .type = HY_PARAM_BOOL,
     .offset = offsetof(har_params, sites)},
    {.name = "json",
     .help = "what is found is said once more, as a line of JSON",
     .def = "no",
     .type = HY_PARAM_BOOL,
     .offset = offsetof(har_params, json)},
    {.name = "retain",
     .help = "memory of empty slabs that is kept",
     .def = "1M",
     .type = HY_PARAM_SIZE,
     .offset = offsetof(har_params, retain),
     .max = (uint64_t)1 << 46},
    {.name = NULL},
};

static void set_switch_to(bool *to, uint32_t said) {
    if (said != AS_LEVEL)
        *to = said == SAID_YES;
}

static void set_number_to(size_t *to, hy_rule said, size_t most) {
    if (said.choice != AS_LEVEL)
        *to = said.choice == SAID_YES ? hy_min(said.number, most) : 0;
}

har_set har_set_of(const har_params *params) {
    har_set set = set_levels[params->level];
    set_switch_to(&set.canary, params->canary);
    set_switch_to(&set.zero, params->zero);
    set_switch_to(&set.random, params->random);
    set_switch_to(&set.placement, params->placement);
    set_switch_to(&set.areas, params->areas);
    set_switch_to(&set.guards, params->guards);
    set_switch_to(&set.sweep, params->sweep);
    set_number_to(&set.check, params->check, HAR_SLOT_MAX);
    set_number_to(&set.hold_count, params->quarantine, (size_t)1 << 24);
    set_number_to(&set.hold_bytes, params->quarantine_bytes, (size_t)1 << 40);
    set_number_to(&set.delay, params->delay, (size_t)1 << 20);
    set_number_to(&set.sample, params->sample, (size_t)1 << 30);
    if (!set.zero)
        set.check = 0;
    set.check = hy_align_up(set.check, 8);
    if (set.hold_bytes == 0 && params->quarantine.choice == SAID_YES && params->quarantine_bytes.choice == AS_LEVEL)
        set.hold_bytes = set_levels[LEVEL_DEFAULT].hold_bytes;
    if (set.hold_bytes == 0)
        set.hold_count = 0;
    set.retain = params->retain;
    set.sites = params->sites;
    set.json = params->json;
    return set;
}
