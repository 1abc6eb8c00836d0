// mpegts.js plays HTTP-FLV in a real Chromium.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { check, main, until } from './rig.mjs';

const script = join(dirname(fileURLToPath(import.meta.url)), 'node_modules/mpegts.js/dist/mpegts.js');

/** A site of another origin, with the player. */
async function player() {
  const server = createServer((request, response) => {
    const wanted = request.url === '/mpegts.js';
    response.setHeader('Content-Type', wanted ? 'text/javascript' : 'text/html');
    response.end(wanted ? readFileSync(script) : `<!doctype html><link rel="icon" href="data:,">
      <video muted autoplay width="640"></video><script src="/mpegts.js"></script><script>
      const video = document.querySelector('video');
      mpegts.LoggingControl.enableAll = false;
      function start(url) {
        const player = mpegts.createPlayer({ type: 'flv', isLive: true, url },
                                           { liveBufferLatencyChasing: true });
        player.on(mpegts.Events.ERROR, (type, detail) => { window.fault = type + ' ' + detail; });
        player.attachMediaElement(video);
        player.load();
        player.play();
      }
      </script>`);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { page: `http://127.0.0.1:${server.address().port}/`,
    end: () => { server.close(); server.closeAllConnections(); } };
}

const video = `videotestsrc is-live=true pattern=smpte ! video/x-raw,format=I420,width=320,height=180,framerate=25/1 !
  x264enc tune=zerolatency speed-preset=ultrafast bitrate=400 key-int-max=25 ! h264parse ! m.video`;
const sound = `audiotestsrc is-live=true volume=0.1 ! audio/x-raw,rate=48000,channels=2 ! avenc_aac ! aacparse ! m.audio`;
const sink = 'flvmux name=m streamable=true latency=300000000 ! httpflvsink port=0 path=yard';

async function plays(rig, site, pipeline) {
  const page = await rig.open(site.page);
  await page.evaluate((url) => { start(url); }, pipeline.url);
  const state = () => page.evaluate(() => ({ fault: window.fault, width: video.videoWidth, time: video.currentTime,
    shown: video.getVideoPlaybackQuality().totalVideoFrames, sound: video.webkitAudioDecodedByteCount,
    ahead: video.buffered.length ? video.buffered.end(0) - video.currentTime : 0 }));
  const seen = async (count) => await until(`mpegts.js shows ${count} pictures`, async () => {
    const now = await state();
    check(!now.fault, `mpegts.js plays: ${now.fault}`);
    return now.shown > count && now;
  });
  const first = await seen(3);
  check(first.time < 60, `time begins near zero, not at ${first.time} s`);
  return { page, last: await seen(first.shown + 60) };
}

await main({
  async pictureAndSound(rig) {
    const site = await player();
    const pipeline = await rig.launch(`${sink} allow-origin=${new URL(site.page).origin} ${video} ${sound}`);
    for (let visit = 0; visit < 2; visit++) {
      const { page, last } = await plays(rig, site, pipeline);
      check(last.width === 320 && last.sound > 0, JSON.stringify(last));
      console.log(`buffered ahead: ${last.ahead.toFixed(2)} s`);
      await rig.screenshot(page, 'httpflvsink');
      await rig.close(page);
    }
    const status = await (await fetch(new URL('/streams', pipeline.url))).json();
    check(status.streams[0].kind === 'flv' && status.streams[0].status.live, JSON.stringify(status));
    await pipeline.stop();
    check(pipeline.code === 0, `gst-launch ended well: ${pipeline.output}`);
    site.end();
  },

  async pictureAlone(rig) {
    const site = await player();
    const pipeline = await rig.launch(`${sink} allow-origin=* ${video}`);
    const { page } = await plays(rig, site, pipeline);
    await rig.close(page);
    site.end();
  },

  async otherSitesAreKeptOut(rig) {
    const site = await player();
    const pipeline = await rig.launch(`${sink} ${video}`);
    const page = await rig.open(site.page);
    rig.tolerated.push(/403|CORS|Failed to load|net::ERR/);
    await page.evaluate((url) => { start(url); }, pipeline.url);
    await until('mpegts.js is refused', async () => await page.evaluate(() => window.fault));
    await rig.close(page);
    site.end();
  },
});
