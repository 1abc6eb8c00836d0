// Server and browser on two machines, as far as the network can tell: a camera's VP9 and H.264 on one
// wall, straight through a cable, and through a router that forwards some ports.
import { Rig, check, chromiumSettings, main, until } from './rig.mjs';
import { Forwarding, OtherNetwork, near, outside } from './othernetwork.mjs';

const picture = 'videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=180,framerate=25/1';
const vp9 = 'vp9enc deadline=1 cpu-used=8 lag-in-frames=0 target-bitrate=300000 keyframe-max-dist=3000';
const x264 = 'x264enc tune=zerolatency speed-preset=ultrafast bitrate=300 key-int-max=250 ! h264parse';
const ports = [42000, 42015];
const token = 'violets-are-blue-7';

const network = await OtherNetwork.start();

/** What each picture of the wall has come by. */
const ways = (page) => page.evaluate(() => Promise.all(window.stages.map(async ({ player, stream }) => {
  const stats = await player.pc.getStats();
  const transport = [...stats.values()].find(({ type }) => type === 'transport');
  const pair = stats.get(transport.selectedCandidatePairId);
  const { address, port, protocol } = stats.get(pair.remoteCandidateId);
  const { mimeType } = [...stats.values()].find(({ type, mimeType: kind }) => type === 'codec' && /^video/.test(kind));
  return { name: stream.name, mimeType, address, port, protocol };
})));

async function seen(page) {
  await until('both pictures are seen', () => page.evaluate(() => window.stages?.length === 2 &&
    window.stages.every(({ player }) => player.state === 'live' && player.framesDecoded >= 25)))
    .catch(async (error) => {
      throw new Error(`${error.message}: ${await page.evaluate(() => JSON.stringify(window.stages?.map(({ player }) =>
        [player.base, player.state, player.reason, player.attempts, player.framesDecoded, player.pc?.iceConnectionState])))}`);
    });
}

/** Watches both; `holds` is what has to be true of the way that either takes. */
async function watch(rig, host, settings, holds) {
  const sink = (name) => `whepsink address=0.0.0.0 port=8080 path=${name} auth=token:${token} ${settings}`;
  const pipeline = await rig.launch(`${picture} ! tee name=t t. ! queue ! ${vp9} ! ${sink('nine')}
    t. ! queue ! ${x264} ! ${sink('avc')}`);
  try {
    check((await fetch(`http://${host}:8080/`)).status === 401, 'who has no token is sent away');
    const page = await rig.open(`http://${host}:8080/?token=${token}`);
    await seen(page);
    const taken = await ways(page);
    check(taken.map(({ name, mimeType }) => `${name} ${mimeType}`).sort().join() === 'avc video/H264,nine video/VP9',
          JSON.stringify(taken));
    // A browser may begin on another way, while it tries the one that it prefers.
    let last;
    await until('both take that way', async () => (last = await ways(page)).every(holds))
      .catch((error) => { throw new Error(`${error.message}: ${JSON.stringify(last)}`); });
    await rig.close(page);
  } finally {
    await pipeline.stop(); // its port is the next one's
  }
  check(!pipeline.output.includes(token), 'nobody printed the token');
}

const isForwarded = ({ address, port }) => address === outside && port >= ports[0] && port <= ports[1];
const behindRouter = `advertise-address=${outside} min-rtp-port=${ports[0]} max-rtp-port=${ports[1]}`;

async function forwarded(rig, protocol) {
  const forwarding = await Forwarding.start(protocol, ...ports);
  await watch(rig, outside, behindRouter, (way) => isForwarded(way) && way.protocol === protocol);
  forwarding.end();
}

await main({
  async straight(rig) {
    network.direct(true);
    await watch(rig, near, '', ({ address, protocol }) => address === near && protocol === 'udp');
    network.direct(false);
  },
  forwardedUdp: (rig) => forwarded(rig, 'udp'),
  forwardedTcp: (rig) => forwarded(rig, 'tcp'),
}, async () => {
  const settings = chromiumSettings();
  const rig = await Rig.start({ ...settings, executablePath: network.wrapped(settings.executablePath) });
  const end = rig.end.bind(rig);
  rig.end = async () => { await end(); network.end(); };
  return rig;
});
