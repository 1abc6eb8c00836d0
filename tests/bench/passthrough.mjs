// What boxes cost at 1920x1080: drawn into the picture, which is decoded and encoded for it, against
// beside it, where the large stream passes untouched and the small one is decoded for the network.
// Nobody watches: what a viewer costs is the same in both. CPU seconds per second of video, frames that
// went out, and how many of them the network has seen.
// Run it with `meson test -C build --benchmark --verbose passthrough`.
import { join } from 'node:path';
import { cpuPerSecond } from './cpu.mjs';
import { Camera, Pipeline, sleep, until } from '../browser/rig.mjs';

const SECONDS = 15;
const FPS = 25;
const source = process.env.VIDEO_STREAM_SOURCE_DIR;
const build = process.env.VIDEO_STREAM_BUILD_DIR;

const frames = async (url) => Number((await (await fetch(new URL('status', url))).json()).detections);

async function measure(file, location, ...settings) {
  const job = new Pipeline(join(build, 'pipelines/video-stream-launch'),
    [join(source, 'pipelines', file), `LOCATION=${location}`, 'PORT=0', ...settings,
      `MODEL=${join(build, 'models/shapes.onnx')}`], {});
  await job.ready();
  await until('something is found', async () => await frames(job.url) > 0, 60000);
  await sleep(3000);
  const before = await frames(job.url);
  const cpu = await cpuPerSecond(job.child.pid, 'video-stream-launch', SECONDS);
  const found = (await frames(job.url) - before) / SECONDS;
  await job.stop();
  return { cpu, found };
}

const camera = new Camera('--width', '1920', '--height', '1080', '--fps', String(FPS), '--audio', 'none', '--metadata', 'none');
await camera.start();
try {
  const rows = {};
  for (const [file, ...settings] of [['camera-to-browser-with-boxes.launch', 'BITRATE=4000000'],
    ['camera-passthrough-with-boxes.launch']]) {
    rows[file] = await measure(file, camera.location, ...settings);
    const { cpu, found } = rows[file];
    console.log(`${file.padEnd(38)} ${cpu.toFixed(3)} CPU s/s, boxes for ${found.toFixed(1)} of ${FPS} frames a second`);
  }
  const [burnt, beside] = Object.values(rows);
  console.log(`ratio: ${(beside.cpu / burnt.cpu).toFixed(3)}; per frame with boxes: ` +
              ((beside.cpu / beside.found) / (burnt.cpu / burnt.found)).toFixed(3));
} finally {
  await camera.lose();
}
process.exit(0);
