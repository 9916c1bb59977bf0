// How long the API takes with a full catalog: p50 and p95 of list, get and create over one kept connection, and of a
// paced mix from 50 clients.
//   node tests/perf/api/api.mjs PROGRAM [STREAMS]      PROGRAM is api_test_server of a release build
// Prints one JSON line; times are milliseconds from sending a request to its last byte, seen by the client.
import http from 'node:http';
import os from 'node:os';

import { send, startServer } from '../../integration/control/server.mjs';

const [program, streams = '1000'] = process.argv.slice(2);
if (!program) {
  console.error('usage: node tests/perf/api/api.mjs PROGRAM [STREAMS]');
  process.exit(2);
}

const server = await startServer(program);
const path = '/api/v1/streams';

async function timed(agent, method, target, body) {
  const content = body && JSON.stringify(body);
  const headers = { authorization: `Bearer ${server.token}` };
  if (content) Object.assign(headers, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) });
  const start = process.hrtime.bigint();
  const answer = await send(server.endpoint, { method, path: target, headers, body: content, agent });
  const took = Number(process.hrtime.bigint() - start) / 1e6;
  if (answer.status >= 300) throw new Error(`${method} ${target}: ${answer.status} ${answer.text}`);
  return took;
}

const keep = () => new http.Agent({ keepAlive: true, maxSockets: 1 });
const at = (times, share) => Number([...times].sort((a, b) => a - b)[Math.floor((times.length - 1) * share)].toFixed(2));
const summary = (times) => ({ p50_ms: at(times, 0.5), p95_ms: at(times, 0.95), n: times.length });

async function repeat(count, request) {
  const agent = keep();
  const times = [];
  for (let i = 0; i < count; ++i) times.push(await request(agent, i));
  agent.destroy();
  return summary(times);
}

// 50 clients, each a request every 250 ms: get, list of 50, get, create.
async function paced(seconds) {
  const times = [];
  await Promise.all(Array.from({ length: 50 }, async (_, client) => {
    const agent = keep();
    await new Promise((resolve) => setTimeout(resolve, client * 5));
    for (let i = 0; i < seconds * 4; ++i) {
      const next = new Promise((resolve) => setTimeout(resolve, 250));
      if (i % 4 === 1) times.push(await timed(agent, 'GET', `${path}?limit=50`));
      else if (i % 4 === 3) times.push(await timed(agent, 'POST', path, { name: 'mixed' }));
      else times.push(await timed(agent, 'GET', `${path}/load-${client}`));
      await next;
    }
    agent.destroy();
  }));
  return summary(times);
}

await repeat(Number(streams), (agent, i) => timed(agent, 'POST', path, { name: `Load ${i}`, id: `load-${i}` }));
const result = {
  streams: Number(streams),
  cores: os.cpus().length,
  list_50: await repeat(300, (agent) => timed(agent, 'GET', `${path}?limit=50`)),
  list_filtered: await repeat(300, (agent) => timed(agent, 'GET', `${path}?state=live&q=load`)),
  get: await repeat(1000, (agent, i) => timed(agent, 'GET', `${path}/load-${i % Number(streams)}`)),
  create: await repeat(300, (agent, i) => timed(agent, 'POST', path, { name: `Created ${i}` })),
  paced_50_clients: await paced(5),
};
console.log(JSON.stringify(result));
await server.stop();
