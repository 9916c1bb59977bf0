// Connections that say nothing, from a process of their own:  node crowd.mjs ADDRESS:PORT COUNT
// Prints how many were opened once they all were tried, holds them until its standard input ends.
import net from 'node:net';

const [endpoint, count] = process.argv.slice(2);
const [host, port] = endpoint.split(':');
let opened = 0;
let next = 0;

function open() {
  if (next++ >= Number(count)) return Promise.resolve();
  return new Promise((resolve) => {
    const socket = net.connect({ host, port: Number(port) });
    socket.once('connect', () => { ++opened; resolve(); });
    socket.on('error', () => resolve());
  }).then(open);
}

await Promise.all(Array.from({ length: 64 }, open));
console.log(opened);
process.stdin.resume().on('end', () => process.exit(0));
