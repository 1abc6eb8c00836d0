// Finds the drawn scene's shapes and the boxes around them in the picture on the screen, by colour
// alone: it knows nothing of the network or of the overlay.

/** How many pixels of the canvas over the picture the page has painted. */
export const painted = (page) => page.evaluate(() => {
  const canvas = document.querySelector('.overlay');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let i = 3; i < data.length; i += 4) count += data[i] > 0;
  return count;
});

/**
 * Runs in the page. For each shape that is seen: its rectangle in pixels, and for each side how far
 * outside (negative) or inside of the shape's edge a straight coloured line runs along it; null where
 * there is none.
 */
export function measureBoxes() {
  // What the scene promises (tests/support/scene.hpp) and what the overlay draws classes 0, 1, 2 in
  // (plugins/overlay/color.cpp). Where a shape's edge blends into the grey it is neither.
  const colours = {
    circle: { shape: [220, 40, 40], line: [252, 88, 85] },
    square: { shape: [40, 170, 60], line: [28, 223, 157] },
    triangle: { shape: [50, 80, 220], line: [149, 90, 227] },
  };
  const video = document.querySelector('video');
  const [width, height] = [video.videoWidth, video.videoHeight];
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(video, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const pixel = (x, y) => { const i = 4 * (y * width + x); return [data[i], data[i + 1], data[i + 2]]; };
  const near = (p, c, limit) => Math.abs(p[0] - c[0]) + Math.abs(p[1] - c[1]) + Math.abs(p[2] - c[2]) < limit;
  // A thin line comes out of the encoder paler or darker than it went in, but in its own hue.
  const hue = ([r, g, b]) => Math.atan2(Math.sqrt(3) * (g - b), 2 * r - g - b) * 180 / Math.PI;
  const sameHue = (p, c) => Math.abs(((hue(p) - hue(c) + 540) % 360) - 180) < 16;
  const onLine = (p, line, shape) =>
    Math.max(...p) - Math.min(...p) > 40 && sameHue(p, line) && !near(p, shape, 60);

  const rectangleOf = (colour) => {
    const columns = new Uint32Array(width), rows = new Uint32Array(height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        if (near(pixel(x, y), colour, 60)) { columns[x]++; rows[y]++; }
    // Neither a pixel of noise nor the edge of a letter is a part of the shape.
    const enough = (counts) => 0.1 * counts.reduce((a, b) => Math.max(a, b)) + 1;
    const first = (counts) => counts.findIndex((n) => n >= enough(counts));
    const last = (counts) => counts.length - 1 - [...counts].reverse().findIndex((n) => n >= enough(counts));
    if (first(columns) < 0) return null;
    return { left: first(columns), right: last(columns), top: first(rows), bottom: last(rows) };
  };

  // Share of the pixels along a line that have the line's colour.
  const lineShare = (colours, from, to, at) => {
    let hits = 0;
    for (let i = from; i <= to; i++) {
      const p = at(i);
      if (p && onLine(p, colours.line, colours.shape)) hits++;
    }
    return hits / (to - from + 1);
  };

  const reach = Math.round(width * 0.03);
  const inside = (x, y) => (x >= 0 && y >= 0 && x < width && y < height ? pixel(x, y) : null);
  const sideOffset = (colours, r, side) => {
    const vertical = side === 'left' || side === 'right';
    const outward = side === 'left' || side === 'top' ? -1 : 1;
    // The middle part of the side, so that a box a little smaller than the shape counts too.
    const [a, b] = vertical ? [r.top, r.bottom] : [r.left, r.right];
    const margin = Math.round((b - a) * 0.15);
    for (let distance = 0; distance <= reach; distance++)
      for (const offset of distance ? [distance, -distance] : [0]) {
        const line = r[side] + outward * offset;
        const share = lineShare(colours, a + margin, b - margin, (i) => (vertical ? inside(line, i) : inside(i, line)));
        if (share > 0.5) return offset;
      }
    return null;
  };

  const found = {};
  for (const [name, colour] of Object.entries(colours)) {
    const r = rectangleOf(colour.shape);
    if (!r) continue;
    const sides = {};
    for (const side of ['left', 'right', 'top', 'bottom']) sides[side] = sideOffset(colour, r, side);
    found[name] = { ...r, sides };
  }
  return { width, height, found };
}
