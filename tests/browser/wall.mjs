// All streams of one server on one page: side by side, one alone, by keyboard, and when one of them is
// away.
import { Camera, check, freePort, main, until } from './rig.mjs';

const patterns = ['smpte', 'ball', 'smpte75', 'circular', 'pinwheel', 'spokes', 'gradient', 'colors', 'snow'];

/** That many streams on one port: yard1, yard2, … */
const wallOf = async (rig, count) => {
  const port = await freePort();
  return rig.launch(patterns.slice(0, count).map((pattern, i) =>
    `videotestsrc is-live=true pattern=${pattern} ! video/x-raw,format=I420,width=320,height=180,framerate=10/1 !
     vp8enc deadline=1 cpu-used=16 target-bitrate=150000 keyframe-max-dist=100 ! whepsink port=${port} path=yard${i + 1}`).join(' '));
};

const liveCount = (page) => page.evaluate(() => window.stages?.filter(({ player }) => player.state === 'live').length);
const allLive = (page, count) => until(`${count} pictures are live`, async () => await liveCount(page) === count);
const root = (pipeline) => new URL('/', pipeline.url).href;
const chosen = (page) => page.evaluate(() => window.wall.chosen?.stream.name ?? null);

async function looksWhole(page, count) {
  const boxes = await page.locator('.stage').evaluateAll((all) => all.map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x, y, width, height };
  }));
  check(boxes.length === count, `${boxes.length} pictures are on the wall`);
  const { width, height } = page.viewportSize();
  for (const [i, a] of boxes.entries()) {
    check(Math.abs(a.width / a.height - 16 / 9) < 0.05, `picture ${i} is ${a.width}x${a.height}`);
    check(a.x >= 0 && a.x + a.width <= width, `picture ${i} is within the page's width`);
    for (const b of boxes.slice(i + 1))
      check(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y, 'no two overlap');
  }
  return { boxes, height };
}

await main({
  async four(rig) {
    const pipeline = await wallOf(rig, 4);
    const page = await rig.open(root(pipeline));
    await allLive(page, 4);
    await until('all are counted', async () => await page.textContent('#live') === '4 live');
    const { boxes, height } = await looksWhole(page, 4);
    check(boxes.every((b) => b.y + b.height <= height), 'four fit without scrolling');
    await rig.screenshot(page, 'wall-4');

    // By keyboard: to the second, alone, to the next one, and back to where it was.
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const focused = () => page.evaluate(() => document.activeElement.getAttribute('aria-label'));
    check(await focused() === 'Watch yard2', `the focus is on ${await focused()}`);
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    check(outline === 'solid', 'the focus is seen');
    await page.keyboard.press('ArrowDown');
    check(await focused() === 'Watch yard4', `down is ${await focused()}`);
    await page.keyboard.press('ArrowUp');
    const sessions = await page.evaluate(() => window.stages.map(({ player }) => player.session));
    await page.keyboard.press('Enter');
    await until('yard2 is alone', async () => await chosen(page) === 'yard2');
    const alone = await page.locator('.stage[data-chosen]').boundingBox();
    check(alone.width === 1280 && alone.height === 800, 'it fills the page');
    await rig.screenshot(page, 'chosen');
    await page.keyboard.press('ArrowRight');
    await until('yard3 is alone', async () => await chosen(page) === 'yard3');
    await page.goBack();
    await until('the browser goes back, too', async () => await chosen(page) === 'yard2');
    await page.keyboard.press('Escape');
    await until('all are there', async () => await chosen(page) === null);
    check(await focused() === 'Watch yard2', 'the focus is where it was');
    await page.keyboard.press('4');
    await until('yard4 by its number', async () => await chosen(page) === 'yard4');
    check(JSON.stringify(await page.evaluate(() => window.stages.map(({ player }) => player.session))) === JSON.stringify(sessions),
          'nothing was connected anew');
    await page.keyboard.press('?');
    check(await page.locator('#help').isVisible(), 'the keys are explained');
    await page.keyboard.press('Escape');
    await rig.close(page);
    await pipeline.stop();
    check(pipeline.code === 0, `gst-launch ended well: ${pipeline.output}`);
  },

  async nineAndPhone(rig) {
    const pipeline = await wallOf(rig, 9);
    const page = await rig.open(root(pipeline));
    await allLive(page, 9);
    await until('all are counted', async () => await page.textContent('#live') === '9 live');
    const { boxes, height } = await looksWhole(page, 9);
    check(boxes.every((b) => b.y + b.height <= height), 'nine fit without scrolling');
    await rig.screenshot(page, 'wall-9');
    await rig.close(page);
    const phone = await rig.open(root(pipeline), { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
    await allLive(phone, 9);
    await looksWhole(phone, 9);
    check(await phone.evaluate(() => document.documentElement.scrollWidth) <= 390, 'it does not scroll sideways');
    await rig.screenshot(phone, 'wall-phone');
    await phone.locator('.stage .open').nth(2).tap();
    await until('the tapped one is alone', async () => await chosen(phone) === 'yard3');
    await phone.locator('.stage[data-chosen] .back').tap();
    await until('its button leads back', async () => await chosen(phone) === null);
    await phone.goBack();
    await until('the phone\'s own button too', async () => await chosen(phone) === 'yard3');
    await phone.goBack();
    await until('and once more, by the phone\'s own button', async () => await chosen(phone) === null);
    await rig.close(phone);
    // A stream's own page knows of the others.
    const one = await rig.open(new URL('/yard1/', pipeline.url).href);
    await allLive(one, 1);
    await one.locator('.back').click();
    await allLive(one, 9);
    await rig.close(one);
    await pipeline.stop();
  },

  // A camera goes away and comes back: its picture says so, and the others do not care.
  async oneIsAway(rig) {
    rig.tolerated = [/Failed to load resource/];
    const camera = new Camera('--width', '640', '--height', '360', '--fps', '10', '--audio', 'none');
    await camera.start();
    const port = await freePort();
    const pipeline = await rig.launch(
      `onvifsrc timeout=2000 latency=100 location=${camera.location} ! rtph264depay ! h264parse ! whepsink port=${port} path=gate
       videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=180,framerate=10/1 ! vp8enc deadline=1 cpu-used=16 !
       whepsink port=${port} path=yard`);
    const page = await rig.open(root(pipeline));
    await allLive(page, 2);
    await page.evaluate(() => { window.neverLoadedAgain = true; });
    const state = (name) => page.evaluate((wanted) => {
      const { player } = window.stages.find(({ stream }) => stream.name === wanted);
      return `${player.state}: ${player.headline}`;
    }, name);
    await camera.lose();
    await until('the gate is said to be offline', async () => await state('gate') === 'offline: Camera offline');
    await until('the yard is seen', async () => (await state('yard')).startsWith('live'));
    await until('one is counted', async () => await page.textContent('#live') === '1 of 2 live');
    await rig.screenshot(page, 'wall-offline');
    await camera.start();
    await allLive(page, 2);
    check(await page.evaluate(() => window.neverLoadedAgain), 'the page is the one that was opened');
    await rig.close(page);
    await pipeline.stop();
    await camera.lose();
  },
});
