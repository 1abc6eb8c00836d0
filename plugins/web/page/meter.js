// Numbers of a session, once a second: what came since the last look.

/** The entries of a statistics report that tell of the picture and of the way it takes. */
export function pick(report) {
  let inbound, pair, selected;
  for (const entry of report.values()) {
    if (entry.type === 'inbound-rtp' && entry.kind === 'video') inbound = entry;
    if (entry.type === 'candidate-pair' && entry.nominated && entry.state === 'succeeded') pair = entry;
    if (entry.type === 'transport') selected = report.get(entry.selectedCandidatePairId);
  }
  pair = selected ?? pair; // several may be nominated; Firefox has one, and no transport
  const local = report.get(pair?.localCandidateId);
  const remote = report.get(pair?.remoteCandidateId);
  return {
    inbound, pair,
    codec: report.get(inbound?.codecId)?.mimeType.replace('video/', ''),
    relayed: [local, remote].some((candidate) => candidate?.candidateType === 'relay'),
    tcp: local?.protocol === 'tcp' || local?.relayProtocol === 'tcp' || local?.relayProtocol === 'tls',
  };
}

export class Meter {
  #last = null;

  /**
   * { width, height, fps, kbits, delay (ms of network and buffer), late (pictures a second that came too
   * fast to be decoded), codec, relayed, tcp, freezes, frozen (s) }, or null on the first look.
   */
  look({ inbound, pair, codec, relayed, tcp }) {
    const last = this.#last;
    this.#last = inbound;
    if (!last || !inbound || inbound.timestamp <= last.timestamp || inbound.id !== last.id) return null;
    const since = (name) => (inbound[name] ?? 0) - (last[name] ?? 0);
    const seconds = since('timestamp') / 1000;
    const emitted = since('jitterBufferEmittedCount');
    const buffered = emitted > 0 ? since('jitterBufferDelay') / emitted * 1000 : 0;
    return {
      width: inbound.frameWidth ?? 0,
      height: inbound.frameHeight ?? 0,
      fps: since('framesDecoded') / seconds,
      late: since('framesDropped') / seconds,
      kbits: since('bytesReceived') * 8 / 1000 / seconds,
      delay: buffered + (pair?.currentRoundTripTime ?? 0) * 500,
      freezes: inbound.freezeCount ?? 0,
      frozen: inbound.totalFreezesDuration ?? 0,
      codec, relayed, tcp,
    };
  }

  reset() { this.#last = null; }
}

export const bitrate = (kbits) =>
  kbits >= 1000 ? `${(kbits / 1000).toFixed(1)} Mbit/s` : `${kbits.toFixed(0)} kbit/s`;
