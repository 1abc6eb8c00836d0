// Drives Debian's Firefox by Marionette, the protocol that it speaks itself: a TCP connection and
// messages of the form LENGTH:[type, id, name or error, parameters or result]. Playwright would want
// a Firefox of its own making.
import { spawn, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';

import { Rig, skip, until } from './rig.mjs';

function findFirefox() {
  for (const name of [process.env.FIREFOX, 'firefox-esr', 'firefox'].filter(Boolean)) {
    try {
      return execFileSync('sh', ['-c', `command -v "${name}"`], { encoding: 'utf8' }).trim();
    } catch { /* the next one */ }
  }
  return skip('no Firefox here: apt-get install firefox-esr');
}

const preferences = {
  'marionette.port': 0, // any free one, told in the profile
  'media.autoplay.default': 0,
  'media.peerconnection.ice.loopback': true, // where the test has no network but this
  'media.gmp-manager.updateEnabled': false, // nothing is downloaded: no OpenH264 either
  'app.update.enabled': false,
  'app.normandy.enabled': false,
  'browser.safebrowsing.downloads.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'http://127.0.0.1:9/',
  'toolkit.telemetry.reportingpolicy.firstRun': false,
};

/**
 * Firefox shows a page that captures nothing the address alone that leads out, and the network that
 * the test has for itself leads nowhere.
 */
function leadOut() {
  if (networkInterfaces().inner?.some((one) => one.address === '10.77.0.1'))
    execFileSync('ip', ['route', 'replace', 'default', 'dev', 'inner']);
}

/** What the tests know of a browser's page, for a tab of Firefox. */
class Tab {
  #browser;

  constructor(browser) { this.#browser = browser; }

  goto(url) { return this.#browser.ask('WebDriver:Navigate', { url }); }

  /** The value that `body`, called in the page with `argument`, returns or resolves to. */
  async evaluate(body, argument = null) {
    const script = `return (${body})(...arguments);`;
    return (await this.#browser.ask('WebDriver:ExecuteScript', { script, args: [argument] })).value;
  }
}

export class Firefox {
  #profile = mkdtempSync(join(tmpdir(), 'firefox-'));
  #child;
  #socket;
  #received = Buffer.alloc(0);
  #waiting = new Map();
  #asked = 0;

  static async start() {
    const firefox = new Firefox();
    await firefox.#run();
    await firefox.#meet();
    await firefox.ask('WebDriver:NewSession', { capabilities: { alwaysMatch: { acceptInsecureCerts: true } } });
    await firefox.ask('WebDriver:SetTimeouts', { script: 120000, pageLoad: 120000 });
    return firefox;
  }

  async #run() {
    writeFileSync(join(this.#profile, 'user.js'), Object.entries(preferences)
      .map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`).join(''));
    leadOut();
    const said = [];
    this.#child = spawn(findFirefox(), ['--headless', '--marionette', '--no-remote', '--profile', this.#profile],
                        { stdio: ['ignore', 'ignore', 'pipe'], detached: true,
                          env: { ...process.env, HOME: this.#profile, MOZ_CRASHREPORTER_DISABLE: '1' } });
    this.#child.stderr.on('data', (data) => said.push(data));
    this.port = await until(`Firefox listens (it said: ${said.join('').slice(-500)})`, async () =>
      Number(readFileSync(join(this.#profile, 'MarionetteActivePort'), 'utf8')));
  }

  async #meet() {
    this.#socket = connect(this.port, '127.0.0.1');
    this.#socket.on('data', (data) => {
      this.#received = Buffer.concat([this.#received, data]);
      this.#take();
    });
    const gone = (why) => { for (const { reject } of this.#waiting.values()) reject(new Error(`Firefox is gone: ${why}`)); };
    this.#socket.on('error', (error) => gone(error.message));
    this.#socket.on('close', () => gone('it closed the connection'));
    await new Promise((resolve, reject) => this.#waiting.set('hello', { resolve, reject }));
  }

  #take() {
    for (;;) {
      const colon = this.#received.indexOf(':');
      const end = colon + 1 + Number(this.#received.subarray(0, Math.max(colon, 0)));
      if (colon < 0 || this.#received.length < end) return;
      const message = JSON.parse(this.#received.subarray(colon + 1, end));
      this.#received = this.#received.subarray(end);
      const [, id, error, result] = Array.isArray(message) ? message : [1, 'hello', null, message];
      const asked = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error) asked?.reject(new Error(`${error.error}: ${error.message}`));
      else asked?.resolve(result);
    }
  }

  ask(name, parameters = {}) {
    const id = ++this.#asked;
    const message = JSON.stringify([0, id, name, parameters]);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.write(`${Buffer.byteLength(message)}:${message}`);
    });
  }

  async open(url) {
    const { handle } = await this.ask('WebDriver:NewWindow', { type: 'tab' });
    await this.ask('WebDriver:SwitchToWindow', { handle });
    const tab = new Tab(this);
    await tab.goto(url);
    return tab;
  }

  /** Closes the tab that is in front. */
  async close() {
    const [left] = await this.ask('WebDriver:CloseWindow');
    await this.ask('WebDriver:SwitchToWindow', { handle: left });
  }

  async end() {
    const gone = new Promise((resolve) => this.#child.on('exit', resolve));
    this.#waiting.clear();
    this.#socket?.destroy();
    try { process.kill(-this.#child.pid, 'SIGKILL'); } catch { /* it ended by itself */ }
    await gone;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Pipelines as every test has them, with pages in Firefox. */
export class FirefoxRig extends Rig {
  static async start() {
    const rig = new FirefoxRig();
    rig.firefox = await Firefox.start();
    return rig;
  }

  open(url) { return this.firefox.open(url); }
  close() { return this.firefox.close(); }

  async end() {
    await this.firefox.end();
    await super.end();
  }
}
