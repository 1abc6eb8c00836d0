// What the viewer wants to see; it is remembered, and all pictures of the page follow it.

const KEY = 'video-stream';

export class Settings extends EventTarget {
  boxes = true;
  labels = true;
  #hidden = new Set(); // classes that are not drawn

  constructor() {
    super();
    try {
      const { boxes = true, labels = true, hidden = [] } = JSON.parse(localStorage.getItem(KEY)) ?? {};
      Object.assign(this, { boxes: Boolean(boxes), labels: Boolean(labels) });
      this.#hidden = new Set(hidden);
    } catch { /* no storage, or not ours: as it comes */ }
  }

  isHidden(label) { return this.#hidden.has(label); }

  toggle(name) {
    this[name] = !this[name];
    this.#changed();
  }

  hide(label, hidden) {
    if (hidden) this.#hidden.add(label);
    else this.#hidden.delete(label);
    this.#changed();
  }

  #changed() {
    try {
      localStorage.setItem(KEY, JSON.stringify({ boxes: this.boxes, labels: this.labels, hidden: [...this.#hidden] }));
    } catch { /* it is forgotten with the page */ }
    this.dispatchEvent(new Event('change'));
  }
}
