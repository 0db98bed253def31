/* SPDX-License-Identifier: MIT
 *
 * overflow.c - writes one byte behind the end of a block, after many blocks of the same size have come and gone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    char *kept[50];
    for (unsigned i = 0; i < 1000; i++) {
        if (i >= 50)
            free(kept[i % 50]);
        kept[i % 50] = calloc(1, 40);
        if (!kept[i % 50])
            return 1;
    }
    volatile char *const block = kept[7];
    block[40] = 1;
    for (unsigned i = 0; i < 50; i++)
        free(kept[i]);
    puts("nobody saw it");
    return 0;
}
