// The API from outside, against its contract: what the server does must be in resources/openapi.yaml, and what is there
// must be what the server does. Every answer that a test below gets is checked by ask().
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';

import { Contract } from './contract.mjs';
import { send, startServer } from './server.mjs';

const contract = new Contract();
let server;
before(async () => { server = await startServer(); });
after(() => server.stop());

const streams = '/api/v1/streams';
const one = `${streams}/{stream_id}`;

// Sends a request of an operation; checks body and answer. `values` fills the path, `raw` is a body that is not JSON.
async function ask(method, pattern, { values = {}, query = '', body, raw, type = 'application/json', token = server.token } = {}) {
  const name = `${method} ${pattern}`;
  const path = Object.entries(values).reduce((at, [key, value]) => at.replace(`{${key}}`, value), pattern);
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const headers = { ...(token && { authorization: `Bearer ${token}` }) };
  if (content !== undefined) Object.assign(headers, { 'content-type': type, 'content-length': Buffer.byteLength(content) });
  const answer = await send(server.endpoint, { method, path: path + query, headers, body: content });
  assert.deepEqual(contract.answerFaults(name, answer), [], `${name} ${answer.status} ${answer.text}`);
  if (body !== undefined && answer.status < 300) assert.deepEqual(contract.bodyFaults(name, type, body), []);
  return { ...answer, json: answer.headers['content-type']?.includes('json') ? JSON.parse(answer.text) : undefined };
}

async function createStream(body = {}) {
  const answer = await ask('POST', streams, { body: { name: 'Show', ...body } });
  assert.equal(answer.status, 201);
  return answer.json;
}

const is = (answer, status, code) => {
  assert.equal(answer.status, status, answer.text);
  if (code) assert.equal(answer.json.code, code);
};

test('the document is valid OpenAPI 3.1', async () => {
  const { valid, errors } = await new Validator().validate(contract.document);
  assert.ok(valid, JSON.stringify(errors));
});

// Every place in the source that makes a problem has status and code beside each other, or names the code.
test('the codes in the document are those in the source', () => {
  const source = new URL('../../../', import.meta.url);
  const codes = new Set(['common/api/', 'server/control/', 'server/control/front/'].flatMap((folder) =>
    readdirSync(new URL(folder, source)).filter((name) => /\.(cpp|h)$/.test(name)).flatMap((name) =>
      [...readFileSync(new URL(folder + name, source), 'utf8').matchAll(/(?:\b[45]\d\d,|\bcode =)\s*"([a-z_]+)"/g)].map(([, code]) => code))));
  assert.deepEqual([...codes].sort(), contract.document.components.schemas.Problem.properties.code.enum);
});

test('every example in the document fits its schema', () => {
  const examples = contract.examples();
  assert.ok(examples.length >= 8);
  for (const [where, schema, value] of examples) assert.deepEqual(contract.faults(schema, value), [], where);
});

// But for what is another one each time.
test('the examples are what the server says', async () => {
  const { post } = contract.document.paths[streams];
  const { examples } = post.requestBody.content['application/json'];
  const likeThis = { key: /^[0-9a-z]{32}$/, id: /^key-[0-9a-z]{16}$/, hint: /^[0-9a-z]{4}$/, time: /^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/ };
  const shape = (value) => {
    if (Array.isArray(value)) return value.map(shape);
    if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).sort().map(([key, item]) => [key, shape(item)]));
    const name = Object.keys(likeThis).find((kind) => likeThis[kind].test(value));
    return name ?? (typeof value === 'string' ? value.replace(/^(https?|rtmp):\/\/[^/]+/, 'there').replace(/live\/[0-9a-z]{32}$/, 'live/key') : value);
  };
  const created = await ask('POST', streams, { body: examples.whole.value });
  assert.deepEqual(shape(created.json), shape(post.responses['201'].content['application/json'].examples.created.value));
  const { value } = contract.document.components.responses.InvalidValue.content['application/problem+json'].examples['unknown field'];
  assert.deepEqual((await ask('POST', streams, { body: { nmae: 'show' } })).json, value);
});

test('the server serves the document it is checked against', async () => {
  const answer = await ask('GET', '/openapi.yaml');
  assert.deepEqual(new Contract(answer.text).document, contract.document);
});

test('every route is documented and everything documented has a route', () => {
  assert.deepEqual(server.routes.map(({ method, pattern }) => `${method} ${pattern}`).sort(), contract.operations().sort());
});

test('a stream is created, shown, changed, listed and removed as documented', async () => {
  const created = await createStream({ ladder: [{ height: 360 }, { height: 720, bitrate_bps: 2_800_000 }], window_s: 60 });
  const values = { stream_id: created.id };
  const shown = await ask('GET', one, { values });
  assert.deepEqual(shown.json.ladder, [{ height: 720, bitrate_bps: 2_800_000 }, { height: 360, bitrate_bps: 700_000 }]);
  is(await ask('PATCH', one, { values, body: { name: 'Late', ladder: null }, type: 'application/merge-patch+json' }), 200);
  is(await ask('PATCH', one, { values, body: { segment_duration_s: 4 } }), 200);
  is(await ask('GET', streams, { query: '?q=late&state=idle&enabled=true&limit=1' }), 200);
  is(await ask('DELETE', one, { values }), 204);
  is(await ask('GET', one, { values }), 404, 'not_found');
});

test('what the server accepts the schema accepts, and what it refuses the schema refuses', async () => {
  const refused = [{}, { name: '' }, { name: 7 }, { name: 'x', id: '-' }, { name: 'x', enabled: 'yes' }, { name: 'x', ladder: [] },
    { name: 'x', ladder: [{ height: 721 }] }, { name: 'x', ladder: [{ height: 720, fps: 30 }] }, { name: 'x', segment_duration_s: 0 },
    { name: 'x', segment_duration_s: 2.5 }, { name: 'x', latency_profile: 'lowest' }, { name: 'x', window_s: 3601 }, { name: 'x', extra: 1 }];
  for (const body of refused) {
    is(await ask('POST', streams, { body }), 422, 'invalid_value');
    assert.notDeepEqual(contract.bodyFaults(`POST ${streams}`, 'application/json', body), [], JSON.stringify(body));
  }
  const accepted = [{ name: 'x' }, { name: 'x', enabled: null, ladder: null, window_s: null, id: null }, { name: 'é', latency_profile: 'ultra' }];
  for (const body of accepted) is(await ask('POST', streams, { body }), 201);
});

test('keys and stop are as documented', async () => {
  const { id } = await createStream();
  const values = { stream_id: id };
  const issued = await ask('POST', `${one}/keys`, { values, body: { role: 'primary' } });
  is(issued, 201);
  is(await ask('POST', `${one}/keys`, { values, body: { role: 'backup' } }), 422, 'invalid_value');
  is(await ask('DELETE', `${one}/keys/{key_id}`, { values: { ...values, key_id: issued.json.id } }), 204);
  is(await ask('DELETE', `${one}/keys/{key_id}`, { values: { ...values, key_id: issued.json.id } }), 404);
  for (let status = 201, keys = 1; status === 201; ++keys) {
    assert.ok(keys < 100);
    ({ status } = await ask('POST', `${one}/keys`, { values }));
  }
  is(await ask('POST', `${one}/stop`, { values }), 409, 'conflict');
  is(await ask('GET', `${one}/stats`, { values }), 200);
  await server.command(`publish ${id}`);
  const stats = await ask('GET', `${one}/stats`, { values });
  assert.equal(stats.json.state, 'live');
  is(await ask('POST', `${one}/stop`, { values, body: { hold_s: 'x' } }), 422);
  is(await ask('POST', `${one}/stop`, { values, body: { hold_s: 1 } }), 204);
});

// A body for every operation that takes one, so that the tests below reach what they are about.
const bodies = { [`POST ${streams}`]: { name: 'x' }, [`PATCH ${one}`]: { name: 'x' }, [`POST ${one}/keys`]: {}, [`POST ${one}/stop`]: {} };
const below = contract.operations().filter((name) => name.includes(' /api/'));

test('nothing below /api is answered without a token', async () => {
  for (const name of below) {
    const [method, pattern] = name.split(' ');
    for (const token of ['', 'wrong']) is(await ask(method, pattern, { values: { stream_id: 'x', key_id: 'y' }, body: bodies[name], token }), 401, 'unauthorized');
  }
});

test('what is not there is 404 everywhere', async () => {
  for (const name of below.filter((text) => text.includes('{'))) {
    const [method, pattern] = name.split(' ');
    is(await ask(method, pattern, { values: { stream_id: 'none', key_id: 'none' }, body: bodies[name] }), 404, 'not_found');
  }
});

test('a body that is wrong as a whole is refused everywhere', async () => {
  const { id } = await createStream();
  for (const name of Object.keys(bodies)) {
    const [method, pattern] = name.split(' ');
    const values = { stream_id: id };
    is(await ask(method, pattern, { values, raw: '{"a":' }), 400, 'invalid_json');
    is(await ask(method, pattern, { values, raw: '{}', type: 'text/plain' }), 415, 'media_type');
    is(await ask(method, pattern, { values, raw: ' '.repeat(1_048_577) }), 413, 'too_large');
    is(await ask(method, pattern, { values, body: { nmae: 1 } }), 422, 'invalid_value');
  }
  is(await ask('POST', streams, { body: { name: 'x', id } }), 409, 'conflict');
  is(await ask('GET', streams, { query: '?page=2' }), 422, 'invalid_value');
});

test('while the catalog is away, busy or broken, writes say when to try again', async () => {
  const { id, keys } = await createStream();
  const values = { stream_id: id, key_id: keys[0].id };
  const writes = [['POST', streams], ['PATCH', one], ['DELETE', one], ['POST', `${one}/keys`], ['DELETE', `${one}/keys/{key_id}`], ['POST', `${one}/stop`]];
  await server.command(`publish ${id}`);
  for (const [state, code] of [['away', 'unavailable'], ['full', 'overloaded'], ['broken', 'storage_failed']]) {
    await server.command(`catalog ${state}`);
    for (const [method, pattern] of writes) is(await ask(method, pattern, { values, body: bodies[`${method} ${pattern}`] }), 503, code);
  }
  await server.command('catalog back');
  is(await ask('DELETE', one, { values }), 204);
});

test('system routes are as documented', async () => {
  for (const path of ['/healthz', '/readyz', '/metrics']) is(await ask('GET', path, { token: '' }), 200);
  await server.command('ready no');
  is(await ask('GET', '/readyz', { token: '' }), 503);
  await server.command('ready yes');
});

test('other methods are refused with the ones there are', async () => {
  for (const path of Object.keys(contract.document.paths)) {
    const answer = await send(server.endpoint, { method: 'PUT', path: path.replaceAll(/[{}]/g, ''), headers: { authorization: `Bearer ${server.token}` } });
    is({ ...answer, json: JSON.parse(answer.text) }, 405, 'method_not_allowed');
    const documented = contract.operations().filter((name) => name.endsWith(` ${path}`)).map((name) => name.split(' ')[0]);
    assert.deepEqual(answer.headers.allow.split(', ').filter((method) => method !== 'HEAD').sort(), documented.sort());
  }
});

// Last: nothing is documented that no test above has seen. Not provoked here: /metrics from another machine.
test('every documented answer was seen', () => {
  const unseen = contract.answers().filter((answer) => !contract.provoked.has(answer));
  assert.deepEqual(unseen, ['GET /metrics 401']);
});
