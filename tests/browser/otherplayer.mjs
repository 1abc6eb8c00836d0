// A player that nobody here wrote, in a page of another site, at our endpoint.
import { check, colour, frames, main, until } from './rig.mjs';
import { Elsewhere } from './elsewhere.mjs';

const source =
  'videotestsrc is-live=true pattern=smpte ! video/x-raw,format=I420,width=640,height=360,framerate=25/1';
const vp9 = 'vp9enc deadline=1 cpu-used=8 lag-in-frames=0 target-bitrate=800000 keyframe-max-dist=3000';
const x264 = 'x264enc tune=zerolatency speed-preset=ultrafast bitrate=800 key-int-max=250';

const viewers = async (pipeline, token) => (await (await fetch(new URL('status', pipeline.url),
  { headers: token ? { Authorization: `Bearer ${token}` } : {} })).json()).viewers;

async function visit(rig, encoder, settings, act) {
  // The player sends candidates without the ETag that they are for, and is told so (428, RFC 9725
  // section 4.3.2); the connection stands without them.
  rig.tolerated = [/428/];
  const pipeline = await rig.launch(`${source} ! ${encoder} ! whepsink port=0 ${settings}`);
  const site = await Elsewhere.start();
  const page = await rig.open(site.url);
  await page.waitForFunction(() => window.watch);
  await act(page, (token) => site.watch(page, new URL('whep', pipeline.url), token), pipeline);
  await rig.close(page);
  site.close();
  await pipeline.stop();
  check(pipeline.code === 0, `gst-launch ended well: ${pipeline.output}`);
}

/** Cameras that start answer 409 for a moment, which this player hands on. */
async function joins(watch, token) {
  let said;
  await until('the player is let in', async () => (said = await watch(token)) === '')
    .catch((error) => { throw new Error(`${error.message}: ${said}`); });
}

async function shows(page) {
  const frame = await frames(page, 20);
  check(frame.width === 640 && frame.height === 360, `the picture is ${frame.width}x${frame.height}`);
  const [r, g, b] = await colour(page, 0.17, 0.1, 0.08, 0.3);
  check(r > 140 && g > 140 && b < 90, `the second bar is yellow, not ${[r, g, b].map(Math.round)}`);
}

async function watchesAndLeaves(rig, encoder, settings, token) {
  await visit(rig, encoder, settings, async (page, watch, pipeline) => {
    await joins(watch, token);
    await shows(page);
    check(await viewers(pipeline, token) === 1, 'one watches');
    await page.evaluate(() => window.client.stop());
    await until('the one who left is forgotten', async () => await viewers(pipeline, token) === 0);
  });
}

await main({
  vp9: (rig) => watchesAndLeaves(rig, vp9, 'allow-origin=*'),
  h264: (rig) => watchesAndLeaves(rig, x264, 'allow-origin=*'),
  token: (rig) => watchesAndLeaves(rig, vp9, 'allow-origin=* auth=token:violets-are-blue', 'violets-are-blue'),

  // This server restarts no ICE: the picture goes on, and who has lost its way begins anew.
  restart: (rig) => visit(rig, vp9, 'allow-origin=*', async (page, watch, pipeline) => {
    rig.tolerated.push(/422/);
    await joins(watch);
    await shows(page);
    const said = await page.evaluate(() => window.client.restart().then(() => '', String));
    check(/422/.test(said), `the player hears of it: ${said}`);
    await shows(page);
    await page.evaluate(() => window.client.stop());
    await joins(watch);
    await shows(page);
    await until('one watches', async () => await viewers(pipeline) === 1);
  }),

  wrongToken: (rig) => visit(rig, vp9, 'allow-origin=* auth=token:violets-are-blue', async (page, watch, pipeline) => {
    rig.tolerated.push(/401/);
    check(/401/.test(await watch('roses-are-red')), 'a wrong token is refused');
    check(/401/.test(await watch('')), 'and none is');
    check(await viewers(pipeline, 'violets-are-blue') === 0, 'nobody watches');
  }),

  otherOrigin: (rig) => visit(rig, vp9, '', async (page, watch, pipeline) => {
    rig.tolerated.push(/CORS policy/, /Failed to load resource/);
    check(await watch('') !== '', 'without allow-origin no page of another site watches');
    check(await viewers(pipeline) === 0, 'nobody does');
  }),
});
