// Plays one WHEP stream and does not give up: whatever ends a session, the next one is asked for.
// Tests and other pages may look at it: state, framesDecoded, width, height, session.
import { unplayable } from './codecs.js';
import { Meter, pick } from './meter.js';
import { Refused, Session } from './session.js';

const PATIENCE = 4000;       // ms without a new frame before the session is looked after
const LOST = 8000;           // ms without a new frame, though the camera sends, before it is given up
const FIRST_PICTURE = 12000; // ms without a new frame before the first one is seen
const NEVER_SEEN = 30000;    // ms from answer to first frame, though some are decoded
const BACKOFF = [300, 1000, 2000, 4000, 8000];

const HEADLINES = {
  401: 'Please log in', 403: 'Not allowed', 406: 'Cannot be played here', 409: 'Camera offline',
  429: 'Too many tries', 503: 'Too many viewers',
};

/** Tells by events: "state" when state, headline or reason change, "found", "numbers". */
export class Player extends EventTarget {
  state = 'connecting'; // "live", "offline"
  headline = 'Connecting';
  reason = 'Asking for the picture …';
  framesDecoded = 0;
  width = 0;
  height = 0;
  attempts = 0;     // since the last picture
  connections = 0;  // sessions that showed a picture
  #session = null;
  #timer = null;
  #meter = new Meter();
  #moved = 0;       // when a new frame was last seen
  #answered = 0;    // when this session was agreed upon
  #pictured = false; // this session has shown one

  /** `base` is the address of the stream's page. */
  constructor(video, base) {
    super();
    this.video = video;
    this.base = base;
    this.looking = setInterval(() => this.#look(), 1000);
    addEventListener('pagehide', () => this.close());
    addEventListener('pageshow', (event) => event.persisted && this.connect());
    addEventListener('online', () => this.state !== 'live' && this.connect());
    document.addEventListener('visibilitychange', () => {
      this.#moved = this.#answered = performance.now(); // hidden pages decode nothing: no frame is no fault
      if (!document.hidden && this.state === 'offline') this.connect();
    });
    this.connect();
  }

  /** Address of the WHEP session, or null. */
  get session() { return this.#session?.address ?? null; }
  get pc() { return this.#session?.pc ?? null; }
  get layers() { return this.#session?.layers ?? null; }
  get hasSound() { return Boolean(this.#session?.hasSound); }

  async connect() {
    if (this.looking === null) return;
    this.close();
    if (this.state === 'live') this.#show('connecting', 'Reconnecting', 'The connection was lost.');
    const ours = (work) => (...given) => session === this.#session && work(...given);
    const session = this.#session = new Session(new URL('whep', this.base).href, {
      stream: ours((stream) => this.#attach(stream, session)),
      found: ours((message) => this.#say('found', message)),
      lost: ours(() => this.#again(new Error('The connection was lost.'))),
    });
    try {
      await session.open();
      this.#moved = this.#answered = performance.now();
    } catch (error) {
      ours(() => this.#again(error))();
    }
  }

  close() {
    clearTimeout(this.#timer);
    const session = this.#session;
    this.#session = null;
    this.#pictured = false;
    if (session && this.state === 'live') this.#say('freeze');
    session?.close();
  }

  /** Never again. */
  end() {
    clearInterval(this.looking);
    this.looking = null;
    this.close();
  }

  #say(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  #show(state, headline, reason) {
    Object.assign(this, { state, headline, reason });
    this.#say('state');
  }

  #attach(stream, session) {
    const { video } = this;
    video.srcObject = stream;
    video.play().catch(() => {}); // blocked while hidden; the attribute plays it later
    const first = () => {
      if (session !== this.#session) return;
      this.#pictured = true;
      this.#moved = performance.now();
      this.#meter.reset();
      this.attempts = 0;
      this.connections++;
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
    const told = error.status === 503 || error.status === 429 ? error.retryAfter : 0;
    const delay = Math.max(step * (0.8 + 0.4 * Math.random()), told);
    // One failed try may be a hiccup; from the second on, say so.
    if (error.status === 406) this.#explain();
    if (refused || this.attempts > 1)
      this.#show('offline', refused ? HEADLINES[error.status] ?? 'The server refused' : 'No connection',
                 refused ? error.message : 'The server does not answer. Trying again …');
    else
      this.#show('connecting', 'Reconnecting', 'The connection was lost.');
    this.#timer = setTimeout(() => this.connect(), delay);
  }

  /** Nothing fits: whose fault is it? */
  async #explain() {
    const answer = await this.#ask('status');
    const reason = unplayable(answer?.codecs ?? []);
    if (reason && this.state === 'offline') this.#show('offline', HEADLINES[406], reason);
  }

  /** Once a second: numbers, and is anything still coming? */
  async #look() {
    const session = this.#session;
    if (!session?.address) return;
    const found = pick(await session.pc.getStats());
    if (session !== this.#session) return;
    const decoded = found.inbound?.framesDecoded ?? 0;
    if (decoded !== this.framesDecoded) {
      this.#moved = performance.now();
      // The camera is back, and the session was kept for it.
      if (this.#pictured && this.state !== 'live') this.#show('live', 'Live', '');
    }
    this.framesDecoded = decoded;
    const numbers = this.#meter.look(found);
    if (numbers && this.state === 'live') {
      this.width = numbers.width;
      this.height = numbers.height;
      this.#say('numbers', numbers);
    }
    if (!document.hidden) this.#care(performance.now() - this.#moved, session);
  }

  async #care(still, session) {
    if (!this.#pictured) {
      // Some may be decoded and none be shown: of a stream that is not the one that was announced.
      if (still > FIRST_PICTURE || performance.now() - this.#answered > NEVER_SEEN)
        this.#again(new Error('No picture came.'));
    } else if (still > PATIENCE) {
      // The session may have ended at the server: other format, other settings. Or the camera is away,
      // and the picture comes back into this very session.
      const [known, sending] = await Promise.all([session.isKnown(), this.#isSending()]);
      if (session !== this.#session) return;
      if (!known) this.#again(new Error('The session ended.'));
      else if (!sending) this.#wait();
      else if (still > LOST) this.#again(new Error('The picture stopped.'));
    }
  }

  #wait() {
    if (this.state === 'offline') return;
    const since = new Date(Date.now() - (performance.now() - this.#moved)).toLocaleTimeString().replace(/\s/g, '\u00a0');
    this.#say('freeze');
    this.#show('offline', 'Camera offline', `It has sent no picture since ${since}. This page goes on when it does.`);
  }

  async #isSending() { return (await this.#ask('status'))?.live !== false; }

  /** The server's answer to a question, or null. */
  async #ask(what) {
    const answer = await fetch(new URL(what, this.base), { signal: AbortSignal.timeout(2000) }).catch(() => null);
    return answer?.ok ? await answer.json().catch(() => null) : null;
  }
}
