// The page: one stream at its own address, all of them at the server's root. Tests and programs may
// look at window.player (the first stream's), window.stages and window.wall.
import { keepAwake } from './awake.js';
import { Details } from './details.js';
import { Panel } from './panel.js';
import { Settings } from './settings.js';
import { Stage } from './stage.js';
import { NoAnswer, Wall, streams } from './wall.js';

const $ = (id) => document.getElementById(id);
const settings = new Settings();
const wall = { stages: [], chosen: null };
const stages = () => window.stages;

const panel = new Panel(settings, () => {
  const seen = new Map();
  for (const { overlay } of stages() ?? []) for (const [label, object] of overlay.findings.labels) seen.set(label, object);
  return seen;
});

const details = new Details();
const popovers = [panel, details];

/** Every picture has its own boxes button; they all are one switch. */
function connectSwitches(root, stage) {
  for (const button of root.querySelectorAll('.boxes')) button.onclick = () => settings.toggle('boxes');
  for (const button of root.querySelectorAll('.more')) button.onclick = () => panel.toggle(button);
  for (const button of root.querySelectorAll('.info, .caution')) button.onclick = () => details.read(stage, button);
  for (const button of root.querySelectorAll('.boxes')) button.setAttribute('aria-pressed', String(settings.boxes));
}

function count() {
  const live = stages().filter(({ player }) => player.state === 'live').length;
  $('live').textContent = live === stages().length ? `${live} live` : `${live} of ${stages().length} live`;
  $('live').dataset.all = String(live === stages().length);
  keepAwake(live > 0);
}

function follow(list) {
  window.stages = list;
  window.player = list[0]?.player;
  for (const stage of list) connectSwitches(stage.element, stage);
  count();
}

async function showOne() {
  const name = decodeURIComponent(location.pathname.split('/').filter(Boolean).pop() ?? '') || 'Camera';
  const stage = new Stage({ name, base: new URL('.', location.href).href }, settings);
  document.title = name;
  document.body.dataset.view = 'one';
  stage.element.toggleAttribute('data-chosen', true);
  $('wall').append(stage.element);
  wall.chosen = stage;
  follow([stage]);
  const others = await streams().catch(() => []);
  stage.find('.back').hidden = others.length < 2;
  stage.find('.back').onclick = () => location.assign('/?wall');
}

async function showAll() {
  document.title = 'Cameras';
  const all = window.wall = new Wall($('wall'), settings);
  document.addEventListener('wall', () => {
    wall.chosen = all.chosen;
    document.title = all.chosen?.stream.name ?? 'Cameras';
    follow(all.stages);
  });
  for (let list = []; !list.length; ) {
    list = await streams().catch(() => []);
    if (list.length) all.show(list);
    else await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}

// --- keys --------------------------------------------------------------------------------------------

/** The picture that a key is meant for: the one watched, or the one that has the focus. */
const current = () => wall.chosen ?? stages().find(({ element }) => element.contains(document.activeElement)) ??
                      (stages().length === 1 ? stages()[0] : null);

const keys = {
  f: () => (current() ?? stages()[0])?.toggleFullScreen(),
  m: () => current()?.toggleSound(),
  s: () => current()?.saveSnapshot(),
  i: () => current() && details.read(current(), current().find('.info')),
  b: () => settings.toggle('boxes'),
  l: () => settings.toggle('labels'),
  '?': () => ($('help').open ? $('help').close() : $('help').showModal()),
  ArrowLeft: () => window.wall?.step(-1, 0),
  ArrowRight: () => window.wall?.step(1, 0),
  ArrowUp: () => window.wall?.step(0, -1),
  ArrowDown: () => window.wall?.step(0, 1),
  Escape: () => {
    const open = popovers.find(({ isOpen }) => isOpen);
    if (open) open.close();
    else if (!document.fullscreenElement) window.wall?.choose(null);
  },
};

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLSelectElement) return;
  const number = Number(event.key);
  const action = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key] ??
                 (number > 0 && stages()[number - 1] && (() => window.wall?.choose(stages()[number - 1])));
  if (!action || (panel.isOpen && event.key !== 'Escape')) return; // its switches have the keys
  if (event.key.startsWith('Arrow')) event.preventDefault();
  action();
});

let idle;
function wake() {
  delete document.documentElement.dataset.idle;
  clearTimeout(idle);
  idle = setTimeout(() => { if (!popovers.some(({ isOpen }) => isOpen)) document.documentElement.dataset.idle = ''; }, 3500);
}
for (const event of ['pointermove', 'pointerdown', 'keydown', 'focusin']) addEventListener(event, wake);
wake();

// --- begin -------------------------------------------------------------------------------------------

document.addEventListener('state', count);
connectSwitches(document);
$('wall-help').onclick = keys['?'];
$('help-close').onclick = () => $('help').close();

/** At the root is the wall, unless a stream has been put there: only the server knows. */
async function isWall() {
  if (new URLSearchParams(location.search).has('wall')) return true;
  if (location.pathname !== '/') return false;
  let list = null;
  for (let failed = false; !list; failed = true) {
    if (failed) await new Promise((resolve) => setTimeout(resolve, 1000));
    list = await streams().catch((error) => (error instanceof NoAnswer ? null : []));
  }
  return list.length > 0 && !list.some(({ base }) => new URL(base).pathname === '/');
}

await ((await isWall()) ? showAll() : showOne());
