# SPDX-License-Identifier: MIT
# node: strings, JSON, patterns, buffers, compression and hashes in the thread pool, worker threads, children, a server on
# a socket with clients at once.  V8 maps the heap of JavaScript objects itself; the rest is malloc's.
# Answers that come in any order are sorted.
packages=nodejs needs=node workers=node
version() { node --version; }

work() {
    cat >work.js <<'TEXT'
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads');
const crypto = require('crypto'), zlib = require('zlib'), http = require('http'), util = require('util'), fs = require('fs');
const { execFile } = require('child_process');
const sum = (data) => crypto.createHash('sha256').update(data).digest('hex');
const deflate = util.promisify(zlib.deflate), inflate = util.promisify(zlib.inflate);

function churn(n) {
    const table = new Map();
    for (let i = 0; i < 30000; i++) table.set(`${i * n % 9973}`, Buffer.alloc(i % 600, i % 250));
    const text = JSON.stringify([...table].map(([k, v]) => [k, v.length]));
    return sum(text.replace(/(\d)\1/g, '<$1>'));
}

function request(path) {
    return new Promise((resolve, reject) => http.get({ socketPath: 'socket', path }, (answer) => {
        const parts = [];
        answer.on('data', (part) => parts.push(part)).on('end', () => resolve(`${path} ${sum(Buffer.concat(parts))}`));
    }).on('error', reject));
}

async function main() {
    console.log(churn(3));
    const workers = [1, 2, 3, 4].map((n) => new Promise((resolve, reject) =>
        new Worker(__filename, { workerData: n }).on('message', resolve).on('error', reject)));
    const packed = await Promise.all([...Array(24).keys()].map(async (n) => {
        const raw = Buffer.from(`${n} `.repeat(40000 + n));
        const small = await deflate(raw);
        return `${n} ${small.length} ${sum(await inflate(small)) === sum(raw)} ${sum(small)}`;
    }));
    console.log(packed.join('\n'));
    console.log((await Promise.all(workers)).join('\n'));
    console.log((await Promise.all([1, 2, 3].map((n) =>
        util.promisify(execFile)('node', ['-p', `'x'.repeat(${n} * 1000).length`]).then((r) => r.stdout.trim())))).join(' '));
    console.log(util.promisify && crypto.pbkdf2Sync('word', 'salt', 2000, 64, 'sha512').toString('hex'));
    const server = http.createServer((question, answer) => answer.end(Buffer.alloc(question.url.length * 10000, question.url)));
    await new Promise((resolve) => server.listen('socket', resolve));
    const answers = await Promise.all([...Array(60).keys()].map((n) => request('/' + 'p'.repeat(n))));
    console.log(sum(answers.sort().join()));
    server.close();
    await Promise.all([...Array(30).keys()].map((n) => fs.promises.writeFile(`file.${n}`, Buffer.alloc(n * 5000, n))));
    console.log(sum(Buffer.concat(await Promise.all([...Array(30).keys()].map((n) => fs.promises.readFile(`file.${n}`))))));
    for (let i = 0; i < 200; i++) new WebAssembly.Memory({ initial: 1 });
    console.log(new Intl.NumberFormat('de').format(1234567.891), structuredClone({ a: [1, new Map([[2, 3]])] }));
}

isMainThread ? main() : parentPort.postMessage(`${workerData} ${churn(workerData)}`);
TEXT
    node work.js
}
