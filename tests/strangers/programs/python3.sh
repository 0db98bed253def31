# SPDX-License-Identifier: MIT
# python3: threads, subprocess, multiprocessing by fork and by spawn, forks while other threads allocate; all its objects
# come from malloc.
packages=python3 needs=python3 workers='python3.*'
version() { python3 --version; }

work() {
    export PYTHONMALLOC=malloc PYTHONHASHSEED=0 PYTHONDONTWRITEBYTECODE=1
    cat >work.py <<'TEXT'
import collections, hashlib, json, multiprocessing, os, re, subprocess, sys, threading, zlib


def churn(n):
    words = [str(i * n) * (i % 9) for i in range(1500)]
    table = {w: list(w) for w in words}
    packed = zlib.compress(json.dumps(words).encode())
    return n, len(table), hashlib.sha256(zlib.decompress(packed)).hexdigest()


def hand_over(inbox, outbox):
    for item in iter(inbox.get, None):
        outbox.put((item, churn(item)))


def pooled(method):
    context = multiprocessing.get_context(method)
    with context.Pool(3) as pool:
        print(method, sorted(pool.imap_unordered(churn, range(12))))
    inbox, outbox = context.Queue(), context.Queue()
    workers = [context.Process(target=hand_over, args=(inbox, outbox)) for _ in range(2)]
    [w.start() for w in workers]
    [inbox.put(item) for item in [*range(8), None, None]]
    print(method, sorted(outbox.get() for _ in range(8)))
    [w.join() for w in workers]
    print([w.exitcode for w in workers])


def threaded():
    found, busy = {}, True

    def note(n):
        found[n] = churn(n)

    def restless():
        while busy:
            [bytearray(n * 37) for n in range(200)]

    threads = [threading.Thread(target=note, args=(n,)) for n in range(8)]
    others = [threading.Thread(target=restless) for _ in range(3)]
    [t.start() for t in threads + others]
    for n in range(20):  # the children have only the thread that forked
        pid = os.fork()
        if pid == 0:
            extra = threading.Thread(target=churn, args=(n,))
            extra.start()
            extra.join()
            os._exit(churn(n)[1] % 100)
        print(n, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    [t.join() for t in threads]
    busy = False
    [t.join() for t in others]
    print(sorted(found.items()))


if __name__ == "__main__":
    threaded()
    for n in range(6):
        print(subprocess.run([sys.executable, "-c", f"print(len(bytearray({n} * 10**6)))"], capture_output=True).stdout)
    pooled("fork")
    pooled("spawn")
    text = open(re.__file__).read()
    print(collections.Counter(re.findall("[a-z]+", text * 4)).most_common(40))
TEXT
    python3 work.py
}
