// What npm's onvif finds of the cameras that the bench beside has set up, on loopback.
const { createRequire } = require('node:module');
const path = require('node:path');

let onvif;
try {
  const modules = path.join(process.env.VIDEO_STREAM_SOURCE_DIR ?? '.', 'tests/browser/package.json');
  onvif = createRequire(path.resolve(modules))('onvif');
} catch {
  console.log('npm onvif   is not installed (npm ci in tests/browser): nothing to compare with');
  process.exit(0);
}

async function once() {
  const start = process.hrtime.bigint();
  const seconds = () => Number(process.hrtime.bigint() - start) / 1e9;
  const found = new Map();
  onvif.Discovery.removeAllListeners();
  onvif.Discovery.on('error', () => {});
  onvif.Discovery.on('device', (camera, sender, xml) => {
    const endpoint = /urn:uuid:0{8}-[0-9a-f-]{27}/.exec(String(xml))?.[0];
    if (endpoint && !found.has(endpoint)) found.set(endpoint, seconds());
  });
  await new Promise((done) =>
    onvif.Discovery.probe({ timeout: 3000, device: 'lo', resolve: true }, done));
  const times = [...found.values()].sort((a, b) => a - b);
  console.log(`npm onvif   found ${String(times.length).padStart(3)} of 100, the last after ` +
    `${(times.at(-1) ?? 0).toFixed(2)} s`);
}

(async () => {
  for (let i = 0; i < 3; i++) await once();
})();
