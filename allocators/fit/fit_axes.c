/* SPDX-License-Identifier: MIT
 *
 * fit_axes.c - the choices on each axis, what is chosen where the user leaves it open, and what is refused and why.
 */
#include "fit_axes.h"

const char *const fit_policies[] = {"first", "next", "best", "worst", "good", NULL};
const char *const fit_structures[] = {"auto", "implicit", "list", "bins", "size-tree", "address-tree", NULL};
const char *const fit_orders[] = {"auto", "lifo", "fifo", "address", NULL};
const char *const fit_metadatas[] = {"tags", "header", "out-of-band", NULL};
const char *const fit_merges[] = {"never",      "immediate",   "every:COUNT", "bytes:SIZE", "count:COUNT", "onfail",
                                  "large:SIZE", "quick:COUNT", "slice:COUNT", "ratio:REAL", NULL};

/* --------------------------------------------------------------------------------------------- what is refused ---- */

#define BIT(choice) (1u << (choice))
#define ANY (~0u)
#define BY_ARRIVAL (BIT(FIT_LIFO) | BIT(FIT_FIFO))

/* Combinations that match in all four columns; the first row that matches tells the reason. */
static const struct refusal {
    uint32_t structures, policies, orders, metadata;
    const char *why;
} refusals[] = {
    {ANY & ~BIT(FIT_SIZES), BIT(FIT_GOOD), ANY, ANY,
     "good fit takes the first hole of a bin of large enough ones; policy=good needs structure=bins"},
    {BIT(FIT_SIZES), BIT(FIT_FIRST) | BIT(FIT_NEXT), ANY, ANY,
     "bins have no first or next hole; structure=bins is for policy=best, worst and good"},
    {BIT(FIT_SIZE_TREE), BIT(FIT_FIRST) | BIT(FIT_NEXT), ANY, ANY,
     "a tree by size has no first or next hole; structure=size-tree is for policy=best and worst"},
    {BIT(FIT_ADDRESS_TREE), BIT(FIT_BEST), ANY, ANY,
     "a tree by address knows the largest hole of each part, not the best; structure=address-tree is for policy=first, "
     "next and worst"},
    {BIT(FIT_IMPLICIT), ANY, BY_ARRIVAL, ANY,
     "who walks over all ranges meets them by address; structure=implicit needs order=address"},
    {BIT(FIT_SIZE_TREE) | BIT(FIT_ADDRESS_TREE), ANY, BY_ARRIVAL, ANY,
     "in a tree, holes that are equal stand by address; structure=size-tree and address-tree need order=address"},
    {BIT(FIT_SIZES) | BIT(FIT_SIZE_TREE), ANY, ANY, BIT(FIT_HEADERS),
     "without footers the hole in front is found by address, and this structure goes by size; metadata=header is for "
     "structure=implicit, list and address-tree"},
    {BIT(FIT_LIST), ANY, BY_ARRIVAL, BIT(FIT_HEADERS),
     "without footers the hole in front is found by address; a list with metadata=header needs order=address"},
};

/* ------------------------------------------------------------------------------------------- what is left open ---- */

static uint32_t structure_for(const fit_params *params) {
    const bool headers = params->metadata == FIT_HEADERS, by_address = headers || params->order == FIT_ADDRESS;
    switch (params->policy) {
    case FIT_FIRST:
    case FIT_NEXT: return by_address ? FIT_ADDRESS_TREE : FIT_LIST;
    case FIT_BEST: return headers ? FIT_LIST : by_address ? FIT_SIZE_TREE : FIT_SIZES;
    case FIT_WORST: return headers ? FIT_ADDRESS_TREE : by_address ? FIT_SIZE_TREE : FIT_SIZES;
    default: return FIT_SIZES;
    }
}

static uint32_t order_for(const fit_params *params) {
    const bool by_arrival = params->structure == FIT_LIST || params->structure == FIT_SIZES;
    return by_arrival && params->metadata != FIT_HEADERS ? FIT_LIFO : FIT_ADDRESS;
}

const char *fit_axes_settle(fit_params *params) {
    if (params->structure == FIT_AUTO)
        params->structure = structure_for(params);
    if (params->order == FIT_ANY_ORDER)
        params->order = order_for(params);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const struct refusal *const r = &refusals[i];
        if (r->structures & BIT(params->structure) && r->policies & BIT(params->policy) &&
            r->orders & BIT(params->order) && r->metadata & BIT(params->metadata))
            return r->why;
    }
    return NULL;
}
