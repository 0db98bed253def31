#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# redis_load.hyt: a Redis server that gets the same commands each time, through one connection.  The shell becomes the
# server; the client is no part of what is measured: nothing is preloaded into it, and the server does not wait for it.
# It speaks last: it ends the server, and then itself.
. "$(dirname "$0")/common.sh"
need redis-server redis-server
need redis-cli redis-tools

awk 'function draw(n) { state = (state * 16807 + 12345) % 2147483647; return state % n }
function send(line,  count, i) { # as a client says it: how many words, then each after its length
    count = split(line, word, " ")
    printf "*%d\r\n", count
    for (i = 1; i <= count; i++) printf "$%d\r\n%s\r\n", length(word[i]), word[i]
}
BEGIN {
    text = "abcdefghijklmnopqrstuvwxyz0123456789"
    for (i = 0; i < 5; i++) text = text text
    for (i = 1; i <= 280000; i++) {
        key = draw(20011); value = substr(text, 1, 8 + (draw(8) ? draw(90) : draw(1000)))
        kind = draw(10)
        if (kind < 3) send("SET text:" key " " value)
        else if (kind == 3) send("APPEND text:" key " " substr(value, 1, 20))
        else if (kind == 4) send("GET text:" key)
        else if (kind == 5) send("HSET user:" key % 2003 " field" draw(40) " " value " seen " i)
        else if (kind == 6) send("RPUSH queue:" key % 503 " " value " job:" i)
        else if (kind == 7) send(draw(2) ? "LPOP queue:" key % 503 : "LRANGE queue:" key % 503 " 0 20")
        else if (kind == 8) send("ZADD scores:" key % 101 " " draw(100000) " player" draw(3001))
        else send(draw(3) ? "SADD tags:" key % 1009 " tag" draw(5003) : "DEL text:" key " user:" key % 2003)
    } }' >commands

cat >client.sh <<'EOF'
unset LD_PRELOAD
for try in $(seq 500); do redis-cli -s redis.sock ping && break; sleep 0.02; done >ready 2>&1
redis-cli -s redis.sock --pipe <commands | grep errors
redis-cli -s redis.sock dbsize
redis-cli -s redis.sock debug digest
exec redis-cli -s redis.sock shutdown nosave
EOF
cat >serve.sh <<'EOF'
rm -f redis.sock
sh client.sh &
exec redis-server --port 0 --unixsocket redis.sock --save '' --appendonly no --daemonize no --logfile redis.log \
    --enable-debug-command local
EOF
made
"$HEAPYARD" record -o "$OUT/redis_load.hyt" -- sh serve.sh
