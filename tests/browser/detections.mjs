// Boxes beside the picture: what is found in a camera's small stream, over the very frames of its large
// one; and the same as Server-Sent Events.
import { get } from 'node:http';
import { join } from 'node:path';
import { compareBoxes } from './beside.mjs';
import { painted } from './boxes.mjs';
import { Camera, check, live, main, sleep, until } from './rig.mjs';

const source = process.env.VIDEO_STREAM_SOURCE_DIR;
const build = process.env.VIDEO_STREAM_BUILD_DIR;
const model = join(build, 'models/shapes.onnx');

const launchFile = (rig, location) => rig.run(join(build, 'pipelines/video-stream-launch'),
  [join(source, 'pipelines/camera-passthrough-with-boxes.launch'), `LOCATION=${location}`, 'PORT=0', `MODEL=${model}`]);

/** One stream of the camera, shown as it comes and looked at beside that. */
const oneStream = (rig, location) => rig.launch(
  `onvifsrc location=${location} latency=100 ! application/x-rtp,media=video ! rtph264depay ! h264parse ! tee name=t
   t. ! queue ! whepsink name=w port=0 playout-delay=200
   t. ! queue ! avdec_h264 ! queue max-size-buffers=1 leaky=downstream ! yolodetect model=${model} ! w.detections_0`);

/** One stream, encoded anew: what was found rides on the frames, through encoder and payloader. */
const ridingOn = (rig, location) => rig.launch(
  `onvifsrc location=${location} latency=100 ! application/x-rtp,media=video ! rtph264depay ! h264parse ! avdec_h264 !
   yolodetect model=${model} ! vp8enc deadline=1 cpu-used=16 target-bitrate=1000000 keyframe-max-dist=300 ! whepsink port=0`);

/** Runs `job(pipeline, page)` with a camera's picture and boxes beside it. */
async function watched(rig, start, job) {
  rig.tolerated = [/409/]; // the page may ask before the camera has sent its first picture
  const camera = new Camera('--width', '960', '--height', '540', '--fps', '15', '--audio', 'none');
  await camera.start();
  try {
    const pipeline = await start(rig, camera.location);
    const page = await rig.open(pipeline.url);
    await live(page);
    await until('something is found', () => page.evaluate(() => window.stages[0].overlay.findings.newest?.objects.length === 3));
    await job(pipeline, page);
    await rig.close(page);
    await pipeline.stop();
    check(pipeline.code === 0, `the pipeline ended well: ${pipeline.output}`);
  } finally {
    await camera.lose();
  }
}

/**
 * Boxes are less than `lag` ms behind or before their shapes (a frame is 67 ms), and half of them less than `off` of
 * the picture beside. A machine that is busy with other things draws frames late for a while.
 */
async function fits(page, lag, off) {
  let result;
  await until('boxes fit', async () => {
    result = await page.evaluate(compareBoxes, 60);
    console.log(`     ${JSON.stringify(result)}`);
    return result.seen >= 80 && Math.abs(result.lag) < lag && result.off < off;
  }).catch((error) => { throw new Error(`${error.message}: ${JSON.stringify(result)}`); });
}

/** Pixels of the page's own colour for squares in the middle row of the square, in a picture as it is saved. */
const boxInSnapshot = (page) => page.evaluate(() => {
  const [stage] = window.stages;
  const { box } = stage.overlay.drawn.message?.objects.find(({ label }) => label === 'square') ?? {};
  const canvas = stage.snapshot();
  if (!box || !canvas) return NaN;
  const row = Math.round((box[1] + box[3] / 2) * canvas.height);
  const { data } = canvas.getContext('2d').getImageData(0, row, canvas.width, 1);
  let count = 0;
  for (let i = 0; i < data.length; i += 4)
    count += Math.abs(data[i] - 96) + Math.abs(data[i + 1] - 165) + Math.abs(data[i + 2] - 250) < 60;
  return count;
});

/** The first `wanted` events of the address, parsed. */
const events = (url, wanted) => new Promise((resolve, reject) => {
  const request = get(url, (response) => {
    let text = '';
    response.on('data', (data) => {
      text += data;
      const all = [...text.matchAll(/^data: (.*)\n\n/gm)].map(([, json]) => JSON.parse(json));
      if (all.length < wanted) return;
      request.destroy();
      resolve({ head: response.headers, all });
    });
  });
  request.on('error', reject);
  setTimeout(() => reject(new Error(`fewer than ${wanted} events came`)), 120000).unref();
});

await main({
  overTheVeryFrame: (rig) => watched(rig, oneStream, (pipeline, page) => fits(page, 34, 0.01)),
  throughTheEncoder: (rig) => watched(rig, ridingOn, (pipeline, page) => fits(page, 34, 0.01)),

  // Two streams agree as well as the camera's clock tells: to the frame.
  fromTheSmallStream: (rig) => watched(rig, launchFile, async (pipeline, page) => {
    await fits(page, 34, 0.01);
    await rig.screenshot(page, 'beside');
    const { detections } = await (await fetch(new URL('status', pipeline.url))).json();
    check(detections > 0, 'the status counts them');
  }),

  async switches(rig) {
    await watched(rig, oneStream, async (pipeline, page) => {
      const changes = async (what, more) => {
        const before = await painted(page);
        await page.keyboard.press(what);
        await until(`${what} draws ${more ? 'more' : 'less'}`, async () => {
          const now = await painted(page);
          return more ? now > before : now < before;
        });
      };
      await until('boxes are drawn', async () => await painted(page) > 1000);
      await until('a saved picture has them', async () => await boxInSnapshot(page) > 0);
      await changes('l', false); // names
      await changes('b', false); // boxes
      await until('nothing is drawn without boxes', async () => await painted(page) === 0);
      await until('nor saved', async () => await boxInSnapshot(page) === 0);
      await changes('b', true);
      await changes('l', true);
      // The panel, by keyboard alone: its opener is focused, a class is switched off.
      await page.locator('.stage .more').focus();
      await page.keyboard.press('Enter');
      await until('the panel lists the classes', async () => await page.locator('#classes label').count() === 3);
      await rig.screenshot(page, 'panel');
      await page.locator('#classes input').first().focus();
      const before = await painted(page);
      await page.keyboard.press('Space');
      await until('a class is gone', async () => await painted(page) < before);
      await page.keyboard.press('Escape');
      check(await page.locator('#panel').isHidden(), 'Escape closes the panel');
      check(await page.evaluate(() => document.activeElement.classList.contains('more')), 'the focus is where it was');
      // What was chosen is remembered.
      await page.reload();
      await live(page);
      check(await page.evaluate(() => JSON.parse(localStorage['video-stream']).hidden.length === 1), 'the choice is kept');
    });
  },

  // A second of a narrow window, high pixel density: the boxes stay on the letterboxed picture.
  async letterboxed(rig) {
    await watched(rig, oneStream, async (pipeline) => {
      const page = await rig.open(pipeline.url, { viewport: { width: 400, height: 700 }, deviceScaleFactor: 2 });
      await live(page);
      await until('boxes are drawn', async () => await painted(page) > 200);
      await until('boxes are within the picture and around their shapes', () => page.evaluate(async () => {
        const { overlay } = window.stages[0];
        const { canvas } = overlay;
        const { message } = overlay.drawn;
        if (!message || canvas.width !== 800 || canvas.height !== 1400) return false;
        // Of 960x540 in 800x1400: 800x450, 475 from the top. The box's left edge is painted there.
        const [x, y, w, h] = message.objects.find(({ label }) => label === 'square').box;
        const column = canvas.getContext('2d').getImageData(Math.round(x * 800), Math.round(475 + (y + h / 2) * 450), 1, 1).data;
        const inside = canvas.getContext('2d').getImageData(Math.round((x + w / 2) * 800), Math.round(475 + (y + h / 2) * 450), 1, 1).data;
        return column[3] > 128 && inside[3] === 0;
      }));
      await rig.screenshot(page, 'letterboxed');
      await rig.close(page);
    });
  },

  async eventsForPrograms(rig) {
    await watched(rig, oneStream, async (pipeline, page) => {
      const address = new URL('events', pipeline.url).href;
      const { head, all } = await events(address, 5);
      check(head['content-type'].startsWith('text/event-stream'), head['content-type']);
      check(all.every(({ objects, rtp, time }) => Array.isArray(objects) && rtp >= 0 && Math.abs(time - Date.now()) < 60000),
            JSON.stringify(all[0]));
      check(all.some(({ objects }) => objects.some(({ label }) => label === 'circle')), 'the circle is told of');
      // A browser's own client, on the page's own site; the timestamps are those of the picture.
      const heard = await page.evaluate((url) => new Promise((resolve) => {
        const source = new EventSource(url);
        const seen = [];
        source.onmessage = ({ data }) => {
          seen.push(JSON.parse(data).rtp);
          if (seen.length < 10) return;
          source.close();
          resolve(seen);
        };
      }), address);
      await until('most of ten events are messages of the data channel, too', () => page.evaluate((stamps) =>
        stamps.filter((rtp) => window.stages[0].overlay.findings.at(rtp)?.rtp === rtp).length >= 7, heard));
      const foreign = await fetch(address, { headers: { Origin: 'http://evil.example' } });
      check(foreign.status === 403, `another site gets ${foreign.status}`);
      await foreign.body?.cancel();
      await sleep(200);
    });
  },
});
