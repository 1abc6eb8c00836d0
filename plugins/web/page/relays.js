// The STUN and TURN servers by which a browser may be reached, as the answer's Link headers name them
// (draft-ietf-wish-whep, "STUN/TURN Server Configuration"; WHIP has the same).

const LINK = /<([^>]*)>((?:\s*;\s*[\w-]+=(?:"[^"]*"|[^",;\s]*))*)/g;
const PARAMETER = /;\s*([\w-]+)=(?:"([^"]*)"|([^",;\s]*))/g;

/** The value of `iceServers` that a Link header stands for. */
function serversOf(link) {
  return [...(link ?? '').matchAll(LINK)].flatMap(([, urls, parameters]) => {
    const given = Object.fromEntries(
      [...parameters.matchAll(PARAMETER)].map(([, name, quoted, bare]) => [name, quoted ?? bare]));
    if (given.rel !== 'ice-server') return [];
    return [given.username ? { urls, username: given.username, credential: given.credential } : { urls }];
  });
}

/** Browsers gather their candidates once an offer is theirs, so that comes after its answer's headers. */
export async function applyOffer(pc, offer, answer) {
  const iceServers = serversOf(answer.headers.get('Link'));
  if (iceServers.length) pc.setConfiguration({ ...pc.getConfiguration(), iceServers });
  await pc.setLocalDescription(offer);
}
