// The sizes of one picture, where it comes in several: a menu of them, and what was chosen, which
// the next session of the same page gets too.

const label = ({ encodingId, width, height }) => (width ? `${width} × ${height}` : `Size ${Number(encodingId) + 1}`);

export class Quality {
  chosen = 'auto';
  #address = null; // of the layers of the session that is shown

  /** `select` is hidden while there is nothing to choose. */
  constructor(select, player) {
    this.select = select;
    this.player = player;
    player.addEventListener('state', () => player.state === 'live' && this.#meet(player.layers));
    select.onchange = () => this.choose(select.value);
    select.onfocus = () => this.#ask();
  }

  async choose(encodingId) {
    this.chosen = encodingId;
    await this.#ask({
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ encodingId }),
    });
  }

  async #meet(address) {
    if (address === this.#address) return;
    this.#address = address;
    this.select.hidden = !address;
    if (!address) return;
    await this.#ask();
    if (this.chosen !== 'auto') await this.choose(this.chosen);
  }

  async #ask(options) {
    const address = this.#address;
    const answer = address ? await fetch(address, options).catch(() => null) : null;
    if (!answer?.ok || address !== this.#address) return;
    const { selected, layers } = await answer.json();
    const rows = [['auto', 'Auto'], ...layers.map((layer) => [layer.encodingId, label(layer)])];
    const known = [...this.select.options].map(({ value, text }) => [value, text]);
    if (JSON.stringify(known) !== JSON.stringify(rows)) // a menu that is open stays as it is
      this.select.replaceChildren(...rows.map(([value, text]) => new Option(text, value)));
    this.select.value = selected;
  }
}
