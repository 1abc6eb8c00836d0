// What there is to know of one picture and its way here, and what is wrong with it. Once a second while
// it is read.
import { nameOf } from './codecs.js';
import { bitrate } from './meter.js';
import { Popover } from './popover.js';

const $ = (id) => document.getElementById(id);

function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  const two = (number) => String(number).padStart(2, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

const way = ({ relayed, tcp }) => `${tcp ? 'TCP' : 'UDP'}, ${relayed ? 'through a relay' : 'direct'}`;
const percent = (part) => `${(part * 100).toFixed(part > 0 && part < 0.1 ? 1 : 0)} %`;

/** What a stage's row says; nothing: the row is not there. */
const ROWS = [
  ['State', ({ state }) => state],
  ['Picture', ({ numbers }) => numbers && `${numbers.width} × ${numbers.height}, ${numbers.fps.toFixed(0)} fps`],
  ['Format', ({ numbers, told }) => nameOf(numbers?.codec ?? told?.codec)],
  ['Bit rate', ({ numbers }) => numbers && bitrate(numbers.kbits)],
  ['Size', ({ told }) => told?.qualities > 1 && (told.quality ? `no. ${told.quality + 1} of ${told.qualities}` : 'the largest')],
  ['Network and buffer', ({ numbers }) => numbers && `${Math.round(numbers.delay)} ms`],
  ['Round trip', ({ told }) => told && `${told.roundTrip} ms`],
  ['Lost on the way', ({ told }) => told && `${percent(told.loss)} (${Math.max(0, told.lost)} packets in all)`],
  ['Left out by the server', ({ told }) => told?.dropped > 0 && `${told.dropped} packets`],
  ['Stood still', ({ numbers }) => numbers?.freezes > 0 &&
    `${numbers.freezes} ${numbers.freezes > 1 ? 'times' : 'time'}, ${numbers.frozen.toFixed(1)} s in all`],
  ['Connection', ({ numbers }) => numbers && way(numbers)],
  ['Last key frame', ({ told }) => Number.isFinite(told?.keyFrame) && `${(told.keyFrame / 1000).toFixed(1)} s ago`],
  ['Watched for', ({ told }) => told && clock(told.age)],
  ['Viewers', ({ told }) => told && (told.places ? `${told.viewers} of ${told.places}` : `${told.viewers}`)],
  ['Boxes', ({ boxes }) => boxes],
];

/** Where this stage's boxes are drawn. */
function boxesOf({ overlay: { findings } }) {
  if (findings.labels.size) return 'drawn by this page';
  return findings.inPicture ? 'drawn in the picture' : null;
}

export class Details extends Popover {
  #stage = null;

  constructor() {
    super($('details'), '.info, .caution', () => $('details').focus());
    for (const [label] of ROWS) $('numbers').append(...this.#row(label));
    setInterval(() => this.isOpen && this.#stage?.health.look(), 1000);
  }

  #row(label) {
    const [name, value] = ['dt', 'dd'].map((tag) => document.createElement(tag));
    name.textContent = label;
    return [name, value];
  }

  /** Opens beside `button` what is to be said of `stage`, or closes. */
  read(stage, button) {
    this.#stage?.health.removeEventListener('change', this.#show);
    this.#stage = stage;
    stage.health.addEventListener('change', this.#show);
    stage.health.look();
    this.#show();
    this.toggle(button);
  }

  #show = () => {
    const { health, player, stream } = this.#stage;
    $('details-title').textContent = stream.name;
    const known = { state: player.headline, numbers: health.numbers, told: health.told, boxes: boxesOf(this.#stage) };
    const cells = [...$('numbers').children];
    for (const [i, [, say]] of ROWS.entries()) {
      const text = say(known);
      cells[2 * i].hidden = cells[2 * i + 1].hidden = !text;
      cells[2 * i + 1].textContent = text || '';
    }
    $('warnings').hidden = !health.warnings.length;
    $('warnings').replaceChildren(...health.warnings.map((text) =>
      Object.assign(document.createElement('li'), { textContent: text })));
  };
}
