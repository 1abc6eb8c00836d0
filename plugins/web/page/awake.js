// A screen that shows a live picture does not go dark, as far as the browser allows it: to pages of
// localhost or HTTPS, while they are seen.
let wanted = false;
let asking = false;
let lock = null;

async function update() {
  if (!wanted || document.hidden) {
    lock?.release();
    lock = null;
  } else if (!lock && !asking && navigator.wakeLock) {
    asking = true;
    lock = await navigator.wakeLock.request('screen').catch(() => null); // a battery that is low, say
    asking = false;
    lock?.addEventListener('release', () => { lock = null; });
    if (!wanted) update();
  }
}

document.addEventListener('visibilitychange', update);

export function keepAwake(yes) {
  wanted = yes;
  update();
}
