// Guests as a server open to a network has them: who has a token and who has not, who is killed, and
// who takes nothing of what is sent.
import { readFileSync, readdirSync, rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { check, chromiumSettings, frames, live, main, playwright, stateOf, until } from './rig.mjs';
import { keepConnections } from './connections.mjs';

const source = 'videotestsrc is-live=true ! video/x-raw,format=I420,width=640,height=360,framerate=25/1';
const vp9 = 'vp9enc deadline=1 cpu-used=8 lag-in-frames=0 target-bitrate=800000 keyframe-max-dist=3000';
const token = 'violets-are-blue-7';

const viewers = async (pipeline) => (await (await fetch(new URL('status', pipeline.url))).json()).viewers;

/** Resident memory of a program, megabytes. */
const memory = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024;

/** Somebody else's Chromium, which can be stopped and killed. */
class Doomed {
  static async start() {
    const browser = new Doomed();
    const { chromium } = await playwright();
    browser.server = await chromium.launchServer(chromiumSettings());
    browser.playwright = await chromium.connect(browser.server.wsEndpoint());
    return browser;
  }

  async open(url, prepare = async () => {}) {
    const page = await (await this.playwright.newContext()).newPage();
    await prepare(page);
    await page.goto(url);
    return page;
  }

  /** Sends a signal to all of its processes. */
  signal(name) {
    const unlessEnded = (read, otherwise) => { try { return read(); } catch { return otherwise; } };
    const children = (pid) => unlessEnded(() => readdirSync(`/proc/${pid}/task`), [])
      .flatMap((task) => unlessEnded(() => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8'), '').split(' '))
      .filter(Boolean)
      .flatMap((child) => [Number(child), ...children(child)]);
    const { pid } = this.server.process();
    for (const one of [pid, ...children(pid)])
      try { process.kill(one, name); } catch { /* it has just ended */ }
  }
}

/** A page's connections take no UDP: the way out of networks that block it. */
const onlyTcp = (page) => page.addInitScript(() => {
  const take = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (answer) {
    const sdp = answer.sdp.replace(/^a=candidate:\S+ \d+ UDP .*\r?\n/gim, '');
    return take.call(this, { type: answer.type, sdp });
  };
});

async function goesOn(page, count = 25) {
  await frames(page, count);
  check(await stateOf(page) === 'live', 'who is well goes on watching');
}

/** One stops taking in what is sent; the other one and the server's memory must not mind. */
async function takesNothing(rig, prepare, kind) {
  const pipeline = await rig.launch(`${source} ! ${vp9} ! whepsink port=0 silence-timeout=10`);
  const witness = await rig.open(pipeline.url);
  await live(witness);
  const other = await Doomed.start();
  const page = await other.open(pipeline.url, prepare);
  await live(page);
  if (kind) await until(`it comes by ${kind}`, () => page.evaluate(async (protocol) =>
    [...(await window.connections.at(-1).getStats()).values()]
      .some((s) => s.type === 'local-candidate' && s.protocol === protocol), kind));
  await frames(page, 10);
  await until('two watch', async () => await viewers(pipeline) === 2);
  const before = memory(pipeline.child.pid);
  other.signal('SIGSTOP');
  await goesOn(witness, 100);
  await until('who takes nothing is let go', async () => await viewers(pipeline) === 1);
  await goesOn(witness);
  const grown = memory(pipeline.child.pid) - before;
  other.signal('SIGKILL');
  check(grown < 50, `the server grew by ${grown.toFixed(0)} MB`);
  await rig.close(witness);
  await pipeline.stop();
}

await main({
  async killed(rig) {
    const pipeline = await rig.launch(`${source} ! ${vp9} ! whepsink port=0 silence-timeout=10`);
    const witness = await rig.open(pipeline.url);
    await live(witness);
    const other = await Doomed.start();
    for (let i = 0; i < 3; i++) await live(await other.open(pipeline.url));
    await until('four watch', async () => await viewers(pipeline) === 4);
    other.signal('SIGKILL');
    await until('who was killed is forgotten', async () => await viewers(pipeline) === 1);
    await goesOn(witness);
    await rig.close(witness);
    await pipeline.stop();
  },

  takesNothing: (rig) => takesNothing(rig),
  takesNothingByTcp: (rig) => takesNothing(rig, async (page) => {
    await keepConnections(page);
    await onlyTcp(page);
  }, 'tcp'),

  // A link with the token, over HTTPS with a certificate of the server's own making.
  async tokenLink(rig) {
    rig.tolerated = [/401/];
    const home = mkdtempSync(join(tmpdir(), 'whepsink-'));
    const pipeline = await rig.run('gst-launch-1.0', ['-m', ...`${source} ! ${vp9} ! whepsink port=0 path=yard
      tls-certificate=self-signed auth=token:${token}`.split(/\s+/)], { env: { ...process.env, XDG_DATA_HOME: home } });
    check(pipeline.url.startsWith('https://'), `the address is ${pipeline.url}`);
    const options = { ignoreHTTPSErrors: true };
    for (const query of ['', '?token=roses-are-red-8888']) {
      const stranger = await rig.open('about:blank', options);
      const answer = await stranger.goto(pipeline.url + query).catch((error) => error);
      // Headless Chromium has no prompt for a name: it ends the load there.
      check(answer.status ? answer.status() === 401 : /INVALID_AUTH|HTTP_RESPONSE_CODE/.test(answer.message),
            `${query || 'no token'} is refused, not ${answer.status?.() ?? answer.message}`);
      await until('it is shown no page', async () => await stateOf(stranger) === undefined);
      await rig.close(stranger);
    }
    const page = await rig.open(`${pipeline.url}?token=${token}`, options);
    await live(page);
    await frames(page, 25);
    check(!page.url().includes(token), `the token is not left in ${page.url()}`);
    check(await page.evaluate(() => document.cookie) === '', 'scripts do not see the cookie');
    await page.reload();
    await live(page);
    await page.goto(pipeline.url);
    await live(page);
    check(await page.evaluate(() => isSecureContext), 'the browser takes it for secure');
    check(!pipeline.output.includes(token), 'nobody printed the token');
    await rig.close(page);
    await pipeline.stop();
    rmSync(home, { recursive: true });
  },
});
