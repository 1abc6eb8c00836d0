// Plays one WHEP stream and does not give up: whatever ends a session, the next one is asked for.
// Tests and other pages may look at window.player: state, framesDecoded, width, height, session.

const $ = (id) => document.getElementById(id);
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const PATIENCE = 4000;       // ms without a new frame before the session is looked after
const LOST = 8000;           // ms without a new frame before it is given up
const ANSWER_TIMEOUT = 8000; // ms for the server to answer an offer
const FIRST_PICTURE = 12000; // ms from answer to first frame
const BACKOFF = [300, 1000, 2000, 4000, 8000];

class Refused extends Error {
  constructor(status, detail, retryAfter) {
    super(detail);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

class Player {
  state = 'connecting';
  framesDecoded = 0;
  width = 0;
  height = 0;
  session = null;   // address of the WHEP session
  attempts = 0;     // since the last picture
  connections = 0;  // sessions that showed a picture
  #pc = null;
  #tag = '*';
  #timer = null;
  #round = 0;       // every connect() is a new one; what belongs to an old one is ignored
  #last = { at: 0, bytes: 0, frames: 0, when: 0, delay: 0, emitted: 0 };

  constructor(video, endpoint) {
    this.video = video;
    this.endpoint = endpoint;
    setInterval(() => this.#look(), 1000);
    addEventListener('pagehide', () => this.close());
    addEventListener('pageshow', (event) => event.persisted && this.connect());
    addEventListener('online', () => this.state !== 'live' && this.connect());
    document.addEventListener('visibilitychange', () => {
      this.#last.when = performance.now(); // hidden pages decode nothing: no frame is no fault
      if (!document.hidden && this.state === 'offline') this.connect();
    });
    this.connect();
  }

  async connect() {
    this.close();
    const round = ++this.#round;
    if (this.state === 'live') this.#show('connecting', 'Reconnecting', 'The connection was lost.');
    try {
      await this.#negotiate(round);
    } catch (error) {
      if (round === this.#round) this.#again(error);
    }
  }

  /** Leaves the session; the server hears of it even when the page is on its way out. */
  close() {
    clearTimeout(this.#timer);
    this.#round++;
    if (this.#pc) this.#keepLastFrame();
    this.#pc?.close();
    this.#pc = null;
    if (this.session) fetch(this.session, { method: 'DELETE', keepalive: true }).catch(() => {});
    this.session = null;
  }

  /** What was seen last stays, dimmed, behind the notice. */
  #keepLastFrame() {
    const still = $('still');
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth || this.state !== 'live') return;
    Object.assign(still, { width: videoWidth, height: videoHeight });
    still.getContext('2d').drawImage(this.video, 0, 0);
  }

  async #negotiate(round) {
    const pc = this.#pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
    const stream = new MediaStream();
    pc.addTransceiver('video', { direction: 'recvonly' });
    pc.addTransceiver('audio', { direction: 'recvonly' });
    pc.ontrack = ({ track }) => {
      stream.addTrack(track);
      if (track.kind === 'video') this.#attach(stream, round);
    };
    pc.onconnectionstatechange = () => {
      if (round === this.#round && ['failed', 'closed'].includes(pc.connectionState))
        this.#again(new Error('The connection was lost.'));
    };
    const candidates = [];
    pc.onicecandidate = ({ candidate }) => {
      if (candidate?.candidate && !candidate.candidate.includes('.local ')) candidates.push(candidate);
    };

    await pc.setLocalDescription(await pc.createOffer());
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: { 'Content-Type': 'application/sdp' },
      body: pc.localDescription.sdp,
      signal: AbortSignal.timeout(ANSWER_TIMEOUT),
    });
    if (response.status !== 201) throw await this.#refusal(response);
    const session = new URL(response.headers.get('Location'), response.url).href;
    if (round !== this.#round) { // given up meanwhile: do not leave the session behind
      fetch(session, { method: 'DELETE', keepalive: true }).catch(() => {});
      return;
    }
    this.session = session;
    this.#tag = response.headers.get('ETag') ?? '*';
    await pc.setRemoteDescription({ type: 'answer', sdp: await response.text() });
    this.#last.when = performance.now();
    const audio = pc.getTransceivers().some((t) => t.receiver.track.kind === 'audio' &&
                                                   t.currentDirection === 'recvonly');
    $('mute').hidden = !audio;
    this.#trickle(round, candidates);
  }

  async #refusal(response) {
    const problem = await response.json().catch(() => ({}));
    const retryAfter = Number(response.headers.get('Retry-After')) * 1000 || 0;
    return new Refused(response.status, problem.detail ?? `The server says ${response.status}.`, retryAfter);
  }

  /** Candidates found after the offer. The server finds most browsers without them. */
  async #trickle(round, candidates) {
    await wait(300);
    const { session } = this;
    if (round !== this.#round || !session || !candidates.length) return;
    const sdp = this.#pc.localDescription.sdp;
    const pick = (name) => sdp.match(new RegExp(`^a=${name}:.*$`, 'm'))?.[0].trim();
    const mid = this.#pc.getTransceivers()[0].mid;
    const fragment = [pick('ice-ufrag'), pick('ice-pwd'), 'm=video 9 UDP/TLS/RTP/SAVPF 0', `a=mid:${mid}`,
      ...candidates.filter((c) => c.sdpMid === mid).map((c) => `a=${c.candidate}`), ''].join('\r\n');
    fetch(session, {
      method: 'PATCH',
      headers: { 'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': this.#tag },
      body: fragment,
    }).catch(() => {});
  }

  #attach(stream, round) {
    const { video } = this;
    video.srcObject = stream;
    video.play().catch(() => {}); // blocked while hidden; the attribute plays it later
    const first = () => {
      if (round !== this.#round) return;
      this.attempts = 0;
      this.connections++;
      this.#last = { at: 0, bytes: 0, frames: 0, when: performance.now(), delay: 0, emitted: 0 };
      this.#show('live', 'Live', '');
    };
    if (video.requestVideoFrameCallback) video.requestVideoFrameCallback(first);
    else video.addEventListener('timeupdate', first, { once: true });
  }

  #again(error) {
    this.close();
    const refused = error instanceof Refused;
    const step = BACKOFF[Math.min(this.attempts++, BACKOFF.length - 1)];
    // A camera that is starting (409) sends its first picture within a second: our own steps are short
    // enough for that. A server that is full knows better when to come back.
    const told = error.status === 503 ? error.retryAfter : 0;
    const delay = Math.max(step * (0.8 + 0.4 * Math.random()), told);
    // One failed try may be a hiccup; from the second on, say so.
    if (refused || this.attempts > 1)
      this.#show('offline', refused ? this.#headline(error.status) : 'No connection',
                 refused ? error.message : 'The server does not answer. Trying again …');
    else
      this.#show('connecting', 'Reconnecting', 'The connection was lost.');
    this.#timer = setTimeout(() => this.connect(), delay);
  }

  #headline(status) {
    return { 406: 'Cannot be played here', 409: 'Waiting for the camera', 503: 'Too many viewers' }[status] ??
           'The server refused';
  }

  #show(state, headline, reason) {
    this.state = state;
    document.documentElement.dataset.state = state;
    $('state').lastElementChild.textContent =
      { connecting: 'Connecting', live: 'Live', offline: 'Offline' }[state];
    $('headline').textContent = headline;
    $('reason').textContent = reason;
    for (const id of ['snapshot']) $(id).disabled = state !== 'live';
  }

  /** Once a second: numbers for the status line, and is anything still coming? */
  async #look() {
    const pc = this.#pc;
    const round = this.#round;
    if (!pc || !this.session) return;
    const report = await pc.getStats();
    if (round !== this.#round) return;
    let inbound, pair;
    for (const entry of report.values()) {
      if (entry.type === 'inbound-rtp' && entry.kind === 'video') inbound = entry;
      if (entry.type === 'candidate-pair' && entry.nominated && entry.state === 'succeeded') pair = entry;
    }
    const now = performance.now();
    if (inbound && inbound.framesDecoded > this.framesDecoded || inbound?.framesDecoded < this.framesDecoded)
      this.#last.when = now;
    this.framesDecoded = inbound?.framesDecoded ?? 0;
    if (this.state === 'live' && inbound) this.#write(inbound, pair);
    if (!document.hidden) this.#care(now - this.#last.when, round);
  }

  async #care(still, round) {
    if (this.state !== 'live') {
      if (still > FIRST_PICTURE) this.#again(new Error('No picture came.'));
    } else if (still > LOST) {
      this.#again(new Error('The picture stopped.'));
    } else if (still > PATIENCE) {
      // The session may have ended at the server: camera restarted, other format, other settings.
      const known = await fetch(this.session, { signal: AbortSignal.timeout(2000) }).catch(() => null);
      if (round === this.#round && !known?.ok) this.#again(new Error('The session ended.'));
    }
  }

  #write(inbound, pair) {
    const last = this.#last;
    const seconds = (inbound.timestamp - last.at) / 1000;
    this.width = inbound.frameWidth ?? 0;
    this.height = inbound.frameHeight ?? 0;
    if (last.at) {
      const fps = (inbound.framesDecoded - last.frames) / seconds;
      const kbits = (inbound.bytesReceived - last.bytes) * 8 / 1000 / seconds;
      const emitted = inbound.jitterBufferEmittedCount - last.emitted;
      const buffered = emitted ? (inbound.jitterBufferDelay - last.delay) / emitted * 1000 : 0;
      const network = (pair?.currentRoundTripTime ?? 0) * 500;
      $('size').textContent = `${this.width} × ${this.height}`;
      $('rate').textContent = `${fps.toFixed(0)} fps`;
      $('bits').textContent = kbits >= 1000 ? `${(kbits / 1000).toFixed(1)} Mbit/s` : `${kbits.toFixed(0)} kbit/s`;
      $('delay').textContent = `${Math.round(buffered + network)} ms delay`;
      $('delay').title = 'Network and buffer, without camera and encoder';
    }
    Object.assign(last, {
      at: inbound.timestamp, bytes: inbound.bytesReceived, frames: inbound.framesDecoded,
      delay: inbound.jitterBufferDelay, emitted: inbound.jitterBufferEmittedCount,
    });
  }
}

// --- what the buttons do ---------------------------------------------------------------------------

const video = $('video');
const name = decodeURIComponent(location.pathname.split('/').filter(Boolean).pop() ?? '') || 'Camera';
$('name').textContent = document.title = name;

function toggleFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen();
  else if ($('stage').requestFullscreen) $('stage').requestFullscreen().catch(() => {});
  else video.webkitEnterFullscreen?.(); // iPhone: only a video can
}

function toggleSound() {
  video.muted = !video.muted;
  $('mute').setAttribute('aria-pressed', String(!video.muted));
}

function saveSnapshot() {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  if (!canvas.width) return;
  canvas.getContext('2d').drawImage(video, 0, 0);
  canvas.toBlob((blob) => {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = `${name}-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.png`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }, 'image/png');
}

let idle;
function wake() {
  delete document.documentElement.dataset.idle;
  clearTimeout(idle);
  idle = setTimeout(() => { document.documentElement.dataset.idle = ''; }, 3500);
}

$('fullscreen').onclick = toggleFullScreen;
$('mute').onclick = toggleSound;
$('snapshot').onclick = saveSnapshot;
$('retry').onclick = () => player.connect();
video.ondblclick = toggleFullScreen;
for (const event of ['pointermove', 'pointerdown', 'keydown', 'focusin']) addEventListener(event, wake);
addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const action = { f: toggleFullScreen, m: toggleSound, s: saveSnapshot }[event.key.toLowerCase()];
  if (action) action();
});
wake();

const player = window.player = new Player(video, new URL('whep', location.href).href);
