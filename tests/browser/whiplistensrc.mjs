// A real Chromium with its fake camera as the camera: the page that shares it, and who watches.
import { keepConnections, received } from './connections.mjs';
import { LossyLink } from './lossylink.mjs';
import { check, frames, live, main, until } from './rig.mjs';

const status = async (base) => (await fetch(new URL('status', base))).json();
const publisher = (page) => page.evaluate(() => window.publisher.state);

async function shares(page) {
  await page.click('#share');
  await until('the camera is shared', async () => await publisher(page) === 'live');
}

async function grows(base, count = 20) {
  const { frames: before } = await status(base);
  await until('frames come', async () => (await status(base)).frames >= before + count);
}

await main({
  async sharedPictureIsDecoded(rig) {
    const pipeline = await rig.launch(
      'whiplistensrc port=0 path=phone name=w w.video_0 ! decodebin ! videoconvert ! fakesink sync=false num-buffers=60');
    const page = await rig.open(pipeline.url);
    await rig.screenshot(page, 'share');
    rig.tolerated = [/Failed to load resource|ERR_CONNECTION/]; // the server ends with the pipeline
    await shares(page);
    await until('sixty frames are decoded', async () => pipeline.code !== undefined);
    check(pipeline.code === 0, `gst-launch ended well: ${pipeline.output}`);
    await rig.close(page);
  },

  // It is told what came of each packet, and so dares to send more than the 300 kbit/s it begins with.
  async sendsWhatTheNetworkBears(rig) {
    const pipeline = await rig.launch('whiplistensrc port=0 name=w w.video_0 ! fakesink sync=false ' +
                                      'w.audio_0 ! opusdec ! fakesink sync=false async=false');
    const page = await rig.open('about:blank');
    await keepConnections(page);
    await page.goto(pipeline.url);
    await page.check('#sound');
    await shares(page);
    await grows(pipeline.url);
    await until('it knows of more than it began with', async () =>
      (await received(page, 'candidate-pair')).availableOutgoingBitrate > 1500000);
    await rig.close(page);
    await pipeline.stop();
    check(!/ERROR/.test(pipeline.output), pipeline.output);
  },

  // What is lost on the way is sent again, and where that is too late a key frame is.
  async throughLoss(rig) {
    const pipeline = await rig.launch('whiplistensrc port=0 name=w ! decodebin ! fakesink sync=false');
    const link = new LossyLink({ loss: 0.05, delay: 20, jitter: 10 });
    const page = await rig.open('about:blank');
    await keepConnections(page);
    await link.take(page, 'whip');
    await page.goto(pipeline.url);
    await shares(page);
    await grows(pipeline.url, 100);
    await until('packets are sent again', async () => {
      const { nackCount, retransmittedPacketsSent } = await received(page, 'outbound-rtp');
      return nackCount > 0 && retransmittedPacketsSent > 0;
    });
    check(link.lost > 0, 'packets were lost');
    await grows(pipeline.url, 50);
    await rig.close(page);
    link.close();
    await pipeline.stop();
    check(!/ERROR/.test(pipeline.output), pipeline.output);
  },

  async stopsAndGoesOn(rig) {
    const pipeline = await rig.launch('whiplistensrc port=0 path=phone ! fakesink sync=false');
    const page = await rig.open(pipeline.url);
    await shares(page);
    await grows(pipeline.url);
    await rig.screenshot(page, 'sharing');
    await page.click('#share');
    await until('it is not shared any more', async () => !(await status(pipeline.url)).live);
    await shares(page);
    await grows(pipeline.url);
    await rig.close(page); // the tab: its DELETE or its silence ends the session
    await until('it is gone', async () => !(await status(pipeline.url)).live);
    await pipeline.stop();
    check(pipeline.code === 0, `gst-launch ended well: ${pipeline.output}`);
  },

  async phoneSound(rig) {
    const pipeline = await rig.launch(
      'whiplistensrc port=0 name=w w.video_0 ! decodebin ! fakesink sync=false num-buffers=40 ' +
      'w.audio_0 ! opusdec ! fakesink sync=false async=false num-buffers=100');
    rig.tolerated = [/Failed to load resource|ERR_CONNECTION/]; // the server ends with the pipeline
    const page = await rig.open(pipeline.url, { viewport: { width: 390, height: 844 } });
    await page.check('#sound');
    await rig.screenshot(page, 'share-phone');
    await shares(page);
    await until('both have come', async () => pipeline.code !== undefined);
    await rig.close(page);
    check(!/ERROR/.test(pipeline.output), pipeline.output);
  },

  // From one browser to another, through our two ends and nothing else.
  async watchedByAnother(rig) {
    const pipeline = await rig.launch('whiplistensrc port=0 name=w w.video_0 ! whepsink port=0 name=s');
    const [whip, whep] = [await pipeline.addressOf('whiplistensrc'), await pipeline.addressOf('whepsink')];
    const camera = await rig.open(whip);
    await shares(camera);
    rig.tolerated = [/409/];
    const viewer = await rig.open(whep);
    await live(viewer);
    const frame = await frames(viewer, 20);
    check(frame.width > 0, 'there is a picture');
    // A second camera is told that the place is taken, and gets it when the first one goes.
    const second = await rig.open(whip);
    await second.click('#share');
    await until('it hears why', async () => /publishes here already/.test(await second.textContent('#reason')));
    await camera.click('#share');
    await until('the second one is on', async () => await publisher(second) === 'live');
    await grows(whip);
    await live(viewer);
    await frames(viewer, 20);
    await rig.close(viewer);
    await rig.close(camera);
    await rig.close(second);
    await pipeline.stop();
  },
});
