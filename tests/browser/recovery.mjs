// What a page comes back from by itself: a way through the network that is no more, a part of it that
// never arrived, a picture that is decoded and not shown.
import { check, frames, live, main, until } from './rig.mjs';
import { LossyLink } from './lossylink.mjs';

const pipeline = `videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=180,framerate=25/1 !
  vp8enc deadline=1 cpu-used=16 target-bitrate=300000 keyframe-max-dist=3000 ! whepsink port=0`;

const session = (page) => page.evaluate(() => window.player?.session);

/** Watches with `prepare`d page, and is served until the end. */
async function watch(rig, prepare, act) {
  const served = await rig.launch(pipeline);
  const page = await rig.open('about:blank');
  await prepare(page);
  await page.goto(served.url);
  await live(page);
  await act(page);
  await rig.close(page);
  await served.stop();
}

await main({
  // The network is another one, as of a phone that comes home: the session has no way any more, and
  // the next one has.
  anotherNetwork(rig) {
    const link = new LossyLink();
    rig.tolerated = [/404/]; // the page asks whether the server knows the session still
    return watch(rig, (page) => link.take(page), async (page) => {
      await frames(page, 10);
      await page.evaluate(() => { window.neverLoadedAgain = true; });
      const before = await session(page);
      link.close();
      await until('the page has a session again', async () => {
        const now = await session(page);
        return now && now !== before;
      });
      await live(page);
      await frames(page, 10);
      check(await page.evaluate(() => window.neverLoadedAgain), 'the page is the one that was opened');
      link.close();
    });
  },

  // What a browser does at such a moment if it is told to: the server cannot, says so (RFC 9725 section
  // 4.3.1), and the session stays.
  restartOfIce: (rig) => watch(rig, async () => { rig.tolerated = [/422/]; }, async (page) => {
    const before = await session(page);
    const answer = await page.evaluate(async () => {
      const { pc, session: address } = window.player;
      pc.restartIce();
      const { sdp } = await pc.createOffer();
      const lines = ['ice-ufrag', 'ice-pwd'].map((name) => sdp.match(new RegExp(`^a=${name}:.*$`, 'm'))[0].trim());
      const response = await fetch(address, {
        method: 'PATCH', headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '*' },
        body: [...lines, ''].join('\r\n'),
      });
      return response.json(); // with the status in it
    });
    check(answer.status === 422 && /POST a new offer/.test(answer.detail), JSON.stringify(answer));
    await frames(page, 25);
    check(await session(page) === before, 'the session is the same');
  }),

  lostPart(rig) {
    rig.tolerated = [/Failed to fetch dynamically imported module/, /ERR_FAILED/];
    let asked = 0;
    return watch(rig,
      (page) => page.route('**/overlay.js', (route) => (asked++ ? route.continue() : route.abort())),
      async (page) => {
        await frames(page, 10);
        check(asked > 1, 'the page has been loaded twice');
      });
  },

  // As of a stream that is not the one in the answer: browsers decode it, and show nothing.
  neverShown: (rig) => watch(rig, async (page) => {
    rig.tolerated = [/404/]; // the server has heard of the end by DTLS before it is told
    await page.route('**/player.js', async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(/NEVER_SEEN = \d+/, 'NEVER_SEEN = 3000');
      await route.fulfill({ response, body });
    });
    await page.addInitScript(() => {
      const ask = HTMLVideoElement.prototype.requestVideoFrameCallback;
      HTMLVideoElement.prototype.requestVideoFrameCallback = function (callback) {
        if (callback.name !== 'first' || window.unshown) return ask.call(this, callback);
        window.unshown = true; // the player's own, and its first
        return 0;
      };
    });
  }, async (page) => {
    check(await page.evaluate(() => window.unshown), 'the first picture was not told of');
    check(await page.evaluate(() => window.player.connections) === 1, 'it was never seen in the first session');
    await frames(page, 10);
  }),
});
