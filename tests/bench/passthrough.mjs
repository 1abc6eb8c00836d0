// What boxes cost at 1920x1080: drawn into the picture, which is decoded and encoded for it, against
// beside it, where the large stream passes untouched and the small one is decoded for the network. Each
// with the network (the tiny one of the tests, as often as it can), with the network ten times a second,
// and without: what is left is the price of the way. Nobody watches: what a viewer costs is the same.
// CPU seconds per second of video, and how many frames in a second were looked at.
// Run it with `meson test -C build --benchmark --verbose passthrough`.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuPerSecond } from './cpu.mjs';
import { Camera, Pipeline, sleep, until } from '../browser/rig.mjs';

const SECONDS = 15;
const FPS = 25;
const source = process.env.VIDEO_STREAM_SOURCE_DIR;
const build = process.env.VIDEO_STREAM_BUILD_DIR;
const folder = mkdtempSync(join(tmpdir(), 'passthrough-'));

/** A launch file's text with what stands for the network. */
const WAYS = {
  'every frame': (text) => text,
  'ten a second': (text) => text.replace('! yolodetect', '! yolodetect max-fps=10'),
  'no network': (text) => text.replace(/! yolodetect(\s+\S+=\S+)*/, '! identity'),
};

const status = async (url) => await (await fetch(new URL('status', url))).json();

async function measure(file, way, location, settings) {
  const path = join(folder, file);
  const text = WAYS[way](readFileSync(join(source, 'pipelines', file), 'utf8'));
  writeFileSync(path, text);
  if (text.includes('${MODEL}')) settings = [...settings, `MODEL=${join(build, 'models/shapes.onnx')}`];
  const job = new Pipeline(join(build, 'pipelines/video-stream-launch'), [path, `LOCATION=${location}`, 'PORT=0', ...settings], {});
  await job.ready();
  const looks = text.includes('yolodetect');
  await until('the picture flows', async () => {
    const { live, detections } = await status(job.url);
    return live && (!looks || detections > 0);
  }, 60000);
  await sleep(3000);
  const before = (await status(job.url)).detections;
  const cpu = await cpuPerSecond(job.child.pid, 'video-stream-launch', SECONDS);
  const found = ((await status(job.url)).detections - before) / SECONDS;
  await job.stop();
  return { cpu, found };
}

const camera = new Camera('--width', '1920', '--height', '1080', '--fps', String(FPS), '--audio', 'none', '--metadata', 'none');
await camera.start();
try {
  for (const way of Object.keys(WAYS)) {
    const [burnt, beside] = [
      await measure('camera-to-browser-with-boxes.launch', way, camera.location, ['BITRATE=4000000']),
      await measure('camera-passthrough-with-boxes.launch', way, camera.location, []),
    ];
    console.log(`${way.padEnd(13)} in the picture ${burnt.cpu.toFixed(3)} CPU s/s (${burnt.found.toFixed(1)} looks), ` +
                `beside it ${beside.cpu.toFixed(3)} (${beside.found.toFixed(1)}), ratio ${(beside.cpu / burnt.cpu).toFixed(3)}`);
  }
} finally {
  await camera.lose();
  rmSync(folder, { recursive: true });
}
process.exit(0);
