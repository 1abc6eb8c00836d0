// A client that nobody here wrote asks the virtual camera: npm's onvif (agsh), with a login, for
// profiles, addresses, a snapshot, moves, picture settings, relays and events.
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const password = 'a "quoted" word';

if (!existsSync(join(here, 'node_modules/onvif'))) {
  console.log('SKIP: the onvif client is not here: npm ci --ignore-scripts in tests/browser');
  process.exit(77);
}
const { Cam } = (await import('onvif')).default;

function check(condition, what) {
  if (!condition) throw new Error(`not true: ${what}`);
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Calls a function of the client that takes a callback. */
function ask(cam, name, ...args) {
  return new Promise((resolve, reject) => {
    cam[name](...args, (error, result) => error ? reject(new Error(`${name}: ${error.message ?? error}`)) : resolve(result));
  });
}

class Camera {
  async start(...options) {
    this.child = spawn(process.env.VIRTUAL_CAMERA,
      ['--width', '640', '--height', '360', '--fps', '10', '--no-discovery', '--no-motion', '--quiet',
        '--die-with-parent', '--control', ...options],
      { env: { ...process.env, VIRTUAL_CAMERA_PASSWORD: password }, stdio: ['pipe', 'pipe', 'inherit'] });
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
    this.url = new URL(/onvif=(\S+)/.exec((await this.lines.next()).value)[1]);
    return this;
  }

  /** Gives a command and returns what the camera says to it. */
  async tell(line) {
    this.child.stdin.write(`${line}\n`);
    const answer = (await this.lines.next()).value;
    check(answer.startsWith('ok'), `${line}: ${answer}`);
    return answer;
  }

  client() {
    return new Promise((resolve, reject) => {
      const cam = new Cam({ hostname: this.url.hostname, port: this.url.port, username: 'admin', password, timeout: 120000 },
        (error) => error ? reject(new Error(`connect: ${error.message ?? error}`)) : resolve(cam));
    });
  }

  async stop() {
    const ended = once(this.child, 'exit');
    this.child.stdin.write('quit\n');
    check((await ended)[0] === 0, 'the camera ends well');
  }
}

/** GET with HTTP Digest (RFC 7616), as a snapshot wants it. */
async function fetchWithDigest(address) {
  const refused = await fetch(address);
  check(refused.status === 401, 'a snapshot wants a login');
  const challenge = refused.headers.get('www-authenticate');
  const field = (name) => new RegExp(`${name}="([^"]*)"`).exec(challenge)[1];
  const md5 = (text) => createHash('md5').update(text).digest('hex');
  const uri = new URL(address).pathname;
  const response = md5([md5(`admin:${field('realm')}:${password}`), field('nonce'), '00000001', 'c0ffee', 'auth',
    md5(`GET:${uri}`)].join(':'));
  return await fetch(address, {
    headers: {
      authorization: `Digest username="admin", realm="${field('realm')}", nonce="${field('nonce')}", uri="${uri}", ` +
        `algorithm=MD5, qop=auth, nc=00000001, cnonce="c0ffee", response="${response}"`,
    },
  });
}

async function media(cam) {
  const tokens = cam.profiles.map((profile) => profile.$.token);
  check(tokens.join() === 'main,sub', `two profiles: ${tokens}`);
  const stream = await ask(cam, 'getStreamUri', { protocol: 'RTSP', profileToken: 'sub' });
  check(/^rtsp:\/\/127\.0\.0\.1:\d+\/sub$/.test(stream.uri), stream.uri);
  const snapshot = await ask(cam, 'getSnapshotUri', { profileToken: 'main' });
  const picture = await fetchWithDigest(snapshot.uri);
  const bytes = new Uint8Array(await picture.arrayBuffer());
  check(picture.status === 200 && bytes[0] === 0xff && bytes[1] === 0xd8 && bytes.length > 1000,
    `a JPEG of ${bytes.length} bytes`);
}

async function steering(cam) {
  const where = async () => await ask(cam, 'getStatus', {});
  await ask(cam, 'absoluteMove', { x: 0.2, y: -0.1, zoom: 0.1 });
  let status;
  for (let i = 0; i < 1200; ++i) {
    status = await where();
    if (status.moveStatus.panTilt === 'IDLE' && status.moveStatus.zoom === 'IDLE') break;
    await sleep(100);
  }
  check(Math.abs(status.position.x - 0.2) < 0.001 && Math.abs(status.position.zoom - 0.1) < 0.001,
    `it arrives: ${JSON.stringify(status.position)}`);
  await ask(cam, 'continuousMove', { x: -0.1, y: 0, zoom: 0 }); // ten seconds, and not at the end by then
  check((await where()).moveStatus.panTilt === 'MOVING', 'it moves');
  await ask(cam, 'stop', { panTilt: true, zoom: true });
  check((await where()).moveStatus.panTilt === 'IDLE', 'it stops');
  await ask(cam, 'setPreset', { presetName: 'Gate' });
  const presets = await ask(cam, 'getPresets', {});
  check(Object.keys(presets).includes('Gate'), `presets: ${Object.keys(presets)}`);
  await ask(cam, 'gotoPreset', { preset: presets.Gate.$.token });
  await ask(cam, 'gotoHomePosition', {});
}

async function picture(cam) {
  await ask(cam, 'setImagingSettings', { brightness: 71 });
  const settings = await ask(cam, 'getImagingSettings', {});
  check(settings.brightness === 71 && settings.contrast === 50, `settings: ${JSON.stringify(settings)}`);
}

async function switches(cam, camera) {
  // It has no function for relays; its own requests and login carry what any of them would say.
  const relays = await ask(cam, '_request', {
    body: `${cam._envelopeHeader()}<GetRelayOutputs xmlns="http://www.onvif.org/ver10/device/wsdl"/>${cam._envelopeFooter()}`,
  });
  check(relays[0].getRelayOutputsResponse[0].relayOutputs[0].$.token === 'relay0', 'relays are listed');
  await ask(cam, '_request', {
    body: `${cam._envelopeHeader()}<SetRelayOutputState xmlns="http://www.onvif.org/ver10/device/wsdl">` +
      '<RelayOutputToken>relay0</RelayOutputToken><LogicalState>active</LogicalState></SetRelayOutputState>' +
      cam._envelopeFooter(),
  });
  check(await camera.tell('relays') === 'ok relay0=on relay1=off', 'the relay is on');
}

async function events(cam, camera) {
  const properties = await ask(cam, 'getEventProperties');
  check(properties.topicSet.videoSource.motionAlarm, 'topics are listed');
  const seen = [];
  const happened = new Promise((resolve) => {
    cam.on('event', (message) => {
      const content = message.message.message;
      seen.push(`${message.topic._} ${content.$.PropertyOperation}`);
      const item = content.data.simpleItem.$;
      if (/MotionAlarm/.test(message.topic._) && content.$.PropertyOperation === 'Changed' && item.Value === true)
        resolve();
    });
  });
  for (let i = 0; i < 1200 && seen.length === 0; ++i) await sleep(100);
  check(seen.length > 0, 'states come first');
  await camera.tell('event MotionAlarm on');
  await Promise.race([happened, new Promise((_, reject) => setTimeout(
    () => reject(new Error(`no motion came, only ${seen}`)), 120000).unref())]);
  cam.removeAllListeners('event');
}

for (const auth of ['both', 'digest', 'wsse']) {
  const camera = await new Camera().start('--auth', auth);
  const cam = await camera.client();
  await media(cam);
  await steering(cam);
  await picture(cam);
  await switches(cam, camera);
  if (auth !== 'wsse') await events(cam, camera);
  console.log(`ok ${auth}`);
  await camera.stop();
}
process.exit(0);
