// One stream on the page: picture, boxes, state, numbers and buttons.
import { Health } from './health.js';
import { bitrate } from './meter.js';
import { Overlay } from './overlay.js';
import { Player } from './player.js';
import { Quality } from './quality.js';

const STATES = { connecting: 'Connecting', live: 'Live', offline: 'Not playing' };
const SHORT = ['Camera offline', 'No connection']; // headlines that say it all

export class Stage {
  /** `stream` is { name, base }: what it is called, and the address of its page. */
  constructor(stream, settings) {
    this.stream = stream;
    const template = document.getElementById('stage');
    this.element = template.content.firstElementChild.cloneNode(true);
    this.video = this.find('video');
    this.find('.name').textContent = stream.name;
    for (const element of [this.element, this.video]) element.setAttribute('aria-label', stream.name);
    this.find('.open').setAttribute('aria-label', `Watch ${stream.name}`);
    this.overlay = new Overlay(this.video, this.find('.overlay'), settings);
    this.player = new Player(this.video, stream.base);
    this.health = new Health(this.player);
    this.health.addEventListener('change', () => this.#warn());
    this.quality = new Quality(this.find('.quality'), this.player);
    this.player.addEventListener('state', () => this.#show());
    this.player.addEventListener('freeze', () => this.#keepLastFrame());
    this.player.addEventListener('numbers', ({ detail }) => this.#write(detail));
    this.player.addEventListener('found', ({ detail }) => this.#found(detail));
    this.find('.retry').onclick = () => this.player.connect();
    this.find('.snapshot').onclick = () => this.saveSnapshot();
    this.find('.mute').onclick = () => this.toggleSound();
    this.find('.fullscreen').onclick = () => this.toggleFullScreen();
    this.video.ondblclick = () => this.toggleFullScreen();
    this.#show();
  }

  find(selector) { return this.element.querySelector(selector); }

  #show() {
    const { state, headline, reason, hasSound } = this.player;
    this.element.dataset.state = state;
    this.find('.pill b').textContent = state === 'offline' && SHORT.includes(headline) ? headline : STATES[state];
    this.find('.headline').textContent = headline;
    this.find('.reason').textContent = reason;
    this.find('.snapshot').disabled = state !== 'live';
    this.find('.mute').hidden = !hasSound;
    if (state !== 'live') this.overlay.clear();
    this.element.dispatchEvent(new Event('state', { bubbles: true }));
  }

  #found(message) {
    const { findings } = this.overlay;
    const known = findings.labels.size;
    this.overlay.add(message);
    if (findings.labels.size === known) return;
    this.element.dataset.finds = ''; // there is something to switch
    this.element.dispatchEvent(new Event('labels', { bubbles: true }));
  }

  #warn() {
    const { warnings } = this.health;
    const button = this.find('.caution');
    button.hidden = !warnings.length;
    button.title = warnings.join('\n');
    button.setAttribute('aria-label', `${this.stream.name}: ${warnings.length} ${warnings.length > 1 ? 'warnings' : 'warning'}`);
  }

  #write({ width, height, fps, kbits, delay }) {
    this.find('.size').textContent = `${width} × ${height}`;
    this.find('.rate').textContent = `${fps.toFixed(0)} fps`;
    this.find('.bits').textContent = bitrate(kbits);
    this.find('.delay').textContent = `${Math.round(delay)} ms delay`;
    this.find('.delay').title = 'Network and buffer, without camera and encoder';
  }

  /** What was seen last stays, dimmed, behind the notice. */
  #keepLastFrame() {
    const still = this.find('.still');
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!width) return;
    Object.assign(still, { width, height });
    still.getContext('2d').drawImage(this.video, 0, 0);
  }

  /** The picture as it is seen, with the boxes over it, on a canvas of its own size; null without one. */
  snapshot() {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!width || this.player.state !== 'live') return null;
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    context.drawImage(this.video, 0, 0);
    this.overlay.drawInto(context);
    return canvas;
  }

  saveSnapshot() {
    this.snapshot()?.toBlob((blob) => {
      const link = document.createElement('a');
      link.href = URL.createObjectURL(blob);
      link.download = `${this.stream.name}-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    }, 'image/png');
  }

  toggleSound() {
    if (this.player.hasSound) this.setSound(this.video.muted);
  }

  setSound(on) {
    this.video.muted = !on;
    this.find('.mute').setAttribute('aria-pressed', String(on));
  }

  toggleFullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (document.documentElement.requestFullscreen) document.documentElement.requestFullscreen().catch(() => {});
    else this.video.webkitEnterFullscreen?.(); // iPhone: only a video can
  }

  end() {
    this.health.end();
    this.player.end();
    this.element.remove();
  }
}
