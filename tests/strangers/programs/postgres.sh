# SPDX-License-Identifier: MIT
# postgres: initdb, a server as a user who is not root, on a socket of its own; pgbench with 8 connections and given seeds,
# whose sums do not depend on their order; parallel queries, JSON, patterns, recursion, triggers, compiled expressions; a
# dump read back in, a restart.  The server's log and initdb's talk are not compared, nor what says how long it took.
packages='postgresql-15' needs='initdb postgres psql pgbench pg_dump setpriv' workers='initdb postgres psql pgbench pg_dump'
version() { postgres --version; }

sql() {
    psql -X -A -t -q -v ON_ERROR_STOP=1 -h "$PWD/sockets" -U owner "$@"
}

start() {
    serve "${as_nobody[@]}" postgres -D data -k "$PWD/sockets" -c listen_addresses= -c shared_buffers=32MB -c fsync=off \
        -c max_worker_processes=8 -c max_parallel_workers=4
    await sql -d postgres -c 'select 1'
}

questions() {
    cat <<'TEXT'
select count(*), sum(abalance), md5(string_agg(aid || ':' || abalance, ',' order by aid)) from pgbench_accounts;
select sum(tbalance), (select sum(bbalance) from pgbench_branches), (select count(*) from pgbench_history) from pgbench_tellers;
set min_parallel_table_scan_size = 0; set parallel_setup_cost = 0; set parallel_tuple_cost = 0;
select aid % 7, count(*), sum(abalance), max(filler) from pgbench_accounts group by 1 order by 1;
select count(*) from pgbench_accounts a join pgbench_accounts b using (aid) where a.abalance <= b.abalance;
set jit = on; set jit_above_cost = 0; set jit_optimize_above_cost = 0; set jit_inline_above_cost = 0;
select sum(abalance * 3 + aid % 11), avg(bid) from pgbench_accounts where aid % 3 = 1 and abalance < 1000;
select a, sum(a) over (order by a desc rows 5 preceding) from generate_series(1, 300) a where a % 17 = 0 order by 1;
with recursive r(n, t) as (select 1, 'x' union all select n + 1, t || n from r where n < 500) select max(length(t)), md5(string_agg(t, '')) from r;
select md5(string_agg(j::text, '')) from (select jsonb_build_object('a', i, 'b', jsonb_agg(k)) j
    from generate_series(1, 400) i, generate_series(1, 20) k group by i order by i) x;
select count(*), md5(string_agg(regexp_replace(filler || aid, '(\d)(\d)', '\2\1', 'g'), '' order by aid)) from pgbench_accounts where aid < 4000;
set jit = off;
create table log(a int, b text);
create function noted() returns trigger language plpgsql as $$ begin
    for i in 1..3 loop insert into log values (i, new.a::text || repeat('y', i * 100)); end loop; return new; end $$;
create table seen(a int primary key); create trigger t after insert on seen for each row execute function noted();
insert into seen select generate_series(1, 2000); select count(*), sum(length(b)) from log;
create index on log(b, a); analyze; vacuum full; reindex table log; drop table seen, log; drop function noted;
TEXT
}

work() {
    chmod 777 . && mkdir -m 777 sockets
    "${as_nobody[@]}" initdb -D data -U owner -A trust -E UTF8 --locale C >initdb.out 2>&1 || { cat initdb.out; return 1; }
    start 2>>log
    sql -d postgres -c 'create database work' && pgbench -h "$PWD/sockets" -U owner -i -q -s 2 work >pgbench.out 2>&1 || return 1
    pgbench -h "$PWD/sockets" -U owner -c 8 -j 2 -t 250 --random-seed=17 work >pgbench.out 2>&1 || { cat pgbench.out log; return 1; }
    grep -E 'processed|failed|clients' pgbench.out
    questions >questions && sql -d work -f questions
    pg_dump -h "$PWD/sockets" -U owner -T pgbench_history work >dump && grep -vE '^(--|\\|SET|$)' dump | sort | sha256sum
    sql -d postgres -c 'create database again' && sql -d again -f dump >restore.out && sql -d again -c 'select sum(abalance) from pgbench_accounts'
    stop INT
    start 2>>log
    sql -d work -c 'select count(*), sum(abalance) from pgbench_accounts'
    stop TERM
    grep -cE 'PANIC|TRAP|terminated by signal' log | sed 's/^/bad lines in the log: /'
}
