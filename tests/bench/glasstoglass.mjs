// How old a picture is when a browser on the same machine shows it: the time at which it left the
// source is burnt into it and read back from the page, for VP9 at 1280x720 and for H.264 at 1920x1080
// that passes as a camera sends it, its encoder being the camera's. Shown means when the
// page is told of the frame, or later, when the browser expects it on the screen. No inference is in it.
// Run it with `meson test -C build --benchmark --verbose glasstoglass`.
import { Rig, frames, live, sleep } from '../browser/rig.mjs';

const SECONDS = 20;
const [burntclock] = process.argv.slice(2);

const picture = (width, height) => `videotestsrc is-live=true pattern=ball !
  video/x-raw,format=I420,width=${width},height=${height},framerate=25/1 ! identity name=clock`;
const ways = {
  'VP9 1280x720': `${picture(1280, 720)} ! vp9enc deadline=1 cpu-used=8 lag-in-frames=0 end-usage=cbr
    target-bitrate=2000000 threads=2 row-mt=true tile-columns=1 keyframe-max-dist=3000 ! whepsink port=0`,
  'H.264 1920x1080': `${picture(1920, 1080)} ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=4000
    key-int-max=50 ! video/x-h264,profile=constrained-baseline ! h264parse ! rtph264pay ! whepsink port=0`,
};

/** Ages in ms of the frames that the page shows for so long. The code's cells are as wide as 1/80 of a frame. */
const ages = (page, seconds) => page.evaluate((duration) => new Promise((resolve) => {
  const video = [...document.querySelectorAll('video')].find((v) => v.videoWidth);
  const [cells, perFrame] = [32, 80];
  const canvas = document.createElement('canvas');
  const side = video.videoWidth / perFrame;
  canvas.width = cells;
  canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const end = performance.now() + duration * 1000;
  const seen = [];
  const read = () => {
    // A line through the middle of the cells, one pixel for each.
    context.imageSmoothingEnabled = false;
    context.drawImage(video, 0, video.videoHeight - side / 2, cells * side, 1, 0, 0, cells, 1);
    const { data } = context.getImageData(0, 0, cells, 1);
    let number = 0;
    for (let i = 0; i < cells; i++) number = number * 2 + (data[4 * i] + data[4 * i + 1] + data[4 * i + 2] > 382);
    return number;
  };
  const next = (now, frame) => {
    const shown = Date.now() + Math.max(frame.expectedDisplayTime - performance.now(), 0);
    const code = read();
    const age = shown - Math.floor(shown / 2 ** 32) * 2 ** 32 - code;
    seen.push(age);
    if (performance.now() < end) video.requestVideoFrameCallback(next);
    else resolve(seen);
  };
  video.requestVideoFrameCallback(next);
}), seconds);

const percentile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor(part * (values.length - 1))];

const rig = await Rig.start();
for (const [name, line] of Object.entries(ways)) {
  const pipeline = await rig.run(burntclock, line.split(/\s+/).filter(Boolean));
  const page = await rig.open(pipeline.url, { viewport: { width: 1280, height: 800 } });
  await live(page, 60000);
  await frames(page, 50);
  await sleep(2000);
  const all = await ages(page, SECONDS);
  const read = all.filter((age) => age > -50 && age < 5000); // what is not is a code that was read wrongly
  const [half, most] = [0.5, 0.95].map((part) => percentile(read, part).toFixed(0));
  console.log(`${name.padEnd(16)} p50 ${half} ms, p95 ${most} ms, least ${Math.min(...read).toFixed(0)} ms; ` +
    `${read.length} of ${all.length} frames read, ${(all.length / SECONDS).toFixed(1)} a second`);
  await rig.close(page);
  await pipeline.stop();
}
await rig.end();
process.exit(0);
