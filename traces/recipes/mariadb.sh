#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# mariadb.hyt: a MariaDB server with a thread for each connection, from start to stop; eight clients at once send it
# statements, one by one: orders in transactions, joins, sorting, text, JSON, temporary tables, prepared statements.
# Threads run as they may, so a recording of another day differs in detail.
. "$(dirname "$0")/common.sh"
PATH=$PATH:/usr/sbin
need mariadbd mariadb-server
need mariadb mariadb-client

# What each client sends.
work() {
    awk -v c="$1" 'BEGIN {
        print "PREPARE one FROM \"SELECT name, town FROM customer WHERE id = ? OR town LIKE ?\";"
        for (i = 0; i < 180; i++) {
            n = i * 8 + c; k = n * 7919 % 997
            print "BEGIN;"
            printf "INSERT INTO sale(customer, item, price) VALUES (%d, \"item %d\", %d.5), (%d, \"item %d\", %d.25);\n", k, n % 311, n % 90, k, n % 31, n % 9
            printf "UPDATE customer SET spent = spent + %d WHERE id = %d;\n", n % 90, k
            print (i % 7 ? "COMMIT;" : "ROLLBACK;")
            if (i % 2 == 0) printf "SELECT c.name, count(*), sum(s.price), group_concat(s.item) FROM customer c JOIN sale s ON s.customer = c.id WHERE c.id BETWEEN %d AND %d GROUP BY c.id ORDER BY 3 DESC;\n", k, k + 20
            if (i % 3 == 0) printf "SELECT upper(concat(name, \" of \", town)), json_object(\"id\", id, \"town\", town) FROM customer WHERE town = \"town %d\" OR name IN (SELECT item FROM sale WHERE price > %d) ORDER BY reverse(name) LIMIT 5;\n", k % 97, n % 80
            if (i % 5 == 0) printf "SET @id = %d, @town = \"town %d%%\"; EXECUTE one USING @id, @town;\n", k, k % 97
            if (i % 20 == 0) printf "CREATE TEMPORARY TABLE t%d AS SELECT item, count(*) AS n, max(price) AS most FROM sale GROUP BY item; SELECT * FROM t%d ORDER BY n DESC LIMIT 3; DROP TEMPORARY TABLE t%d;\n", i, i, i
            if (i % 11 == 0) printf "DELETE FROM sale WHERE customer = %d LIMIT 4;\n", k
        }
    }'
}
cat >schema.sql <<'EOT'
CREATE DATABASE shop; USE shop;
CREATE TABLE customer(id INT PRIMARY KEY, name VARCHAR(40), town VARCHAR(40), spent INT, KEY(town));
CREATE TABLE sale(id INT AUTO_INCREMENT PRIMARY KEY, customer INT, item VARCHAR(40), price DECIMAL(8,2), KEY(customer), KEY(item));
INSERT INTO customer SELECT seq, concat('customer ', seq), concat('town ', seq * 7919 % 97), 0 FROM seq_0_to_999;
INSERT INTO sale(customer, item, price) SELECT seq * 7907 % 1000, concat('item ', seq * 31 % 701), seq % 997 / 10 FROM seq_1_to_4000;
EOT
for client in 1 2 3 4 5 6 7 8; do work $client >"client$client.sql"; done
made

mariadb-install-db --no-defaults --datadir="$PWD/data" --user="$(id -un)" --auth-root-authentication-method=normal --skip-test-db --force >/dev/null
ask() { mariadb --no-defaults -S server.sock -u root "$@"; }
(
    until ask -e 'SELECT 1' >/dev/null 2>&1; do kill -0 $$; sleep 0.2; done # as long as the recipe runs
    ask <schema.sql
    for client in 1 2 3 4 5 6 7 8; do
        ask --force shop <"client$client.sql" >"answer$client" & # a transaction may lose against another
    done
    wait
    ask -e 'SHUTDOWN'
) >load 2>&1 &
"$HEAPYARD" record -o "$OUT/mariadb.hyt" -- mariadbd --no-defaults --datadir="$PWD/data" --socket="$PWD/server.sock" \
    --skip-networking --user="$(id -un)" --innodb-buffer-pool-size=16M --log-error="$PWD/server.log"
wait
