// How this viewer fares: what the server tells of it (the session's /stats), what the browser counts,
// and what is wrong, in words.

const EVERY = 5000;   // ms from look to look, while nobody reads the details
const TOO_LATE = 0.2; // part of the pictures that may be too late for the decoder

/** What the browser alone knows. Of pictures that come in a bad order it decodes few, too. */
function troubles({ fps, late, relayed, tcp }, isAlone) {
  const all = [];
  if (isAlone && late > TOO_LATE * (fps + late))
    all.push('This device cannot decode the picture in time. Choose a smaller picture, or close other windows.');
  if (tcp)
    all.push('The picture comes over TCP, because UDP does not get through: what is lost delays what follows.');
  else if (relayed)
    all.push('A relay (TURN) carries the picture, because there is no direct way to the server: it comes later.');
  return all;
}

export class Health extends EventTarget {
  told = null;     // by the server: see plugins/web/health.hpp
  numbers = null;  // Meter's
  warnings = [];
  #looking = null;

  constructor(player) {
    super();
    this.player = player;
    player.addEventListener('numbers', ({ detail }) => { this.numbers = detail; });
    player.addEventListener('state', () => player.state === 'live' || this.#forget());
    this.#looking = setInterval(() => document.hidden || this.look(), EVERY);
  }

  async look() {
    const { session, state } = this.player;
    if (!session || state !== 'live') return;
    const answer = await fetch(`${session}/stats`, { signal: AbortSignal.timeout(EVERY) }).catch(() => null);
    if (session !== this.player.session || this.player.state !== 'live') return;
    this.told = answer?.ok ? await answer.json().catch(() => null) : null;
    const warnings = this.told?.warnings ?? [];
    this.#say([...warnings, ...(this.numbers ? troubles(this.numbers, !warnings.length) : [])]);
  }

  #forget() {
    this.told = this.numbers = null;
    this.#say([]);
  }

  #say(warnings) {
    this.warnings = warnings;
    this.dispatchEvent(new Event('change'));
  }

  end() { clearInterval(this.#looking); }
}
