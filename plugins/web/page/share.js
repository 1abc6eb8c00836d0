// Publishes this device's camera over WHIP, and comes back by itself when the connection is lost.
// Tests and other pages may look at window.publisher: state, session.

import { applyOffer } from './relays.js';

const $ = (id) => document.getElementById(id);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const PATIENCE = 15000; // ms from answer to connection; the server waits no longer either
const BACKOFF = [500, 1000, 2000, 4000, 8000];

class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

class Publisher {
  state = 'idle'; // idle, connecting, live
  session = null; // address of the WHIP session
  #pc = null;
  #stream = null;
  #attempts = 0;
  #round = 0;     // every connect() is a new one; what belongs to an old one is ignored

  constructor() {
    $('share').onclick = () => (this.state === 'idle' ? this.start() : this.stop());
    addEventListener('pagehide', () => this.stop());
  }

  async start() {
    if (!navigator.mediaDevices?.getUserMedia)
      return this.#show('idle', 'No camera here',
        'Browsers give a camera to pages of localhost or HTTPS only: open this page by https://.');
    this.#show('connecting', 'Asking for the camera', 'Allow it in your browser.');
    try {
      this.#stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: $('facing').value, width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } },
        audio: $('sound').checked,
      });
    } catch (error) {
      return this.#show('idle', 'No camera', error.name === 'NotAllowedError'
        ? 'The browser was not allowed to use it.' : `It could not be opened: ${error.message}`);
    }
    $('preview').srcObject = this.#stream;
    this.#attempts = 0;
    await this.#connect();
  }

  stop() {
    this.#hangUp();
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = $('preview').srcObject = null;
    this.#show('idle', 'This device as a camera', 'It is not shared any more.');
  }

  #hangUp() {
    this.#round++;
    this.#pc?.close();
    this.#pc = null;
    if (this.session) fetch(this.session, { method: 'DELETE', keepalive: true }).catch(() => {});
    this.session = null;
  }

  async #connect() {
    this.#hangUp();
    const round = this.#round;
    try {
      await this.#negotiate(round);
    } catch (error) {
      if (round === this.#round) await this.#again(error, round);
    }
  }

  async #again(error, round) {
    if (!this.#stream) return;
    this.#show('connecting', error.status === 409 ? 'Not now' : 'Reconnecting', error.message);
    await wait(BACKOFF[Math.min(this.#attempts++, BACKOFF.length - 1)]);
    if (round === this.#round && this.#stream) await this.#connect();
  }

  async #negotiate(round) {
    const pc = this.#pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    for (const track of this.#stream.getTracks())
      pc.addTransceiver(track, { direction: 'sendonly', streams: [this.#stream] });
    let connected = false;
    pc.onconnectionstatechange = () => {
      if (round !== this.#round) return;
      if (pc.connectionState === 'connected') {
        connected = true;
        this.#attempts = 0;
        this.#show('live', 'Sharing', 'This camera is on.');
      } else if (['failed', 'closed'].includes(pc.connectionState)) {
        this.#again(new Error('The connection was lost.'), round);
      }
    };
    const offer = await pc.createOffer();
    const answer = await fetch('whip', {
      method: 'POST', headers: { 'Content-Type': 'application/sdp' }, body: offer.sdp,
      signal: AbortSignal.timeout(10000),
    });
    if (answer.status !== 201) {
      const problem = await answer.json().catch(() => ({}));
      throw new Refused(answer.status, problem.detail ?? `The server answered ${answer.status}.`);
    }
    const session = new URL(answer.headers.get('Location'), answer.url).href;
    if (round !== this.#round) { // stopped meanwhile
      fetch(session, { method: 'DELETE', keepalive: true }).catch(() => {});
      return;
    }
    this.session = session;
    await applyOffer(pc, offer, answer);
    await pc.setRemoteDescription({ type: 'answer', sdp: await answer.text() });
    await wait(PATIENCE);
    if (!connected) throw new Error('No connection came about.');
  }

  #show(state, headline, reason) {
    this.state = document.documentElement.dataset.state = state;
    $('headline').textContent = headline;
    $('reason').textContent = reason;
    $('share').textContent = state === 'idle' ? 'Share camera' : 'Stop';
    $('share').className = state;
  }
}

window.publisher = new Publisher();
