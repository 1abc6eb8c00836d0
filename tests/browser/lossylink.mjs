// A network that loses, delays and reorders, for one page: its offer and the answer are rewritten so
// that all its media passes a relay in this process. Needs nothing of the kernel.
import { createSocket } from 'node:dgram';

/** Candidates of a description that name a UDP address in numbers. */
const udpCandidates = (sdp) => [...sdp.matchAll(/^a=candidate:\S+ 1 UDP \d+ (\d+\.\d+\.\d+\.\d+) (\d+) typ host.*$/gim)];

const withoutCandidates = (sdp) => sdp.replace(/^a=candidate:.*\r?\n/gim, '');

export class LossyLink {
  passed = 0;
  lost = 0;
  #sockets = [];

  /** `loss` 0..1 of the packets, each way; `delay` ms each way, `jitter` ms more for some of them. */
  constructor({ loss = 0, delay = 0, jitter = 0 } = {}) {
    Object.assign(this, { loss, delay, jitter });
  }

  /** All sessions that this page opens from now on go by here. */
  async take(page, protocol = 'whep') {
    await page.route(`**/${protocol}`, (route) => this.#offer(route));
    // The relay is the only way: the server must not learn of another.
    await page.route(`**/${protocol}/*`, (route) =>
      route.request().method() === 'PATCH' ? route.fulfill({ status: 204 }) : route.continue());
  }

  async #offer(route) {
    if (route.request().method() !== 'POST') return route.continue();
    const response = await route.fetch({ postData: withoutCandidates(route.request().postData()) });
    const answer = await response.text();
    const [server] = udpCandidates(answer);
    if (!server) return route.fulfill({ response, body: answer });
    const port = await this.#relay(server[1], Number(server[2]));
    const line = server[0].replace(` ${server[2]} typ`, ` ${port} typ`);
    const body = withoutCandidates(answer).replace(/^a=end-of-candidates/m, `${line}\r\na=end-of-candidates`);
    return route.fulfill({ response, body });
  }

  async #relay(address, port) {
    const open = (host) => new Promise((resolve, reject) => {
      const socket = createSocket('udp4');
      socket.on('error', reject);
      socket.bind(0, host, () => resolve(socket));
      this.#sockets.push(socket);
    });
    const front = await open(address);
    const back = await open(address);
    let browser;
    front.on('message', (packet, from) => {
      browser = from;
      this.#pass(() => back.send(packet, port, address));
    });
    back.on('message', (packet) => browser && this.#pass(() => front.send(packet, browser.port, browser.address)));
    return front.address().port;
  }

  #pass(send) {
    if (Math.random() < this.loss) {
      this.lost++;
      return;
    }
    this.passed++;
    setTimeout(() => { try { send(); } catch { /* closed meanwhile */ } },
      this.delay + (Math.random() < 0.1 ? this.jitter * Math.random() : 0));
  }

  close() {
    for (const socket of this.#sockets) socket.close();
    this.#sockets = [];
  }
}
