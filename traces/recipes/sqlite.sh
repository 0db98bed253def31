#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# sqlite.hyt: the sqlite3 shell fills, indexes, joins and changes a database in memory.
. "$(dirname "$0")/common.sh"
need sqlite3 sqlite3

cat >work.sql <<'EOF'
CREATE TABLE customer(id INTEGER PRIMARY KEY, name TEXT, town TEXT);
CREATE TABLE sale(id INTEGER PRIMARY KEY, customer INTEGER, item TEXT, price REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
  INSERT INTO customer SELECT i, printf('customer %d', i), printf('town %d', i * 7919 % 97) FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15000)
  INSERT INTO sale SELECT i, 1 + i * 7907 % 3000, printf('item %d of %s', i * 31 % 701, hex(i * i)), i % 997 / 10.0 FROM n;
CREATE INDEX by_customer ON sale(customer);
CREATE INDEX by_item ON sale(item, price);
SELECT town, count(*), round(sum(price), 1), group_concat(DISTINCT substr(item, 1, 8)) FROM sale
  JOIN customer ON customer.id = customer GROUP BY town ORDER BY 2 DESC LIMIT 20;
UPDATE sale SET item = item || ' (old)' WHERE id % 3 = 0;
DELETE FROM sale WHERE price < 20;
EOF
# statements FROM TO: one by one, as an application sends them.
statements() {
    awk -v from="$1" -v to="$2" 'BEGIN { for (i = from; i <= to; i++) {
        printf "INSERT INTO sale VALUES(%d, %d, '\''late item %d'\'', %d.5);\n", 100000 + i, 1 + i * 13 % 3000, i % 311, i % 90
        if (i % 3 == 0) printf "SELECT name, count(*), max(item) FROM customer JOIN sale ON customer = customer.id WHERE customer.id = %d;\n", i % 3000
        if (i % 5 == 0) printf "DELETE FROM sale WHERE id = %d;\n", 100000 + i - 4 } }'
}
statements 1 5000 >>work.sql
statements 5001 40000 >more.sql # for a longer run than is recorded
made
"$HEAPYARD" record -o "$OUT/sqlite.hyt" -- sqlite3 :memory: '.read work.sql' >answer
