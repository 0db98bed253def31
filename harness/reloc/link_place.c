/* SPDX-License-Identifier: MIT
 *
 * link_place.c - a random base, and random addresses around it for what an object leaves undefined.
 *
 * Code that is not position-independent (R_X86_64_32, R_X86_64_32S) reaches the lowest 2 GiB only: then everything lies
 * there.
 */
#include "link_inside.h"

#include "random.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>

#define GIB (UINT64_C(1) << 30)

static uint64_t draw_base(const hy_reloc_image *image, bool low, uint64_t seed, uint64_t number) {
    const uint64_t from = low ? GIB / 2 : 4 * GIB, to = low ? GIB : (UINT64_C(1) << 47) - 4 * GIB;
    return (from + hy_random_below(seed, number * 2, to - from)) & ~(image->align - 1);
}

static void place_outside(hy_link_job *job, bool low, uint64_t seed) {
    const uint64_t from = low ? GIB / 16 : job->base - GIB, span = low ? 3 * GIB / 2 : 2 * GIB;
    for (size_t i = 0; i < job->image->symbol_count; i++) {
        const hy_reloc_symbol *const s = &job->image->symbols[i];
        if (s->home != HY_RELOC_OUTSIDE)
            continue;
        job->outside[i] = s->tls ? job->tls_outside + 8 * job->tls_count++ : from + hy_random_below(seed, i, span);
    }
}

int hy_link_place(hy_link_job *job, uint64_t seed, uint64_t number, uint64_t base, hy_error *error) {
    const hy_reloc_image *const image = job->image;
    const bool low = hy_reloc_is_low(image);
    job->base = base ? base : draw_base(image, low, seed, number);
    job->tls_outside =
        job->base + (image->tls_size ? image_up(image->tls_offset + image->tls_size, 8) : image_up(image->size, 64));
    job->tls_count = 0;
    job->outside = calloc(image->symbol_count + 1, sizeof *job->outside);
    if (!job->outside)
        return hy_fail(error, -ENOMEM, "no memory for the addresses of %zu symbols", image->symbol_count);
    place_outside(job, low, hy_random(seed, number * 2 + 1));
    for (size_t i = 0; i < image->symbol_count; i++)
        if (job->outside[i] && hy_rel_names_put(&job->names, image->symbols[i].name, (uint32_t)i) < 0)
            return hy_fail(error, -ENOMEM, "no memory for %zu symbols", image->symbol_count);
    const uint64_t end =
        job->tls_count ? job->tls_outside + 8 * job->tls_count : job->base + image->tls_offset + image->tls_size;
    job->thread_pointer = image_up(end, job->tls_count && image->tls_align < 8 ? 8 : image->tls_align);
    return 0;
}

bool hy_link_resolve(void *context, const char *name, bool tls, uint64_t *ret_address) {
    const hy_link_job *const job = context;
    const uint32_t number = hy_rel_names_find(&job->names, name);
    if (number == HY_REL_NO_NUMBER || job->image->symbols[number].tls != tls)
        return false;
    *ret_address = job->outside[number];
    return true;
}
