/* SPDX-License-Identifier: MIT
 *
 * fit_axes.h - which policies, structures, orders and kinds of metadata go together.
 */
#ifndef FIT_AXES_H
#define FIT_AXES_H

#include "fit_heap.h"

extern const char *const fit_policies[], *const fit_structures[], *const fit_orders[], *const fit_metadatas[],
                                                                                           *const fit_merges[];

/* Puts what was left open (structure=auto, order=auto) in place.  NULL, or why this cannot be. */
const char *fit_axes_settle(fit_params *params);

#endif
