// One picture in two sizes, chosen from the page's menu: the same session goes on, without a hole.
import { check, frames, live, main, until } from './rig.mjs';

const description = (encoder) =>
  'videotestsrc is-live=true ! video/x-raw,format=I420,width=640,height=360,framerate=25/1 ! tee name=t ! queue ! ' +
  `${encoder} ! whepsink name=w port=0 t. ! queue ! videoscale ! video/x-raw,width=320,height=180 ! ${encoder} ! w.quality_0`;

const encoders = {
  vp8: 'vp8enc deadline=1 cpu-used=16 target-bitrate=400000 keyframe-max-dist=3000',
  vp9: 'vp9enc deadline=1 cpu-used=8 lag-in-frames=0 target-bitrate=400000 keyframe-max-dist=3000',
  h264: 'x264enc tune=zerolatency speed-preset=ultrafast bitrate=400 key-int-max=3000',
};

async function switches(rig, encoder) {
  const pipeline = await rig.launch(description(encoder));
  await until('both sizes are there', async () =>
    (await (await fetch(new URL('status', pipeline.url))).json()).codecs.length === 2);
  const page = await rig.open(pipeline.url);
  await live(page);
  // Before a busy machine's network has been bad for so long that the small one is chosen.
  check((await frames(page, 1)).width === 640, 'the large one comes first');
  const session = await page.evaluate(() => window.player.session);
  const menu = page.locator('select.quality');
  await until('the menu has the sizes', async () => {
    await menu.focus();
    await menu.blur();
    return (await menu.locator('option').allTextContents()).join() === 'Auto,640 × 360,320 × 180';
  });
  check(await menu.inputValue() === 'auto', 'the network decides unless somebody else does');
  for (const [text, width] of [['320 × 180', 320], ['640 × 360', 640], ['320 × 180', 320]]) {
    await menu.selectOption({ label: text });
    await until(`${text} is shown`, async () => (await frames(page, 1)).width === width);
    await frames(page, 10);
  }
  check(await page.evaluate(() => window.player.session) === session, 'it is the same session');
  check(await page.evaluate(() => window.player.connections) === 1, 'nothing was connected anew');
  await rig.screenshot(page, 'qualities');
  await rig.close(page);
  await pipeline.stop();
}

await main(Object.fromEntries(Object.entries(encoders).map(([name, encoder]) => [name, (rig) => switches(rig, encoder)])));
