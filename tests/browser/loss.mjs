// Watching through a network that loses packets: what is lost comes again before it is missed. How
// often the picture froze is printed; that it goes on is what the test holds.
import { check, frames, live, main, sleep, until } from './rig.mjs';
import { keepConnections, received } from './connections.mjs';
import { LossyLink } from './lossylink.mjs';

const source = 'videotestsrc is-live=true ! video/x-raw,format=I420,width=640,height=360,framerate=25/1';
const encoders = {
  VP9: 'vp9enc deadline=1 cpu-used=8 lag-in-frames=0 end-usage=cbr target-bitrate=1000000 keyframe-max-dist=3000',
  H264: 'x264enc tune=zerolatency speed-preset=ultrafast bitrate=1000 key-int-max=3000',
};
const seconds = 8;

async function watch(rig, codec, loss) {
  const pipeline = await rig.launch(`${source} ! ${encoders[codec]} ! whepsink port=0`);
  const link = new LossyLink({ loss, delay: 50, jitter: 20 });
  const page = await rig.open('about:blank');
  await keepConnections(page);
  await link.take(page);
  await page.goto(pipeline.url);
  await live(page);
  await frames(page, 10);
  const before = await received(page);
  await sleep(seconds * 1000);
  const after = await received(page);
  const more = (name) => after[name] - before[name];
  console.log(`     ${codec}, ${loss * 100} % lost (${link.lost} of ${link.lost + link.passed} packets), ` +
    `${link.delay} ms each way: ${more('framesDecoded')} frames in ${seconds} s, ${more('freezeCount')} freezes of ` +
    `${more('totalFreezesDuration').toFixed(2)} s in all, ${more('nackCount')} NACKs, ${more('pliCount')} PLIs`);
  await until('packets are lost', async () => link.lost > 0);
  check(after.id === before.id && more('packetsReceived') > 0, 'media goes through the link');
  // Whoever loses packets is asked to wait for what is sent again.
  let last = after;
  if (loss >= 0.05) await until('the browser holds pictures back', async () => {
    const now = await received(page);
    const emitted = now.jitterBufferEmittedCount - last.jitterBufferEmittedCount;
    const held = now.jitterBufferDelay - last.jitterBufferDelay;
    if (emitted < 10) return false;
    last = now;
    return held / emitted > 0.15;
  });
  await frames(page, 25);
  await rig.close(page);
  link.close();
  await pipeline.stop();
}

await main({
  onePercent: (rig) => watch(rig, 'VP9', 0.01),
  fivePercent: (rig) => watch(rig, 'VP9', 0.05),
  fivePercentH264: (rig) => watch(rig, 'H264', 0.05),
  tenPercent: (rig) => watch(rig, 'VP9', 0.1),
});
