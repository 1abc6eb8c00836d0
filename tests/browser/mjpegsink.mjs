// An <img> in a real Chromium shows the moving picture, on our pages and on nobody else's.
import { createServer } from 'node:http';

import { check, main, sleep, until } from './rig.mjs';

const jpegs = 'videotestsrc is-live=true pattern=blink ! video/x-raw,width=320,height=240,framerate=10/1 ! jpegenc';

/** Shows `url` in an <img> and tells its width, or 0 if it was refused. */
const shows = (page, url) => page.evaluate((src) => new Promise((resolve) => {
  const image = document.createElement('img');
  image.id = 'moving';
  image.onload = () => resolve(image.naturalWidth);
  image.onerror = () => resolve(0);
  image.src = src;
  document.body.replaceChildren(image);
}), url);

/** Brightness of the <img>, 0..255, as it is now; of a page of the same server. */
const brightness = (page) => page.evaluate(() => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d');
  context.drawImage(document.querySelector('#moving'), 0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data[0];
});

async function elsewhere(port) {
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end('<!doctype html><link rel="icon" href="data:,"><body>');
  });
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

await main({
  async imageMoves(rig) {
    const pipeline = await rig.launch(`${jpegs} ! mjpegsink port=0 path=yard`);
    rig.tolerated = [/Failed to load resource/]; // the page below is the server's own 404
    const page = await rig.open(new URL('/health', pipeline.url).href);
    check(await shows(page, pipeline.url) === 320, 'the <img> has a picture');
    // It blinks: both black and white are seen in the one <img>.
    await until('it is bright', async () => await brightness(page) > 200);
    await until('it is dark', async () => await brightness(page) < 50);
    check(await shows(page, new URL('snapshot.jpg', pipeline.url).href) === 320, 'the snapshot is shown');
    await rig.close(page);
    await pipeline.stop();
    check(pipeline.code === 0, `gst-launch ended well: ${pipeline.output}`);
  },

  async othersDoNotSeeIt(rig) {
    rig.tolerated = [/ERR_BLOCKED_BY_RESPONSE/, /Failed to load resource/];
    const closed = await rig.launch(`${jpegs} ! mjpegsink port=0`);
    const server = await elsewhere(0);
    // Another name is another site to the browser.
    const page = await rig.open(`http://localhost:${server.address().port}/`);
    check(await shows(page, closed.url) === 0, 'a page of another site does not show it');
    const open = await rig.launch(`${jpegs} ! mjpegsink port=0 allow-origin=*`);
    check(await shows(page, open.url) === 320, 'with allow-origin it does');
    await rig.close(page);
    server.close();
    server.closeAllConnections();
    await sleep(0);
  },
});
