// A reverse proxy that puts a path in front of everything, as a CDN with path tokens does: "{prefix}rest" goes to
// "{upstream}/rest"; what is asked for without the prefix is refused and remembered.
import http from 'node:http';

// {url, passed, strays, close}: url ends with the prefix; passed and strays are the paths asked for with and without it.
export async function prefixProxy(upstream, prefix) {
  const passed = [], strays = [];
  const agent = new http.Agent({ keepAlive: true });
  const server = http.createServer((request, response) => {
    if (!request.url.startsWith(prefix)) {
      strays.push(request.url);
      response.writeHead(404).end();
      return;
    }
    passed.push(request.url);
    forward(request, response, new URL(request.url.slice(prefix.length - 1), upstream), agent);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.close();
    server.closeAllConnections();
    agent.destroy();
  };
  return { url: `http://127.0.0.1:${server.address().port}${prefix}`, passed, strays, close };
}

function forward(request, response, url, agent) {
  const { method, headers } = request;
  const onward = http.request(url, { method, agent, headers: { ...headers, host: url.host } }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.on('close', () => onward.destroy());  // a held request that nobody waits for any more
  request.pipe(onward);
}
