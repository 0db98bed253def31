/* SPDX-License-Identifier: MIT
 *
 * made_campaign.c - see made_campaign.h.
 */
#include "made_campaign.h"

hy_store *store;
int64_t campaign, trace;
unsigned position;

int make_campaign_of_none(void **state) {
    (void)state;
    hy_error error;
    position = 0;
    int r = hy_store_open(":memory:", true, &store, &error); /* SQLite makes no file of it */
    if (r == 0)
        r = hy_store_trace(store, "made", "/made.hyt", 1, "{}", &trace, &error);
    return r == 0 ? hy_store_campaign(store, "by hand", 1, "{}", &campaign, &error) : r;
}

int drop_campaign(void **state) {
    (void)state;
    hy_store_close(store);
    return 0;
}
