// What a camera's microphone hears comes out of a real Chromium: the tone itself, not just a track.
import { join } from 'node:path';
import { Camera, check, frames, live, main, until } from './rig.mjs';

const source = process.env.VIDEO_STREAM_SOURCE_DIR;
const build = process.env.VIDEO_STREAM_BUILD_DIR;
const picture = 'videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=180,framerate=25/1 ! ' +
  'vp8enc deadline=1 cpu-used=16 target-bitrate=300000 keyframe-max-dist=100';
const pitch = 1000;
const tick = 880; // what the virtual camera's microphone hears once a second, dying away

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
  await comesOut(rig, pipeline, pitch, 0.1);
  await pipeline.stop();
}

async function comesOut(rig, pipeline, wanted, loud) {
  // A page that comes before the sound has been looked at gets the picture alone.
  await until('there is sound', async () =>
    (await (await fetch(new URL('status', pipeline.url))).json()).codecs.length === 2);
  const page = await rig.open(pipeline.url);
  await live(page);
  await frames(page, 5);
  let last;
  await until(`a tone of ${wanted} Hz`, async () => {
    last = await loudest(page);
    return last.level > loud && Math.abs(last.frequency - wanted) < 40;
  }).catch((error) => { throw new Error(`${error.message}: ${JSON.stringify(last)}`); });
  check(await page.locator('.mute').isVisible(), 'there is a sound button');
  await rig.close(page);
}

/** Runs `job(pipeline)` with a launch file and a camera of that sound. */
async function ofCamera(rig, file, audio, job) {
  const camera = new Camera('--width', '640', '--height', '360', '--fps', '10', '--audio', audio);
  await camera.start();
  try {
    const settings = [`LOCATION=${camera.location}`, 'PORT=0'];
    if (file.includes('boxes')) settings.push(`MODEL=${join(build, 'models/shapes.onnx')}`);
    const pipeline = await rig.run(join(build, 'pipelines/video-stream-launch'),
                                   [join(source, 'pipelines', `${file}.launch`), ...settings]);
    await job(pipeline);
    await pipeline.stop();
    check(pipeline.code === 0 && pipeline.complaints === '', pipeline.output);
  } finally {
    await camera.lose();
  }
}

/** A camera without a microphone is no fault: its picture plays, and there is nothing to switch on. */
const picturesAlone = (rig) => async (pipeline) => {
  rig.tolerated = [/409/]; // the page may ask before the camera has sent its first picture
  const page = await rig.open(pipeline.url);
  await live(page);
  await frames(page, 10);
  check(await page.locator('.mute').isHidden(), 'there is no sound button');
  await until('it is said plainly', async () => /sends no sound/.test(pipeline.output));
  await rig.close(page);
};

await main({
  opus: (rig) => heard(rig, 'opusenc perfect-timestamp=true'),
  pcmu: (rig) => heard(rig, 'mulawenc'),
  pcma: (rig) => heard(rig, 'alawenc ! rtppcmapay'),
  aac: (rig) => heard(rig, 'audioconvert ! audio/x-raw,rate=16000,channels=1 ! avenc_aac ! aacparse ! rtpmp4gpay'),
  aacOfACamera: (rig) => ofCamera(rig, 'camera-to-browser', 'aac', (pipeline) => comesOut(rig, pipeline, tick, 0.02)),
  pcmuOfACamera: (rig) => ofCamera(rig, 'camera-to-browser-with-boxes', 'pcmu', (pipeline) => comesOut(rig, pipeline, tick, 0.02)),
  noSoundWithBoxes: (rig) => ofCamera(rig, 'camera-to-browser-with-boxes', 'none', picturesAlone(rig)),
  noSoundUntouched: (rig) => ofCamera(rig, 'camera-passthrough-with-boxes', 'none', picturesAlone(rig)),
});
