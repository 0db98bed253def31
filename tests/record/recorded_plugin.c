/* SPDX-License-Identifier: MIT
 *
 * A library for recorded's dlopen mode.
 */
#include <stdlib.h>

void *make(void);
void *make(void) {
    return malloc(12007);
}
