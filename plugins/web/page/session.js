// One WHEP session: an offer, its answer, and a peer connection until it is closed. It tells by
// callbacks what comes and never tries again; that is the player's task.

import { applyOffer } from './relays.js';

const ANSWER_TIMEOUT = 8000; // ms for the server to answer an offer
const GATHERING_TIMEOUT = 10000; // ms in which relays give their addresses

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The server said no: `status` and a sentence. */
export class Refused extends Error {
  constructor(status, detail, retryAfter) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter; // ms
  }
}

async function refusalOf(response) {
  const problem = await response.json().catch(() => ({}));
  const retryAfter = Number(response.headers.get('Retry-After')) * 1000 || 0;
  return new Refused(response.status, problem.detail ?? `The server says ${response.status}.`, retryAfter);
}

const end = (address) => fetch(address, { method: 'DELETE', keepalive: true }).catch(() => {});

export class Session {
  address = null;   // of the session at the server, once there is one
  layers = null;    // address of its choice of sizes, where there is one
  hasSound = false;
  #closed = false;
  #tag = '*';

  /** `heard.stream(MediaStream)`, `heard.found(object)`: what was found in a frame; `heard.lost()`. */
  constructor(endpoint, heard) {
    this.endpoint = endpoint;
    this.heard = heard;
    this.pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  }

  /** Throws Refused, or what went wrong on the way. */
  async open() {
    const { pc } = this;
    const candidates = [];
    pc.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate && !candidate.candidate.includes('.local ')) candidates.push(candidate);
    };
    pc.onconnectionstatechange = () => {
      if (!this.#closed && ['failed', 'closed'].includes(pc.connectionState)) this.heard.lost();
    };
    this.#receive();
    const offer = await pc.createOffer();
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: offer.sdp,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT),
    });
    if (response.status !== 201) throw await refusalOf(response);
    const address = new URL(response.headers.get('Location'), response.url).href;
    if (this.#closed) return void end(address); // given up meanwhile: do not leave it behind
    this.address = address;
    this.#tag = response.headers.get('ETag') ?? '*';
    const layers = response.headers.get('Link')?.match(/<([^>]*)>; *rel="urn:ietf:params:whep:ext:core:layer"/)?.[1];
    this.layers = layers ? new URL(layers, response.url).href : null;
    await applyOffer(pc, offer, response);
    await pc.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    this.hasSound = pc.getTransceivers().some((t) => t.receiver.track.kind === 'audio' &&
                                                     t.currentDirection === 'recvonly');
    this.#trickle(candidates);
  }

  #receive() {
    const { pc } = this;
    const stream = new MediaStream();
    pc.addTransceiver('video', { direction: 'recvonly' });
    pc.addTransceiver('audio', { direction: 'recvonly' });
    pc.ontrack = ({ track }) => {
      stream.addTrack(track);
      if (track.kind === 'video') this.heard.stream(stream);
    };
    // What is late is of no use: the next frame's message is on its way.
    const channel = pc.createDataChannel('detections', { ordered: false, maxRetransmits: 1 });
    channel.onmessage = ({ data }) => {
      try {
        this.heard.found(JSON.parse(data));
      } catch { /* a message that is none is a frame without boxes */ }
    };
  }

  /** Candidates, which the server finds most browsers without: soon, and once those of relays are there. */
  async #trickle(candidates) {
    const { pc } = this;
    const gathered = new Promise((done) => {
      pc.addEventListener('icegatheringstatechange', () => pc.iceGatheringState === 'complete' && done());
    });
    await wait(300);
    this.#tell(candidates.splice(0));
    if (pc.iceGatheringState !== 'complete') await Promise.race([gathered, wait(GATHERING_TIMEOUT)]);
    this.#tell(candidates.splice(0));
  }

  #tell(candidates) {
    if (this.#closed || !candidates.length) return;
    const { sdp } = this.pc.localDescription;
    const pick = (name) => sdp.match(new RegExp(`^a=${name}:.*$`, 'm'))?.[0].trim();
    const { mid } = this.pc.getTransceivers()[0];
    const fragment = [pick('ice-ufrag'), pick('ice-pwd'), 'm=video 9 UDP/TLS/RTP/SAVPF 0', `a=mid:${mid}`,
      ...candidates.filter((c) => c.sdpMid === mid).map((c) => `a=${c.candidate}`), ''].join('\r\n');
    fetch(this.address, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': this.#tag },
      body: fragment,
    }).catch(() => {});
  }

  /** Does the server know it still? */
  async isKnown() {
    const answer = await fetch(this.address, { signal: AbortSignal.timeout(2000) }).catch(() => null);
    return Boolean(answer?.ok);
  }

  /** Leaves; the server hears of it even when the page is on its way out. */
  close() {
    this.#closed = true;
    this.pc.close();
    if (this.address) end(this.address);
    this.address = null;
  }
}
