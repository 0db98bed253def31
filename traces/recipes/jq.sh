#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# jq.hyt: jq groups, sorts and rewrites a JSON document.
. "$(dirname "$0")/common.sh"
need jq jq

awk 'BEGIN { print "["; for (i = 1; i <= 16000; i++)
    printf "%s{\"id\":%d,\"name\":\"node %d\",\"tags\":[\"t%d\",\"t%d\"],\"at\":{\"x\":%d.25,\"y\":%d}}\n",
           (i > 1 ? "," : ""), i, i * 7919 % 10007, i % 13, i % 31, i * 31 % 499, i % 77; print "]" }' >in.json
made
"$HEAPYARD" record -o "$OUT/jq.hyt" -- jq 'group_by(.tags[0]) | map({tag: .[0].tags[0], count: length,
  names: (map(.name | ascii_upcase) | sort), far: (map(select(.at.x > 250) | {id, where: "\(.at.x),\(.at.y)"}))})' in.json >out.json
