// examples/fastapi in a browser: its documentation is drawn and its calls can be tried, without the
// internet; the camera's page shows the picture.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Camera, check, frames, freePort, live, main, skip, until } from './rig.mjs';

const python = '/usr/bin/python3'; // the one that Debian's packages are for
const service = join(process.env.VIDEO_STREAM_SOURCE_DIR, 'examples/fastapi/service.py');
const model = join(process.env.VIDEO_STREAM_BUILD_DIR, 'models/shapes.onnx');

try {
  execFileSync(python, ['-c', 'import fastapi, uvicorn, websockets, gi, flasgger'], { stdio: 'ignore' });
} catch {
  skip('install python3-fastapi python3-uvicorn python3-websockets python3-flasgger python3-gi');
}

const start = async (rig) => rig.run(python, ['-B', service],
  { env: { ...process.env, MODEL: model, PORT: await freePort(), PAGES: await freePort() } });

await main({
  async documentation(rig) {
    const camera = new Camera('--width', '640', '--height', '360');
    await camera.start();
    try {
      const { url } = await start(rig);
      const asked = [];
      const page = await rig.open('about:blank');
      page.on('request', (request) => asked.push(new URL(request.url())));
      await page.goto(`${url}/docs`);
      await page.locator('.opblock').nth(2).waitFor();
      check(asked.every(({ host, protocol }) => protocol === 'data:' || host === new URL(url).host),
            `nothing is fetched from elsewhere: ${asked.map(String)}`);

      // Starting a camera, as a reader of the page would try it.
      const post = page.locator('.opblock-post');
      await post.locator('.opblock-summary').click();
      await post.getByRole('button', { name: 'Try it out' }).click();
      await post.locator('textarea').fill(JSON.stringify({ name: 'yard', location: camera.location }));
      await post.getByRole('button', { name: 'Execute' }).click();
      await until('the answer is shown', async () =>
        (await post.locator('.live-responses-table tbody .response-col_status').first().textContent()).startsWith('201'));
      await rig.screenshot(page, 'restservice');

      const yard = await until('the camera is live', async () => {
        const [told] = await (await fetch(`${url}/cameras`)).json();
        return told?.state === 'live' && told.page && told;
      });
      const watching = await rig.open(yard.page);
      await live(watching);
      const shown = await frames(watching, 10);
      check(shown.width === 640 && shown.height === 360, `the picture is ${shown.width}x${shown.height}`);

      // What is found, on a WebSocket from the service's own page.
      const found = await page.evaluate((address) => new Promise((resolve, reject) => {
        const socket = new WebSocket(address);
        socket.onerror = () => reject(new Error('the WebSocket failed'));
        socket.onmessage = ({ data }) => {
          const { objects } = JSON.parse(data);
          if (objects.length) resolve(objects);
        };
      }), `${url.replace('http', 'ws')}/cameras/yard/detections`);
      check(found.every(({ label }) => ['circle', 'square', 'triangle'].includes(label)), `${JSON.stringify(found)} was found`);
    } finally {
      await camera.lose();
    }
  },
});
