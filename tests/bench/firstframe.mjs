// From a viewer's POST to the first frame that it has decoded, in Chromium, one viewer after the other:
// of an encoder that makes a key frame for each, and of a camera's stream whose key frames are seconds
// apart, as it passes.
// Run it with `meson test -C build --benchmark --verbose firstframe`.
import { Rig, sleep, until } from '../browser/rig.mjs';

const JOINS = 40;
const [only = ''] = process.argv.slice(2);
const source = 'videotestsrc is-live=true ! video/x-raw,format=I420,width=1280,height=720,framerate=25/1';
const ways = {
  'VP9, encoded here': `${source} ! vp9enc deadline=1 cpu-used=8 lag-in-frames=0 end-usage=cbr target-bitrate=2000000
    threads=2 row-mt=true tile-columns=1 keyframe-max-dist=3000 ! whepsink port=0`,
  'H.264, encoded here': `${source} ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=2000 key-int-max=3000 !
    whepsink port=0`,
  // No wish for a key frame comes back through UDP: that is what a camera is.
  'H.264, passed through': `${source} ! x264enc tune=zerolatency speed-preset=ultrafast bitrate=2000 key-int-max=100 !
    video/x-h264,profile=constrained-baseline ! h264parse ! rtph264pay mtu=1200 config-interval=-1 !
    udpsink async=false sync=false host=127.0.0.1 port=PORT udpsrc address=127.0.0.1 port=PORT
    caps=application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,payload=96 ! rtpjitterbuffer latency=20 ! rtph264depay ! h264parse ! whepsink port=0`,
};

/** Times in ms from POST to the answer and to the first frame, of a viewer in the page. */
const join = (page, endpoint) => page.evaluate(async (address) => {
  const connection = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  const video = document.createElement('video');
  Object.assign(video, { muted: true, autoplay: true, playsInline: true });
  document.body.append(video);
  connection.addTransceiver('video', { direction: 'recvonly' });
  connection.ontrack = ({ track }) => { video.srcObject = new MediaStream([track]); };
  await connection.setLocalDescription(await connection.createOffer());
  const start = performance.now();
  const first = new Promise((resolve, reject) => {
    video.requestVideoFrameCallback((now) => resolve(now - start));
    setTimeout(() => reject(new Error('no frame came')), 20000);
  });
  first.catch(() => {});
  const response = await fetch(address, { method: 'POST', headers: { 'Content-Type': 'application/sdp' },
    body: connection.localDescription.sdp });
  const sdp = await response.text();
  if (response.status !== 201) throw new Error(`answered ${response.status}: ${sdp}`);
  const answered = performance.now() - start;
  await connection.setRemoteDescription({ type: 'answer', sdp });
  const shown = await first;
  connection.close();
  video.remove();
  await fetch(new URL(response.headers.get('Location'), address), { method: 'DELETE' });
  return { answered, shown };
}, endpoint);

const percentile = (values, part) => [...values].sort((a, b) => a - b)[Math.floor(part * (values.length - 1))];

const rig = await Rig.start();
for (const [name, line] of Object.entries(ways).filter(([title]) => title.includes(only))) {
  const port = String(20000 + Math.floor(Math.random() * 20000));
  const pipeline = await rig.launch(line.replaceAll('PORT', port));
  const page = await rig.open(new URL('/health', pipeline.url).href);
  const endpoint = new URL('whep', pipeline.url).href;
  await until('the first is let in', () => join(page, endpoint), 60000); // it warms up, too
  const times = [];
  for (let i = 0; i < JOINS; i++) {
    times.push(await join(page, endpoint));
    await sleep(100 + 170 * (i % 7)); // at any place between two key frames
  }
  const of = (what) => times.map((time) => time[what]);
  const say = (what, part) => `p${100 * part} ${percentile(of(what), part).toFixed(0)} ms`;
  console.log(`${name.padEnd(22)} first frame ${say('shown', 0.5)}, ${say('shown', 0.95)}; ` +
    `answer ${say('answered', 0.5)}, ${say('answered', 0.95)}`);
  await rig.close(page);
  await pipeline.stop();
}
await rig.end();
process.exit(0);
