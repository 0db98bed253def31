/* SPDX-License-Identifier: MIT
 *
 * partition_start.c - `heapyard partition start`: real programs get memory by what is guessed of their files, and
 * leave.
 */
#include "partition_parts.h"

#include "block_map.h"
#include "elfcheck.h"
#include "fragmentation.h"
#include "paths.h"
#include "units.h"

#include <stdlib.h>
#include <string.h>

#define TENANTS 52u /* letters */
#define MAP_UNITS 400u

typedef struct start_call {
    hy_specs specs;
    size_t memory;
    uint64_t row;
    hy_size_rule rule;
    char **words;
    size_t count;
} start_call;

typedef struct tenant {
    char letter;
    char name[64];
    void *place;
    size_t asked;
} tenant;

typedef struct machine {
    const start_call *call;
    hy_memory memory;
    tenant tenants[TENANTS];
    size_t count, moves, moved;
} machine;

/* ------------------------------------------------------------------------------------------------------- steps ---- */

/* What a user says of a program: PATH or PATH:MINIMUM:PREFERRED. */
typedef struct wish {
    char path[HY_PATH_SIZE];
    uint64_t minimum, preferred;
} wish;

static int read_wish(const char *word, const hy_size_rule *rule, wish *ret) {
    char text[HY_PATH_SIZE];
    hy_elf_size size;
    hy_error error;
    snprintf(text, sizeof text, "%s", word);
    char *const minimum = strchr(text, ':'), *const preferred = minimum ? strchr(minimum + 1, ':') : NULL;
    if (minimum)
        *minimum = '\0';
    if (preferred)
        *preferred = '\0';
    if (minimum && (!preferred || hy_parse_size(minimum + 1, &ret->minimum) < 0 || ret->minimum == 0 ||
                    hy_parse_size(preferred + 1, &ret->preferred) < 0 || ret->preferred < ret->minimum))
        return cmd_fail("\"%s\": expected PROGRAM:MINIMUM:PREFERRED, as in ls:200K:1M", word);
    if (hy_find_program(text, ret->path, &error) < 0 || hy_elf_size_guess(ret->path, rule, &size, &error) < 0)
        return cmd_fail("%s", error.text);
    if (!minimum)
        ret->minimum = ret->preferred = size.guess;
    return HY_EXIT_OK;
}

static void say_refused(const char *name, uint64_t asked, const hy_fragmentation *sums) {
    printf("   %-16s refused: %s asked for, %s free in %s %s, the largest %s%s\n", name, hy_show_bytes(asked).text,
           hy_show_bytes(sums->free).text, hy_show_count(sums->holes).text, sums->holes == 1 ? "hole" : "holes",
           hy_show_bytes(sums->largest_hole).text, sums->free >= asked ? ": external fragmentation" : "");
}

static int start(machine *self, const char *word) {
    wish said;
    hy_fragmentation sums;
    const int code = read_wish(word, &self->call->rule, &said);
    if (code != HY_EXIT_OK)
        return code;
    if (self->count == TENANTS)
        return cmd_fail("more than %u programs", TENANTS);
    const char *const slash = strrchr(said.path, '/'), *const name = slash ? slash + 1 : said.path;
    hy_fragmentation_measure(&self->memory.instance, &sums);
    const uint64_t grant = hy_size_grant(said.minimum, said.preferred, sums.largest_hole);
    void *const place = grant ? hy_alloc(self->memory.heap, grant, 1) : NULL;
    if (!place) {
        say_refused(name, said.minimum, &sums);
        return HY_EXIT_OK;
    }
    tenant *const new = &self->tenants[self->count];
    *new = (tenant){(char)(self->count < 26 ? 'A' + self->count : 'a' + self->count - 26), "", place, grant};
    snprintf(new->name, sizeof new->name, "%.63s", name);
    self->count++;
    const size_t limit = self->memory.heap->ops->usable_size(self->memory.heap, place);
    printf("%c  %-16s base +0x%zx, limit 0x%zx: %s asked for, %s lost\n", new->letter, new->name,
           hy_memory_base(&self->memory, place), limit, hy_show_bytes(grant).text, hy_show_bytes(limit - grant).text);
    return HY_EXIT_OK;
}

static int leave(machine *self, const char *letter) {
    for (size_t i = 0; i < self->count; i++) {
        tenant *const t = &self->tenants[i];
        if (letter[0] != t->letter || letter[1] != '\0' || !t->place)
            continue;
        hy_free(self->memory.heap, t->place, t->asked);
        t->place = NULL;
        printf("%c  %-16s ends\n", t->letter, t->name);
        return HY_EXIT_OK;
    }
    return cmd_fail("exit:%s: no such program is there; expected a letter of one that was started", letter);
}

static void on_moved(void *context, void *from, void *to) {
    machine *const self = context;
    for (size_t i = 0; i < self->count; i++)
        if (self->tenants[i].place == from) {
            self->tenants[i].place = to;
            self->moved += self->memory.heap->ops->usable_size(self->memory.heap, to);
            return;
        }
}

static int slide(machine *self) {
    hy_heap *const heap = self->memory.heap;
    if (!heap->ops->compact)
        return cmd_fail("compact: %s moves no programs; partitions does", self->memory.instance.base->name);
    const size_t before = self->moved;
    const size_t moves = heap->ops->compact(heap, on_moved, self);
    printf("   slid together: %s %s moved, %s\n", hy_show_count(moves).text, moves == 1 ? "program" : "programs",
           hy_show_bytes(self->moved - before).text);
    return HY_EXIT_OK;
}

/* ------------------------------------------------------------------------------------------------------ answer ---- */

/* As many whole blocks as make a map of at most MAP_UNITS letters. */
static size_t map_unit(const machine *self) {
    const size_t least = (self->memory.size + MAP_UNITS - 1) / MAP_UNITS, block = self->memory.unit;
    return (least + block - 1) / block * block;
}

static void print_map(const machine *self, size_t unit) {
    hy_tenant tenants[TENANTS];
    for (size_t i = 0; i < self->count; i++)
        tenants[i] = (hy_tenant){self->tenants[i].letter, self->tenants[i].place};
    char *const map = hy_block_map(&self->memory, tenants, self->count, unit, self->call->row);
    printf("\n%s\n", map);
    free(map);
}

static void print_sums(const machine *self, size_t unit) {
    hy_fragmentation sums;
    size_t asked = 0;
    for (size_t i = 0; i < self->count; i++)
        asked += self->tenants[i].place ? self->tenants[i].asked : 0;
    hy_fragmentation_measure(&self->memory.instance, &sums);
    printf("A letter is %s.  %s %s asked for %s and got %s: %s lost inside (%.1f %%).  %s free in %s %s, the "
           "largest %s: external fragmentation %.1f %%.\n",
           hy_show_bytes(unit).text, hy_show_count(sums.blocks).text, sums.blocks == 1 ? "program" : "programs",
           hy_show_bytes(asked).text, hy_show_bytes(sums.usable).text, hy_show_bytes(sums.usable - asked).text,
           100 * hy_fragmentation_internal(&sums, asked), hy_show_bytes(sums.free).text, hy_show_count(sums.holes).text,
           sums.holes == 1 ? "hole" : "holes", hy_show_bytes(sums.largest_hole).text,
           100 * hy_fragmentation_external(&sums));
}

static int play(machine *self) {
    const start_call *const call = self->call;
    for (size_t i = 0; i < call->count; i++) {
        const char *const word = call->words[i];
        const int code = strncmp(word, "exit:", 5) == 0 ? leave(self, word + 5)
                         : strcmp(word, "compact") == 0 ? slide(self)
                                                        : start(self, word);
        if (code != HY_EXIT_OK)
            return code;
    }
    const size_t unit = map_unit(self);
    print_map(self, unit);
    print_sums(self, unit);
    return HY_EXIT_OK;
}

/* --------------------------------------------------------------------------------------------------- options ---- */

enum { KEY_ROW = 256 };

static const struct argp_option option_table[] = {
    {"allocator", 'a', "SPEC", 0, "who gives the memory (default partitions:block=64K)", 0},
    {"machine", 'm', "SIZE", 0, "bytes of memory (default 16M)", 0},
    {"libraries", 'l', NULL, 0, "what a program's libraries load counts too", 0},
    {"row", KEY_ROW, "COUNT", 0, "letters in a row of the map (default 10)", 0},
    {NULL, 0, NULL, 0, NULL, 0}};

static error_t parse(int key, char *argument, struct argp_state *state) {
    start_call *const call = state->input;
    switch (key) {
    case 'a':
        if (cmd_add_specs(&call->specs, argument) < 0)
            exit(HY_EXIT_INPUT);
        if (call->specs.count > 1)
            exit(cmd_fail("expected one allocator, found %zu", call->specs.count));
        break;
    case 'm': call->memory = cmd_take_size("machine", argument, 4096, (uint64_t)1 << 40); break;
    case 'l': call->rule.libraries = true; break;
    case KEY_ROW: return cmd_number("--row", argument, 1, 1000, &call->row);
    case ARGP_KEY_ARG: cmd_add_path(&call->words, &call->count, argument); break;
    case ARGP_KEY_NO_ARGS: exit(cmd_fail("expected programs to start")); break;
    default: return ARGP_ERR_UNKNOWN;
    }
    return 0;
}

int cmd_partition_start(int argc, char **argv) {
    static const struct argp argp = {
        .options = option_table,
        .parser = parse,
        .args_doc = "PROGRAM[:MINIMUM:PREFERRED]|exit:LETTER|compact…",
        .doc = "Gives memory to programs by the guess of their size, or by what you say of it: what you prefer, or the "
               "largest hole, but not less than your minimum.  Nothing is run."};
    start_call call = {.memory = 16 << 20, .row = 10, .rule = hy_size_rule_default};
    machine self = {.call = &call};
    hy_error error;
    int code = cmd_parse(&argp, argc, argv, &call);
    const char *const spec = call.specs.count ? call.specs.text[0] : "partitions:block=64K";
    if (code == HY_EXIT_OK && hy_memory_open(call.memory, spec, &self.memory, &error) < 0)
        code = cmd_fail("%s", error.text);
    else if (code == HY_EXIT_OK) {
        code = play(&self);
        hy_memory_close(&self.memory);
    }
    cmd_free_specs(&call.specs);
    free(call.words);
    return code;
}
