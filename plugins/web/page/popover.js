// A box beside the button that opened it, until Escape, that button once more, or a tap elsewhere.

export class Popover {
  #opener = null;

  /** `openers` selects the buttons that open it; `shown` is called when it has been opened. */
  constructor(element, openers, shown) {
    this.element = element;
    this.shown = shown;
    addEventListener('pointerdown', ({ target }) => {
      if (this.isOpen && !element.contains(target) && !target.closest?.(openers)) this.close();
    });
  }

  get isOpen() { return !this.element.hidden; }

  toggle(button) {
    const again = button === this.#opener;
    if (this.isOpen) this.close();
    if (!again) this.#open(button);
  }

  #open(button) {
    this.#opener = button;
    button.setAttribute('aria-expanded', 'true');
    const { style } = this.element;
    const { top, bottom, right } = button.getBoundingClientRect();
    const above = top > innerHeight / 2;
    style.setProperty('top', above ? 'auto' : `${bottom + 8}px`);
    style.setProperty('bottom', above ? `${innerHeight - top + 8}px` : 'auto');
    this.element.hidden = false;
    const room = innerWidth - this.element.offsetWidth;
    // Where it is nearly as wide as a phone, in the middle.
    style.setProperty('right', `${room < 64 ? room / 2 : Math.max(8, Math.min(room - 8, innerWidth - right))}px`);
    this.shown(button);
  }

  close() {
    this.element.hidden = true;
    this.#opener?.setAttribute('aria-expanded', 'false');
    this.#opener?.focus();
    this.#opener = null;
  }
}
