/* SPDX-License-Identifier: MIT
 *
 * image_apply.c - an image at a base: contents, stubs, and the table applied.
 */
#include "image_inside.h"

#include "rel_kind.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One placement while it is worked on: what the resolver said is kept. */
typedef struct apply_state {
    const hy_reloc_image *image;
    const hy_reloc_placement *at;
    uint64_t tls, thread_pointer;
    struct apply_outside {
        uint64_t address;
        enum { OUTSIDE_ASK, OUTSIDE_KNOWN, OUTSIDE_MISSING } state;
    } * outside; /* one a symbol */
} apply_state;

static int state_make(apply_state *state, const hy_reloc_image *image, const hy_reloc_placement *at, hy_error *error) {
    *state = (apply_state){.image = image, .at = at};
    if (!image->laid)
        return hy_fail(error, -EINVAL, "the image is not laid out yet");
    if (at->base & (image->align - 1))
        return hy_fail(error, -EINVAL, "base %#jx is no multiple of %#jx, which the image needs", (uintmax_t)at->base,
                       (uintmax_t)image->align);
    state->tls = at->tls ? at->tls : at->base + image->tls_offset;
    state->thread_pointer =
        at->thread_pointer ? at->thread_pointer : image_up(state->tls + image->tls_size, image->tls_align);
    state->outside = calloc(image->symbol_count + 1, sizeof *state->outside);
    return state->outside ? 0 : hy_fail(error, -ENOMEM, "no memory for %zu symbols", image->symbol_count);
}

static uint64_t got_of(const apply_state *state) {
    return state->at->base + state->image->sections[state->image->got].offset;
}

static uint64_t slot_of(const apply_state *state, uint32_t slot) {
    return got_of(state) + HY_GOT_HEAD + (uint64_t)slot * HY_GOT_SLOT;
}

static uint64_t stub_of(const apply_state *state, const hy_reloc_symbol *s) {
    return state->at->base + state->image->sections[state->image->stubs].offset + (uint64_t)s->stub * HY_STUB;
}

static bool ask(apply_state *state, uint32_t symbol, uint64_t *ret_address) {
    const hy_reloc_symbol *const s = &state->image->symbols[symbol];
    struct apply_outside *const outside = &state->outside[symbol];
    if (outside->state == OUTSIDE_ASK) {
        const bool known =
            state->at->resolve && state->at->resolve(state->at->context, s->name, s->tls, &outside->address);
        if (!known)
            outside->address = s->tls ? state->thread_pointer : 0; /* a weak one: offset 0 */
        outside->state = known || s->binding == STB_WEAK ? OUTSIDE_KNOWN : OUTSIDE_MISSING;
    }
    *ret_address = outside->address;
    return outside->state == OUTSIDE_KNOWN;
}

/* The address a symbol stands for; of a choosable one that of the function that chooses. */
static bool address_of(apply_state *state, uint32_t symbol, uint64_t *ret_address) {
    const hy_reloc_symbol *const s = &state->image->symbols[symbol];
    switch (s->home) {
    case HY_RELOC_IMAGE: *ret_address = state->at->base + s->value; return true;
    case HY_RELOC_TLS: *ret_address = state->tls + s->value; return true;
    case HY_RELOC_ABSOLUTE: *ret_address = s->value; return true;
    default: return ask(state, symbol, ret_address);
    }
}

/* ------------------------------------------------------------------------------------------------- one relocation ----
 */

static int missing(const hy_reloc_image *image, const hy_reloc_entry *e, hy_error *error) {
    const hy_reloc_section *const section = &image->sections[e->section];
    const hy_reloc_symbol *const s = &image->symbols[e->symbol];
    return hy_fail(error, -ENOENT, "%s: %s: %#jx: %s is not defined anywhere", *section->file ? section->file : s->file,
                   section->name, (uintmax_t)(e->place - section->offset), s->name);
}

static int too_far(const hy_reloc_image *image, const hy_reloc_entry *e, uint64_t value, hy_error *error) {
    const hy_reloc_section *const section = &image->sections[e->section];
    const hy_rel_kind *const kind = hy_rel_kind_of(e->applied);
    const bool negative = (int64_t)value < 0;
    return hy_fail(error, -ERANGE, "%s: %s: %#jx: %s: the value for %s, %s%#jx, does not fit into %u bytes (%s)",
                   section->file, section->name, (uintmax_t)(e->place - section->offset), kind->name,
                   image->symbols[e->symbol].name, negative ? "-" : "", (uintmax_t)(negative ? -value : value),
                   kind->width, kind->formula);
}

static void write_value(uint8_t *to, unsigned width, uint64_t value) {
    for (unsigned i = 0; i < width; i++) /* least significant byte first, whatever this machine does */
        to[i] = (uint8_t)(value >> (8 * i));
}

static bool needs_symbol(uint32_t type) {
    return type != R_X86_64_GOTPC32 && type != R_X86_64_GOTPC64 && type != R_X86_64_SIZE32 && type != R_X86_64_SIZE64;
}

static int fill_terms(apply_state *state, const hy_reloc_entry *e, hy_rel_terms *t, hy_error *error) {
    const hy_reloc_image *const image = state->image;
    const hy_reloc_symbol *const s = &image->symbols[e->symbol];
    const bool tls_slot = e->applied == R_X86_64_GOTTPOFF;
    const uint32_t slot = tls_slot ? s->tls_slot : s->slot;
    *t = (hy_rel_terms){.p = state->at->base + e->place,
                        .z = s->size,
                        .got = got_of(state),
                        .g = slot == HY_RELOC_NONE ? 0 : slot_of(state, slot),
                        .tls = state->tls,
                        .tp = state->thread_pointer,
                        .a = e->addend};
    if (s->choosable && s->stub != HY_RELOC_NONE)
        t->s = stub_of(state, s);
    else if (needs_symbol(e->applied) && !address_of(state, e->symbol, &t->s))
        return missing(image, e, error);
    return 0;
}

static int apply_one(apply_state *state, const hy_reloc_entry *e, hy_error *error) {
    const hy_rel_kind *const kind = hy_rel_kind_of(e->applied);
    const hy_reloc_symbol *const s = &state->image->symbols[e->symbol];
    hy_rel_terms terms;
    const int r = fill_terms(state, e, &terms, error);
    if (r < 0)
        return r;
    uint64_t value = hy_rel_value(e->applied, &terms);
    if (!hy_rel_fits(kind, value) && s->stub != HY_RELOC_NONE &&
        (e->type == R_X86_64_PLT32 || e->type == R_X86_64_PC32)) {
        terms.s = stub_of(state, s);
        value = hy_rel_value(e->applied, &terms);
    }
    if (!hy_rel_fits(kind, value))
        return too_far(state->image, e, value, error);
    write_value(state->at->memory + e->place, kind->width, value);
    return 0;
}

/* ------------------------------------------------------------------------------------------------------- all of it
 * ---- */

static int apply_all(apply_state *state, hy_reloc_filter *wanted, void *context, hy_error *error) {
    for (size_t i = 0; i < state->image->entry_count; i++) {
        const hy_reloc_entry *const e = &state->image->entries[i];
        const int r = wanted && !wanted(context, e) ? 0 : apply_one(state, e, error);
        if (r < 0)
            return r;
    }
    return 0;
}

/* jmp *slot(%rip): distances within the image, the same at each base. */
static void write_stubs(const hy_reloc_image *image, uint8_t *memory) {
    const uint64_t stubs = image->sections[image->stubs].offset;
    const uint64_t slots = image->sections[image->got].offset + HY_GOT_HEAD;
    for (size_t i = 0; i < image->symbol_count; i++) {
        const hy_reloc_symbol *const s = &image->symbols[i];
        if (s->stub == HY_RELOC_NONE)
            continue;
        const uint64_t at = stubs + (uint64_t)s->stub * HY_STUB;
        memset(memory + at, 0xcc, HY_STUB);
        memory[at] = 0xff;
        memory[at + 1] = 0x25;
        write_value(memory + at + 2, 4, slots + (uint64_t)s->slot * HY_GOT_SLOT - (at + 6));
    }
}

static void write_contents(const hy_reloc_image *image, uint8_t *memory) {
    memset(memory, 0, image->size);
    for (size_t i = 0; i < image->section_count; i++) {
        const hy_reloc_section *const s = &image->sections[i];
        if (s->has_contents && s->contents)
            memcpy(memory + s->offset, s->contents, s->size);
    }
    write_stubs(image, memory);
}

int hy_reloc_apply(const hy_reloc_image *image, const hy_reloc_placement *placement, hy_reloc_filter *wanted,
                   void *context, hy_error *error) {
    apply_state state;
    int r = state_make(&state, image, placement, error);
    if (r == 0)
        r = apply_all(&state, wanted, context, error);
    free(state.outside);
    return r;
}

int hy_reloc_place(const hy_reloc_image *image, const hy_reloc_placement *placement, hy_error *error) {
    if (!image->laid)
        return hy_fail(error, -EINVAL, "the image is not laid out yet");
    write_contents(image, placement->memory);
    return hy_reloc_apply(image, placement, NULL, NULL, error);
}

void hy_reloc_choose(const hy_reloc_image *image, const hy_reloc_placement *placement) {
    for (size_t i = 0; i < image->entry_count; i++) {
        const hy_reloc_entry *const e = &image->entries[i];
        const hy_reloc_symbol *const s = &image->symbols[e->symbol];
        if (e->applied != R_X86_64_IRELATIVE || s->home != HY_RELOC_IMAGE)
            continue;
        uint64_t (*const chooser)(void) = (uint64_t(*)(void))(uintptr_t)(placement->base + s->value);
        write_value(placement->memory + e->place, HY_GOT_SLOT, chooser());
    }
}

uint64_t hy_reloc_address(const hy_reloc_image *image, const hy_reloc_symbol *symbol,
                          const hy_reloc_placement *placement) {
    apply_state state;
    uint64_t address = 0;
    if (state_make(&state, image, placement, NULL) == 0) {
        if (symbol->choosable && symbol->stub != HY_RELOC_NONE)
            address = stub_of(&state, symbol);
        else if (!address_of(&state, (uint32_t)(symbol - image->symbols), &address))
            address = 0;
    }
    free(state.outside);
    return address;
}

bool hy_reloc_moves(const hy_reloc_image *image, const hy_reloc_entry *relocation) {
    const hy_reloc_symbol *const s = &image->symbols[relocation->symbol];
    const bool inside = s->home == HY_RELOC_IMAGE || s->choosable || (s->home == HY_RELOC_TLS);
    switch (relocation->applied) {
    case R_X86_64_64:
    case R_X86_64_32:
    case R_X86_64_32S:
    case R_X86_64_16:
    case R_X86_64_8:
    case R_X86_64_GLOB_DAT:
    case R_X86_64_IRELATIVE: return inside;
    case R_X86_64_PC64:
    case R_X86_64_PC32:
    case R_X86_64_PLT32:
    case R_X86_64_PC16:
    case R_X86_64_PC8:
    case R_X86_64_GOTOFF64:
    case R_X86_64_PLTOFF64: return !inside;
    case R_X86_64_TPOFF32:
    case R_X86_64_TPOFF64: return false;
    default: return false;
    }
}
