// As little of an RTMP encoder as it takes to send a server what none should: Adobe RTMP 1.0 with one chunk a message.
import { connect as connectTcp } from 'node:net';

const kHandshakeBytes = 1536;
const kChunkBytes = 1 << 20;
const kTypes = { chunkSize: 1, audio: 8, video: 9, data: 18, command: 20 };

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

function amf(value) {
  if (value === null) return Buffer.from([5]);
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (typeof value === 'string') {
    const bytes = Buffer.alloc(3);
    bytes[0] = 2;
    bytes.writeUInt16BE(Buffer.byteLength(value), 1);
    return Buffer.concat([bytes, Buffer.from(value)]);
  }
  const properties = Object.entries(value).flatMap(([name, inner]) => [amf(name).subarray(1), amf(inner)]);
  return Buffer.concat([Buffer.from([3]), ...properties, Buffer.from([0, 0, 9])]);
}

// A message of one chunk on `chunkStream`, which must be below 64. `length` may lie.
export function chunk({ type, time = 0, stream = 1, chunkStream = 6, body, length = body.length }) {
  const isExtended = time >= 0xFFFFFF;
  const header = Buffer.alloc(isExtended ? 16 : 12);
  header[0] = chunkStream;
  header.writeUIntBE(isExtended ? 0xFFFFFF : time, 1, 3);
  header.writeUIntBE(length, 4, 3);
  header[7] = type;
  header.writeUInt32LE(stream, 8);
  if (isExtended) header.writeUInt32BE(time, 12);
  return Buffer.concat([header, body]);
}

export const handshake = Buffer.concat([Buffer.from([3]), Buffer.alloc(2 * kHandshakeBytes)]);

export class RtmpClient {
  #socket;
  #received = Buffer.alloc(0);

  // `endpoint` is "address:port".
  static async connect(endpoint) {
    const client = new RtmpClient();
    const [host, port] = endpoint.split(':');
    const socket = connectTcp({ host, port: Number(port), noDelay: true });
    client.#socket = socket;
    client.closed = new Promise((resolve) => { socket.once('close', resolve); });
    socket.on('data', (data) => { client.#received = Buffer.concat([client.#received, data]); });
    socket.on('error', () => {});
    await new Promise((resolve, reject) => { socket.once('connect', resolve).once('error', reject); });
    return client;
  }

  get isOpen() { return !this.#socket.destroyed && this.#socket.readyState === 'open'; }
  get received() { return this.#received; }

  // The onStatus answers so far, as {code, description}. The server's chunks are larger than they are.
  get statuses() {
    const text = this.#received.toString('latin1');
    const strings = (name) => [...text.matchAll(new RegExp(`\\0.${name}\\x02(..)`, 'gs'))].map((match) => {
      const length = Buffer.from(match[1], 'latin1').readUInt16BE();
      return text.slice(match.index + match[0].length, match.index + match[0].length + length);
    });
    const codes = strings('code');
    const descriptions = strings('description');
    return codes.map((code, i) => ({ code, description: descriptions[i] })).filter(({ code }) => code.startsWith('NetStream.'));
  }

  send(bytes) { if (this.isOpen) this.#socket.write(bytes); }
  command(stream, ...values) { this.send(chunk({ type: kTypes.command, stream, chunkStream: 3, body: Buffer.concat(values.map(amf)) })); }
  audio(time, body) { this.send(chunk({ type: kTypes.audio, time, chunkStream: 4, body })); }
  video(time, body) { this.send(chunk({ type: kTypes.video, time, chunkStream: 6, body })); }

  async until(what, condition, timeoutMs = 10_000) {
    for (const deadline = Date.now() + timeoutMs; !condition();) {
      if (Date.now() > deadline) throw new Error(`the RTMP server did not: ${what}`);
      await sleep(10);
    }
  }

  // Everything up to the answer to publish, which it gives.
  async publish(key, { app = 'live', encoder = 'FMLE/3.0 (test)' } = {}) {
    this.send(handshake);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(kChunkBytes);
    this.send(chunk({ type: kTypes.chunkSize, stream: 0, chunkStream: 2, body: size }));
    this.command(0, 'connect', 1, { app, flashVer: encoder, tcUrl: `rtmp://localhost/${app}` });
    this.command(0, 'createStream', 2, null);
    this.command(1, 'publish', 3, null, key, 'live');
    await this.until('answer publish', () => this.statuses.length > 0 || !this.isOpen);
    return this.statuses[0] ?? { code: 'closed', description: '' };
  }

  // Sends tags of an FLV file (flv.mjs) as they fall due, `shift` added to their times. Ends early if the server closes.
  async play(tags, { shift = 0 } = {}) {
    const begin = Date.now();
    for (const { type, time, body } of tags) {
      while (Date.now() - begin < time - tags[0].time && this.isOpen) await sleep(Math.min(20, time - tags[0].time - (Date.now() - begin)));
      if (!this.isOpen) return;
      this.send(chunk({ type, time: (time + shift) % 2 ** 32, chunkStream: type === kTypes.audio ? 4 : 6, body }));
    }
  }

  unpublish() { this.command(1, 'deleteStream', 4, null, 1); }
  destroy() { this.#socket.destroy(); }
}
