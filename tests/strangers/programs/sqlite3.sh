# SPDX-License-Identifier: MIT
# sqlite3: tables with indices, deletions, window functions, JSON, full text, vacuum, a dump read back in; the files too.
packages=sqlite3 needs=sqlite3 workers=sqlite3
version() { sqlite3 --version; }

work() {
    sqlite3 x.db "
        create table t(a integer primary key, b text, c real);
        with recursive n(i) as (select 1 union all select i + 1 from n where i < 60000)
        insert into t select i, hex(i * 7919 % 10007) || i, i * 0.37 from n;
        create index tb on t(b); create index tc on t(c, b);
        delete from t where a % 3 = 0; update t set b = b || 'x' where a % 5 = 0; vacuum;
        select a % 11, count(*), min(b), max(b), group_concat(a % 7, '') from t group by 1;
        select a, sum(c) over (order by b rows between 3 preceding and current row) from t where a % 997 = 0;
        select json_group_array(json_object('a', a, 'b', b)) from t where a < 500;
        create virtual table f using fts5(words);
        insert into f select b || ' ' || hex(a) from t where a < 20000;
        select count(*), min(rowid) from f where f match '3* or 41*';
        pragma integrity_check;" &&
        sqlite3 x.db .dump >dump && sqlite3 y.db <dump && sqlite3 y.db 'pragma integrity_check; select count(*), sum(c) from t;' &&
        sums x.db y.db dump
}
