// Watching through a network that loses packets, in Chromium: how often and how long the picture froze,
// and how old the network made it. 50 ms each way, some packets up to 20 ms later. A machine with too much
// to do freezes pictures as well: this runs ahead of all else there, where it is allowed to; what freezes
// without any loss is the machine all the same.
// Run it with `meson test -C build --benchmark --verbose loss`.
import { execFileSync } from 'node:child_process';
import { Rig, frames, live, sleep } from '../browser/rig.mjs';
import { keepConnections, received } from '../browser/connections.mjs';
import { LossyLink } from '../browser/lossylink.mjs';

const [seconds = '40', only = '', options = ''] = process.argv.slice(2);
const source = 'videotestsrc is-live=true ! video/x-raw,format=I420,width=640,height=360,framerate=25/1';
const encoders = {
  VP9: 'vp9enc deadline=1 cpu-used=8 lag-in-frames=0 end-usage=cbr target-bitrate=1000000 keyframe-max-dist=3000',
  H264: 'x264enc tune=zerolatency speed-preset=ultrafast bitrate=1000 key-int-max=3000',
};

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
    const link = new LossyLink({ loss, delay: 50, jitter: 20 });
    const page = await rig.open('about:blank');
    await keepConnections(page);
    await link.take(page);
    await page.goto(pipeline.url);
    await live(page, 90000);
    await frames(page, 10, 60000);
    const whole = await received(page);
    const parts = [whole];
    for (let i = 0; i < Number(seconds); i += 5) {
      await sleep(5000);
      parts.push(await received(page));
    }
    const more = (field, from = 0) => parts.at(-1)[field] - parts[from][field];
    const delays = parts.slice(1).map((now, i) => Math.round(1000 * (now.jitterBufferDelay - parts[i].jitterBufferDelay) /
      Math.max(1, now.jitterBufferEmittedCount - parts[i].jitterBufferEmittedCount)));
    const frozen = parts.slice(1).map((now, i) => now.freezeCount - parts[i].freezeCount);
    console.log(`${name.padEnd(11)} ${more('freezeCount')} freezes of ${more('totalFreezesDuration').toFixed(2)} s in ` +
      `${seconds} s, ${whole.freezeCount} of ${whole.totalFreezesDuration.toFixed(2)} s while joining; ${more('framesDecoded')} frames, ${more('nackCount')} NACKs, ` +
      `${more('pliCount')} PLIs, ${link.lost} of ${link.lost + link.passed} packets lost; ` +
      `${frozen.join(' ')} freezes, waiting ${delays.join(' ')} ms in 5 s each`);
    await rig.close(page);
    link.close();
    await pipeline.stop();
  }
await rig.end();
process.exit(0);
