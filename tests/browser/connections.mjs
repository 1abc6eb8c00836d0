// What the browser itself counts of a page's WebRTC connections, whoever in the page made them.

/** From its next load on, the page's connections are kept where `received` finds them, and have these settings. */
export async function keepConnections(page, settings = {}) {
  await page.context().addInitScript((wished) => {
    window.connections = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(own) {
        super({ ...own, ...wished });
        window.connections.push(this);
      }
    };
  }, settings);
}

/** The report on the picture that the newest connection receives, with `type` another one. */
export const received = (page, type = 'inbound-rtp') => page.evaluate(async (wanted) => {
  const stats = await window.connections.at(-1).getStats();
  return [...stats.values()].find((s) => s.type === wanted && (wanted !== 'inbound-rtp' || s.kind === 'video'));
}, type);

/** The types ("host", "srflx", "relay") of the candidates that carry the newest connection. */
export const candidateTypes = (page) => page.evaluate(async () => {
  const stats = await window.connections.at(-1).getStats();
  const transport = [...stats.values()].find((s) => s.type === 'transport' && s.selectedCandidatePairId);
  const pair = stats.get(transport?.selectedCandidatePairId);
  const type = (id) => stats.get(id)?.candidateType;
  return pair && { local: type(pair.localCandidateId), remote: type(pair.remoteCandidateId) };
});
