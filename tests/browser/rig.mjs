// What every browser test needs: pipelines that come and go, one Chromium, pages whose console is
// watched, and an end that leaves nothing behind. Run by `meson test --suite browser`, which sets the
// environment; exit code 77 means skipped.
import { spawn, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const build = process.env.VIDEO_STREAM_BUILD_DIR ?? join(here, '../../build');
export const screenshots = join(build, 'screenshots');

export function skip(reason) {
  console.log(`SKIP: ${reason}`);
  process.exit(77);
}

function findChromium() {
  for (const name of [process.env.CHROMIUM, 'chromium', 'chromium-browser', 'google-chrome'].filter(Boolean)) {
    try {
      return execFileSync('sh', ['-c', `command -v "${name}"`], { encoding: 'utf8' }).trim();
    } catch { /* the next one */ }
  }
  return skip('no Chromium here: apt-get install chromium');
}

/** What Playwright starts Chromium with. */
export const chromiumSettings = () => ({
  executablePath: findChromium(),
  headless: true,
  args: ['--no-sandbox', '--autoplay-policy=no-user-gesture-required', '--disable-gpu',
    '--disable-background-networking', '--disable-component-update', '--no-first-run',
    '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
});

export async function playwright() {
  if (!existsSync(join(here, 'node_modules/playwright-core')))
    skip('playwright-core is not here: npm ci --ignore-scripts in tests/browser');
  return await import('playwright-core');
}

export function check(condition, what) {
  if (!condition) throw new Error(`not true: ${what}`);
}

let nextPort = 20000 + process.pid % 10000;

/** One that nobody has. The system hands out those above by itself, and could give it to somebody before it is used. */
export async function freePort() {
  for (;;) {
    const port = nextPort++;
    const server = createServer();
    const free = await new Promise((resolve) => {
      server.on('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
    });
    if (free) return port;
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What a busy machine may need for what a quiet one does at once. */
const patience = 120000;

/** Waits until `probe()` gives something true and returns it. */
export async function until(what, probe, timeout = patience) {
  const end = Date.now() + timeout;
  let last;
  for (;;) {
    const value = await probe().catch((error) => { last = error; });
    if (value) return value;
    if (Date.now() > end) throw new Error(`never happened: ${what}${last ? ` (${last.message})` : ''}`);
    await sleep(100);
  }
}

/** A program that serves a stream: its output is searched for the address that whepsink announces. */
export class Pipeline {
  constructor(command, args, options) {
    this.output = '';
    this.child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.ended = new Promise((resolve) => this.child.on('exit', (code, signal) => {
      this.code = code;
      this.signal = signal;
      resolve();
    }));
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.on('data', (data) => { this.output += data; });
    this.child.on('error', (error) => { this.output += error.message; this.code = -1; });
  }

  /** `url` of the page, once it is served. */
  async ready(timeout = patience) {
    this.url = await until('the pipeline serves its page', async () => {
      if (this.code !== undefined) throw new Error(`it ended: ${this.output}`);
      // gst-launch-1.0 -m escapes the string; pipelines/run prints the address plainly.
      return this.#told('(?:whepsink|mjpegsink|segmentsink|httpflvsink|whiplistensrc)') ??
             this.output.match(/(?:^Open|Uvicorn running on) (http:\/\/\S+)\s/m)?.[1];
    }, timeout);
    return this.url;
  }

  /** Where the sink or source of that kind serves: of two, one is told of later. */
  async addressOf(kind) { return await until(`${kind} is served`, async () => this.#told(kind)); }

  #told(kind) {
    return this.output.match(new RegExp(`${kind}-ready.*?url=\\(string\\)"?([^",;]+)[",;]`))?.[1].replaceAll('\\', '');
  }

  /** What was printed, but for what stock elements complain of themselves (elements/player.hpp). */
  get complaints() {
    const harmless = /seqnum != GST_SEQNUM_INVALID|Sticky event misordering|has no handler with id/;
    return this.output.split('\n').filter((line) => /rror|CRITICAL/.test(line) && !harmless.test(line)).join('\n');
  }

  /** Ends it the way Ctrl-C does, with all that it started. */
  async stop(signal = 'SIGINT') {
    if (this.code === undefined && this.signal === undefined) this.#kill(signal);
    const hung = setTimeout(() => this.#kill('SIGKILL'), 60000);
    await this.ended;
    clearTimeout(hung);
  }

  #kill(signal) {
    try { process.kill(-this.child.pid, signal); } catch { /* it is gone */ }
  }
}

/** The virtual camera; it keeps its ports when it is started again. */
export class Camera {
  #ports;

  constructor(...options) { this.options = options; }

  async start() {
    this.#ports ??= ['--port', `${await freePort()}`, '--rtsp-port', `${await freePort()}`];
    this.child = spawn(process.env.VIRTUAL_CAMERA,
                       [...this.options, ...this.#ports, '--no-discovery', '--quiet', '--die-with-parent'],
                       { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    this.child.stdout.on('data', (data) => { said += data; });
    [, this.location] = await until('the camera is ready',
                                        async () => said.match(/^ready.*?\bonvif=(\S+)/m));
  }

  /** As if somebody had pulled its plug. */
  async lose() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.on('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }
}

/**
 * What a page is told at a WHEP endpoint, and goes on: that there is no picture yet; that the server has heard of a
 * session's end by DTLS before, or has ended it itself, where a busy machine let it be silent for too long.
 */
const isAnswer = (text, url) =>
  (/status of 409/.test(text) && /\/whep$/.test(url)) || (/status of 404/.test(text) && /\/whep\/[^/]+(\/\w+)?$/.test(url));

export class Rig {
  #pipelines = [];
  #browser;
  errors = []; // what any page wrote to its console as an error, or threw
  tolerated = []; // patterns of errors that the test at hand brings about

  /** `settings` as Playwright starts Chromium with. */
  static async start(settings = chromiumSettings()) {
    const rig = new Rig();
    const { chromium } = await playwright();
    rig.#browser = await chromium.launch({ timeout: patience, ...settings });
    return rig;
  }

  /** Starts gst-launch-1.0 with `description`; `ready()` has been waited for. */
  async launch(description) {
    return await this.run('gst-launch-1.0', ['-m', ...description.split(/\s+/).filter(Boolean)]);
  }

  async run(command, args, options = {}) {
    const pipeline = new Pipeline(command, args, options);
    this.#pipelines.push(pipeline);
    await pipeline.ready();
    return pipeline;
  }

  /** A page in a context of its own: another person's browser, as far as the server can tell. */
  async open(url, options = { viewport: { width: 1280, height: 800 } }) {
    const context = await this.#browser.newContext(options);
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    page.on('console', (message) => message.type() === 'error' && this.#complain(message.text(), message.location().url));
    page.on('pageerror', (error) => this.#complain(String(error)));
    await page.goto(url);
    return page;
  }

  #complain(text, url = '') {
    if (!isAnswer(text, url) && !this.tolerated.some((pattern) => pattern.test(text))) this.errors.push(`${text} ${url}`);
  }

  async close(page) { await page.context().close(); }

  /** Of a test that failed, no page is left to complain in the next one. */
  async closeAll() {
    for (const context of this.#browser?.contexts() ?? []) await context.close();
  }

  async screenshot(page, name) {
    mkdirSync(screenshots, { recursive: true });
    const path = join(screenshots, `${name}.png`);
    await page.screenshot({ path });
    return path;
  }

  get started() { return this.#pipelines.length; }

  /** What became of the pipelines that were started since: for whoever has to find out why. */
  plight(since) {
    return this.#pipelines.slice(since).map(({ code, signal, output }) =>
      `\n     a pipeline ${code === undefined ? 'runs' : `has ended (${signal ?? code})`} and said: ${output.slice(-1500)}`).join('');
  }

  async end() {
    await this.#browser?.close();
    await Promise.all(this.#pipelines.map((p) => p.stop()));
  }
}

export const stateOf = (page) => page.evaluate(() => window.player?.state);

export async function live(page, timeout = patience) {
  try {
    await until('the page is live', async () => await stateOf(page) === 'live', timeout);
  } catch (error) {
    throw new Error(`${error.message}: ${await plight(page)}`);
  }
}

/** What a page is at that is not live: for whoever has to find out why. */
const plight = (page) => page.evaluate(async () => {
  const { player } = window;
  if (!player) return `the page has not begun (${document.readyState})`;
  const { state, headline, reason, attempts, connections, framesDecoded, session, video, pc } = player;
  const answer = session && await fetch(`${session}/stats`, { signal: AbortSignal.timeout(5000) }).catch(String);
  return JSON.stringify({ state, headline, reason, attempts, connections, framesDecoded, session: Boolean(session),
    connection: pc?.connectionState, ice: pc?.iceConnectionState, signaling: pc?.signalingState,
    video: [video.readyState, video.paused, video.videoWidth, video.currentTime],
    server: answer?.ok ? await answer.json() : String(answer?.status ?? answer) });
}).catch((error) => `it does not answer (${error.message})`);

/** Waits for `count` further frames on the screen; returns what the last one says of itself. */
export async function frames(page, count = 10, timeout = patience) {
  const seen = page.evaluate((wanted) => new Promise((resolve) => {
    const video = document.querySelector('video');
    let left = wanted;
    const next = (now, frame) => {
      if (--left > 0) video.requestVideoFrameCallback(next);
      else resolve({ width: frame.width, height: frame.height, presented: frame.presentedFrames, time: frame.mediaTime });
    };
    video.requestVideoFrameCallback(next);
  }), count);
  const late = sleep(timeout).then(() => { throw new Error(`${count} frames did not come`); });
  return await Promise.race([seen, late]);
}

/** Mean colour of a part of the picture, 0..1 coordinates: what is really on the screen. */
export async function colour(page, x, y, width, height) {
  return await page.evaluate(([x, y, w, h]) => {
    const video = document.querySelector('video');
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 8;
    const context = canvas.getContext('2d');
    context.drawImage(video, x * video.videoWidth, y * video.videoHeight, w * video.videoWidth,
                      h * video.videoHeight, 0, 0, 8, 8);
    const sum = [0, 0, 0];
    const { data } = context.getImageData(0, 0, 8, 8);
    for (let i = 0; i < data.length; i++) if (i % 4 < 3) sum[i % 4] += data[i] / 64;
    return sum;
  }, [x, y, width, height]);
}

/** Runs the tests one after the other and ends the process with what Meson wants to know. */
export async function main(tests, start = Rig.start) {
  const only = process.argv[2];
  const rig = await start();
  let failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    if (only && name !== only) continue;
    rig.errors = [];
    rig.tolerated = [];
    const before = rig.started;
    try {
      await test(rig);
      check(rig.errors.length === 0, `the console is free of errors: ${rig.errors.join(' | ')}`);
      console.log(`ok   ${name}`);
    } catch (error) {
      failed++;
      console.log(`FAIL ${name}: ${error.stack}${rig.plight(before)}`);
      await rig.closeAll();
    }
  }
  await rig.end();
  process.exit(failed ? 1 : 0);
}
