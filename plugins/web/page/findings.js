// What was found in the frames, by RTP timestamp: messages come a little before or after their frame.

const CLOCK = 90;         // RTP ticks in a millisecond (RFC 3551: video is at 90 kHz)
const CAPACITY = 256;     // messages kept
export const KEEP = 600;  // ms that boxes stay when the messages of the frames after theirs are missing

/** Ticks from b to a; timestamps wrap at 32 bits. */
export const ticks = (a, b) => (a - b) | 0;

export class Findings {
  #messages = new Map(); // by timestamp, in order of arrival
  newest = null;
  labels = new Map();    // all that the page draws -> an object of that name
  inPicture = false;     // objects have been seen that are drawn in the picture itself

  add(message) {
    if (!Number.isInteger(message?.rtp) || !Array.isArray(message.objects)) return false;
    this.#messages.set(message.rtp, message);
    if (this.#messages.size > CAPACITY) this.#messages.delete(this.#messages.keys().next().value);
    if (!this.newest || ticks(message.rtp, this.newest.rtp) > 0) this.newest = message;
    for (const object of message.objects)
      if (object.drawn) this.inPicture = true;
      else if (!this.labels.has(object.label) && this.labels.size < 200) this.labels.set(object.label, object);
    return true;
  }

  /** The frame's own message, else the last one before it that is not too old, else null. */
  at(rtp) {
    const own = this.#messages.get(rtp);
    if (own) return own;
    let best = null;
    for (const message of this.#messages.values()) {
      const age = ticks(rtp, message.rtp);
      if (age < 0 || age > KEEP * CLOCK) continue;
      if (!best || ticks(message.rtp, best.rtp) > 0) best = message;
    }
    return best;
  }

  clear() {
    this.#messages.clear();
    this.newest = null;
  }
}
