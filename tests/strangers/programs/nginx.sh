# SPDX-License-Identifier: MIT
# nginx: a master and two workers on a socket of their own serve files, compressed and not, in ranges, small and large, by
# subrequest and proxy, to clients at once, also while the configuration is read anew; then all ends in its own time.
# Dates and the names of errors' connections are not compared: the headers Date, and the logs.
packages='nginx-light curl' needs='nginx curl' workers='nginx curl'
version() { nginx -v; }

get() {
    curl -s --unix-socket "$PWD/socket" "$@"
}

client() {
    local i
    for ((i = 0; i < 25; i++)); do
        get "http://here/$((i % 10)).txt" | sha256sum
        get --compressed "http://here/$((i * $1 % 10)).txt" | sha256sum
        get -r $((i * 1000))-$((i * 3000 + 70)) "http://here/large" | sha256sum
        get "http://here/again/$((i % 10)).txt" | sha256sum
    done
}

work() {
    chmod 755 . && mkdir files && mkdir -m 777 temporary
    local i clients=
    for ((i = 0; i < 10; i++)); do seq $((i * 1000)) $((i * 5000)) >"files/$i.txt"; done
    seq 900000 >files/large && chmod -R a+rX files && touch -d @1000000000 files/*
    cat >conf <<TEXT
daemon off; worker_processes 2; pid $PWD/pid; error_log $PWD/log;
events { worker_connections 128; }
http {
    access_log off; gzip on; gzip_types *; gzip_min_length 100; sendfile on; aio off; open_file_cache max=20;
    client_body_temp_path temporary; proxy_temp_path temporary; fastcgi_temp_path temporary; uwsgi_temp_path temporary;
    scgi_temp_path temporary;
    server { listen unix:$PWD/socket; root $PWD/files; autoindex on;
             location /again/ { proxy_pass http://unix:$PWD/socket:/; proxy_buffers 4 8k; } }
}
TEXT
    nginx -t -e log -p "$PWD" -c conf >test.out 2>&1 || { cat test.out; return 1; }
    serve nginx -e log -p "$PWD" -c conf
    await get http://here/0.txt
    for i in 1 2 3; do client "$i" >"client.$i" & clients+=" $!"; done
    for i in 1 2 3; do sleep 0.2; kill -HUP "$server"; done
    wait $clients
    cat client.*
    get -i http://here/3.txt | grep -av '^Date:' | sha256sum
    get -i http://here/ | grep -av '^Date:'
    get -I http://here/none | grep -av '^Date:'
    stop QUIT
    grep -cE 'alert|emerg|crit|signal (6|7|11)' log | sed 's/^/bad lines in the log: /'
}
