#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# unbound.hyt: the DNS resolver Unbound with two threads and a cache that is too small, under dnsperf: each of 12 000
# names is asked for twice, of another Unbound that makes up the answers.
# Threads run as they may, so a recording of another day differs in detail.
. "$(dirname "$0")/common.sh"
PATH=$PATH:/usr/sbin
need unbound unbound
need dnsperf dnsperf

awk 'BEGIN {
    split("A AAAA MX TXT", type, " ")
    for (i = 0; i < 24000; i++) {
        n = i * 7919 % 12000
        printf "%shost%d.zone%d.test %s\n", n % 3 ? "" : "www.", n, n % 50, type[1 + n % 4]
    }
}' >queries
common='server:
    interface: 127.0.0.1
    access-control: 127.0.0.0/8 allow
    do-daemonize: no
    use-syslog: no
    logfile: "'$PWD/log'"
    chroot: ""
    username: ""
    module-config: "iterator"
    do-ip6: no
    do-not-query-localhost: no'
{
    echo "$common"
    printf '    port: 5391\n    pidfile: "%s"\n    local-zone: "test." redirect\n' "$PWD/source.pid"
    printf '    local-data: "test. 300 IN A 192.0.2.1"\n    local-data: "test. 300 IN AAAA 2001:db8::1"\n'
    printf '    local-data: "test. 300 IN MX 10 mail.example."\n    local-data: "test. 300 IN TXT %s"\n' "'$(seq -s ' ' 40)'"
} >source.conf
{
    echo "$common"
    printf '    port: 5390\n    pidfile: "%s"\n    num-threads: 2\n    so-reuseport: yes\n' "$PWD/unbound.pid"
    printf '    msg-cache-size: 1m\n    rrset-cache-size: 1m\n    domain-insecure: "test."\n    local-zone: "test." nodefault\n'
    printf 'forward-zone:\n    name: "test."\n    forward-addr: 127.0.0.1@5391\n'
} >unbound.conf
made

unbound -d -c source.conf &
source=$!
trap 'kill $source; rm -rf "$folder"' EXIT
(
    until [ -s unbound.pid ]; do kill -0 $$; sleep 0.1; done # as long as the recipe runs
    sleep 1
    dnsperf -s 127.0.0.1 -p 5390 -d queries -n 1 -c 4 -T 1 -q 20 -t 20
    kill "$(cat unbound.pid)"
) >load 2>&1 &
client=$!
"$HEAPYARD" record -o "$OUT/unbound.hyt" -- unbound -d -c unbound.conf
wait $client
