// Joining through a network that loses packets, in Chromium, again and again: how many see a freeze in
// their first four seconds, while nothing is known of their network yet. 50 ms each way, some packets up
// to 20 ms later. It runs ahead of all else on the machine, where it is allowed to.
// Run it with `meson test -C build --benchmark --verbose joins`.
import { execFileSync } from 'node:child_process';
import { Rig, live, sleep } from '../browser/rig.mjs';
import { keepConnections, received } from '../browser/connections.mjs';
import { LossyLink } from '../browser/lossylink.mjs';

const [times = '24', only = '', options = ''] = process.argv.slice(2);
const source = 'videotestsrc is-live=true ! video/x-raw,format=I420,width=640,height=360,framerate=25/1';
const encoders = {
  VP9: 'vp9enc deadline=1 cpu-used=8 lag-in-frames=0 end-usage=cbr target-bitrate=1000000 keyframe-max-dist=3000',
  H264: 'x264enc tune=zerolatency speed-preset=ultrafast bitrate=1000 key-int-max=3000',
};
const side = 2; // by side

/** Freezes, seconds of them, and how long pictures were held back in the mean, in the first four seconds. */
async function join(rig, url, loss) {
  const link = new LossyLink({ loss, delay: 50, jitter: 20 });
  const page = await rig.open('about:blank');
  await keepConnections(page);
  await link.take(page);
  await page.goto(url);
  await live(page, 90000);
  await sleep(4000);
  const seen = await received(page);
  await rig.close(page);
  link.close();
  return { freezes: seen.freezeCount, seconds: seen.totalFreezesDuration,
    held: seen.jitterBufferDelay / Math.max(1, seen.jitterBufferEmittedCount) };
}

try {
  execFileSync('chrt', ['--rr', '--pid', '1', String(process.pid)], { stdio: 'ignore' });
} catch {
  console.log('Not allowed to run ahead of the rest of this machine.');
}
const rig = await Rig.start();
for (const [codec, encoder] of Object.entries(encoders))
  for (const loss of [0, 0.01, 0.05, 0.1]) {
    const name = `${codec} ${100 * loss} %`;
    if (!name.includes(only)) continue;
    const pipeline = await rig.launch(`${source} ! ${encoder} ! whepsink port=0 ${options}`);
    const all = [];
    let left = Number(times);
    await Promise.all(Array.from({ length: side }, async () => {
      while (left-- > 0) all.push(await join(rig, pipeline.url, loss));
    }));
    const froze = all.filter(({ freezes }) => freezes > 0);
    const held = all.reduce((sum, one) => sum + one.held, 0) / all.length;
    console.log(`${name.padEnd(11)} ${froze.length} of ${all.length} saw a freeze` +
      `${froze.length ? ` (${froze.map(({ freezes, seconds }) => `${freezes}: ${seconds.toFixed(2)} s`).join(', ')})` : ''}; ` +
      `pictures held back for ${Math.round(1000 * held)} ms in the mean`);
    await pipeline.stop();
  }
await rig.end();
process.exit(0);
