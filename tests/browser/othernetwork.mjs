// A network beside the test's own, for a browser that shares nothing with the server but a cable, and a
// router that forwards ports. Needs namespaces, as `own-network` does.
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { chmodSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { skip, until } from './rig.mjs';

export const near = '10.78.0.1';    // the server's end of the cable, where it has one
export const outside = '10.79.0.1'; // the router's, as the browser knows it
const inside = '10.77.0.1';         // the server's, behind the router: see own-network
const browser = '10.78.0.2';

const ip = (...words) => execFileSync('ip', words, { stdio: 'pipe' });

export class OtherNetwork {
  #folder = mkdtempSync(join(tmpdir(), 'othernetwork-'));

  static async start() {
    const network = new OtherNetwork();
    try {
      execFileSync('unshare', ['--net', 'true'], { stdio: 'pipe' });
      execFileSync('sh', ['-c', `ip -4 addr show | grep -q ${inside}`]);
    } catch {
      skip('networks of its own are not allowed to this test, or iproute2 is not here');
    }
    await network.#lay();
    return network;
  }

  /** The near end of the cable has no address: WebRTC would offer it. The router's is on loopback. */
  async #lay() {
    const ours = readlinkSync('/proc/self/ns/net');
    this.child = spawn('unshare', ['--net', 'sleep', 'infinity'], { stdio: 'ignore' });
    process.on('exit', () => this.child.kill('SIGKILL')); // also of a test that failed
    await until('there is another network', async () => readlinkSync(`/proc/${this.child.pid}/ns/net`) !== ours);
    ip('addr', 'add', `${outside}/32`, 'dev', 'lo');
    ip('link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far', 'netns', String(this.child.pid));
    ip('link', 'set', 'near', 'up');
    ip('route', 'add', browser, 'dev', 'near');
    for (const words of [['addr', 'add', `${browser}/32`, 'dev', 'far'], ['link', 'set', 'far', 'up'],
      ['link', 'set', 'lo', 'up'], ['route', 'add', outside, 'dev', 'far']]) this.#there('ip', ...words);
  }

  #there(...command) {
    execFileSync('nsenter', [`--net=/proc/${this.child.pid}/ns/net`, ...command], { stdio: 'pipe' });
  }

  /** The server itself can be reached from there, or only the router. */
  direct(is) {
    ip('addr', is ? 'add' : 'del', `${near}/32`, 'dev', 'near');
    this.#there('ip', 'route', is ? 'add' : 'del', near, 'dev', 'far');
    ip('route', 'replace', browser, 'dev', 'near'); // goes with the last address
  }

  /** Path of a program that runs `program` in there. */
  wrapped(program) {
    const path = join(this.#folder, 'there');
    writeFileSync(path, `#!/bin/sh\nexec nsenter --net=/proc/${this.child.pid}/ns/net '${program}' "$@"\n`);
    chmodSync(path, 0o700);
    return path;
  }

  end() {
    this.child.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true });
  }
}

/** Forwards UDP or TCP ports of the router to the server, as port forwarding does. */
export class Forwarding {
  #open = [];

  static async start(protocol, first, last) {
    const forwarding = new Forwarding();
    for (let port = first; port <= last; port++)
      await (protocol === 'udp' ? forwarding.#udp(port) : forwarding.#tcp(port));
    return forwarding;
  }

  #bound(address, port) {
    return new Promise((resolve, reject) => {
      const socket = createSocket('udp4');
      this.#open.push(socket);
      socket.on('error', reject);
      socket.bind(port, address, () => resolve(socket));
    });
  }

  async #udp(port) {
    const [front, back] = [await this.#bound(outside, port), await this.#bound(inside, 0)];
    let client;
    front.on('message', (packet, from) => { client = from; back.send(packet, port, inside); });
    back.on('message', (packet) => client && front.send(packet, client.port, client.address));
  }

  #tcp(port) {
    const server = createServer((front) => {
      const back = connect(port, inside);
      for (const [one, other] of [[front, back], [back, front]]) {
        one.pipe(other);
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
    this.#open.push(server);
    return new Promise((resolve, reject) => server.on('error', reject).listen(port, outside, resolve));
  }

  end() { for (const each of this.#open) each.close(); }
}
