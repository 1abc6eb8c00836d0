// Draws what was found over the video, on a canvas of its own: each frame with its own boxes, in
// device pixels, whatever room the letterbox leaves. What is drawn in the picture is not drawn twice.
import { Findings, ticks } from './findings.js';

const COLOURS = ['#34d399', '#60a5fa', '#fbbf24', '#f472b6', '#a78bfa', '#f87171', '#22d3ee', '#a3e635',
  '#fb923c', '#e879f9', '#2dd4bf', '#facc15'];
const SHOWN_POINT = 0.3; // key points less sure than that are not there

export const colourOf = (object) => COLOURS[(((object.class ?? 0) % COLOURS.length) + COLOURS.length) % COLOURS.length];

/** Where in a box of width x height the picture is, as object-fit: contain puts it. */
export function pictureIn(width, height, videoWidth, videoHeight) {
  const scale = Math.min(width / videoWidth, height / videoHeight);
  const [w, h] = [videoWidth * scale, videoHeight * scale];
  return { x: (width - w) / 2, y: (height - h) / 2, width: w, height: h };
}

function rounded(context, ...rectangle) {
  if (context.roundRect) context.roundRect(...rectangle);
  else context.rect(...rectangle.slice(0, 4)); // browsers of before 2023
}

export class Overlay {
  findings = new Findings();
  exact = 0;   // frames that were drawn with their own message
  kept = 0;    // with that of a frame before
  without = 0; // with none
  drawn = null; // { rtp, message }: what is on the canvas
  #rtp = null; // of the frame on the screen

  constructor(video, canvas, settings) {
    this.video = video;
    this.canvas = canvas;
    this.settings = settings;
    this.context = canvas.getContext('2d');
    new ResizeObserver(() => this.redraw()).observe(canvas);
    settings.addEventListener('change', () => this.redraw());
    const next = (now, frame) => {
      this.#onFrame(frame);
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback?.(next);
  }

  add(message) {
    if (!this.findings.add(message)) return;
    // It may be late, and its frame on the screen already. Without timestamps the newest has to do.
    const late = this.#rtp === null || ticks(this.#rtp, message.rtp) >= 0;
    if (late) this.redraw();
  }

  clear() {
    this.findings.clear();
    this.#rtp = null;
    this.redraw();
  }

  #onFrame({ rtpTimestamp }) {
    this.#rtp = rtpTimestamp ?? null;
    const message = this.#message();
    if (!message) this.without++;
    else if (message.rtp === this.#rtp) this.exact++;
    else this.kept++;
    this.#draw(message);
  }

  redraw() { this.#draw(this.#message()); }

  /** Copies what lies over the picture into a context of the picture's size. */
  drawInto(context) {
    const { canvas, video: { videoWidth, videoHeight } } = this;
    if (!canvas.width) return;
    const { x, y, width, height } = pictureIn(canvas.width, canvas.height, videoWidth, videoHeight);
    context.drawImage(canvas, x, y, width, height, 0, 0, videoWidth, videoHeight);
  }

  #message() { return this.#rtp === null ? this.findings.newest : this.findings.at(this.#rtp); }

  #draw(message) {
    const { canvas, context, video, settings } = this;
    const ratio = devicePixelRatio || 1;
    const [width, height] = [Math.round(canvas.clientWidth * ratio), Math.round(canvas.clientHeight * ratio)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    else context.clearRect(0, 0, width, height);
    this.drawn = { rtp: this.#rtp, message };
    if (!message || !settings.boxes || !video.videoWidth || !width) return;
    const picture = pictureIn(width, height, video.videoWidth, video.videoHeight);
    const line = Math.max(1.5, Math.min(3, picture.width / 320)) * Math.min(ratio, 2) / 1.5;
    for (const object of message.objects) {
      if (object.drawn || settings.isHidden(object.label)) continue;
      context.lineWidth = line;
      this.#drawObject(object, picture, line);
    }
  }

  #drawObject(object, picture, line) {
    const { context } = this;
    const at = (x, y) => [picture.x + x * picture.width, picture.y + y * picture.height];
    const [x, y] = at(object.box[0], object.box[1]);
    const [width, height] = [object.box[2] * picture.width, object.box[3] * picture.height];
    context.strokeStyle = context.fillStyle = colourOf(object);
    context.lineJoin = 'round';
    context.shadowColor = 'rgba(0, 0, 0, .55)';
    context.shadowBlur = 2 * line;
    context.beginPath();
    if (object.corners?.length === 8)
      for (let i = 0; i < 8; i += 2) context.lineTo(...at(object.corners[i], object.corners[i + 1]));
    else
      rounded(context, x, y, width, height, Math.max(0, Math.min(2 * line, width / 4, height / 4)));
    context.closePath();
    context.stroke();
    context.shadowBlur = 0;
    for (let i = 0; i + 2 < (object.points?.length ?? 0); i += 3) {
      if (object.points[i + 2] < SHOWN_POINT) continue;
      context.beginPath();
      context.arc(...at(object.points[i], object.points[i + 1]), 1.3 * line, 0, 2 * Math.PI);
      context.fill();
    }
    if (this.settings.labels) this.#drawLabel(object, x, y, picture, line);
  }

  #drawLabel(object, x, y, picture, line) {
    const { context } = this;
    const size = Math.round(Math.max(10 * Math.min(devicePixelRatio || 1, 2), Math.min(picture.width / 60, 7.5 * line)));
    const number = object.id ? ` #${object.id}` : '';
    const text = `${object.label}${number}  ${Math.round(object.score * 100)} %`;
    context.font = `600 ${size}px system-ui, sans-serif`;
    context.textBaseline = 'middle';
    const [width, height] = [context.measureText(text).width + size, size * 1.55];
    // Above the box, inside where there is no room; never beyond the picture's right edge.
    const top = y - height - line / 2 < picture.y ? y + line / 2 : y - height - line / 2;
    const left = Math.max(picture.x, Math.min(x - line / 2, picture.x + picture.width - width));
    context.beginPath();
    rounded(context, left, top, width, height, size * 0.3);
    context.fill();
    context.fillStyle = '#0b0d10';
    context.fillText(text, left + size / 2, top + height / 2 + size * 0.06);
  }
}
