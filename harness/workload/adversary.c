/* SPDX-License-Identifier: MIT */
#include "adversary.h"

#include "support.h"

#include <errno.h>
#include <stdlib.h>

int hy_foe_start(hy_foe *ret_foe, hy_script *script, const hy_adversary_params *params, const char *owner, size_t least,
                 hy_error *error) {
    const size_t n = params->largest / params->unit, most = params->live / params->unit;
    if (!hy_is_pow2(params->unit))
        return hy_fail(error, -EINVAL, "%s:unit=%zu: expected a power of two", owner, params->unit);
    if (params->header >= params->unit)
        return hy_fail(error, -EINVAL, "%s:header=%zu: expected less than unit, which is %zu", owner, params->header,
                       params->unit);
    if (params->largest % params->unit != 0 || n < least)
        return hy_fail(error, -EINVAL, "%s:largest=%zu: expected a multiple of unit (%zu), at least %zu of them", owner,
                       params->largest, params->unit, least);
    if (most < n)
        return hy_fail(error, -EINVAL, "%s:live=%zu: expected at least one largest block (%zu)", owner, params->live,
                       params->largest);
    *ret_foe = (hy_foe){.script = script, .unit = params->unit, .header = params->header, .most = most, .n = n};
    return 0;
}

void hy_foe_end(hy_foe *foe) {
    free(foe->at);
}

static int foe_make_room(hy_foe *self, hy_error *error) {
    if (self->count < self->room)
        return 0;
    const size_t room = self->room ? 2 * self->room : 1024;
    hy_foe_block *const grown = realloc(self->at, room * sizeof *grown);
    if (!grown)
        return hy_fail(error, -ENOMEM, "no memory for a table of %zu blocks", room);
    self->at = grown;
    self->room = room;
    return 0;
}

int hy_foe_add(hy_foe *foe, size_t units, hy_error *error) {
    hy_foe_block block = {.units = units};
    int r = foe_make_room(foe, error);
    if (r == 0)
        r = hy_script_alloc(foe->script, units * foe->unit - foe->header, &block.is, error);
    if (r < 0)
        return r;
    foe->at[foe->count++] = block;
    foe->alive += units;
    return 0;
}

int hy_foe_fill(hy_foe *foe, size_t units, hy_error *error) {
    int r = 0;
    while (r == 0 && foe->alive + units <= foe->most)
        r = hy_foe_add(foe, units, error);
    return r;
}

int hy_foe_free(hy_foe *foe, const hy_foe_block *block, hy_error *error) {
    foe->alive -= block->units;
    return hy_script_free(foe->script, &block->is, error);
}
