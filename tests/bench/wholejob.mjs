// The whole job, camera to browser with boxes at 1280x720, 25 fps, as a newcomer starts it:
//   - the time from the command to the first picture on the screen (build and install not counted);
//   - CPU seconds per second of video, beside what the stock elements alone take to decode and encode
//     the same camera: the ratio is what finding, drawing and serving cost on top.
// Run it with `meson test -C build --benchmark --verbose wholejob`: Meson sets the environment, and
// Chromium is needed with tests/browser/node_modules.
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuPerSecond } from './cpu.mjs';
import { Rig, frames, live, sleep } from '../browser/rig.mjs';

const SECONDS = 20;
const source = process.env.VIDEO_STREAM_SOURCE_DIR;
const build = process.env.VIDEO_STREAM_BUILD_DIR;
const encoder = ['vp9enc', 'deadline=1', 'cpu-used=8', 'lag-in-frames=0', 'end-usage=cbr', 'target-bitrate=2000000',
  'threads=2', 'row-mt=true', 'tile-columns=1', 'keyframe-max-dist=300'];

async function stock(location) {
  const child = spawn('gst-launch-1.0', ['-q', 'onvifsrc', `location=${location}`, '!', 'application/x-rtp,media=video',
    '!', 'decodebin', '!', 'videoconvert', '!', ...encoder, '!', 'rtpvp9pay', '!', 'fakesink'],
  { detached: true, stdio: 'inherit' });
  await sleep(3000);
  const cpu = await cpuPerSecond(child.pid, 'gst-launch-1.0', SECONDS);
  child.kill('SIGINT');
  await new Promise((resolve) => child.on('exit', resolve));
  return cpu;
}

const rig = await Rig.start();
const firsts = [];
let job;
for (let run = 0; run < 3; run++) {
  if (job) await job.stop();
  const start = performance.now();
  job = await rig.run(join(source, 'pipelines/run'), [], {
    cwd: source,
    env: { ...process.env, BUILD_DIR: build, PORT: '0', ONVIF_INTERFACES: 'lo', LOCATION: '', MODEL: '' },
  });
  const page = await rig.open(job.url);
  await live(page);
  await frames(page, 1);
  firsts.push((performance.now() - start) / 1000);
  if (run === 2) break;
  await rig.close(page);
}
console.log(`first picture after the command: ${firsts.map((s) => s.toFixed(2)).join(', ')} s (warm start, Chromium running)`);

const ours = await cpuPerSecond(job.child.pid, 'video-stream-launch', SECONDS);
const camera = await cpuPerSecond(job.child.pid, 'virtual-camera', SECONDS);
console.log(`virtual camera, 1280x720 at 25 fps: ${camera.toFixed(3)} CPU s/s`);
// The pipeline was given the camera's address in its environment.
const launcher = execFileSync('pgrep', ['-g', `${job.child.pid}`, '-f', 'video-stream-launch'], { encoding: 'utf8' }).trim();
const floor = await stock(readFileSync(`/proc/${launcher}/environ`, 'latin1').match(/\0LOCATION=([^\0]+)/)[1]);
console.log(`camera to browser with boxes, one viewer: ${ours.toFixed(3)} CPU s/s`);
console.log(`stock elements, decode and encode alone:  ${floor.toFixed(3)} CPU s/s`);
console.log(`ratio: ${(ours / floor).toFixed(2)}`);
await rig.end();
process.exit(0);
