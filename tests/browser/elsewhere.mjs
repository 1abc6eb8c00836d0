// A page of another site with a published WHEP player in it: npm's whip-whep, nothing of ours.
import { createServer } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { skip } from './rig.mjs';

const player = join(dirname(fileURLToPath(import.meta.url)), 'node_modules/whip-whep/whep.js');

const document = `<!doctype html><link rel="icon" href="data:,"><video muted autoplay playsinline></video>
<script type="module">
  import { WHEPClient } from './whep.js';
  window.watch = async (endpoint, token, settings) => {
    const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle', ...settings });
    connection.addTransceiver('video', { direction: 'recvonly' });
    connection.addTransceiver('audio', { direction: 'recvonly' });
    const stream = new MediaStream();
    connection.ontrack = ({ track }) => {
      stream.addTrack(track);
      window.document.querySelector('video').srcObject = stream;
    };
    window.client = new WHEPClient();
    await window.client.view(connection, endpoint, token);
  };
</script>`;

/** Serves that page until close(); `url` is its address. */
export class Elsewhere {
  static async start() {
    if (!existsSync(player)) skip('whip-whep is not here: npm ci --ignore-scripts in tests/browser');
    const site = new Elsewhere();
    site.server = createServer((request, response) => {
      const script = request.url === '/whep.js';
      response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html');
      response.end(script ? readFileSync(player) : document);
    });
    await new Promise((resolve) => site.server.listen(0, '127.0.0.1', resolve));
    // Another name: another site to the browser, not only another port.
    site.url = `http://localhost:${site.server.address().port}/`;
    return site;
  }

  /** Has the page at `endpoint`'s door; resolves to "" or to what the player says went wrong. */
  watch(page, endpoint, token = '', settings = {}) {
    return page.evaluate(([address, secret, options]) => window.watch(address, secret, options)
      .then(() => '', (error) => String(error)), [String(endpoint), token, settings]);
  }

  close() {
    this.server.close();
    this.server.closeAllConnections();
  }
}
