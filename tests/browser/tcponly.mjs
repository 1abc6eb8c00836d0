// A network that lets no UDP through: neither end hears of the other's UDP candidates.
import { check, frames, live, main } from './rig.mjs';
import { keepConnections } from './connections.mjs';

const source = 'videotestsrc is-live=true ! video/x-raw,format=I420,width=640,height=360,framerate=25/1';
const vp8 = 'vp8enc deadline=1 cpu-used=16 target-bitrate=600000';

/** What carries the newest connection, at both ends. */
const protocols = (page) => page.evaluate(async () => {
  const stats = await window.connections.at(-1).getStats();
  const transport = [...stats.values()].find((s) => s.type === 'transport');
  const pair = stats.get(transport.selectedCandidatePairId);
  return [stats.get(pair.localCandidateId).protocol, stats.get(pair.remoteCandidateId).protocol];
});

async function withoutUdp(page) {
  await page.route('**/whep', async (route) => {
    const postData = route.request().postData().replace(/a=candidate:.*\r\n/g, '');
    const response = await route.fetch({ postData });
    const body = (await response.text()).replace(/a=candidate:\S+ \d+ udp .*\r\n/gi, '');
    await route.fulfill({ response, body });
  });
  await page.route('**/whep/*', (route) =>
    (route.request().method() === 'PATCH' ? route.fulfill({ status: 204 }) : route.continue()));
}

await main({
  async pictureComesByTcp(rig) {
    const pipeline = await rig.launch(`${source} ! ${vp8} ! whepsink port=0`);
    const page = await rig.open('about:blank');
    await keepConnections(page);
    await withoutUdp(page);
    await page.goto(pipeline.url);
    await live(page);
    await frames(page, 30);
    const used = await protocols(page);
    check(used.join() === 'tcp,tcp', `it comes by TCP, not by ${used}`);
    await rig.close(page);
    await pipeline.stop();
  },

  // What comes above comes by that door: without it nothing does.
  async nothingWithoutIt(rig) {
    const pipeline = await rig.launch(`${source} ! ${vp8} ! whepsink port=0 ice-tcp=false`);
    const page = await rig.open('about:blank');
    await withoutUdp(page);
    await page.goto(pipeline.url);
    check(await live(page, 6000).then(() => false, () => true), 'nothing comes');
    await rig.close(page);
    await pipeline.stop();
  },
});
