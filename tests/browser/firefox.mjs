// The page in Debian's Firefox ESR, whose WebRTC offers other formats in another order than Chromium's.
import { check, colour, frames, live, main, until } from './rig.mjs';
import { FirefoxRig } from './marionette.mjs';

const source =
  'videotestsrc is-live=true pattern=smpte ! video/x-raw,format=I420,width=640,height=360,framerate=25/1';

async function plays(rig, encoder) {
  const pipeline = await rig.launch(`${source} ! ${encoder} ! whepsink port=0`);
  const page = await rig.open(pipeline.url);
  await live(page);
  const frame = await frames(page, 30);
  check(frame.width === 640 && frame.height === 360, `the picture is ${frame.width}x${frame.height}`);
  const [r, g, b] = await colour(page, 0.17, 0.1, 0.08, 0.3);
  check(r > 140 && g > 140 && b < 90, `the second bar is yellow, not ${[r, g, b].map(Math.round)}`);
  await rig.close(page);
  await until('the one who left is forgotten', async () =>
    (await (await fetch(new URL('status', pipeline.url))).json()).viewers === 0);
  await pipeline.stop();
  check(pipeline.code === 0, `gst-launch ended well: ${pipeline.output}`);
}

/** What Firefox can decode in a call: Debian has none of the OpenH264 that others download. */
async function offers(rig, format) {
  const page = await rig.open('about:blank');
  const sdp = await page.evaluate(async () => {
    const connection = new RTCPeerConnection();
    connection.addTransceiver('video', { direction: 'recvonly' });
    const offer = await connection.createOffer();
    connection.close();
    return offer.sdp;
  });
  await rig.close(page);
  return sdp.includes(` ${format}/90000`);
}

async function playsIfOffered(rig, format, encoder) {
  if (await offers(rig, format)) await plays(rig, encoder);
  else console.log(`     SKIP: this Firefox offers no ${format}`);
}

await main({
  vp9: (rig) => plays(rig, 'vp9enc deadline=1 cpu-used=8 lag-in-frames=0 target-bitrate=800000 keyframe-max-dist=3000'),
  vp8: (rig) => plays(rig, 'vp8enc deadline=1 cpu-used=8 target-bitrate=800000 keyframe-max-dist=3000'),
  h264: (rig) => playsIfOffered(rig, 'H264', 'x264enc tune=zerolatency speed-preset=ultrafast bitrate=800 key-int-max=250'),
}, FirefoxRig.start);
