/* SPDX-License-Identifier: MIT
 *
 * made_campaign.h - a store in memory with one trace and one campaign, whose cells are made up by the cases.
 */
#ifndef MADE_CAMPAIGN_H
#define MADE_CAMPAIGN_H

#include "store.h"

extern hy_store *store;
extern int64_t campaign, trace;
extern unsigned position; /* of the next cell */

int make_campaign_of_none(void **state);
int drop_campaign(void **state);

/* A case that begins with a campaign without cells. */
#define CAMPAIGN_CASE(name) cmocka_unit_test_setup_teardown(name, make_campaign_of_none, drop_campaign)

#endif
