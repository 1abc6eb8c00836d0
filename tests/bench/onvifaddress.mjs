// Reads device addresses, writes stream addresses, one a line, as npm's onvif finds them: what a
// Node.js program does with a camera. Says "ready" first, or ends where the package is absent.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../browser/package.json', import.meta.url));
const { Cam } = require('onvif');
console.log('ready');
for await (const line of createInterface({ input: process.stdin })) {
  const { hostname, port } = new URL(line);
  const uri = await new Promise((resolve, reject) => {
    const cam = new Cam({ hostname, port, username: 'admin', password: 'bench' }, (error) => {
      if (error) reject(error);
      else cam.getStreamUri({ protocol: 'RTSP' }, (failed, stream) => (failed ? reject(failed) : resolve(stream.uri)));
    });
  });
  console.log(uri);
}
