// hls.js and dash.js play the stream in a real Chromium, and m3u8-parser reads the playlists.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { check, main, until } from './rig.mjs';

const modules = join(dirname(fileURLToPath(import.meta.url)), 'node_modules');
const scripts = {
  '/hls.js': 'hls.js/dist/hls.min.js',
  '/dash.js': 'dashjs/dist/modern/umd/dash.all.min.js',
};

const pages = {
  hls: `{
    const hls = new Hls();
    hls.on(Hls.Events.ERROR, (event, data) => { if (data.fatal) window.fault = data.details; });
    hls.loadSource(source);
    hls.attachMedia(video);
    window.qualities = () => hls.levels.length;
    window.age = () => hls.playingDate ? (Date.now() - hls.playingDate) / 1000 : undefined;
    window.choose = (width) => { hls.nextLevel = hls.levels.findIndex((level) => level.width === width); };
  }`,
  dash: `{
    const player = dashjs.MediaPlayer().create();
    player.on('error', (event) => { window.fault = JSON.stringify(event.error.message); });
    player.initialize(video, source, true);
    window.qualities = () => player.getRepresentationsByType('video').length;
  }`,
};

const picture = (width, height, extra = '') =>
  `videotestsrc is-live=true pattern=smpte ! video/x-raw,format=I420,width=${width},height=${height},framerate=25/1 ! ${extra}`;
const h264 = 'x264enc tune=zerolatency speed-preset=ultrafast bitrate=400 key-int-max=500 ! h264parse';
const vp9 = 'vp9enc deadline=1 cpu-used=8 lag-in-frames=0 target-bitrate=400000 keyframe-max-dist=500';
const aac = 'audiotestsrc is-live=true volume=0.1 ! audio/x-raw,rate=48000,channels=2 ! avenc_aac ! aacparse';
const opus = 'audiotestsrc is-live=true volume=0.1 ! audio/x-raw,rate=48000,channels=2 ! opusenc';

/** A site of another origin, with the players. */
async function players() {
  const server = createServer((request, response) => {
    const script = scripts[request.url];
    response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html');
    if (script) return response.end(readFileSync(join(modules, script)));
    const kind = request.url.slice(1);
    response.end(`<!doctype html><link rel="icon" href="data:,"><video muted autoplay width="640"></video>
      <script src="/${kind}.js"></script><script>
      const video = document.querySelector('video');
      const start = (source) => ${pages[kind] ?? '0'};
      </script>`);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, at: (kind) => `http://127.0.0.1:${server.address().port}/${kind}`,
    end: () => { server.close(); server.closeAllConnections(); } };
}

async function served(url) {
  await until('there is a segment', async () => (await fetch(url)).ok);
}

/** Plays `source` and waits until so many seconds of it, at 20 frames, have been shown. */
async function plays(rig, site, kind, source, width, seconds = 4) {
  await served(source);
  const page = await rig.open(site.at(kind));
  await page.evaluate((url) => { start(url); }, source);
  const state = () => page.evaluate(() => ({ fault: window.fault, width: video.videoWidth,
time: video.currentTime, shown: video.getVideoPlaybackQuality().totalVideoFrames,
    sound: video.webkitAudioDecodedByteCount }));
  const before = await until(`${kind} shows a picture`, async () => {
    const now = await state();
    check(!now.fault, `${kind} plays: ${now.fault}`);
    return now.shown > 5 && now.time > 0 && now;
  });
  const after = await until(`${kind} goes on`, async () => {
    // Frames, not the time: dash.js sets it back where it began too close to the edge.
    const now = await state();
    return now.shown > before.shown + 20 * seconds && now;
  });
  check(!after.fault, `${kind} plays: ${after.fault}`);
  check(width.includes(after.width), `the picture is ${after.width} wide`);
  return { page, after };
}

/** By a parser that nobody here wrote. */
async function parsed(url) {
  const { Parser } = (await import('m3u8-parser')).default;
  const parser = new Parser();
  parser.push(await (await fetch(url)).text());
  parser.end();
  return parser.manifest;
}

await main({
  async h264AndSound(rig) {
    const site = await players();
    const pipeline = await rig.launch(`${picture(320, 180)} ${h264} ! segmentsink name=s port=0 path=yard segment-duration=1000 allow-origin=* ${aac} ! s.audio_0`);
    const dash = new URL('../dash/manifest.mpd', pipeline.url).href;
    for (const [kind, source] of [['hls', pipeline.url], ['dash', dash]]) {
      const { page, after } = await plays(rig, site, kind, source, [320]);
      check(after.sound > 0, `${kind} has sound`);
      await rig.screenshot(page, `segmentsink-${kind}`);
      await rig.close(page);
    }
    await pipeline.stop();
    check(pipeline.code === 0, `gst-launch ended well: ${pipeline.output}`);
    site.end();
  },

  async vp9AndOpus(rig) {
    const site = await players();
    const pipeline = await rig.launch(`${picture(320, 180)} ${vp9} ! segmentsink name=s port=0 segment-duration=1000 allow-origin=* ${opus} ! s.audio_0`);
    const dash = new URL('../dash/manifest.mpd', pipeline.url).href;
    for (const [kind, source] of [['hls', pipeline.url], ['dash', dash]]) {
      const { page } = await plays(rig, site, kind, source, [320], 2);
      await rig.close(page);
    }
    site.end();
  },

  async qualitiesAreChosenFrom(rig) {
    const site = await players();
    const pipeline = await rig.launch(`videotestsrc is-live=true ! video/x-raw,format=I420,width=640,height=360,framerate=25/1 ! tee name=t ! queue ! ${h264} ! segmentsink name=s port=0 segment-duration=1000 allow-origin=* t. ! queue ! videoscale ! video/x-raw,width=320,height=180 ! ${h264} ! s.video_1`);
    await served(pipeline.url);
    await until('both qualities are there', async () => (await parsed(pipeline.url)).playlists.length === 2);
    const { page } = await plays(rig, site, 'hls', pipeline.url, [320, 640], 1);
    check(await page.evaluate(() => qualities()) === 2, 'hls.js knows two qualities');
    for (const width of [320, 640]) {
      await page.evaluate((wanted) => choose(wanted), width);
      await until(`the picture is ${width} wide`, async () => await page.evaluate(() => video.videoWidth) === width);
    }
    await rig.close(page);
    site.end();
  },

  async encryptedIsPlayed(rig) {
    const site = await players();
    const pipeline = await rig.launch(`${picture(320, 180)} ${h264} ! segmentsink port=0 segment-duration=1000 allow-origin=* encryption=aes-128`);
    const { page } = await plays(rig, site, 'hls', pipeline.url, [320], 2);
    await rig.close(page);
    check((await fetch(new URL('../dash/manifest.mpd', pipeline.url))).status === 404, 'DASH is not served');
    site.end();
  },

  async transportStreamsArePlayed(rig) {
    const site = await players();
    for (const encryption of ['none', 'aes-128']) {
      const pipeline = await rig.launch(`${picture(320, 180)} ${h264} ! segmentsink name=s port=0 segment-duration=1000 allow-origin=* container=ts encryption=${encryption} ${aac} ! s.audio_0`);
      const { page, after } = await plays(rig, site, 'hls', pipeline.url, [320], 2);
      check(after.sound > 0, 'hls has sound');
      await rig.close(page);
    }
    site.end();
  },

  async partsBringItCloserToNow(rig) {
    const site = await players();
    const ages = {};
    for (const part of [0, 200]) {
      const pipeline = await rig.launch(`${picture(320, 180)} ${h264} ! segmentsink name=s port=0 segment-duration=1000 part-duration=${part} allow-origin=* ${aac} ! s.audio_0`);
      const { page } = await plays(rig, site, 'hls', pipeline.url, [320], 4);
      ages[part] = await page.evaluate(() => age());
      await rig.close(page);
      const list = new URL('video_0.m3u8', pipeline.url).href;
      const manifest = await parsed(list);
      check(Boolean(manifest.serverControl?.canBlockReload) === part > 0, 'parts are told of');
      if (part) {
        check(manifest.preloadSegment.preloadHints.length > 0, 'so is the next');
        check(manifest.serverControl.partHoldBack > 2.9 * manifest.partTargetDuration, 'and how near one may come');
        for (const one of manifest.segments.flatMap((segment) => segment.parts ?? []))
          check(one.duration <= manifest.partTargetDuration, `${one.duration} s`);
      }
    }
    console.log(`age of what is shown: ${ages[0].toFixed(2)} s in segments, ${ages[200].toFixed(2)} s in parts`);
    site.end();
  },

  async playlistsAreAsApplesRulesSay(rig) {
    const pipeline = await rig.launch(`${picture(320, 180)} ${h264} ! segmentsink name=s port=0 segment-duration=1000 playlist-length=4 ${aac} ! s.audio_0`);
    const list = new URL('video_0.m3u8', pipeline.url).href;
    await served(pipeline.url);
    const full = () => until('the window is full', async () => {
      const manifest = await parsed(list);
      return manifest.segments.length === 4 && manifest;
    });
    const all = await parsed(pipeline.url);
    check(all.independentSegments && all.playlists[0].attributes.CODECS.startsWith('avc1.42'), 'codecs are named');
    check(all.playlists[0].attributes.RESOLUTION.width === 320, 'so is the size');
    check(all.mediaGroups.AUDIO.sound.audio_0.uri === 'audio_0.m3u8', 'and the sound');
    let early = await full();
    const late = await until('the window moves', async () => {
      const manifest = await parsed(list);
      if (manifest.mediaSequence > early.mediaSequence + 3) early = manifest; // all that it saw are gone
      return manifest.mediaSequence > early.mediaSequence && manifest;
    });
    // RFC 8216, 4.3.3.1: a rounded length is never above the target's, which never changes.
    for (const manifest of [early, late])
      for (const segment of manifest.segments)
        check(Math.round(segment.duration) <= manifest.targetDuration, `${segment.duration} s`);
    check(early.targetDuration === late.targetDuration && !late.endList, 'it is live');
    const shift = late.mediaSequence - early.mediaSequence;
    const same = late.segments.find(({ uri }) => uri === early.segments[3].uri);
    check(same && late.segments.indexOf(same) === 3 - shift, 'numbers and names go together');
    check(Math.abs(same.dateTimeObject - early.segments[3].dateTimeObject) < 2, 'so does the time of day');
    check(Math.abs(Date.now() - same.dateTimeObject) < 60000, 'which is now');
    check(same.map.uri === 'video_0/init-0.mp4', 'each has its header');
    check((await fetch(new URL(late.segments[0].uri, list))).ok, 'segments are there');
    check((await fetch(new URL('video_0/999999.m4s', list))).status === 404, 'others are not');
  },
});
