// The real page in a real Chromium, against real pipelines.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { check, colour, frames, freePort, live, main, sleep, stateOf, until } from './rig.mjs';

const source = (width = 640, height = 360) =>
  `videotestsrc is-live=true pattern=smpte ! video/x-raw,format=I420,width=${width},height=${height},framerate=25/1`;
const vp9 = 'vp9enc deadline=1 cpu-used=8 lag-in-frames=0 end-usage=cbr target-bitrate=800000 keyframe-max-dist=3000';

/** The test picture's first bar is grey, its second yellow: the right picture came, not just any. */
async function showsBars(page) {
  const [r, g, b] = await colour(page, 0.17, 0.1, 0.08, 0.3);
  check(r > 140 && g > 140 && b < 90, `the second bar is yellow, not ${[r, g, b].map(Math.round)}`);
}

async function plays(rig, encoder, width = 640, height = 360) {
  const pipeline = await rig.launch(`${source(width, height)} ! ${encoder} ! whepsink port=0`);
  const page = await rig.open(pipeline.url);
  await live(page);
  const frame = await frames(page, 30);
  check(frame.width === width && frame.height === height, `the picture is ${frame.width}x${frame.height}`);
  await showsBars(page);
  await rig.close(page);
  await pipeline.stop();
  check(pipeline.code === 0, `gst-launch ended well: ${pipeline.output}`);
}

const x264 = 'x264enc tune=zerolatency speed-preset=ultrafast bitrate=800 key-int-max=250';

async function goesOn(page) {
  const before = (await frames(page, 1)).presented;
  const after = (await frames(page, 15)).presented;
  check(after > before, 'frames advance');
}

await main({
  vp9: (rig) => plays(rig, vp9),
  vp9AsRtp: (rig) => plays(rig, `${vp9} ! rtpvp9pay`),
  vp8: (rig) => plays(rig, 'vp8enc deadline=1 cpu-used=8 target-bitrate=800000 keyframe-max-dist=3000'),
  h264: (rig) => plays(rig, x264),
  h264AsRtp: (rig) => plays(rig, `${x264} ! h264parse ! rtph264pay`),
  // No browser on Linux offers High; they decode it.
  h264High: (rig) => plays(rig, `${x264.replace('ultrafast', 'veryfast')} ! video/x-h264,profile=high ! h264parse`, 1280, 720),

  // A camera's own stream: nobody there makes key frames on demand, the next is two minutes away.
  async passthrough(rig) {
    const file = join(mkdtempSync(join(tmpdir(), 'whepsink-')), 'camera.mkv');
    execFileSync('gst-launch-1.0', `-q videotestsrc num-buffers=3000 ! video/x-raw,width=640,height=360,framerate=25/1 !
      x264enc tune=zerolatency speed-preset=ultrafast bitrate=800 key-int-max=3000 ! h264parse ! matroskamux !
      filesink location=${file}`.split(/\s+/));
    const pipeline = await rig.launch(`filesrc location=${file} ! matroskademux ! h264parse ! whepsink port=0`);
    await sleep(3000);
    const page = await rig.open(pipeline.url);
    await live(page);
    await frames(page, 30);
    await showsBars(page);
    await rig.close(page);
    await pipeline.stop();
    rmSync(dirname(file), { recursive: true });
  },

  async manyViewers(rig) {
    const pipeline = await rig.launch(`${source()} ! ${vp9} ! whepsink port=0`);
    const first = await rig.open(pipeline.url);
    await live(first);
    await frames(first, 20);
    const second = await rig.open(pipeline.url); // late: no key frame but the one it asks for
    await live(second);
    await frames(second, 10);
    await showsBars(second);
    check((await (await fetch(new URL('status', pipeline.url))).json()).viewers === 2, 'two watch');
    await rig.close(first);
    await until('the one who left is forgotten', async () =>
      (await (await fetch(new URL('status', pipeline.url))).json()).viewers === 1);
    await goesOn(second);
    await rig.screenshot(second, 'live');
    await rig.close(second);
    await pipeline.stop();
  },

  async comesBack(rig) {
    rig.tolerated = [/Failed to load resource/];
    const port = await freePort();
    const description = `${source()} ! ${vp9} ! whepsink port=${port}`;
    let pipeline = await rig.launch(description);
    const page = await rig.open(pipeline.url);
    await live(page);
    await frames(page, 10);
    await pipeline.stop();
    await until('the page says that it is offline', async () => await stateOf(page) === 'offline');
    await rig.screenshot(page, 'offline');
    pipeline = await rig.launch(description);
    await live(page);
    await frames(page, 10);
    await showsBars(page);
    await rig.close(page);
    await pipeline.stop();
  },

  async nameAndPhone(rig) {
    const pipeline = await rig.launch(`${source()} ! ${vp9} ! whepsink port=0 path=yard`);
    check(new URL(pipeline.url).pathname === '/yard/', 'the stream has its own address');
    const page = await rig.open(new URL('/', pipeline.url).href,
                                { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    await live(page);
    check(new URL(page.url()).pathname === '/yard/', 'the root leads there');
    await frames(page, 30);
    await until('the status line has the size', async () => /640 × 360/.test(await page.textContent('.stats')));
    await rig.screenshot(page, 'phone');
    await rig.close(page);
    await pipeline.stop();
  },
});
