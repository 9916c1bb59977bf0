// The REST API as a script uses it.

export class Api {
  constructor(base, token) {
    this.base = base;
    this.token = token;
  }

  // {status, body}; body is parsed JSON or null.
  async call(method, path, body) {
    const response = await fetch(`${this.base}/api/v1${path}`, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, body: text ? JSON.parse(text) : null };
  }

  async #expect(wanted, method, path, body) {
    const { status, body: answer } = await this.call(method, path, body);
    if (status !== wanted) throw new Error(`${method} ${path}: ${status} instead of ${wanted}: ${JSON.stringify(answer)}`);
    return answer;
  }

  createStream(settings) { return this.#expect(201, 'POST', '/streams', settings); }
  stream(id) { return this.#expect(200, 'GET', `/streams/${id}`); }
  stats(id) { return this.#expect(200, 'GET', `/streams/${id}/stats`); }
  stop(id, holdSeconds = 60) { return this.call('POST', `/streams/${id}/stop`, { hold_s: holdSeconds }); }
}
