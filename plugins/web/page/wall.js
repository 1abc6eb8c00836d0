// All streams of the server side by side, and one of them alone when it is chosen (#NAME): the others
// go on behind it, so that the way back is immediate.
import { Stage } from './stage.js';

const RATIO = 16 / 9;
const GAP = 10;            // px between two pictures, as in style.css
const SMALLEST = 300;      // px of width below which the wall scrolls instead
const LOOK_AGAIN = 5000;   // ms until the server is asked which streams there are

/** How many columns show `count` pictures of 16:9 largest, and how wide they then are. */
export function layout(count, width, height) {
  let best = { columns: 1, tile: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const tile = Math.min((width - GAP * (columns - 1)) / columns, (height - GAP * (rows - 1)) / rows * RATIO);
    if (tile > best.tile) best = { columns, tile };
  }
  if (best.tile >= Math.min(SMALLEST, width)) return best;
  const columns = Math.max(1, Math.floor((width + GAP) / (SMALLEST + GAP)));
  return { columns, tile: (width - GAP * (columns - 1)) / columns };
}

/** The server was not reached, or had no time. */
export class NoAnswer extends Error {}

/** What can be watched at this server, one entry a stream. */
export async function streams() {
  const lost = (error) => { throw new NoAnswer(error.message); };
  const answer = await fetch('/streams', { signal: AbortSignal.timeout(5000) }).catch(lost);
  if (!answer.ok) throw new Error(`The server says ${answer.status}.`);
  const seen = (await answer.json().catch(lost)).streams.filter(({ kind }) => kind === 'whep');
  return seen.map(({ path, name }) => ({ name: name || 'Camera', base: new URL(path, location.origin).href }))
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}

export class Wall {
  stages = [];
  chosen = null; // the stage that is watched alone

  constructor(element, settings) {
    this.element = element;
    this.settings = settings;
    new ResizeObserver(() => this.#arrange()).observe(element);
    addEventListener('hashchange', () => this.#followAddress());
    setInterval(() => this.#refresh(), LOOK_AGAIN);
  }

  /** Shows these streams; those that were there already go on. */
  show(list) {
    for (const stage of this.stages.filter(({ stream }) => !list.some(({ base }) => base === stream.base))) stage.end();
    this.stages = list.map((stream) =>
      this.stages.find((stage) => stage.stream.base === stream.base) ?? this.#make(stream));
    this.element.append(...this.stages.filter(({ element }) => !element.parentNode).map(({ element }) => element));
    this.#followAddress();
    this.#arrange();
    document.dispatchEvent(new Event('wall'));
  }

  async #refresh() {
    const list = document.hidden ? null : await streams().catch(() => null);
    const same = list?.length === this.stages.length && list.every(({ base }, i) => base === this.stages[i].stream.base);
    // A server that has gone keeps its pictures: each of them says that it is offline.
    if (list?.length && !same) this.show(list);
  }

  #make(stream) {
    const stage = new Stage(stream, this.settings);
    stage.find('.open').onclick = () => this.choose(stage);
    stage.find('.back').onclick = () => this.choose(null);
    return stage;
  }

  #followAddress() {
    const name = decodeURIComponent(location.hash.slice(1));
    const before = this.chosen;
    this.chosen = this.stages.find(({ stream }) => stream.name === name) ?? null;
    document.body.dataset.view = this.chosen ? 'one' : 'wall';
    for (const stage of this.stages) {
      stage.element.toggleAttribute('data-chosen', stage === this.chosen);
      stage.element.inert = Boolean(this.chosen) && stage !== this.chosen;
      if (stage !== this.chosen) stage.setSound(false);
    }
    if (before && !this.chosen) before.find('.open').focus();
    document.dispatchEvent(new Event('wall'));
  }

  choose(stage) { location.hash = stage ? encodeURIComponent(stage.stream.name) : ''; }

  /** Moves to the neighbour in that direction: the focus on the wall, else the picture. */
  step(across, down) {
    const { columns } = this.shape;
    const focused = this.stages.findIndex(({ element }) => element.contains(document.activeElement));
    const from = this.chosen ? this.stages.indexOf(this.chosen) : focused;
    const to = from < 0 ? 0 : from + across + (this.chosen ? 0 : down * columns);
    if (!this.stages[to]) return;
    if (this.chosen) this.choose(this.stages[to]);
    else this.stages[to].find('.open').focus();
  }

  #arrange() {
    const { clientWidth, clientHeight } = this.element; // a pixel of it on each side is padding
    this.shape = layout(Math.max(1, this.stages.length), clientWidth - 2, clientHeight - 2);
    this.element.style.setProperty('--columns', this.shape.columns);
    this.element.style.setProperty('--tile', `${Math.floor(this.shape.tile)}px`);
  }
}
