// Networks that let nothing through but a TURN server: coturn, as Debian has it.
import { execFileSync, spawn } from 'node:child_process';
import { networkInterfaces } from 'node:os';

import { check, frames, freePort, live, main, skip, until } from './rig.mjs';
import { Elsewhere } from './elsewhere.mjs';
import { candidateTypes, keepConnections } from './connections.mjs';

const source = 'videotestsrc is-live=true ! video/x-raw,format=I420,width=640,height=360,framerate=25/1';
const vp9 = 'vp9enc deadline=1 cpu-used=8 lag-in-frames=0 target-bitrate=800000 keyframe-max-dist=3000';

/** Browsers relay from an address of the network rather than from loopback, where there is one. */
const address = () => Object.values(networkInterfaces()).flat()
  .find((one) => !one.internal && one.family === 'IPv4')?.address ?? '127.0.0.1';

class Turn {
  /** With a login of its own, or those that anybody makes who knows the secret. */
  static async start(login = ['--lt-cred-mech', '--user', 'ann:secret-7']) {
    try {
      execFileSync('sh', ['-c', 'command -v turnserver']);
    } catch {
      skip('no coturn here: apt-get install coturn');
    }
    const turn = new Turn();
    turn.host = address();
    turn.port = await freePort();
    turn.said = '';
    turn.child = spawn('turnserver', ['-n', '-v', '--log-file', 'stdout', '--pidfile', '/dev/null', '--no-tls', '--no-dtls',
      '--no-cli', '--no-multicast-peers', '--fingerprint', '--realm', 'yard', ...login,
      '--listening-ip', turn.host, '--relay-ip', turn.host, '--listening-port', String(turn.port),
      ...(turn.host === '127.0.0.1' ? ['--allow-loopback-peers', '--cli-password', 'none'] : [])],
                       { stdio: ['ignore', 'pipe', 'pipe'] });
    process.on('exit', () => turn.child.kill('SIGKILL')); // also of a test that failed
    for (const stream of [turn.child.stdout, turn.child.stderr]) stream.on('data', (data) => { turn.said += data; });
    turn.ended = new Promise((resolve) => turn.child.on('exit', resolve));
    await until('coturn listens', async () => /listener opened on.*/i.test(turn.said));
    return turn;
  }

  url(transport = 'udp') { return `turn://ann:secret-7@${this.host}:${this.port}?transport=${transport}`; }

  async stop() {
    this.child.kill('SIGTERM');
    await this.ended;
  }
}

/** At one end or the other; a browser may begin on another way, while it tries the one that it prefers. */
async function comesByTheRelay(page, end) {
  let last;
  await until('media comes by the relay', async () => (last = await candidateTypes(page))?.[end] === 'relay')
    .catch((error) => { throw new Error(`${error.message}, but by ${JSON.stringify(last)}`); });
}

/** The published player takes the relay from the answer's Link headers, and nothing else. */
async function relayed(rig, turn, settings) {
  rig.tolerated = [/428/];
  const pipeline = await rig.launch(`${source} ! ${vp9} ! whepsink port=0 allow-origin=* ${settings}`);
  const site = await Elsewhere.start();
  const page = await rig.open('about:blank');
  await keepConnections(page);
  await page.goto(site.url);
  await page.waitForFunction(() => window.watch);
  const watch = () => site.watch(page, new URL('whep', pipeline.url), '', { iceTransportPolicy: 'relay' });
  await until('the player is let in', async () => await watch() === '');
  await frames(page, 30).catch((error) => { throw new Error(`${error.message}; coturn said: ${turn.said.slice(-1500)}`); });
  await comesByTheRelay(page, 'local');
  check(!pipeline.output.includes('secret-7'), 'nobody printed the secret');
  await rig.close(page);
  site.close();
  await pipeline.stop();
  await turn.stop();
}

await main({
  async udp(rig) {
    const turn = await Turn.start();
    await relayed(rig, turn, `turn-server=${turn.url('udp')}`);
  },

  async tcp(rig) {
    const turn = await Turn.start();
    await relayed(rig, turn, `turn-server=${turn.url('tcp')}`);
  },

  // The login is made for the session, of a secret that the player never hears of.
  async loginOfADay(rig) {
    const turn = await Turn.start(['--use-auth-secret', '--static-auth-secret', 'secret-7']);
    await relayed(rig, turn, `turn-server=turn://${turn.host}:${turn.port}?transport=udp turn-secret=secret-7`);
    check(/\d{10}:[0-9a-f]{16}/.test(turn.said), 'coturn saw such a login');
  },

  // Here it is the sink that nothing but the relay lets through; its own login is made the same way.
  async sinkBehindIt(rig) {
    const turn = await Turn.start(['--use-auth-secret', '--static-auth-secret', 'secret-7']);
    const pipeline = await rig.launch(
      `${source} ! ${vp9} ! whepsink port=0 turn-server=turn://${turn.host}:${turn.port} turn-secret=secret-7 ice-transport-policy=relay`);
    const page = await rig.open('about:blank');
    await keepConnections(page);
    await page.goto(pipeline.url);
    await live(page);
    await frames(page, 30).catch((error) => { throw new Error(`${error.message}; coturn said: ${turn.said.slice(-1500)}`); });
    await comesByTheRelay(page, 'remote');
    await rig.close(page);
    await pipeline.stop();
    await turn.stop();
  },

  // The built-in page where the browser is let out by the relay alone.
  async pageBehindIt(rig) {
    const turn = await Turn.start(['--use-auth-secret', '--static-auth-secret', 'secret-7']);
    const pipeline = await rig.launch(
      `${source} ! ${vp9} ! whepsink port=0 turn-server=turn://${turn.host}:${turn.port} turn-secret=secret-7`);
    const page = await rig.open('about:blank');
    await keepConnections(page, { iceTransportPolicy: 'relay' });
    await page.goto(pipeline.url);
    await live(page).catch((error) => { throw new Error(`${error.message}; coturn said: ${turn.said.slice(-1500)}`); });
    await frames(page, 30);
    await comesByTheRelay(page, 'local');
    await rig.close(page);
    await pipeline.stop();
    await turn.stop();
  },

  // Without a relay that page cannot watch: what plays above plays by it.
  async none(rig) {
    rig.tolerated = [/428/];
    const pipeline = await rig.launch(`${source} ! ${vp9} ! whepsink port=0 allow-origin=*`);
    const site = await Elsewhere.start();
    const page = await rig.open(site.url);
    await page.waitForFunction(() => window.watch);
    await until('the player is let in', async () =>
      await site.watch(page, new URL('whep', pipeline.url), '', { iceTransportPolicy: 'relay' }) === '');
    check(await frames(page, 1, 4000).then(() => false, () => true), 'nothing comes');
    await rig.close(page);
    site.close();
    await pipeline.stop();
  },
});
