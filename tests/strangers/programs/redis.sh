# SPDX-License-Identifier: MIT
# redis: a server with I/O threads on a socket of its own, clients at once that fill it with values of every kind, scripts,
# expiry, BGSAVE and a rewritten log while they write; then a restart from the dump, and all keys and their digest.
# The server is a link to redis-check-rdb in Debian.  Its log and the dump itself, which has a date in it, are not compared.
packages='redis-server redis-tools' needs='redis-server redis-cli' workers='redis-check-rdb redis-cli'
version() { redis-server --version; }

ask_redis() {
    redis-cli -s ./socket "$@"
}

start() {
    serve redis-server --port 0 --unixsocket ./socket --dir . --save '' --io-threads 2 --io-threads-do-reads yes \
        --lazyfree-lazy-user-del yes --logfile log "$@"
    await ask_redis ping
}

# Client number $1 works on keys of its own, so that the order of clients does not matter.
client() {
    awk -v c="$1" 'BEGIN {
        for (i = 0; i < 4000; i++) {
            print "SET s:" c ":" i " " sprintf("%0" (i % 300 + 1) "d", i)
            print "APPEND s:" c ":" i % 50 " " i
            print "RPUSH l:" c ":" i % 20 " " i * 7
            print "HSET h:" c ":" i % 30 " f" i " " i * 3
            print "ZADD z:" c ":" i % 10 " " i % 97 " m" i
            print "SADD u:" c ":" i % 25 " " i
            if (i % 3 == 0) print "DEL s:" c ":" i - 30
            if (i % 5 == 0) print "LPOP l:" c ":" i % 20
        }
        print "SET big:" c " " sprintf("%0500000d", c)
        print "EVAL \"local t = {} for i = 1, 5000 do t[i] = i * " c " end return redis.call(\047set\047, \047e:" c "\047, table.concat(t))\" 0"
    }' | ask_redis >"client.$1" && sha256sum "client.$1"
}

contents() {
    ask_redis dbsize && ask_redis --scan | sort >keys && sums keys && ask_redis debug digest &&
        ask_redis zrange z:1:3 0 -1 withscores | sha256sum
}

work() {
    start --enable-debug-command local
    local clients= number
    for number in 1 2 3 4; do
        client "$number" >"sum.$number" &
        clients+=" $!"
    done
    ask_redis bgsave; ask_redis bgrewriteaof | sed 's/started\|scheduled/begun/'
    wait $clients && cat sum.*
    await eval '! ask_redis info persistence | grep -qE "(bgsave|rewrite)_in_progress:1"'
    contents
    ask_redis bgsave && await eval 'ask_redis info persistence | grep -q bgsave_in_progress:0'
    ask_redis info persistence | grep _status
    ask_redis debug reload && ask_redis memory purge
    redis-check-rdb dump.rdb | grep -c 'Checksum OK'
    ask_redis shutdown nosave
    ended
    start --enable-debug-command local
    contents
    ask_redis flushall && ask_redis dbsize
    stop TERM
}
