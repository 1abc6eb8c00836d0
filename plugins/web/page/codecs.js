// What this browser can play, and why not.

const NAMES = { H264: 'H.264', H265: 'H.265' };
/** An RTP name as people know it. */
export const nameOf = (codec) => NAMES[codec] ?? codec;

/** A sentence on a stream of these RTP names that this browser has no decoder for. */
export function unplayable(codecs) {
  const known = (RTCRtpReceiver.getCapabilities?.('video')?.codecs ?? []).map(({ mimeType }) => mimeType.toUpperCase());
  const video = codecs.filter((codec) => !/^(OPUS|PCM[AU]|G722)$/.test(codec));
  const missing = video.filter((codec) => !known.includes(`VIDEO/${codec}`));
  if (!missing.length) return null;
  const all = missing.map(nameOf).join(' and ');
  if (missing.includes('H264') && navigator.userAgent.includes('Firefox'))
    return `The camera sends ${all}, and this Firefox has no decoder for it yet. It loads one by itself, OpenH264: ` +
           'about:addons tells of it under Plugins. This page goes on trying.';
  if (missing.includes('H265'))
    return `The camera sends ${all}, which this browser cannot play. Set the camera to H.264, or try Safari or Chrome ` +
           'on a device that decodes it.';
  return `The camera sends ${all}, which this browser cannot play. Chrome, Edge, Firefox or Safari of today can.`;
}
