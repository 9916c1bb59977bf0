// Starts api_test_server and talks to it: commands on its standard input, HTTP on its port.
import { spawn } from 'node:child_process';
import http from 'node:http';
import { createInterface } from 'node:readline';

export async function startServer(program = process.env.API_TEST_SERVER) {
  const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const nextLine = async () => (await lines.next()).value;
  const introduction = JSON.parse(await nextLine());
  return {
    ...introduction,
    async command(text) {
      child.stdin.write(`${text}\n`);
      const answer = await nextLine();
      if (answer !== 'ok') throw new Error(`${text}: ${answer}`);
    },
    stop: () => new Promise((resolve) => child.on('exit', resolve) && child.stdin.end()),
  };
}

// {status, headers, text}; the connection is not used again unless an agent is given.
export function send(endpoint, { method, path, headers = {}, body, agent = false }) {
  const [host, port] = endpoint.split(':');
  return new Promise((resolve, reject) => {
    const request = http.request({ host, port, method, path, headers, agent }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}
