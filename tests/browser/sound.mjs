// What a camera's microphone hears comes out of a real Chromium: the tone itself, not just a track.
import { check, frames, live, main, until } from './rig.mjs';

const picture = 'videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=180,framerate=25/1 ! ' +
  'vp8enc deadline=1 cpu-used=16 target-bitrate=300000 keyframe-max-dist=100';
const pitch = 1000;

/** { level, frequency } of the loudest tone in what the page plays. */
const loudest = (page) => page.evaluate(async () => {
  const context = new AudioContext();
  await context.resume();
  const meter = context.createAnalyser();
  meter.fftSize = 8192;
  context.createMediaStreamSource(document.querySelector('video').srcObject).connect(meter);
  await new Promise((resolve) => setTimeout(resolve, 700));
  const samples = new Float32Array(meter.fftSize);
  const bins = new Float32Array(meter.frequencyBinCount);
  meter.getFloatTimeDomainData(samples);
  meter.getFloatFrequencyData(bins);
  const bin = bins.indexOf(Math.max(...bins));
  const frequency = bin * context.sampleRate / meter.fftSize;
  await context.close();
  return { level: Math.max(...samples), frequency };
});

async function heard(rig, encoder) {
  const pipeline = await rig.launch(
    `${picture} ! whepsink name=w port=0 audiotestsrc is-live=true freq=${pitch} ! ${encoder} ! w.audio_0`);
  // A page that comes before the sound has been looked at gets the picture alone.
  await until('there is sound', async () =>
    (await (await fetch(new URL('status', pipeline.url))).json()).codecs.length === 2);
  const page = await rig.open(pipeline.url);
  await live(page);
  await frames(page, 5);
  let last;
  await until(`the tone of ${encoder}`, async () => {
    last = await loudest(page);
    return last.level > 0.1 && Math.abs(last.frequency - pitch) < 40;
  }).catch((error) => { throw new Error(`${error.message}: ${JSON.stringify(last)}`); });
  check(await page.locator('.mute').isVisible(), 'there is a sound button');
  await rig.close(page);
  await pipeline.stop();
}

await main({
  opus: (rig) => heard(rig, 'opusenc perfect-timestamp=true'),
  pcmu: (rig) => heard(rig, 'mulawenc'),
  pcma: (rig) => heard(rig, 'alawenc ! rtppcmapay'),
  aac: (rig) => heard(rig, 'audioconvert ! audio/x-raw,rate=16000,channels=1 ! avenc_aac ! aacparse ! rtpmp4gpay'),
});
