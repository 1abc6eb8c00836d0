// What the page says of the picture and of the way it takes: numbers, and warnings in words.
import { join } from 'node:path';
import { Camera, check, live, main, until } from './rig.mjs';

const picture = 'videotestsrc is-live=true ! video/x-raw,format=I420,width=640,height=360,framerate=25/1';
const h264 = 'x264enc tune=zerolatency speed-preset=ultrafast bitrate=500 key-int-max=25 ! h264parse';

/** The rows of the open details: name -> value. */
const rows = (page) => page.locator('#numbers dt:visible').evaluateAll((names) =>
  Object.fromEntries(names.map((name) => [name.textContent, name.nextElementSibling.textContent])));

/** Hides a decoder from the page, as in a Firefox whose OpenH264 has not come yet. */
const withoutH264 = () => {
  const isOther = ({ mimeType }) => mimeType !== 'video/H264';
  const capabilities = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver);
  RTCRtpReceiver.getCapabilities = (kind) => ({ codecs: capabilities(kind).codecs.filter(isOther) });
  const add = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function (kind, options) {
    const transceiver = add.call(this, kind, options);
    transceiver.setCodecPreferences(capabilities(kind).codecs.filter(isOther));
    return transceiver;
  };
};

await main({
  async numbers(rig) {
    const pipeline = await rig.launch(`${picture} ! ${h264} ! whepsink name=w port=0 max-viewers=5`);
    const page = await rig.open(pipeline.url);
    await live(page);
    await page.keyboard.press('i');
    // A browser may begin by TCP, and a busy machine lose a packet.
    const expected = { Format: /^H\.264$/, Picture: /^640 × 360, \d+ fps$/, 'Bit rate': /bit\/s$/, Viewers: /^1 of 5$/,
      Connection: /^UDP, direct$/, 'Lost on the way': /^0 % \(\d+ packets in all\)$/ };
    let told;
    await until('the details are told', async () => {
      told = await rows(page);
      return Object.entries(expected).every(([name, value]) => value.test(told[name]));
    }).catch((error) => { throw new Error(`${error.message}: ${JSON.stringify(told)}`); });
    check(!/B-frames|place/.test(await page.locator('#warnings').textContent()), 'there is nothing to warn of');
    const { x, y, width, height } = await page.locator('#details').boundingBox();
    check(x >= 0 && y >= 0 && x + width <= 1280 && y + height <= 800, 'they are within the page');
    await rig.screenshot(page, 'details');
    await page.keyboard.press('Escape');
    check(await page.locator('#details').isHidden(), 'Escape closes them');
    check(await page.evaluate(() => document.activeElement.classList.contains('info')), 'the focus is on their button');
    // Who has the address of a session is that viewer, and nobody else.
    const session = await page.evaluate(() => window.player.session);
    check((await fetch(`${session}/stats`)).ok, 'the session has numbers');
    check((await fetch(`${session.slice(0, -4)}0000/stats`)).status === 404, 'another one has none');
    await rig.close(page);
    await pipeline.stop();
  },

  async warnings(rig) {
    const pipeline = await rig.launch(`${picture} !
      x264enc speed-preset=veryfast bframes=2 b-adapt=false rc-lookahead=2 bitrate=500 key-int-max=25 !
      video/x-h264,profile=main ! h264parse ! whepsink port=0 max-viewers=1`);
    const page = await rig.open(pipeline.url);
    await live(page);
    await until('the page warns', () => page.locator('.caution').isVisible());
    await page.locator('.caution').click();
    const said = () => page.locator('#warnings').innerText();
    await until('of B-frames and what to do about them', async () => /B-frames[^]*camera's video settings/.test(await said()));
    await until('and that all places are taken', async () => /only place is taken/.test(await said()));
    await rig.screenshot(page, 'warnings');
    await page.keyboard.press('Escape');
    check(await page.evaluate(() => document.activeElement.classList.contains('caution')), 'the focus is on its button');
    await rig.close(page);
    await pipeline.stop();
  },

  // With all that there can be: sizes, sound, and what is drawn.
  async everyButtonOnAPhone(rig) {
    const camera = new Camera('--width', '320', '--height', '180', '--fps', '10');
    await camera.start();
    const pipeline = await rig.launch(`onvifsrc name=c location=${camera.location} latency=100
      c. ! application/x-rtp,media=video ! rtph264depay ! h264parse ! tee name=t
      t. ! queue ! whepsink name=w port=0 t. ! queue ! h264parse ! w.quality_0
      c. ! application/x-rtp,media=audio ! w.audio_0
      t. ! queue ! avdec_h264 ! queue leaky=downstream max-size-buffers=1 !
      yolodetect model=${join(process.env.VIDEO_STREAM_BUILD_DIR, 'models/shapes.onnx')} ! w.detections_0`);
    await until('there is sound', async () =>
      (await (await fetch(new URL('status', pipeline.url))).json()).codecs.includes('OPUS'));
    for (const width of [320, 390, 740]) {
      const page = await rig.open(pipeline.url, { viewport: { width, height: width === 740 ? 360 : 700 }, isMobile: true, hasTouch: true });
      await live(page);
      for (const name of ['quality', 'mute', 'boxes', 'more', 'info', 'snapshot', 'fullscreen'])
        await until(`${name} is on a screen of ${width}`, async () => {
          const box = await page.locator(`.lower .${name}`).boundingBox();
          return box && box.x >= 0 && box.x + box.width <= width;
        });
      check(await page.evaluate(() => document.documentElement.scrollWidth) <= width, 'it does not scroll sideways');
      await page.locator('.info').tap();
      const box = await page.locator('#details').boundingBox();
      check(box.x >= 0 && box.x + box.width <= width && box.y >= 0, `the details are on a screen of ${width}`);
      await rig.screenshot(page, `phone-${width}`);
      await rig.close(page);
    }
    await pipeline.stop();
    await camera.lose();
  },

  // A stand-in for the browser's lock, which no headless browser has a screen for.
  async staysAwake(rig) {
    rig.tolerated = [/Failed to load resource/];
    const pipeline = await rig.launch(`${picture} ! ${h264} ! whepsink port=0`);
    const page = await rig.open('about:blank');
    await page.addInitScript(() => {
      window.locks = [];
      const request = async (kind) => {
        const lock = Object.assign(new EventTarget(), { kind, held: true });
        lock.release = async () => { lock.held = false; lock.dispatchEvent(new Event('release')); };
        window.locks.push(lock);
        return lock;
      };
      Object.defineProperty(navigator, 'wakeLock', { value: { request } });
    });
    await page.goto(pipeline.url);
    await live(page);
    const held = () => page.evaluate(() => window.locks.filter((lock) => lock.held && lock.kind === 'screen').length);
    await until('the screen is kept awake, once', async () => await held() === 1);
    await pipeline.stop();
    await until('it may sleep when there is nothing to see', async () => await held() === 0);
    await rig.close(page);
  },

  async noDecoder(rig) {
    rig.tolerated = [/406/];
    const pipeline = await rig.launch(`${picture} ! ${h264} ! whepsink port=0`);
    for (const [userAgent, words] of [[undefined, 'which this browser cannot play'], ['Firefox/128', 'OpenH264']]) {
      const page = await rig.open('about:blank', { viewport: { width: 800, height: 600 }, userAgent });
      await page.addInitScript(withoutH264);
      await page.goto(pipeline.url);
      await until(`the page says "${words}"`, async () => (await page.textContent('.reason')).includes(words));
      check((await page.textContent('.headline')) === 'Cannot be played here', 'and what is the matter');
      if (userAgent) await rig.screenshot(page, 'no-decoder');
      await rig.close(page);
    }
    await pipeline.stop();
  },
});
