// The switches: boxes, names, and a class each. One panel for the page, opened by any of its buttons.
import { colourOf } from './overlay.js';
import { Popover } from './popover.js';

const $ = (id) => document.getElementById(id);

export class Panel extends Popover {
  /** `labels()` gives a Map of what has been seen: label -> an object with that label. */
  constructor(settings, labels) {
    super($('panel'), '.more', () => {
      this.#show();
      $('boxes-switch').focus();
    });
    this.settings = settings;
    this.labels = labels;
    $('boxes-switch').onchange = () => settings.toggle('boxes');
    $('labels-switch').onchange = () => settings.toggle('labels');
    settings.addEventListener('change', () => this.#show());
    document.addEventListener('labels', () => this.#show());
    this.#show();
  }

  #show() {
    const { settings } = this;
    $('boxes-switch').checked = settings.boxes;
    $('labels-switch').checked = settings.labels;
    $('labels-switch').disabled = !settings.boxes;
    for (const button of document.querySelectorAll('.boxes')) button.setAttribute('aria-pressed', String(settings.boxes));
    if (this.isOpen) this.#list();
  }

  #list() {
    const seen = [...this.labels()].sort(([a], [b]) => a.localeCompare(b));
    const list = $('classes');
    const focused = document.activeElement?.value;
    list.replaceChildren(...seen.map(([label, object]) => this.#row(label, object)));
    list.hidden = !seen.length;
    if (focused && !document.activeElement?.closest('#panel'))
      [...list.querySelectorAll('input')].find(({ value }) => value === focused)?.focus();
  }

  #row(label, object) {
    const row = $('class').content.firstElementChild.cloneNode(true);
    const box = row.querySelector('input');
    row.querySelector('i').style.setProperty('background', colourOf(object));
    row.querySelector('span').textContent = label;
    Object.assign(box, { value: label, checked: !this.settings.isHidden(label), disabled: !this.settings.boxes });
    box.onchange = () => this.settings.hide(label, !box.checked);
    return row;
  }
}
