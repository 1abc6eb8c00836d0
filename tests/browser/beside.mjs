// How well the boxes that the page draws fit the picture on the screen, by the drawn scene's own
// colours: it knows nothing of the network.

/**
 * Runs in the page, for `wanted` frames of the first stream that have a message of their own: where the
 * middle of the circle and of the square is in this very frame, and where their boxes say it is, in
 * parts of the frame. `lag` is how many milliseconds the boxes are behind the shapes (before them:
 * negative), the best fit over all frames; `off` is the median distance.
 */
export async function compareBoxes(wanted) {
  const colours = { circle: [220, 40, 40], square: [40, 170, 60] };
  const [{ video, overlay }] = window.stages;
  const [width, height] = [480, 270];
  const context = Object.assign(document.createElement('canvas'), { width, height })
    .getContext('2d', { willReadFrequently: true });

  const middleOf = (data, [r, g, b]) => {
    let [x, y, n] = [0, 0, 0];
    for (let i = 0; i < data.length; i += 4) {
      if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) > 60) continue;
      x += (i / 4) % width;
      y += Math.floor(i / 4 / width);
      n++;
    }
    return n > 100 ? [(x / n + 0.5) / width, (y / n + 0.5) / height] : null;
  };

  const seen = [];
  await new Promise((resolve) => {
    const next = (now, frame) => {
      context.drawImage(video, 0, 0, width, height);
      const { data } = context.getImageData(0, 0, width, height);
      const message = overlay.findings.at(frame.rtpTimestamp);
      const exact = message?.rtp === frame.rtpTimestamp;
      for (const [label, colour] of exact ? Object.entries(colours) : []) {
        const object = message?.objects.find((o) => o.label === label);
        const at = middleOf(data, colour);
        if (!object || !at) continue;
        const [x, y, w, h] = object.box;
        seen.push({ label, rtp: frame.rtpTimestamp, at, box: [x + w / 2, y + h / 2] });
      }
      if (exact) wanted--;
      if (wanted > 0) video.requestVideoFrameCallback(next);
      else resolve();
    };
    video.requestVideoFrameCallback(next);
  });

  // The shape's speed, from the frames before and after; then the time by which its box is off.
  let [product, square] = [0, 0];
  const misses = [];
  for (const label of Object.keys(colours)) {
    const path = seen.filter((s) => s.label === label);
    for (let i = 1; i + 1 < path.length; i++) {
      const seconds = ((path[i + 1].rtp - path[i - 1].rtp) | 0) / 90000;
      if (seconds <= 0 || seconds > 2) continue;
      for (const axis of [0, 1]) {
        const speed = (path[i + 1].at[axis] - path[i - 1].at[axis]) / seconds;
        product += speed * (path[i].at[axis] - path[i].box[axis]);
        square += speed * speed;
      }
      misses.push(Math.hypot(...[0, 1].map((axis) => path[i].at[axis] - path[i].box[axis])));
    }
  }
  misses.sort((a, b) => a - b);
  const { exact, kept, without } = overlay;
  return { seen: seen.length, exact, kept, without, lag: product / square * 1000, off: misses[misses.length >> 1] };
}
