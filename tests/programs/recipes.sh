#!/bin/sh
# SPDX-License-Identifier: MIT
# recipes.sh CC ROOT - the two C programs of the real suite, as TAP: the same work however the threads run, and a
# sentence where their words are wrong.
set -u
recipes=$2/traces/recipes
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
count=0 failures=0

# result NAME STATUS: a case, which is good if the status is 0; otherwise what the program said is shown.
result() {
  count=$((count + 1))
  [ "$2" = 0 ] && echo "ok $count - $1" && return
  failures=$((failures + 1))
  echo "not ok $count - $1"
  sed 's/^/# /' out err
}

# says NAME EXPECTED PROGRAM WORDS...: ends well with exactly this on standard output, and nothing else.
says() {
  name=$1 expected=$2; shift 2
  "$@" >out 2>err && [ "$(cat out)" = "$expected" ] && [ ! -s err ]
  result "$name" $?
}

# refuses PROGRAM WORDS...: exit code 2, one line that shows what is right, and no result.
refuses() {
  "$@" >out 2>err
  [ $? = 2 ] && [ ! -s out ] && [ "$(wc -l <err)" = 1 ] && grep -q "usage: $1 \[" err
  result "refused: $*" $?
}

for program in producer_consumer request_server; do
  "$1" -std=gnu17 -O2 -Wall -Wextra -Werror -pthread -o $program "$recipes/$program.c" >out 2>err
  result "$program compiles without warnings" $?
done

says "one message" "1 messages, 6 blocks, 240 bytes, 000000dd625b2b42" ./producer_consumer 1
says "a batch but one" "127 messages, 524 blocks, 150637 bytes, 0b4fa708668b416f" ./producer_consumer 127
says "a batch" "128 messages, 525 blocks, 150665 bytes, 5ea53a046add154c" ./producer_consumer 128
says "more than the ring holds" "20000 messages, 79817 blocks, 23125401 bytes, bd1304d7b36a7ef6" ./producer_consumer 20000
says "a phase of requests" "worker 0: 39750 answers, 27638001 bytes, 8122 documents made, 3be1cf05a4888309
worker 1: 39750 answers, 27567743 bytes, 7982 documents made, 998b94649b9e070d" ./request_server 1

for program in ./producer_consumer ./request_server; do
  for words in 0 -1 x 1x "' '" "''" 99999999999999999999 "1 2"; do
    eval "refuses $program $words"
  done
done
echo "1..$count"
[ "$failures" = 0 ]
