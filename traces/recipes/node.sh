#!/bin/sh
# SPDX-License-Identifier: CC0-1.0
# node.hyt: node starts, compiles JavaScript, and answers requests of its own over a socket: texts, buffers, JSON,
# compression in its thread pool, two worker threads.  V8 keeps the objects of JavaScript in memory that it maps itself;
# the trace has what V8, libuv and the libraries ask of malloc.
. "$(dirname "$0")/common.sh"
need node nodejs

cat >work.js <<'EOT'
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const zlib = require('zlib'), http = require('http'), crypto = require('crypto');

function order(number) {
    const lines = [];
    for (let i = 0; i < 5 + number % 20; i++)
        lines.push({ item: `item ${(number * 7919 + i * 31) % 997}`, count: 1 + i % 9, price: (number * i % 1000) / 10 });
    return { number, customer: `customer ${number % 301}`, lines };
}

function answer(request, response) {
    const text = JSON.stringify(order(Number(request.url.slice(1))));
    zlib.deflate(text, (error, packed) => {
        response.setHeader('x-sum', crypto.createHash('sha1').update(text).digest('hex'));
        response.end(packed);
    });
}

function ask(number) {
    return new Promise((resolve, reject) => http.get({ socketPath: 'socket', path: '/' + number }, (response) => {
        const parts = [];
        response.on('data', (part) => parts.push(part));
        response.on('end', () => zlib.inflate(Buffer.concat(parts), (error, text) => resolve(JSON.parse(text))));
    }).on('error', reject));
}

function worker(number) {
    return new Promise((resolve) => new Worker(__filename, { workerData: number }).on('message', resolve));
}

async function main() {
    const server = http.createServer(answer);
    await new Promise((resolve) => server.listen('socket', resolve));
    const workers = [worker(1), worker(2)];
    let total = 0;
    for (let round = 0; round < 100; round++)
        for (const { lines } of await Promise.all([...Array(20).keys()].map((i) => ask(round * 20 + i)))) total += lines.length;
    server.close();
    console.log(total, await Promise.all(workers));
}

if (isMainThread) main();
else {
    const table = new Map();
    for (let i = 0; i < 4000; i++) table.set(`key ${i * workerData % 997}`, Buffer.alloc(10000 + i));
    parentPort.postMessage(table.size);
}
EOT
made
"$HEAPYARD" record -o "$OUT/node.hyt" -- node work.js
