// How long the API of a real server takes with a full catalog on a real disk: list, get and create by a few clients.
//   node tests/perf/api/api.mjs [--binary build/release/bin/liveserverd] [--runs 5] [--streams 1000] [--clients 5] [--seconds 10]
// Prints one JSON line. Times are from sending a request to the last byte of its answer, as a client sees them. A create
// is on the disk before it is answered, so the disk's own time for that (fdatasync of as much as a create writes) is beside it.
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { Server } from '../../support/server.mjs';
import { machine, medians, rounded, sleep, spread } from '../figures.mjs';

const kPauseMs = 50;  // a client's requests are this far apart
const kCommitBytes = 16 * 1024;  // four pages of the catalog

const { values } = parseArgs({ options: {
  binary: { type: 'string', default: 'build/release/bin/liveserverd' },
  runs: { type: 'string', default: '5' },
  streams: { type: 'string', default: '1000' },
  clients: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '10' },
} });
const [runs, streams, clients, seconds] = ['runs', 'streams', 'clients', 'seconds'].map((name) => Number(values[name]));

class Client {
  #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  constructor(base, token) {
    this.base = `${base}/api/v1/streams`;
    this.headers = { authorization: `Bearer ${token}` };
  }

  // Milliseconds.
  send(method, target, body) {
    const content = body && JSON.stringify(body);
    const headers = content ? { ...this.headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) } : this.headers;
    const start = process.hrtime.bigint();
    return new Promise((resolve, reject) => {
      const request = http.request(this.base + target, { method, headers, agent: this.#agent }, (response) => {
        response.resume();
        response.on('end', () => {
          if (response.statusCode >= 300) reject(new Error(`${method} ${target}: ${response.statusCode}`));
          else resolve(Number(process.hrtime.bigint() - start) / 1e6);
        });
      });
      request.on('error', reject);
      request.end(content);
    });
  }

  close() { this.#agent.destroy(); }
}

const kRequests = [
  ['list', (client) => client.send('GET', '?limit=50')],
  ['get', (client, n) => client.send('GET', `/load-${(n * 37) % streams}`)],
  ['create', (client, n) => client.send('POST', '', { name: `Created ${n}` })],
];

async function pacedClient(client, number, times) {
  await sleep((number * kPauseMs) / clients);
  const end = Date.now() + seconds * 1000;
  for (let n = number; Date.now() < end; ++n) {
    const pause = sleep(kPauseMs);
    const [name, request] = kRequests[n % kRequests.length];
    times[name].push(await request(client, n));
    await pause;
  }
}

// How long a disk takes to keep what one commit writes.
function diskTimes(file) {
  const descriptor = openSync(file, 'w');
  const times = Array.from({ length: 200 }, () => {
    const start = process.hrtime.bigint();
    writeSync(descriptor, Buffer.alloc(kCommitBytes, 1));
    fdatasyncSync(descriptor);
    return Number(process.hrtime.bigint() - start) / 1e6;
  });
  closeSync(descriptor);
  rmSync(file);
  return times;
}

async function oneRun() {
  const server = await Server.start({ binary: values.binary });
  try {
    const token = await server.token();
    const connected = Array.from({ length: clients }, () => new Client(server.api, token));
    await Promise.all(connected.map(async (client, number) => {
      for (let n = number; n < streams; n += clients) await client.send('POST', '', { name: `Load ${n}`, id: `load-${n}` });
    }));
    const times = { list: [], get: [], create: [] };
    await Promise.all(connected.map((client, number) => pacedClient(client, number, times)));
    connected.forEach((client) => client.close());
    times.fdatasync = diskTimes(path.join(server.stateDir, 'disk.bin'));
    return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, spread(list)]));
  } finally {
    await server.stop();
    await server.dispose();
  }
}

const noise = machine();
const rows = [];
for (let i = 0; i < runs; ++i) rows.push(await oneRun());
const figures = Object.fromEntries(Object.keys(rows[0]).map((name) => [name, medians(rows.map((row) => row[name]))]));
console.log(JSON.stringify({
  ...figures, create_p95_in_fdatasyncs: rounded(figures.create.p95_ms / figures.fdatasync.p95_ms, 2),
  streams, clients, runs, ...noise(),
}));
