// A camera loses its power while somebody watches: the page waits, and the picture comes back by itself.
import { Camera, check, frames, live, main, stateOf, until } from './rig.mjs';

const size = ['--width', '640', '--height', '360', '--fps', '15', '--audio', 'none'];

async function goesOn(rig, then) {
  rig.tolerated = [/Failed to load resource/]; // while there is no picture, nobody is let in
  const camera = new Camera(...size);
  await camera.start();
  const pipeline = await rig.launch(
    `onvifsrc timeout=2000 wait-for-camera=true latency=100 location=${camera.location} ! ${then} ! whepsink port=0`);
  const page = await rig.open(pipeline.url);
  await live(page);
  await frames(page, 15);
  await page.evaluate(() => { window.neverLoadedAgain = true; });
  for (let loss = 0; loss < 2; loss++) {
    await camera.lose();
    await until('the page says that nothing comes', async () => await stateOf(page) !== 'live');
    await camera.start();
    await live(page);
    const frame = await frames(page, 15);
    check(frame.width === 640 && frame.height === 360, `the picture is ${frame.width}x${frame.height}`);
  }
  check(await page.evaluate(() => window.neverLoadedAgain), 'the page is the one that was opened');
  await rig.close(page);
  await pipeline.stop();
  await camera.lose();
  check(pipeline.code === 0, `gst-launch ended well: ${pipeline.output}`);
}

await main({
  untouched: (rig) => goesOn(rig, 'rtph264depay ! h264parse'),
  encodedAnew: (rig) => goesOn(rig, `rtph264depay ! avdec_h264 ! videoconvert !
    vp9enc deadline=1 cpu-used=8 lag-in-frames=0 end-usage=cbr target-bitrate=500000 keyframe-max-dist=3000`),
});
